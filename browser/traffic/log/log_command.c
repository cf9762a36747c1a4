/* See log_command.h. log_reader.c reads, filter.c chooses, line.c formats. */
#include "browser/traffic/log/log_command.h"
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/log_file.h"
#include "browser/traffic/log/log_reader.h"
#include "browser/traffic/query/filter.h"
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define BAD_LINES_TOLD 10
#define LINE_BYTES     (64u << 10) /* a longer line for people is cut */

static const char usage[] =
	"usage: bulkhead log [FILE] [OPTION...]\n"
	"Print a traffic log, one line a message: time in seconds, from -> to, name, bytes, queued, status, arguments.\n"
	"Without FILE the newest log.\n"
	"  --process P     sent or received by P: renderer:3, gpu, browser\n"
	"  --message NAME  of that name; * and ? stand for anything\n"
	"  --tab N         about page N\n"
	"  --status S      delivered, refused, lost, unknown or in_flight\n"
	"  --text TEXT     with TEXT in a name or an argument\n"
	"  --pings         pings and pongs too\n"
	"  --json          as lines of the log\n"
	"Exit status: 0, also when no line matches; 1: the log cannot be read; 2: bad usage.\n";

struct request {
	struct traffic_filter filter;
	const char *path;
	char newest[PATH_MAX];
	bool json;
};

struct report {
	uint64_t bad, good, printed;
};

static void complain(const char *what, const char *why)
{
	char text[PATH_MAX + 256];
	struct format out = format_into(text, sizeof text);

	/* Nor does a file's name reach the terminal raw. */
	json_write_clean(&out, what, strlen(what));
	fprintf(stderr, "bulkhead: %s: %s\n", text, why);
}

static int bad_usage(const char *what, const char *why)
{
	complain(what, why);
	fputs("Try 'bulkhead log --help'.\n", stderr);
	return 2;
}

static bool parse_tab(const char *text, struct traffic_filter *filter)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	filter->has_tab = true;
	filter->tab = (uint32_t)n;
	return text[0] >= '0' && text[0] <= '9' && !*end && !errno && n <= UINT32_MAX;
}

/* Returns -1 to go on, or an exit status. */
static int parse(int argc, char **argv, struct request *r)
{
	static const struct option options[] = {
		{ "process", required_argument, NULL, 'p' },
		{ "message", required_argument, NULL, 'm' },
		{ "tab", required_argument, NULL, 't' },
		{ "status", required_argument, NULL, 's' },
		{ "text", required_argument, NULL, 'x' },
		{ "pings", no_argument, NULL, 'P' },
		{ "json", no_argument, NULL, 'j' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	optind = 0;
	opterr = 0;
	while ((option = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			r->filter.process = optarg;
			break;
		case 'm':
			r->filter.name = optarg;
			break;
		case 't':
			if (!parse_tab(optarg, &r->filter))
				return bad_usage(optarg, "is no tab number");
			break;
		case 's':
			r->filter.status = optarg;
			if (!traffic_filter_knows_status(optarg))
				return bad_usage(optarg, "is no status");
			break;
		case 'x':
			r->filter.text = optarg;
			break;
		case 'P':
			r->filter.pings = true;
			break;
		case 'j':
			r->json = true;
			break;
		case 'h':
			fputs(usage, stdout);
			return 0;
		default:
			return bad_usage(argv[optind - 1],
					 option == ':' ? "needs a value" : "unknown option");
		}
	}
	if (argc - optind > 1)
		return bad_usage(argv[optind + 1], "one FILE is enough");
	r->path = argc > optind ? argv[optind] : NULL;
	return -1;
}

/* false: it is none of those asked for. */
static bool print_event(const struct request *r, struct log_reader *reader, const struct traffic_event *e)
{
	static char line[LINE_BYTES];
	struct format out = format_into(line, sizeof line);

	if (!traffic_filter_match(&r->filter, e))
		return false;
	if (r->json) {
		puts(log_reader_line(reader));
		return true;
	}
	traffic_format_line(e, log_reader_start_us(reader), &out);
	puts(line);
	return true;
}

static void tell_bad_line(const struct request *r, struct report *report, uint64_t number, const char *why)
{
	char text[96];

	if (++report->bad > BAD_LINES_TOLD)
		return;
	snprintf(text, sizeof text, "line %llu %s", (unsigned long long)number, why);
	complain(r->path, text);
}

/* Print what is asked for. Returns errno of a failed read, or 0. */
static int print_log(const struct request *r, struct log_reader *reader, struct report *report)
{
	struct traffic_event event;

	while (!ferror(stdout)) {
		enum log_line line = log_reader_next(reader, &event);
		uint64_t number = log_reader_line_number(reader);

		switch (line) {
		case LOG_LINE_END:
			return 0;
		case LOG_LINE_ERROR:
			return errno;
		case LOG_LINE_BAD:
			tell_bad_line(r, report, number, "is no line of a log; skipped");
			break;
		case LOG_LINE_CUT:
			report->good++;
			fflush(stdout);
			tell_bad_line(r, report, number, "is cut; dropped");
			report->bad--;
			break;
		case LOG_LINE_SESSION:
			report->good++;
			if (r->json)
				puts(log_reader_line(reader));
			break;
		case LOG_LINE_EVENT:
			report->good++;
			report->printed += print_event(r, reader, &event);
			break;
		}
	}
	return 0;
}

static int finish(const struct request *r, const struct report *report, int error)
{
	if (fflush(stdout) == EOF || ferror(stdout)) {
		/* Who reads us has had enough: that is no failure. */
		if (errno == EPIPE)
			return 0;
		complain("standard output", strerror(errno));
		return 1;
	}
	if (report->bad > BAD_LINES_TOLD) {
		char text[64];

		snprintf(text, sizeof text, "%llu more bad lines",
			 (unsigned long long)(report->bad - BAD_LINES_TOLD));
		complain(r->path, text);
	}
	if (error)
		complain(r->path, strerror(error));
	else if (!report->good)
		complain(r->path, report->bad ? "is no log" : "is empty");
	else if (!report->printed)
		complain(r->path, "no line matches");
	return error || !report->good;
}

int log_command(int argc, char **argv)
{
	struct request request = { 0 };
	struct report report = { 0 };
	struct log_reader *reader;
	const char *why;
	int status = parse(argc, argv, &request), error;

	if (status >= 0)
		return status;
	if (!request.path) {
		request.path = request.newest;
		if (!log_file_newest(request.newest, sizeof request.newest, &why)) {
			complain(request.newest[0] ? request.newest : "log", why);
			return 1;
		}
	}
	reader = log_reader_open(request.path);
	if (!reader) {
		complain(request.path, strerror(errno));
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	error = print_log(&request, reader, &report);
	log_reader_close(reader);
	return finish(&request, &report, error);
}
