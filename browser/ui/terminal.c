/* See terminal.h. paint.c draws; stroke.c reads keys out of what terminal_read() gets. */
#include "browser/ui/terminal.h"
#include "common/cell.h"
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#define ASK_FOR	    "\033[?1000h\033[?1006h\033[?2004h" /* clicks, in SGR form; pastes in brackets */
#define DO_WITHOUT  "\033[?2004l\033[?1006l\033[?1000l"
#define GOODBYE_MAX 512
#define FINISH_MS   500 /* how long a slow terminal may take to be given back */

static struct termios modes_before;
static FILE *memory_file;

/* Give up: the words stay in a static buffer. */
__attribute__((format(printf, 2, 3))) static bool refuse(const char **why, const char *how, ...)
{
	static char words[200];
	va_list args;

	va_start(args, how);
	vsnprintf(words, sizeof(words), how, args);
	va_end(args);
	*why = words;
	return false;
}

static void choose_locale(void)
{
	setlocale(LC_CTYPE, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
		setlocale(LC_CTYPE, "C.UTF-8");
}

static bool check_kind(const char **why)
{
	const char *term = getenv("TERM");
	int found;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return refuse(why, "terminal: standard input and output are not one");
	if (!term || !*term)
		return refuse(why, "terminal: TERM is not set, so nobody knows what it can show");
	if (setupterm(term, STDOUT_FILENO, &found) == ERR)
		return refuse(why, "terminal: TERM=%.60s is not known on this system", term);
	bool can = cursor_address && clear_screen;
	del_curterm(cur_term);
	return can || refuse(why, "terminal: TERM=%.60s cannot place text on a screen", term);
}

/* A description of our own, so that O_NONBLOCK is not forced on whoever else has this terminal open. */
static int open_terminal(void)
{
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	const char *name = fd < 0 ? ttyname(STDOUT_FILENO) : NULL;

	return fd < 0 && name ? open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC) : fd;
}

static void get_size(struct terminal *t)
{
	struct winsize size;

	t->width = 80;
	t->height = 24;
	if (ioctl(t->fd, TIOCGWINSZ, &size) == 0 && size.ws_col && size.ws_row) {
		t->width = size.ws_col < GRID_MAX_COLUMNS ? size.ws_col : GRID_MAX_COLUMNS;
		t->height = size.ws_row < GRID_MAX_ROWS ? size.ws_row : GRID_MAX_ROWS;
	}
}

/* ncurses sees no terminal, so it is told the size by the environment, and for no longer than that takes. */
static bool start_curses(struct terminal *t)
{
	char number[2][12];

	snprintf(number[0], sizeof(number[0]), "%d", t->width);
	snprintf(number[1], sizeof(number[1]), "%d", t->height);
	setenv("COLUMNS", number[0], 1);
	setenv("LINES", number[1], 1);
	t->screen = (struct screen *)newterm(NULL, memory_file, stdin);
	unsetenv("COLUMNS");
	unsetenv("LINES");
	return t->screen;
}

static void set_raw(const struct terminal *t)
{
	struct termios raw = modes_before;

	cfmakeraw(&raw);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(t->fd, TCSADRAIN, &raw);
}

static void add_bytes(struct terminal *t, const char *bytes, size_t length)
{
	if (t->pending_bytes + length > t->capacity) {
		size_t capacity = (t->pending_bytes + length) * 2;
		char *grown = realloc(t->pending, capacity);
		if (!grown)
			return;
		t->pending = grown;
		t->capacity = capacity;
	}
	memcpy(t->pending + t->pending_bytes, bytes, length);
	t->pending_bytes += length;
}

/* What ncurses wrote into memory since the last time. */
static void collect(struct terminal *t)
{
	char bytes[4096];
	off_t length = lseek(t->memory, 0, SEEK_CUR);

	for (off_t at = 0; at < length;) {
		ssize_t n = pread(t->memory, bytes, sizeof(bytes), at);
		if (n <= 0)
			break;
		at += n;
		if (at > length)
			n -= at - length;
		add_bytes(t, bytes, (size_t)n);
	}
	lseek(t->memory, 0, SEEK_SET);
}

/* false: it cannot take more now. */
static bool write_pending(struct terminal *t)
{
	while (t->pending_at < t->pending_bytes) {
		ssize_t n = write(t->fd, t->pending + t->pending_at, t->pending_bytes - t->pending_at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0) {
			t->gone(t->arg);
			break;
		}
		t->pending_at += (size_t)n;
	}
	t->pending_at = t->pending_bytes = 0;
	return true;
}

static void on_writable(void *arg)
{
	struct terminal *t = arg;

	if (!write_pending(t))
		return;
	task_cancel(&t->writable);
	t->drained(t->arg);
}

void terminal_flush(struct terminal *t)
{
	collect(t);
	if (!write_pending(t) && !t->writable.pending)
		task_watch(&t->writable, t->fd, EV_WRITE);
}

void terminal_send(struct terminal *t, const char *bytes, size_t length)
{
	add_bytes(t, bytes, length);
}

bool terminal_is_ready(const struct terminal *t)
{
	return t->taken && t->pending_at == t->pending_bytes;
}

int terminal_read(struct terminal *t, char *buf, size_t capacity)
{
	ssize_t n = read(t->fd, buf, capacity);

	if (n > 0)
		return (int)n;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

void terminal_cursor(int row, int column)
{
	curs_set(row >= 0);
	if (row < 0)
		return;
	wmove(stdscr, row, column);
	wnoutrefresh(stdscr);
}

static void add_capability(char *out, const char *capability)
{
	/* Padding is for machines of long ago. */
	while (capability && *capability && strlen(out) + 1 < GOODBYE_MAX) {
		if (capability[0] == '$' && capability[1] == '<') {
			capability = strchr(capability, '>');
			capability = capability ? capability + 1 : "";
			continue;
		}
		size_t end = strlen(out);
		out[end] = *capability++;
		out[end + 1] = '\0';
	}
}

/* What a dying browser sends: the modes off, colours off, the cursor back, the last line, the other screen.
 */
static void arm_crash(const struct terminal *t)
{
	char bytes[GOODBYE_MAX] = "";

	if (t->has_mouse)
		add_capability(bytes, DO_WITHOUT);
	add_capability(bytes, exit_attribute_mode);
	add_capability(bytes, orig_pair);
	add_capability(bytes, keypad_local);
	add_capability(bytes, cursor_normal);
	if (exit_ca_mode)
		add_capability(bytes, exit_ca_mode);
	else
		add_capability(bytes, tiparm(cursor_address, t->height - 1, 0));
	add_capability(bytes, "\r\n");
	terminal_crash_arm(t->fd, &modes_before, bytes, strlen(bytes));
}

static void take(struct terminal *t)
{
	set_raw(t);
	arm_crash(t);
	if (t->has_mouse)
		add_bytes(t, ASK_FOR, sizeof(ASK_FOR) - 1);
	t->taken = true;
	terminal_flush(t);
}

static void ignore_news(void *arg)
{
	(void)arg;
}

bool terminal_init(struct terminal *t, const char **why)
{
	*t = (struct terminal){ .fd = -1, .memory = -1, .drained = ignore_news, .gone = ignore_news };
	choose_locale();
	if (!check_kind(why))
		return false;
	t->fd = open_terminal();
	t->memory = memfd_create("terminal", MFD_CLOEXEC);
	memory_file = t->memory >= 0 ? fdopen(t->memory, "w") : NULL;
	if (t->fd < 0 || !memory_file || tcgetattr(t->fd, &modes_before) != 0) {
		refuse(why, "terminal: cannot open it: %s", strerror(errno));
		terminal_finish(t);
		return false;
	}
	get_size(t);
	if (!start_curses(t)) {
		refuse(why, "terminal: ncurses cannot use it");
		terminal_finish(t);
		return false;
	}
	const char *mouse = tigetstr("kmous");
	t->has_mouse = mouse && mouse != (const char *)-1;
	task_init(&t->writable, on_writable, t);
	typeahead(-1);
	noecho();
	nonl();
	leaveok(stdscr, FALSE);
	take(t);
	return true;
}

/* Wait for it for as long as is decent, and no longer: it may be stopped for ever. */
static void drain(struct terminal *t)
{
	struct pollfd writable = { t->fd, POLLOUT, 0 };

	while (!write_pending(t) && poll(&writable, 1, FINISH_MS) > 0)
		;
	t->pending_at = t->pending_bytes = 0;
}

static void give_back(struct terminal *t)
{
	if (!t->taken)
		return;
	task_cancel(&t->writable);
	t->gone = ignore_news;
	drain(t);
	if (t->has_mouse)
		add_bytes(t, DO_WITHOUT, sizeof(DO_WITHOUT) - 1);
	curs_set(1);
	endwin();
	collect(t);
	drain(t);
	terminal_crash_disarm();
	/* Whatever was typed and not read is dropped, so that the end of an escape sequence is not left for
	 * the shell. */
	tcsetattr(t->fd, TCSAFLUSH, &modes_before);
	t->taken = false;
}

void terminal_finish(struct terminal *t)
{
	give_back(t);
	task_finish(&t->writable);
	if (t->screen)
		delscreen((SCREEN *)t->screen);
	if (memory_file)
		fclose(memory_file);
	if (t->fd >= 0)
		close(t->fd);
	free(t->pending);
	memory_file = NULL;
	*t = (struct terminal){ .fd = -1, .memory = -1 };
}

void terminal_suspend(struct terminal *t)
{
	void (*gone)(void *) = t->gone;
	struct sigaction stop = { .sa_handler = SIG_DFL }, before;

	give_back(t);
	sigaction(SIGTSTP, &stop, &before);
	/* As the terminal would: whoever started us and waits stops too. The children have sessions of their
	 * own. */
	kill(0, SIGTSTP);
	/* Here it has been continued. */
	sigaction(SIGTSTP, &before, NULL);
	tcgetattr(t->fd, &modes_before);
	t->gone = gone;
	take(t);
}

void terminal_retake(struct terminal *t)
{
	const char *second_screen = tigetstr("smcup");

	if (!t->taken)
		return;
	set_raw(t);
	if (second_screen && second_screen != (const char *)-1)
		add_bytes(t, second_screen, strlen(second_screen));
	if (t->has_mouse)
		add_bytes(t, ASK_FOR, sizeof(ASK_FOR) - 1);
	terminal_flush(t);
}

bool terminal_measure(struct terminal *t)
{
	int width = t->width, height = t->height;

	get_size(t);
	if (width == t->width && height == t->height)
		return false;
	resize_term(t->height, t->width);
	clearok(curscr, TRUE);
	return true;
}
