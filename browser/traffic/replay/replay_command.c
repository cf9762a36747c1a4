/* See replay_command.h. tape.c reads the log, player.c plays it, report.c tells of it. */
#include "browser/traffic/replay/replay_command.h"
#include "browser/browser.h"
#include "browser/traffic/log/json.h"
#include "browser/traffic/replay/player.h"
#include "browser/traffic/replay/report.h"
#include "browser/traffic/replay/tape_data.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SPEED_MAX 1000

static const char usage[] =
	"Usage: bulkhead replay LOG --process P [OPTION]...\n"
	"Start one process of a log alone, in its sandbox, feed it what it was fed, and show where its answers\n"
	"differ; nonces and times are left out. The log is one that was taken with --log-payload=full, - for\n"
	"standard input. Some messages come as often as time has it (progress, pictures, what a plugin draws by\n"
	"the clock): they are counted, and another count, with --fast even none, is no difference; the last of what\n"
	"they are about is compared. Where the process hung, it must hang again.\n\n"
	"  --process P        which one: renderer:3, gpu:1, plugin:1\n"
	"  --fast             as fast as it answers; else with the timing of the log\n"
	"  --speed N          so many times as fast\n"
	"  --json             a JSON object for each difference, and one for the summary\n"
	"  --no-sandbox       without its sandbox\n"
	"Exit status: 0: the same answers and the same end; 1: there are differences, or it could not be played;\n"
	"2: bad usage.\n";

struct request {
	const char *path;
	struct endpoint process;
	struct replay_options how;
};

static int complain(int status, const char *what, const char *why)
{
	char text[PATH_MAX + 256];
	struct format out = format_into(text, sizeof text);

	json_write_clean(&out, what, strlen(what));
	fprintf(stderr, "bulkhead: replay: %s: %s\n", text, why);
	return status;
}

static const char *parse_process(struct request *r, const char *value)
{
	r->process = tape_parse_endpoint(value);
	return r->process.role < ROLE_COUNT && r->process.role != ROLE_BROWSER && r->process.serial
		       ? NULL
		       : "is no process that can be replayed, such as renderer:3, gpu:1 or plugin:1";
}

static const char *parse_speed(struct request *r, const char *value)
{
	char *end;

	r->how.speed = strtod(value, &end);
	return *value && !*end && r->how.speed > 0 && r->how.speed <= SPEED_MAX
		       ? NULL
		       : "is no speed: a number up to 1000, 1 is that of the log";
}

/* The value of that option at argv[*i], or in the next word; NULL: it is another option. */
static const char *value_of(const char *name, int argc, char **argv, int *i)
{
	size_t length = strlen(name);

	if (strncmp(argv[*i], name, length))
		return NULL;
	if (argv[*i][length] == '=')
		return argv[*i] + length + 1;
	if (argv[*i][length])
		return NULL;
	return *i + 1 < argc ? argv[++*i] : "";
}

/* Returns -1 to go on, or an exit status. */
static int parse(int argc, char **argv, struct request *r)
{
	for (int i = 1; i < argc; i++) {
		const char *value, *why = NULL;

		if (!strcmp(argv[i], "--help")) {
			fputs(usage, stdout);
			return 0;
		}
		if (!strcmp(argv[i], "--fast"))
			r->how.fast = true;
		else if (!strcmp(argv[i], "--json"))
			r->how.json = true;
		else if ((value = value_of("--process", argc, argv, &i)))
			why = parse_process(r, value);
		else if ((value = value_of("--speed", argc, argv, &i)))
			why = parse_speed(r, value);
		else if (argv[i][0] == '-' && argv[i][1])
			why = "there is no such option; try 'bulkhead replay --help'";
		else if (r->path)
			why = "one LOG is enough";
		else
			r->path = argv[i];
		if (why)
			return complain(2, argv[i], why);
	}
	if (!r->path)
		return complain(2, "LOG", "is missing; try 'bulkhead replay --help'");
	if (!r->process.serial)
		return complain(2, "--process", "is missing: which one of the log?");
	return -1;
}

/* How it ended, against how it did. Returns it in words (static). */
static const char *compare_ends(struct player *p, struct report *r)
{
	static char words[400];
	const struct tape *t = p->tape;
	const struct death *d = &p->death;
	char now[160], call[64];
	bool same = d->status == t->status && d->signal == t->signal && d->code == t->code &&
		    (d->status != TERMINATION_STATUS_KILLED || d->reason == t->reason);

	death_text(d, now, sizeof now);
	if (!p->dead)
		snprintf(now, sizeof now, "it lives");
	if (!t->ended) {
		snprintf(words, sizeof words, "it was still running when the log ended");
		if (p->dead && !p->asked_to_end)
			report_other(r, "end", "%s; in the log it was still running", now);
		return words;
	}
	if (d->kind == CRASH_KIND_VIOLATION)
		same &= !strcmp(t->syscall, death_syscall_name(d->syscall, call, sizeof call));
	/* Where memory lies is another matter each time; near 0 there is none. */
	if (t->has_address && t->address < 65536)
		same &= d->address == t->address;
	if (!p->dead || !same)
		report_other(r, "end", "%s; in the log %s%s%s", now, termination_status_names[t->status],
			     t->signal ? ", " : "", death_signal_name(t->signal));
	snprintf(words, sizeof words, "%s%s%s", now, p->dead && same ? ", as in the log" : "",
		 p->signalled ? ": the player sent that signal, where another did in the log" : "");
	return words;
}

/* Why what it wrote was never compared. */
static const char *why_not_compared(const struct player *p)
{
	bool drew = false, memory = false, edited = false;

	if (p->tape->process.role == ROLE_PLUGIN)
		return "a plugin draws by the clock";
	for (size_t i = 0; i < p->tape->count; i++) {
		const struct tape_event *e = &p->tape->events[i];

		memory |= e->kind == TAPE_MEMORY && e->written;
		edited |= e->edited && e->kind == TAPE_ANSWER && e->type == IPC_SUBMIT_FRAME;
		drew |= e->kind == TAPE_ANSWER && (e->type == IPC_SUBMIT_FRAME || e->type == IPC_DID_PRESENT);
	}
	if (!drew)
		return "it drew none in the log";
	if (edited)
		return "what it drew was edited by hand";
	return memory ? "the process never rested" : "the log has no memory records of it";
}

static int replay(const struct request *request, const struct tape *tape)
{
	struct report report = { .tape = tape,
				 .json = request->how.json,
				 .recorded_ns =
					 tape->end_ns > tape->start_ns ? tape->end_ns - tape->start_ns : 0 };
	struct player player = { .tape = tape, .options = &request->how, .report = &report };
	const char *why;
	int status = 1;

	report_begin(&report);
	if (request->how.no_sandbox || request->how.without)
		report_note(&report,
			    "the sandbox is not that of the log: what did_start says of it is left out");
	if (player_run(&player, &why)) {
		if (report.skipped)
			report_other(&report, "fed", "%llu messages could not be fed",
				     (unsigned long long)report.skipped);
		report.not_compared = why_not_compared(&player);
		report_end(&report, compare_ends(&player, &report));
		status = report.differences > 0;
	} else {
		fflush(stdout);
		complain(1, request->path, why);
	}
	player_finish(&player);
	return fflush(stdout) == EOF ? complain(1, "standard output", "it cannot be written") : status;
}

int replay_command(int argc, char **argv, const struct options *o)
{
	struct request request = { .process = { ROLE_COUNT, 0 },
				   .how = {
					   .speed = 1, .no_sandbox = o->no_sandbox, .without = o->without } };
	char why[TAPE_WHY];
	struct tape *tape;
	int status;

	request.process.serial = 0;
	status = parse(argc, argv, &request);
	if (status >= 0)
		return status;
	tape = tape_read(request.path, request.process, why);
	if (!tape)
		return complain(1, request.path, why);
	status = replay(&request, tape);
	tape_free(tape);
	return status;
}
