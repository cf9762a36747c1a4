/*
 * See log_follow.h. What is looked at is the file itself; inotify only says when. So it does not matter what
 * a file system tells it, and nothing is missed.
 */
#include "browser/traffic/log/log_follow.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS	      100
#define START_FIELD   22 /* of /proc/PID/stat: when it started, in ticks since the machine did */
#define SLACK_SECONDS 5	 /* clocks that are set while the browser runs */

static void watch_newest(struct log_follow *f)
{
	const struct log_set *set = &log_reader_lines(f->reader)->set;

	if (f->inotify == -1)
		return;
	if (f->watch != -1)
		inotify_rm_watch(f->inotify, f->watch);
	f->watch = inotify_add_watch(f->inotify, set->path,
				     IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
}

void log_follow_begin(struct log_follow *f, struct log_reader *reader, int out,
		      volatile const sig_atomic_t *stop)
{
	*f = (struct log_follow){ .reader = reader, .watch = -1, .out = out, .stop = stop };
	f->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	watch_newest(f);
	log_reader_lines(reader)->growing = true;
}

void log_follow_finish(struct log_follow *f)
{
	if (f->inotify != -1)
		close(f->inotify);
	log_reader_lines(f->reader)->growing = false;
}

/* For how long has the process run? -1: nobody knows. */
static double process_age(int pid)
{
	char path[32], text[1024];
	struct timespec now;
	FILE *file;
	size_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	n = fread(text, 1, sizeof text - 1, file);
	fclose(file);
	text[n] = '\0';
	/* The name, in brackets, may hold anything. */
	char *field = strrchr(text, ')');

	for (unsigned i = 2; field && i < START_FIELD; i++)
		field = strchr(field + 1, ' ');
	if (!field)
		return -1;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (double)now.tv_sec - strtod(field, NULL) / (double)sysconf(_SC_CLK_TCK);
}

/* Does the browser still run that writes this log? Its number may be another's by now: that is younger. */
static bool browser_lives(const struct log_session *session)
{
	double session_age = (double)time(NULL) - (double)session->ts_us / 1e6, age;

	if (!session->pid)
		return true;
	if (kill(session->pid, 0) == -1 && errno == ESRCH)
		return false;
	age = process_age(session->pid);
	return age < 0 || age + SLACK_SECONDS >= session_age;
}

/* Sleep until something may have happened. false: nobody reads what is printed. */
static bool sleep_a_little(struct log_follow *f)
{
	struct pollfd fds[] = { { .fd = f->inotify, .events = POLLIN }, { .fd = f->out } };
	char events[4096];

	if (poll(fds, 2, LOOK_MS) <= 0)
		return true;
	while (f->inotify != -1 && read(f->inotify, events, sizeof events) > 0)
		continue;
	return !(fds[1].revents & (POLLERR | POLLNVAL));
}

enum log_news log_follow_wait(struct log_follow *f)
{
	struct log_lines *lines = log_reader_lines(f->reader);

	if (!log_lines_is_file(lines))
		return LOG_NEWS_ENDED;
	for (;;) {
		/* Looked for before the file is: what it wrote last is read. */
		bool dead = !browser_lives(log_reader_session(f->reader));

		if (*f->stop)
			return LOG_NEWS_STOPPED;
		if (log_lines_replaced(lines))
			return LOG_NEWS_REPLACED;
		if (log_lines_has_more(lines))
			return LOG_NEWS_MORE;
		if (log_set_renew(&lines->set)) {
			watch_newest(f);
			return LOG_NEWS_MORE;
		}
		if (dead)
			return LOG_NEWS_ENDED;
		if (!sleep_a_little(f))
			return LOG_NEWS_STOPPED;
	}
}
