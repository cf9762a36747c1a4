/* See screen.h. */
#include "bench/screen.h"
#include "bench/bench.h"
#include "bench/kin.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SILENCE_MS 40 /* of output, after which it has nothing to do; less than its clock's tick */

bool screen_find_program(char path[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

	if (length <= 0)
		return false;
	self[length] = '\0';
	*strrchr(self, '/') = '\0';
	return snprintf(path, PATH_MAX, "%s/../browser/bulkhead", self) < PATH_MAX && access(path, X_OK) == 0;
}

/* Make the terminal this process's own. */
static void enter_terminal(int master)
{
	struct winsize size = { .ws_row = 36, .ws_col = 120 };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();
	int slave = open(ptsname(master), O_RDWR);

	if (slave == -1 || ioctl(slave, TIOCSWINSZ, &size) == -1)
		_exit(1);
	for (int fd = 0; fd < 3; fd++)
		dup2(slave, fd);
	close(slave);
	setenv("TERM", "xterm-256color", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("NO_COLOR");
}

struct program {
	char path[PATH_MAX];
	const char *folder, *page;
};

static void run_program(void *arg)
{
	const struct program *p = arg;
	char log[96];

	snprintf(log, sizeof log, "%s/screen.jsonl", p->folder);
	setenv("XDG_STATE_HOME", p->folder, 1);
	execl(p->path, "bulkhead", "--log", log, p->page, (char *)NULL);
	_exit(1);
}

void screen_start_with(struct screen *s, void (*run)(void *arg), void *arg)
{
	s->length = s->searched = 0;
	s->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (s->master == -1 || grantpt(s->master) == -1 || unlockpt(s->master) == -1)
		bench_fail("no pseudo terminal: %m");
	s->pid = fork();
	if (s->pid == -1)
		bench_fail("no process: %m");
	if (s->pid > 0)
		return;
	enter_terminal(s->master);
	run(arg);
	_exit(0);
}

bool screen_start(struct screen *s, const char *folder, const char *page)
{
	struct program p = { .folder = folder, .page = page };

	if (!screen_find_program(p.path))
		return false;
	screen_start_with(s, run_program, &p);
	return true;
}

/* Take what it sends, waiting at most so long for it. false: nothing came. */
static bool screen_read(struct screen *s, int ms)
{
	struct pollfd readable = { .fd = s->master, .events = POLLIN };

	if (s->length == sizeof s->output)
		screen_forget(s);
	if (poll(&readable, 1, ms) <= 0)
		return false;
	ssize_t n = read(s->master, s->output + s->length, sizeof s->output - s->length);

	if (n < 0 && errno != EAGAIN)
		bench_fail("the program in the terminal has ended");
	s->length += n > 0 ? (size_t)n : 0;
	return n > 0;
}

void screen_finish(struct screen *s)
{
	uint64_t began = recorder_now();
	struct pollfd readable = { .fd = s->master, .events = POLLIN };

	kill(s->pid, SIGTERM);
	while (waitpid(s->pid, NULL, WNOHANG) == 0) {
		/* What it says at its end must be taken, or it waits. */
		if (poll(&readable, 1, 10) > 0 && read(s->master, s->output, sizeof s->output) < 0 &&
		    ms_since(began) > PATIENCE_MS)
			kill(s->pid, SIGKILL);
	}
	close(s->master);
}

void screen_type(struct screen *s, const char *keys)
{
	if (write(s->master, keys, strlen(keys)) != (ssize_t)strlen(keys))
		bench_fail("the terminal takes no keys: %m");
}

void screen_forget(struct screen *s)
{
	s->length = s->searched = 0;
}

void screen_await(struct screen *s, const char *word)
{
	uint64_t began = recorder_now();
	size_t letters = strlen(word);

	while (!memmem(s->output + s->searched, s->length - s->searched, word, letters)) {
		/* The begin of the word may have come already. */
		s->searched = s->length >= letters ? s->length - letters : 0;
		if (ms_since(began) > PATIENCE_MS)
			bench_fail("'%s' does not appear in the terminal", word);
		screen_read(s, 100);
	}
}

/* The oldest renderer, or 0 unless there are so many. */
static pid_t oldest_renderer(pid_t browser, unsigned renderers)
{
	static struct kin list[KIN_MAX];
	unsigned count = kin_list(browser, list);
	const struct kin *oldest = NULL;

	if (kin_count(list, count, "bulkhead-renderer") != renderers)
		return 0;
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(list[i].name, "bulkhead-renderer") &&
		    (!oldest || list[i].serial < oldest->serial))
			oldest = &list[i];
	return oldest->pid;
}

bool screen_await_output(struct screen *s)
{
	return screen_read(s, PATIENCE_MS);
}

void screen_calm_output(struct screen *s)
{
	while (screen_read(s, SILENCE_MS))
		;
	screen_forget(s);
}

pid_t screen_calm(struct screen *s, unsigned renderers)
{
	uint64_t began = recorder_now();
	pid_t renderer;

	do {
		while (screen_read(s, SILENCE_MS))
			;
		if (ms_since(began) > PATIENCE_MS)
			bench_fail("the program in the terminal does not come to rest");
	} while (!(renderer = oldest_renderer(s->pid, renderers)));
	screen_forget(s);
	return renderer;
}
