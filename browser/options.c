/* See options.h. */
#include "browser/options.h"
#include "browser/command.h"
#include "common/protocol.h"
#include <stddef.h>
#include <string.h>

#define BUDGET_MAX_DEATHS  32
#define BUDGET_MAX_SECONDS 86400
#define LOG_FILES_MAX	   999
/* Smaller files would hold little but their first lines. */
#define LOG_SIZE_MIN (64ull << 10)
#define LOG_SIZE_MAX (1ull << 40)

/* Returns NULL, or what is wrong with it (static). */
typedef const char *option_parse_fn(struct options *, const char *value);

static const char *parse_log(struct options *o, const char *value)
{
	o->log_file = value;
	o->no_log = false;
	return NULL;
}

static const char *parse_no_log(struct options *o, const char *value)
{
	(void)value;
	o->no_log = true;
	return NULL;
}

static const char *parse_log_payload(struct options *o, const char *value)
{
	for (unsigned i = 0; i < LOG_PAYLOAD_COUNT; i++) {
		if (!strcmp(value, log_payload_names[i])) {
			o->log_payload = (enum log_payload)i;
			return NULL;
		}
	}
	return "it is none, head or full";
}

/* A number, with K, M or G behind it for powers of 1024. */
static const char *parse_log_size(struct options *o, const char *value)
{
	static const char units[] = "KMG";
	size_t digits = strspn(value, "0123456789");
	const char *unit = memchr(units, value[digits] & ~0x20, sizeof units - 1);
	uint64_t bytes = 0;

	for (size_t i = 0; i < digits && bytes <= LOG_SIZE_MAX; i++)
		bytes = bytes * 10 + (uint64_t)(value[i] - '0');
	for (ptrdiff_t i = unit ? unit - units : -1; i >= 0 && bytes <= LOG_SIZE_MAX; i--)
		bytes *= 1024;
	if (!digits || (value[digits] && (!unit || value[digits + 1])))
		return "it is a number of bytes, or one with K, M or G behind it";
	if (bytes < LOG_SIZE_MIN || bytes > LOG_SIZE_MAX)
		return "it is from 64K to 1024G";
	o->log_size = bytes;
	return NULL;
}

static const char *parse_process_model(struct options *o, const char *value)
{
	for (unsigned i = 0; i < PROCESS_MODEL_COUNT; i++) {
		if (!strcmp(value, process_model_names[i])) {
			o->process_model = (enum process_model)i;
			return NULL;
		}
	}
	return "it is one, per-site or per-tab";
}

/* A number from 1 to most, and *at moves behind it. */
static bool parse_number(const char **at, unsigned most, unsigned *out)
{
	unsigned long n = 0;
	size_t digits = strspn(*at, "0123456789");

	for (size_t i = 0; i < digits && n <= most; i++)
		n = n * 10 + (unsigned long)((*at)[i] - '0');
	*at += digits;
	*out = (unsigned)n;
	return n >= 1 && n <= most;
}

static const char *parse_log_files(struct options *o, const char *value)
{
	return parse_number(&value, LOG_FILES_MAX, &o->log_files) && !*value ? NULL
									     : "it is a number from 1 to 999";
}

/* Whose budget stands there: *at moves behind "gpu=". NULL: nobody's. */
static struct crash_budget *parse_whose(struct crash_budgets *budgets, const char **at)
{
	struct {
		const char *name;
		struct crash_budget *budget;
	} kinds[] = { { "gpu=", &budgets->gpu },
		      { "plugin=", &budgets->plugin },
		      { "spare=", &budgets->spare } };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!strncmp(*at, kinds[i].name, strlen(kinds[i].name))) {
			*at += strlen(kinds[i].name);
			return kinds[i].budget;
		}
	}
	return NULL;
}

/* "gpu=5/60" and more of that kind, with commas between. */
static const char *parse_crash_budget(struct options *o, const char *value)
{
	const char *at = value;
	bool more = true;

	while (more) {
		struct crash_budget *budget = parse_whose(&o->budgets, &at);

		if (!budget)
			return "it is gpu=DEATHS/SECONDS, and so for plugin and spare, with commas between";
		if (!parse_number(&at, BUDGET_MAX_DEATHS, &budget->deaths) || *at++ != '/')
			return "deaths are a number from 1 to 32, with a / behind it";
		if (!parse_number(&at, BUDGET_MAX_SECONDS, &budget->seconds) || (*at && *at != ','))
			return "seconds are a number from 1 to 86400";
		more = *at++ == ',';
	}
	return NULL;
}

static const char *parse_layers(struct options *o, const char *value)
{
	while (*value) {
		size_t length = strcspn(value, ",");
		unsigned i = 0;

		while (i < LAYER_COUNT &&
		       (strlen(layer_names[i]) != length || strncmp(layer_names[i], value, length)))
			i++;
		if (i == LAYER_COUNT)
			return "unknown layer";
		o->without |= 1u << i;
		value += length + (value[length] == ',');
	}
	return NULL;
}

/* Where the value goes: a text or a flag of struct options at `offset`, or what `parse` makes of it. */
static const struct option_row {
	const char *name, *argument; /* argument NULL: it takes none */
	const char *help;	     /* NULL: not for people, and not told */
	size_t offset;
	option_parse_fn *parse;
} rows[] = {
	{ "log", "FILE", "write the traffic log there instead of in $XDG_STATE_HOME/bulkhead", 0, parse_log },
	{ "no-log", NULL, "write none", 0, parse_no_log },
	{ "log-size", "SIZE", "begin another file when the log is that long, such as 64M (256M)", 0,
	  parse_log_size },
	{ "log-files", "N", "keep so many of them, FILE, FILE.1 and so on (4)", 0, parse_log_files },
	{ "log-payload", "HOW",
	  "what the log says of messages: none, head (long ones cut; the default), full (pages and pictures "
	  "too, unmasked)",
	  0, parse_log_payload },
	{ "profile", "DIR", "keep state and logs under this folder", offsetof(struct options, profile),
	  NULL },
	{ "ca-file", "FILE", "trust the certificates in this PEM file too", offsetof(struct options, ca_file),
	  NULL },
	{ "process-model", "M", "which tabs share a renderer process: one, per-site or per-tab (the default)",
	  0, parse_process_model },
	{ "crash-budget", "B", "how many deaths, in how many seconds, until a process is given up, such as",
	  0, parse_crash_budget },
	{ "no-faults", NULL, "nothing can be broken on purpose", offsetof(struct options, no_faults), NULL },
	{ "no-sandbox", NULL, "run the children without their sandbox (never for untrusted pages)",
	  offsetof(struct options, no_sandbox), NULL },
	{ "ascii", NULL, "plain letters instead of signs and lines", offsetof(struct options, ascii), NULL },
	{ "resume", "N:ROW", NULL, offsetof(struct options, resume), NULL }, /* again.c writes it */
	/* It proves what each layer stops. */
	{ "sandbox-without", "LAYERS", NULL, 0, parse_layers },
};

static const struct option_row *row_find(const char *word)
{
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (strlen(rows[i].name) == length && !strncmp(rows[i].name, word, length))
			return &rows[i];
	return NULL;
}

static const char *row_apply(const struct option_row *row, struct options *o, const char *value)
{
	void *place = (char *)o + row->offset;

	if (row->parse)
		return row->parse(o, value);
	if (row->argument)
		*(const char **)place = value;
	else
		*(bool *)place = true;
	return NULL;
}

/* argv[i] names that option. Returns how many words it took; 0: it is wrong, and that was said. */
static int take_one(const struct option_row *row, int left, char **at, struct options *o)
{
	const char *value = strchr(at[0], '='), *why;
	bool apart = row->argument && !value;

	if (!row->argument && value)
		return command_fail(0, "--%s: it takes no value", row->name);
	if (apart && left < 2)
		return command_fail(0, "--%s: %s is missing", row->name, row->argument);
	value = apart ? at[1] : value ? value + 1 : NULL;
	why = row_apply(row, o, value);
	if (why && value)
		return command_fail(0, "--%s: %s: %s", row->name, value, why);
	return 1 + apart;
}

int options_take(int argc, char **argv, struct options *o)
{
	int kept = 1, i = 1;

	while (i < argc && strcmp(argv[i], "--")) {
		const struct option_row *row = strncmp(argv[i], "--", 2) ? NULL : row_find(argv[i] + 2);
		int words = 1;

		if (!row)
			argv[kept++] = argv[i];
		else if (!(words = take_one(row, argc - i, argv + i, o)))
			return 0;
		i += words;
	}
	while (i < argc)
		argv[kept++] = argv[i++];
	argv[kept] = NULL;
	return kept;
}

void options_print(FILE *out)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char name[40];

		if (!rows[i].help)
			continue;
		snprintf(name, sizeof name, "--%s%s%s", rows[i].name, rows[i].argument ? " " : "",
			 rows[i].argument ? rows[i].argument : "");
		fprintf(out, "  %-18s %s\n", name, rows[i].help);
		if (rows[i].parse == parse_crash_budget)
			fprintf(out, "  %-18s gpu=5/60,plugin=3/120,spare=8/10\n", "");
	}
}
