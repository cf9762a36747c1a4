/*
 * See log_command.h. log_options.c reads the command line; log_reader.c reads, the query chooses, a sink
 * makes something of it; log_chain.c and log_follow.c are for questions and logs of their kind.
 */
#include "browser/traffic/log/log_command.h"
#include "browser/traffic/log/log_chain.h"
#include "browser/traffic/log/log_follow.h"
#include "browser/traffic/log/log_options.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BAD_LINES_TOLD 10
#define OUTPUT_BYTES   (256u << 10) /* written at once */

struct run {
	struct log_request request;
	struct log_reader *reader;
	struct log_chains chains;
	struct log_follow follow;
	FILE *out;
	int broken; /* errno of the first write that failed */
	void *sink; /* NULL: not begun */
	uint64_t bad, good, printed;
	/* Complaints wait until something shows that it is a log at all. */
	struct {
		const char *path;
		uint64_t line;
	} bad_lines[BAD_LINES_TOLD];
	struct log_session last; /* what the last session line said */
	bool following;
};

static volatile sig_atomic_t stopped;

static void on_stop(int number)
{
	(void)number;
	stopped = 1;
}

/* Which lines. */

static bool wanted(const struct run *run, const struct traffic_event *e)
{
	const struct log_request *r = &run->request;

	if (!r->pings && traffic_is_ping(e) && !query_names_pings(r->query))
		return false;
	if (!r->pings && (e->kind == TRAFFIC_BODY || e->kind == TRAFFIC_MEMORY) &&
	    !query_names_bulk(r->query))
		return false;
	return query_match(r->query, e);
}

/*
 * Go to where the last so many that match begin. Only their places are kept while all is read. Returns 0 or
 * an errno.
 */
static int seek_tail(struct run *run)
{
	const unsigned room = run->request.tail;
	struct log_reader_place *places = calloc(room, sizeof *places);
	struct traffic_event e;
	enum log_line line;
	uint64_t count = 0;
	bool sought = false;

	if (!places)
		return ENOMEM;
	while ((line = log_reader_next(run->reader, &e)) != LOG_LINE_END && line != LOG_LINE_ERROR) {
		if (line == LOG_LINE_SESSION)
			query_set_start(run->request.query, log_reader_start_us(run->reader));
		if (line == LOG_LINE_EVENT && wanted(run, &e))
			places[count++ % room] = log_reader_place(run->reader);
	}
	if (line == LOG_LINE_END)
		sought = log_reader_seek(run->reader, &places[count < room ? 0 : count % room]);
	free(places);
	return line == LOG_LINE_ERROR ? errno : sought ? 0 : ESPIPE;
}

/* What was printed goes out now. false: it cannot; that is said once, so the reason is kept. */
static bool flush(struct run *run)
{
	if (fflush(run->out) != EOF)
		return true;
	if (!run->broken)
		run->broken = errno;
	return false;
}

/* What is said about the log. */

static const char why_bad[] = "is no line of a log; skipped";

static void tell_line(const char *path, uint64_t line, const char *why)
{
	char text[96];

	snprintf(text, sizeof text, "line %llu %s", (unsigned long long)line, why);
	log_complain(path, text);
}

static void take_bad_line(struct run *run)
{
	uint64_t n = run->bad++, line = log_reader_line_number(run->reader);
	const char *path = log_reader_path(run->reader);

	if (n >= BAD_LINES_TOLD)
		return;
	if (run->good) {
		tell_line(path, line, why_bad);
	} else {
		run->bad_lines[n].path = path;
		run->bad_lines[n].line = line;
	}
}

/* So it is a log. */
static void take_good_line(struct run *run)
{
	if (run->good++)
		return;
	for (uint64_t i = 0; i < run->bad && i < BAD_LINES_TOLD; i++)
		tell_line(run->bad_lines[i].path, run->bad_lines[i].line, why_bad);
}

static void take_cut_line(struct run *run)
{
	/* Where all else is none, neither is it one of a log. */
	if (run->bad && !run->good) {
		run->bad++;
		return;
	}
	take_good_line(run);
	flush(run);
	tell_line(log_reader_path(run->reader), log_reader_line_number(run->reader), "is cut; dropped");
}

/* Is it the path of an older part, FILE.2? Then nobody expects those before it. */
static bool names_a_part(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && dot[1] && !dot[1 + strspn(dot + 1, "0123456789")];
}

/* The parts of a log follow one another; say which do not. */
static void tell_missing_parts(struct run *run, const struct log_session *now)
{
	unsigned last = run->last.ts_us == now->ts_us ? run->last.part : 0;
	char text[96];

	if (now->part <= last + 1 || (!last && names_a_part(run->request.path)))
		return;
	if (now->part == last + 2)
		snprintf(text, sizeof text, "part %u of it is gone", last + 1);
	else
		snprintf(text, sizeof text, "parts %u to %u of it are gone", last + 1, now->part - 1);
	log_complain(run->request.path, text);
}

/* Lines. */

static bool begin_sink(struct run *run)
{
	const char *session = log_reader_session_line(run->reader);
	struct sink_options options = { .out = run->out,
					.start_us = log_reader_start_us(run->reader),
					.protocol = log_reader_protocol(run->reader),
					.session = session[0] ? session : NULL,
					.json = run->request.json,
					.limit = run->request.rows };

	query_set_start(run->request.query, options.start_us);
	run->sink = run->request.sink->begin(&options);
	if (!run->sink)
		log_complain(run->request.sink->name, strerror(ENOMEM));
	return run->sink;
}

static void take_session(struct run *run)
{
	const struct log_session *now = log_reader_session(run->reader);

	tell_missing_parts(run, now);
	query_set_start(run->request.query, log_reader_start_us(run->reader));
	run->last = *now;
}

/* false: no memory for the sink. */
static bool take_line(struct run *run, enum log_line line, const struct traffic_event *e)
{
	switch (line) {
	case LOG_LINE_BAD:
		take_bad_line(run);
		return true;
	case LOG_LINE_CUT:
		take_cut_line(run);
		return true;
	case LOG_LINE_SESSION:
		take_good_line(run);
		take_session(run);
		return run->sink || begin_sink(run);
	default:
		take_good_line(run);
		if (!run->sink && !begin_sink(run))
			return false;
		if (wanted(run, e)) {
			run->request.sink->event(run->sink, e);
			run->printed++;
		}
		return true;
	}
}

/* All is read that is there: is there more to wait for? */
static bool wait_for_more(struct run *run)
{
	enum log_news news;

	if (!run->following || !flush(run))
		return false;
	news = log_follow_wait(&run->follow);
	if (news == LOG_NEWS_MORE)
		return true;
	log_follow_finish(&run->follow);
	run->following = false;
	if (news == LOG_NEWS_REPLACED)
		log_complain(run->request.path, "another session writes there now");
	else if (news == LOG_NEWS_ENDED && log_lines_is_file(log_reader_lines(run->reader)))
		log_complain(run->request.path, "its browser has ended");
	/* A last line without its end will not get one now. */
	return news == LOG_NEWS_ENDED;
}

/* Returns errno of a failed read, or 0. */
static int read_log(struct run *run)
{
	struct traffic_event e;

	while (!ferror(run->out) && !stopped) {
		enum log_line line = log_reader_next(run->reader, &e);

		if (line == LOG_LINE_ERROR)
			return stopped ? 0 : errno;
		if (line == LOG_LINE_END) {
			if (!wait_for_more(run))
				return 0;
		} else if (!take_line(run, line, &e)) {
			return ENOMEM;
		}
		if (ferror(run->out) && !run->broken)
			run->broken = errno;
	}
	return 0;
}

/* The whole. */

/* An older file may be one that everybody can read. false with errno. */
static bool empty_file(int fd)
{
	return fchmod(fd, 0600) == 0 && ftruncate(fd, 0) == 0;
}

/* Open what is written to; an older file of that name is emptied, but not if it is the log that is read. */
static bool open_output(struct run *run)
{
	const char *path = run->request.output;
	struct stat st;
	int fd = path ? open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600) : STDOUT_FILENO;

	run->out = stdout;
	if (!path)
		return true;
	if (fd != -1 && fstat(fd, &st) == 0 &&
	    log_set_has(&log_reader_lines(run->reader)->set, st.st_dev, st.st_ino)) {
		close(fd);
		log_complain(path, "is the log itself");
		return false;
	}
	run->out = fd != -1 && (!S_ISREG(st.st_mode) || empty_file(fd)) ? fdopen(fd, "w") : NULL;
	if (run->out)
		return true;
	log_complain(path, strerror(errno));
	if (fd != -1)
		close(fd);
	return false;
}

static int prepare(struct run *run)
{
	int error = log_chains_collect(&run->chains, run->reader, run->request.query);

	if (error == ESPIPE)
		log_complain(run->request.path, "cannot be read twice, as chain= needs");
	else if (error)
		log_complain(run->request.path, strerror(error));
	if (run->chains.full)
		log_complain("chain", "it has more members than are remembered; those are left out");
	if (run->chains.unfinished)
		log_complain("chain", "the log is too far out of order; some of it may be left out");
	if (error || !run->request.tail)
		return error;
	error = seek_tail(run);
	if (error)
		log_complain(run->request.path,
			     error == ESPIPE ? "cannot be read twice, as --tail needs" : strerror(error));
	return error;
}

static void begin_following(struct run *run)
{
	const struct sigaction action = { .sa_handler = on_stop };

	if (!run->request.follow)
		return;
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	log_follow_begin(&run->follow, run->reader, fileno(run->out), &stopped);
	run->following = true;
}

/* 0 or 1, the exit status as far as the output is concerned; *broken: nobody reads it. */
static int finish_output(struct run *run, bool *broken)
{
	const char *name = run->request.output ? run->request.output : "standard output";
	int error;

	errno = 0;
	if (run->sink)
		run->request.sink->end(run->sink);
	error = fflush(run->out) == EOF || ferror(run->out) ? errno ? errno : EIO : 0;
	if (run->broken)
		error = run->broken;
	if (run->request.output && fclose(run->out) == EOF && !error)
		error = errno;
	/* Who reads us has had enough: that is no failure. */
	*broken = error == EPIPE;
	if (error && !*broken)
		log_complain(name, strerror(error));
	return error && !*broken;
}

static int finish(struct run *run, int error)
{
	bool broken;
	int failed = finish_output(run, &broken);

	if (failed || broken)
		return failed;
	if (run->good && run->bad > BAD_LINES_TOLD) {
		char text[64];

		snprintf(text, sizeof text, "%llu more bad lines",
			 (unsigned long long)(run->bad - BAD_LINES_TOLD));
		log_complain(run->request.path, text);
	}
	if (error)
		log_complain(run->request.path, strerror(error));
	else if (!run->good)
		log_complain(run->request.path, run->bad ? "is no log" : "is empty");
	else if (!run->printed && run->request.sink != sink_find("count", false))
		log_complain(run->request.path, "no line matches");
	return error || !run->good;
}

static int run_log(struct run *run)
{
	int error;

	run->reader = log_reader_open(run->request.path);
	if (!run->reader) {
		log_complain(run->request.path, strerror(errno));
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	if (!open_output(run))
		return 1;
	setvbuf(run->out, NULL, _IOFBF, OUTPUT_BYTES);
	if (prepare(run)) {
		if (run->request.output)
			fclose(run->out);
		return 1;
	}
	begin_following(run);
	error = read_log(run);
	if (run->following)
		log_follow_finish(&run->follow);
	return finish(run, error);
}

int log_command(int argc, char **argv)
{
	struct run run = { 0 };
	int status = log_request_parse(&run.request, argc, argv);

	if (status < 0)
		status = run_log(&run);
	log_chains_finish(&run.chains);
	log_reader_close(run.reader);
	log_request_finish(&run.request);
	return status;
}
