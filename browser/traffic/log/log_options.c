/* See log_options.h. The options are one table, which reading and help share; the sinks are options too. */
#include "browser/traffic/log/log_options.h"
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/log_file.h"
#include "browser/traffic/log/log_question.h"
#include "browser/traffic/log/log_words.h"
#include "browser/traffic/output/dissector.h"
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SINKS_MAX  32
#define FIRST_SINK 256 /* the values that getopt gives for --NAME of sinks */

void log_complain(const char *what, const char *why)
{
	char text[PATH_MAX + 256];
	struct format out = format_into(text, sizeof text);

	/* Nor does a file's name reach the terminal raw. */
	json_write_clean(&out, what, strlen(what));
	fprintf(stderr, "bulkhead: %s: %s\n", text, why);
}

int log_bad_usage(const char *what, const char *why)
{
	log_complain(what, why);
	fputs("Try 'bulkhead log --help'.\n", stderr);
	return 2;
}

static bool parse_number(const char *text, unsigned long max, unsigned long *n)
{
	char *end;

	errno = 0;
	*n = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && *n <= max;
}

/* Questions. */

/* Add `and HEAD"value"`. */
static void add_clause(struct format *text, const char *head, const char *value, bool quoted)
{
	if (text->length)
		format_text(text, " and ");
	format_text(text, head);
	if (quoted)
		format_char(text, '"');
	for (; *value; value++) {
		if (quoted && (*value == '"' || *value == '\\'))
			format_char(text, '\\');
		format_char(text, *value);
	}
	if (quoted)
		format_char(text, '"');
}

/* A word as it stands in a question: there it is checked, and a pattern would lose its meaning in quotes. */
static bool is_plain(const char *value)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_*?:";

	return value[0] && !value[strspn(value, plain)];
}

static const char *add_process(struct format *text, const char *value)
{
	if (!is_plain(value))
		return "is no process";
	add_clause(text, "process=", value, false);
	return NULL;
}

static const char *add_message(struct format *text, const char *value)
{
	add_clause(text, "name=", value, !is_plain(value));
	return NULL;
}

static const char *add_tab(struct format *text, const char *value)
{
	unsigned long n;

	if (!parse_number(value, UINT32_MAX, &n))
		return "is no tab number";
	add_clause(text, "tab=", value, false);
	return NULL;
}

static const char *add_status(struct format *text, const char *value)
{
	if (!is_plain(value))
		return "is no status";
	add_clause(text, "status=", value, false);
	return NULL;
}

static const char *add_text(struct format *text, const char *value)
{
	if (value[0])
		add_clause(text, "text=", value, true);
	return NULL;
}

/* Everything else. NULL, or why not. */

static const char *set_pings(struct log_request *r, const char *value)
{
	(void)value;
	r->pings = true;
	return NULL;
}

static const char *set_follow(struct log_request *r, const char *value)
{
	(void)value;
	r->follow = true;
	return NULL;
}

static const char *set_tail(struct log_request *r, const char *value)
{
	unsigned long n;

	if (!parse_number(value, LOG_TAIL_MAX, &n) || !n)
		return "is no number of lines from 1 to 1000000";
	r->tail = (unsigned)n;
	return NULL;
}

static const char *set_rows(struct log_request *r, const char *value)
{
	unsigned long n;

	if (!parse_number(value, UINT_MAX, &n))
		return "is no number of rows";
	r->rows = (unsigned)n;
	return NULL;
}

static const char *set_output(struct log_request *r, const char *value)
{
	r->output = value;
	return NULL;
}

/* json goes with what has a form for machines; nothing else goes with another. */
static void choose_sink(struct log_request *r, const struct sink_type *sink)
{
	if (!strcmp(sink->name, "json"))
		r->json = true;
	else if (!r->sink)
		r->sink = sink;
	else if (r->sink != sink)
		r->other = sink;
}

static const char *set_export(struct log_request *r, const char *value)
{
	const struct sink_type *sink = sink_find(value, true);

	if (!sink)
		return "is no export";
	choose_sink(r, sink);
	return NULL;
}

static const struct log_option {
	char letter;
	const char *name, *value;
	const char *about;
	const char *(*clause)(struct format *, const char *value);
	const char *(*set)(struct log_request *, const char *value);
} options[] = {
	{ 'p', "process", "P", "process=P: sent or received by renderer:3, gpu, browser", add_process, NULL },
	{ 'm', "message", "NAME", "name=NAME; * and ? stand for anything", add_message, NULL },
	{ 't', "tab", "N", "tab=N", add_tab, NULL },
	{ 's', "status", "S", "status=S", add_status, NULL },
	{ 'x', "text", "TEXT", "TEXT anywhere in it", add_text, NULL },
	{ 'P', "pings", NULL, "pings and pongs too, and the bodies and memory of full logs", NULL,
	  set_pings },
	{ 'f', "follow", NULL, "then what comes, until the browser ends (also -f)", NULL, set_follow },
	{ 'T', "tail", "N", "only the last N that match", NULL, set_tail },
	{ 'r', "rows", "N", "of tables, so many rows", NULL, set_rows },
	{ 'e', "export", "NAME", NULL, NULL, set_export },
	{ 'o', "output", "OUT", "into that file (0600) instead of standard output", NULL, set_output },
	{ 'd', "install-dissector", NULL, NULL, NULL, NULL },
	{ 'h', "help", NULL, NULL, NULL, NULL },
};
#define OPTIONS (sizeof options / sizeof *options)

/* Help. */

static void print_options(void)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].about)
			printf("  --%-10s %-6s %s\n", options[i].name,
			       options[i].value ? options[i].value : "", options[i].about);
}

static void print_sinks(bool exports)
{
	for (unsigned i = 0; sink_types[i]; i++)
		if (sink_types[i]->exports == exports)
			printf(exports ? "  --export=%-8s %s\n" : "  --%-15s %s\n", sink_types[i]->name,
			       sink_types[i]->about);
}

static int help(void)
{
	puts("usage: bulkhead log [FILE] [FILTER] [OPTION...]\n"
	     "Print what of a traffic log matches the FILTER: time in seconds, from -> to, name, bytes, queued, status,\n"
	     "arguments. Without FILE the newest log; - is standard input. With FILE come FILE.1, FILE.2 ... before it.\n"
	     "Lines stand in the order in which it became known what had become of them; times say when they were sent.\n");
	print_options();
	puts("\nWhat becomes of it; --json goes with the others too, where they have a form for machines:");
	print_sinks(false);
	print_sinks(true);
	puts("  --install-dissector teach Wireshark and tshark, for this user, to read those captures");
	puts("\nFILTER is FIELD OP VALUE, with and, or, not, ( ); a word alone is found anywhere. OP is = != of all,\n"
	     "~ !~ for regular expressions, < <= > >= for numbers, sizes (1k) and times (5ms). && || ! and == will do\n"
	     "too, and fields in upper case. The fields:");
	for (unsigned i = 0; i < query_field_count; i++) {
		const struct query_field_info *field = &query_field_infos[i];

		printf("  %-12s %-48s %s\n", field->name, field->about, field->example);
	}
	puts("\nExit status: 0, also when no line matches; 1: the log cannot be read; 2: bad usage.");
	return 0;
}

static int install_dissector(void)
{
	char path[PATH_MAX];

	if (!dissector_install(path, sizeof path)) {
		log_complain(path[0] ? path : "dissector", strerror(errno));
		return 1;
	}
	printf("%s\nWireshark and tshark read what 'bulkhead log --export=pcapng --output FILE' writes.\n",
	       path);
	return 0;
}

/* Words. */

/* "renderer:3/1042" has a slash, and is no path. */
static bool is_id(const char *word)
{
	char quoted[64];
	int n = snprintf(quoted, sizeof quoted, "\"%s\"", word);

	return n > 2 && n < (int)sizeof quoted && word_id(&(struct json_slice){ quoted, (size_t)n });
}

static bool ends_with(const char *word, const char *end)
{
	size_t length = strlen(word), tail = strlen(end);

	return length > tail && !strcmp(word + length - tail, end);
}

static bool looks_like_path(const char *word)
{
	return !strcmp(word, "-") || word[0] == '/' || !strncmp(word, "./", 2) || !strncmp(word, "../", 3) ||
	       ends_with(word, ".jsonl") || (strstr(word, ".jsonl.") && !strpbrk(word, "=~<> ")) ||
	       (strchr(word, '/') && !strpbrk(word, "=~<>!()\" ") && !is_id(word));
}

/* The rest of the words, joined by blanks. false: too long. */
static bool join_words(struct format *text, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		if (i)
			format_char(text, ' ');
		format_text(text, argv[i]);
	}
	return !text->full;
}

static bool is_file(const char *word)
{
	struct stat st;

	return stat(word, &st) == 0 && S_ISREG(st.st_mode) && strcmp(word, "and") && strcmp(word, "or") &&
	       strcmp(word, "not");
}

static int take_words(struct log_request *r, int argc, char **argv, const char *clauses)
{
	char words[QUERY_TEXT];
	struct format text = format_into(words, sizeof words);

	if (argc && (looks_like_path(argv[0]) || access(argv[0], F_OK) == 0)) {
		r->path = argv[0];
		argc--;
		argv++;
	}
	for (int i = 0; i < argc; i++)
		if (is_file(argv[i]))
			return log_bad_usage(
				argv[i], "there is one FILE, before the FILTER; quote it (text=\"NAME\") to "
					 "look for the text");
	if (!join_words(&text, argc, argv))
		return log_bad_usage("filter", "is too long");
	return log_question_make(r, words, clauses);
}

/* Options. */

/* Those of the table, then the sinks. */
static void list_options(struct option *list)
{
	for (size_t i = 0; i < OPTIONS; i++)
		*list++ =
			(struct option){ options[i].name, options[i].value ? required_argument : no_argument,
					 NULL, options[i].letter };
	for (int i = 0; i < SINKS_MAX && sink_types[i]; i++)
		if (!sink_types[i]->exports)
			*list++ = (struct option){ sink_types[i]->name, no_argument, NULL, FIRST_SINK + i };
	*list = (struct option){ 0 };
}

static const struct log_option *find_option(int letter)
{
	for (size_t i = 0; i < OPTIONS; i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

/* Returns -1 to go on, or an exit status. */
static int take_option(struct log_request *r, int found, struct format *clauses, const char *word)
{
	const struct log_option *option = find_option(found);
	const char *why = NULL;

	if (found == '?' || found == ':')
		return log_bad_usage(word, found == ':' ? "needs a value" : "unknown option");
	if (found == 'h')
		return help();
	if (found == 'd')
		return install_dissector();
	if (!option)
		choose_sink(r, sink_types[found - FIRST_SINK]);
	else if (option->clause)
		why = option->clause(clauses, optarg);
	else
		why = option->set(r, optarg);
	return why ? log_bad_usage(optarg && *optarg ? optarg : word, why) : -1;
}

static int take_options(struct log_request *r, int argc, char **argv, struct format *clauses)
{
	struct option list[OPTIONS + SINKS_MAX + 1];
	int found, status;

	list_options(list);
	optind = 0;
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":f", list, NULL)) != -1) {
		status = take_option(r, found, clauses, argv[optind - 1]);
		if (status >= 0)
			return status;
	}
	return clauses->full ? log_bad_usage("filter", "is too long") : -1;
}

static const char *sink_option(const struct sink_type *sink, char text[64])
{
	snprintf(text, 64, "--%s%s", sink->exports ? "export=" : "", sink->name);
	return text;
}

/* One thing is made of it. Returns -1 or an exit status. */
static int check_sinks(struct log_request *r)
{
	char first[64], second[64], why[96];

	if (r->sink && r->json && !r->sink->has_json)
		r->other = sink_find("json", false);
	if (!r->sink)
		r->sink = r->json ? sink_find("json", false) : sink_types[0];
	if (!r->other)
		return -1;
	snprintf(why, sizeof why, "does not go with %s", sink_option(r->sink, first));
	return log_bad_usage(sink_option(r->other, second), why);
}

/* What does not go together. */
static int check_request(struct log_request *r)
{
	uint64_t ids[QUERY_CHAINS];
	int status = check_sinks(r);

	if (status >= 0)
		return status;
	if (r->follow && query_chains(r->query, ids))
		return log_bad_usage(
			"--follow", "does not go with chain=: what belongs to one is known when all is read");
	if (r->sink->binary && !r->output && isatty(STDOUT_FILENO))
		return log_bad_usage(r->sink->name, "is not for a terminal; use --output OUT");
	return -1;
}

int log_request_parse(struct log_request *r, int argc, char **argv)
{
	char clauses_text[QUERY_TEXT];
	struct format clauses = format_into(clauses_text, sizeof clauses_text);
	const char *why;
	int status;

	*r = (struct log_request){ 0 };
	status = take_options(r, argc, argv, &clauses);
	if (status < 0)
		status = take_words(r, argc - optind, argv + optind, clauses_text);
	if (status < 0)
		status = check_request(r);
	if (status >= 0 || r->path)
		return status;
	r->path = r->newest;
	if (log_file_newest(r->newest, sizeof r->newest, &why))
		return -1;
	log_complain(r->newest[0] ? r->newest : "log", why);
	return 1;
}

void log_request_finish(struct log_request *r)
{
	query_free(r->query);
}
