/* See chaos_command.h: the options of `bulkhead chaos`, and its course from browser_init() to the report. */
#include "browser/fault/chaos/chaos_command.h"
#include "browser/command.h"
#include "browser/fault/chaos/chaos.h"
#include "browser/options.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define DRY_DRAWS 32

static const char usage[] =
	"Usage: bulkhead chaos [OPTION]... [URL]...\n"
	"Open tabs without a screen, draw faults from the catalogue for them, the GPU and the plugin process, and see\n"
	"that all others live. The same seed and number of tabs draw the same faults. The exit status is 0 when every\n"
	"invariant held, 1 when one was broken. Without a URL the tabs show built-in pages.\n\n"
	"  --tabs N           how many tabs, 1 to 200 (20)\n"
	"  --seed N           draw by this seed; without it one is chosen, and said\n"
	"  --for TIME         how long to draw, such as 60s or 10min (60s); the last ones then come to their end\n"
	"  --draws N          end after that many draws\n"
	"  --bound TIME       within which every process that was not hit answers (2s)\n"
	"  --pace TIME        between two draws (200ms)\n"
	"  --report FILE      write the report there; without it, it goes beside the logs\n"
	"  --replay FILE      draw what that report says, in its setting\n"
	"  --dry-run          print what would be drawn, and do nothing\n"
	"  --json             print the report as JSON\n"
	"And those of the browser:\n";

struct request {
	struct chaos_settings set;
	struct chaos_script script;
	const char *replay, *report;
	bool json, dry, help, has_seed;
};

/* Returns NULL, or what is wrong with it (static). */
typedef const char *parse_fn(struct request *, const char *value);

static const char *parse_unsigned(const char *text, uint64_t least, uint64_t most, uint64_t *out,
				  const char *wrong)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *out >= least && *out <= most ? NULL
												    : wrong;
}

static const char *parse_time(const char *text, unsigned least_ms, unsigned *out, const char *wrong)
{
	struct clause clause;
	uint64_t ms;

	if (!clause_begin(&clause, text) || !clause_is_number(&clause) || !clause_time(&clause, &ms) ||
	    !clause_at_end(&clause) || ms < least_ms || ms > CHAOS_MAX_MS)
		return wrong;
	*out = (unsigned)ms;
	return NULL;
}

static const char *parse_tabs(struct request *r, const char *value)
{
	uint64_t n;
	const char *why = parse_unsigned(value, 1, CHAOS_MAX_TABS, &n, "it is a number from 1 to 200");

	r->set.tabs = (unsigned)n;
	return why;
}

static const char *parse_seed(struct request *r, const char *value)
{
	r->has_seed = true;
	return parse_unsigned(value, 0, UINT64_MAX, &r->set.seed, "it is a number");
}

static const char *parse_draws(struct request *r, const char *value)
{
	uint64_t n;
	const char *why = parse_unsigned(value, 1, 1000000, &n, "it is a number from 1 to 1000000");

	r->set.draws = (unsigned)n;
	return why;
}

static const char *parse_for(struct request *r, const char *value)
{
	return parse_time(value, 1000, &r->set.for_ms, "it is a time from 1s to 24 h, such as 60s");
}

static const char *parse_bound(struct request *r, const char *value)
{
	return parse_time(value, 0, &r->set.bound_ms, "it is a time, such as 2s or 500ms");
}

static const char *parse_pace(struct request *r, const char *value)
{
	return parse_time(value, 0, &r->set.pace_ms, "it is a time, such as 200ms");
}

static const char *parse_report(struct request *r, const char *value)
{
	r->report = value;
	return NULL;
}

/* Its settings come first; what else is given changes them. */
static const char *parse_replay(struct request *r, const char *value)
{
	r->replay = value;
	return NULL;
}

static const char *parse_dry(struct request *r, const char *value)
{
	(void)value;
	r->dry = true;
	return NULL;
}

static const char *parse_json(struct request *r, const char *value)
{
	(void)value;
	r->json = true;
	return NULL;
}

static const char *parse_help(struct request *r, const char *value)
{
	(void)value;
	r->help = true;
	return NULL;
}

static const struct chaos_option {
	const char *name, *argument; /* argument NULL: it takes none */
	parse_fn *parse;
} rows[] = {
	{ "tabs", "N", parse_tabs },	    { "seed", "N", parse_seed },
	{ "for", "TIME", parse_for },	    { "draws", "N", parse_draws },
	{ "bound", "TIME", parse_bound },   { "pace", "TIME", parse_pace },
	{ "report", "FILE", parse_report }, { "replay", "FILE", parse_replay },
	{ "dry-run", NULL, parse_dry },	    { "json", NULL, parse_json },
	{ "help", NULL, parse_help },
};

static const struct chaos_option *row_find(const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strlen(rows[i].name) == length && !strncmp(rows[i].name, word, length))
			return &rows[i];
	return NULL;
}

/* Returns how many words it took; 0: it is wrong, and that was said. */
static int take_option(struct request *r, int left, char **at)
{
	const struct chaos_option *row = strncmp(at[0], "--", 2) ? NULL : row_find(at[0] + 2);
	const char *value = strchr(at[0], '='), *why;
	bool apart = row && row->argument && !value;

	if (!row)
		return command_fail(0, "chaos: %s: there is no such option; try 'bulkhead chaos --help'",
				    at[0]);
	if (!row->argument && value)
		return command_fail(0, "chaos: --%s: it takes no value", row->name);
	if (apart && left < 2)
		return command_fail(0, "chaos: --%s: %s is missing", row->name, row->argument);
	value = apart ? at[1] : value ? value + 1 : NULL;
	why = row->parse(r, value);
	if (why)
		return command_fail(0, "chaos: --%s: %s: %s", row->name, value, why);
	return 1 + apart;
}

/* false: what is wrong has been said. argv's URLs end up at its front, behind the name. */
static bool take_options(struct request *r, int argc, char **argv)
{
	bool words = false;
	int nurls = 0;

	for (int i = 1; i < argc;) {
		int took = 1;

		if (!words && !strcmp(argv[i], "--"))
			words = true;
		else if (words || argv[i][0] != '-')
			argv[1 + nurls++] = argv[i];
		else if (!(took = take_option(r, argc - i, argv + i)))
			return false;
		i += took;
	}
	if (nurls) {
		r->set.urls = (const char **)(argv + 1);
		r->set.nurls = (unsigned)nurls;
	}
	return true;
}

/* The report that is replayed comes first: what stands on the command line changes its settings. */
static int prepare(struct request *r, int argc, char **argv, const struct options *o)
{
	char **copy = calloc((size_t)argc + 1, sizeof *copy);
	struct request look = { 0 };
	const char *why;
	bool fine;

	if (!copy)
		return command_fail(1, "memory: none is left");
	memcpy(copy, argv, (size_t)argc * sizeof *copy);
	fine = take_options(&look, argc, copy);
	free(copy);
	if (!fine)
		return 2;
	r->set.process_model = o->process_model;
	if (look.replay && !chaos_read(look.replay, &r->set, &r->script, &why))
		return command_fail(2, "chaos: %s", why);
	take_options(r, argc, argv);
	if (!r->has_seed && !r->replay && getrandom(&r->set.seed, 4, 0) != 4)
		return command_fail(1, "chaos: no seed could be drawn: %s", strerror(errno));
	return 0;
}

static void print_dry(const struct request *r)
{
	unsigned count = r->script.count ? r->script.count : r->set.draws ? r->set.draws : DRY_DRAWS;

	printf("seed %llu, %u tabs\n", (unsigned long long)r->set.seed, r->set.tabs);
	for (unsigned step = 1; step <= count; step++) {
		struct chaos_draw draw;

		if (r->script.count)
			draw = r->script.draws[step - 1];
		else
			chaos_draw(r->set.seed, r->set.tabs, step, &draw);
		printf("%5u  %s", draw.step, draw.text);
		if (draw.is_toxic)
			printf(", for %u ms", draw.lasts_ms);
		puts("");
	}
}

/* "" when there is no place, which is said. */
static void choose_report(const struct request *r, char *path, size_t capacity)
{
	const char *why;

	if (r->report) {
		snprintf(path, capacity, "%s", r->report);
	} else if (!chaos_place(path, capacity, &why)) {
		command_fail(1, "chaos: the report has no place: %s: %s", path, why);
		path[0] = '\0';
	}
}

/* Deaths are what it is about: they shall not end it, unless the user wants to see that. */
static struct options chaos_options(const struct options *given, const struct request *r)
{
	static const struct crash_budget ample = { .deaths = 32, .seconds = 1 };
	struct options o = *given;
	struct crash_budget *budgets[] = { &o.budgets.gpu, &o.budgets.plugin, &o.budgets.spare };

	o.process_model = r->set.process_model;
	for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++)
		if (!budgets[i]->deaths)
			*budgets[i] = ample;
	return o;
}

static int tell(const struct chaos *c, const struct request *r, const char *report)
{
	char *json = chaos_json(c, c->interrupted ? "interrupted" : "finished");
	int status = chaos_held(c) ? 0 : 1;

	if (!json)
		return command_fail(1, "memory: none is left");
	if (report[0] && !chaos_write(json, report)) {
		status = command_fail(1, "chaos: %s: %s", report, strerror(errno));
		report = "";
	}
	if (r->json)
		puts(json);
	else
		chaos_print(c, report);
	free(json);
	return status;
}

static int run(const struct request *r, const struct options *given)
{
	struct chaos *c = calloc(1, sizeof *c);
	struct options o = chaos_options(given, r);
	struct browser browser;
	char report[PATH_MAX];
	const char *why;
	int status = 1;

	if (!c)
		return command_fail(1, "memory: none is left");
	c->settings = r->set;
	c->script = r->script;
	choose_report(r, report, sizeof report);
	if (!r->json && !r->has_seed && !r->replay)
		fprintf(stderr, "bulkhead: chaos: seed %llu\n", (unsigned long long)r->set.seed);
	if (browser_init(&browser, &o, &why)) {
		if (chaos_open(c, &browser))
			chaos_run(c, report);
		c->ended_ns = recorder_now();
		snprintf(c->log.path, sizeof c->log.path, "%s", browser.log_path);
		uint64_t lacks = browser_finish(&browser);
		if (!o.no_log)
			chaos_check_log(c, c->log.path, lacks);
		status = c->refusal[0] ? command_fail(1, "chaos: %s", c->refusal) : tell(c, r, report);
	} else {
		command_fail(1, "%s", why);
		browser_finish(&browser);
	}
	chaos_close(c);
	free(c);
	return status;
}

int chaos_command(int argc, char **argv, const struct options *o)
{
	struct request r = { .set = { .tabs = 20, .for_ms = 60000, .bound_ms = 2000, .pace_ms = 200 } };
	int status = prepare(&r, argc, argv, o);

	if (!status && r.help) {
		fputs(usage, stdout);
		options_print(stdout);
	} else if (!status && o->no_faults) {
		status = command_fail(2, "chaos: --no-faults leaves nothing to do");
	} else if (!status && r.dry) {
		print_dry(&r);
	} else if (!status) {
		status = run(&r, o);
	}
	chaos_script_free(&r.script);
	return status;
}
