/* See recording.h. */
#include "tests/browser/recording.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

char recorded[80], edited[80];
static char book[96];
struct recorded_process processes[RECORDED_MAX];
unsigned nprocesses;

/* The session. */

/* A document of several pieces, submissions and regions. */
static void write_book(void)
{
	FILE *file;

	snprintf(book, sizeof book, "%s/book.html", harness_state_folder());
	file = fopen(book, "we");
	assert_non_null(file);
	fputs("<!doctype html><meta charset=utf-8><title>A long book</title><h1 id=top>A long book</h1>",
	      file);
	for (unsigned i = 0; i < 4000; i++)
		fprintf(file,
			"<h2>Chapter %u</h2><p>It was a <b>dark</b> &amp; <i>stormy</i> night, %u times over. <a "
			"href=\"#top\">Back</a></p><ul><li>one</li><li>zw\xc3\xb6lf</li></ul><pre>  x = %u;\n</pre>\n",
			i, i * 7, i * i);
	assert_int_equal(fclose(file), 0);
}

/* The clock has struck: nothing but that was asked of anybody since the last time. */
static void await_tick(void)
{
	uint64_t presents = browser.view->presents;

	AWAIT(browser.view->presents > presents + 1);
}

/* Nothing has been drawn for a while: all that was asked for is done. */
static void await_rest(void)
{
	AWAIT(recorder_now() > browser.view->presented_ns + UINT64_C(100000000));
}

/* A call that none may make, if the fault is one. */
static void break_it(struct process_host *p, enum fault fault)
{
	ipc_send_obey_fault(p->channel, fault, SYS_ptrace);
	channel_flush(p->channel);
}

static void record_pages(void)
{
	struct tab *tab = harness_tab(book);

	for (unsigned i = 0; i < 5; i++) {
		uint32_t row = tab->scroll_row;

		tab_scroll_by(tab, 20);
		AWAIT(browser.view->row > row);
	}
	await_rest();
	tab_press_key(tab, KEY_FOCUS_NEXT);
	tab_press_key(tab, KEY_ACTIVATE);
	AWAIT(tab->scroll_row < 3);
	view_resize(browser.view, 61, 20);
	AWAIT(browser.view->picture_columns == 61);
	await_rest();
	harness_describe(tab);
	harness_go(tab, harness_long_page("Another"));
	harness_describe(tab);
}

static void record_deaths(struct tab *clock)
{
	struct tab *crash = harness_tab(harness_long_page("Crash")), *hang, *call;
	struct process_host *gpu = browser.gpu->process;
	uint64_t hung_ns;

	/* Its last picture can be compared only if it was not at work on the next. */
	await_rest();
	break_it(crash->renderer, FAULT_NULL_DEREFERENCE);
	AWAIT(tab_is_sad(crash) && crash->state == TAB_SAD);
	tab_activate(clock);
	await_tick();
	break_it(gpu, FAULT_ABORT);
	AWAIT(gpu_host_up(browser.gpu) && browser.gpu->process != gpu);
	await_tick();
	call = harness_tab(harness_long_page("Call"));
	break_it(call->renderer, FAULT_VIOLATION);
	AWAIT(call->state == TAB_SAD);
	hang = harness_tab(harness_long_page("Hang"));
	break_it(hang->renderer, FAULT_HANG);
	process_ping(hang->renderer);
	hung_ns = recorder_now();
	tab_activate(clock);
	await_tick();
	/* A ping that is not answered for less may just have been the last. */
	AWAIT(recorder_now() > hung_ns + UINT64_C(700000000));
	process_kill(hang->renderer, BAD_MESSAGE_NONE);
	AWAIT(hang->state == TAB_SAD);
}

void recording_read(void)
{
	FILE *log = fopen(recorded, "re");
	char *line = NULL;
	size_t room = 0;

	assert_non_null(log);
	while (getline(&line, &room, log) > 0) {
		char *start = strstr(line, "\"event\":\"start\",\"process\":\"");
		char *end = strstr(line, "\"event\":\"exit\",\"process\":\"");
		struct recorded_process *p = &processes[nprocesses];

		if (start && nprocesses < RECORDED_MAX && ++nprocesses)
			snprintf(p->name, sizeof p->name, "%.*s", (int)strcspn(start + 27, "\""), start + 27);
		for (unsigned i = 0; end && i < nprocesses; i++)
			if (!strncmp(end + 26, processes[i].name, strlen(processes[i].name)) &&
			    end[26 + strlen(processes[i].name)] == '"')
				snprintf(processes[i].exit, sizeof processes[i].exit, "%s", end);
	}
	free(line);
	fclose(log);
}

void recording_begin(void)
{
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0 });
	snprintf(recorded, sizeof recorded, "%s/recorded.jsonl", harness_state_folder());
	snprintf(edited, sizeof edited, "%s/edited.jsonl", harness_state_folder());
	harness_options.no_log = false;
	harness_options.log_file = recorded;
	harness_options.log_payload = LOG_PAYLOAD_FULL;
}

int recording_make(void **state)
{
	struct tab *clock;

	recording_begin();
	write_book();
	if (harness_open(state))
		return -1;
	record_pages();
	clock = harness_tab(CLOCK_PAGE);
	await_tick();
	record_deaths(clock);
	tab_activate(clock);
	await_tick();
	await_tick();
	if (harness_close(state))
		return -1;
	recording_read();
	return 0;
}

const char *process_that(const char *role, const char *exit)
{
	for (unsigned i = 0; i < nprocesses; i++)
		if (!strncmp(processes[i].name, role, strlen(role)) &&
		    (*exit ? strstr(processes[i].exit, exit) != NULL : !processes[i].exit[0]))
			return processes[i].name;
	fail_msg("no %s with %s in the log", role, exit);
	return NULL;
}

void edit_log(const char *from, edit_fn *edit, void *arg)
{
	FILE *in = fopen(from, "re"), *out = fopen(edited, "we");
	char *line = malloc(1 << 20);

	assert_true(in && out && line);
	while (fgets(line, 1 << 20, in))
		if (edit(line, 1 << 20, arg))
			fputs(line, out);
	free(line);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

void assert_same(const struct ran *ran, const char *who)
{
	if (ran->status != 0 || !strstr(ran->out, " 0 differences"))
		fail_msg("%s, exit status %d:\n%s%s", who, ran->status, ran->out, ran->err);
}

void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

unsigned number_behind(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	if (!at)
		fail_msg("no '%s' in:\n%s", words, text);
	return (unsigned)strtoul(at + strlen(words), NULL, 10);
}

void assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' in:\n%s", part, text);
}

static bool change_line(char *line, size_t room, void *arg)
{
	struct change *c = arg;
	char *at = strstr(line, c->of) && strstr(line, c->also) ? strstr(line, c->before) : NULL;
	size_t was = strlen(c->before), is = strlen(c->after);

	if (!at || !c->times)
		return true;
	assert_true(strlen(line) + is < room);
	memmove(at + is, at + was, strlen(at + was) + 1);
	memcpy(at, c->after, is);
	c->times--;
	return true;
}

const struct ran *run_changed(struct change c, const char *who)
{
	unsigned times = c.times;

	edit_log(recorded, change_line, &c);
	assert_in_range(c.times, 0, times - 1);
	return program_run("replay", edited, "--process", who, "--fast", NULL);
}

static bool drop_line(char *line, size_t room, void *arg)
{
	const struct change *c = arg;

	(void)room;
	return !(strstr(line, c->of) && strstr(line, c->also));
}

const struct ran *run_without(const char *of, const char *also, const char *who)
{
	edit_log(recorded, drop_line, &(struct change){ .of = of, .also = also });
	return program_run("replay", edited, "--process", who, "--fast", NULL);
}
