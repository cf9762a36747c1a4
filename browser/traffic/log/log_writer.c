/*
 * See log_writer.h. The main thread puts events into a ring and the writer takes them out; neither waits for
 * the other. A block of whole lines that a disk would not take is kept and tried again, so that lines stay
 * whole; meanwhile the ring fills, and what finds no room is counted.
 */
#include "browser/traffic/log/log_writer.h"
#include "browser/traffic/log/log_part.h"
#include "browser/traffic/log/log_ring.h"
#include "browser/traffic/log/secrets.h"
#include "common/task.h"
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_BYTES	(256u << 10) /* written at once */
#define RETRY_MS	1000
#define SESSION_BYTES	512
#define DROPPED_RESERVE 512u	    /* room that is kept for telling how many were dropped */
#define EVENT_RESERVE	(64u << 10) /* room that messages leave to lives, deaths and what the user did */

enum thread_state { THREAD_RUNS, THREAD_ENDED, THREAD_ABANDONED };

struct log_writer {
	struct log_writer_config config;
	int news; /* an eventfd for the main thread */
	uint64_t start_us;
	pthread_t thread;
	struct task on_news;
	uint64_t dropped, dropped_all; /* since last told; ever */

	struct log_ring ring;
	sem_t wake;	     /* of the thread */
	_Atomic bool asleep; /* it waits to be woken */
	_Atomic bool stop;
	_Atomic int state;   /* enum thread_state; abandoned: the main thread has given up waiting for it, and
				it   frees all of this */
	_Atomic int failure; /* errno of what failed first */
	_Atomic bool rotating; /* it failed when a part was to be begun */
	_Atomic uint64_t unwritten;

	/* The thread's own. */
	struct log_part part;
	struct format block;
	size_t line_bytes; /* no line is longer */
	size_t block_done; /* of the block, written */
	uint64_t block_lines;
};

/* The thread. */

static struct timespec in_ms(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += (long)(ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* The first line of that part. */
static void put_session(const struct log_writer *w, unsigned part, struct format *out)
{
	time_t seconds = (time_t)(w->start_us / 1000000);
	char started[32];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
	format_printf(
		out,
		"{\"type\":\"session\",\"ts_us\":%llu,\"version\":\"%s\",\"protocol\":\"%016llx\",\"pid\":%d,"
		"\"started\":\"%s\",\"payload\":\"%s\",\"part\":%u}\n",
		(unsigned long long)w->start_us, BULKHEAD_VERSION, (unsigned long long)IPC_PROTOCOL_HASH,
		(int)getpid(), started, log_payload_names[w->config.payload], part);
}

/* Write the rest of the block. False with errno: not all of it. */
static bool block_write(struct log_writer *w)
{
	while (w->block_done < w->block.length) {
		ssize_t n = write(w->part.fd, w->block.text + w->block_done, w->block.length - w->block_done);

		if (n < 0)
			return false;
		if (n == 0) {
			errno = ENOSPC;
			return false;
		}
		w->block_done += (size_t)n;
	}
	log_part_wrote(&w->part, w->block.length);
	w->block = format_into(w->block.text, w->block.capacity);
	w->block_done = 0;
	w->block_lines = 0;
	return true;
}

static void tell_failure(struct log_writer *w, int why, bool rotating)
{
	uint64_t one = 1;
	int none = 0;

	if (atomic_load(&w->failure) || w->news == -1)
		return;
	atomic_store(&w->rotating, rotating);
	if (atomic_compare_exchange_strong(&w->failure, &none, why))
		(void)!write(w->news, &one, sizeof one);
}

/* Write the block, again and again while the disk does not take it, until told to stop. */
static bool block_flush(struct log_writer *w)
{
	while (!block_write(w)) {
		struct timespec again = in_ms(RETRY_MS);

		tell_failure(w, errno, false);
		while (!atomic_load(&w->stop))
			if (sem_clockwait(&w->wake, CLOCK_MONOTONIC, &again) == -1 && errno == ETIMEDOUT)
				break;
		if (atomic_load(&w->stop))
			return block_write(w);
	}
	return true;
}

/* The block will not be written. Cut off the part of a line that the disk took before it was full. */
static void give_up(struct log_writer *w)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->block_done; i++) {
		if (w->block.text[i] == '\n') {
			kept = i + 1;
			w->block_lines--;
		}
	}
	if (w->part.whole >= 0 && w->block_done > kept)
		(void)!ftruncate(w->part.fd, w->part.whole + (off_t)kept);
	atomic_fetch_add(&w->unwritten, w->block_lines);
}

static void format_entry(struct log_writer *w, struct log_entry *entry)
{
	size_t before = w->block.length;

	entry->event.payload = log_entry_payload(entry);
	secrets_mask_event(&entry->event, log_entry_payload(entry));
	traffic_format_log(&entry->event, w->config.payload, &w->block);
	format_char(&w->block, '\n');
	w->block_lines++;
	if (w->block.full) {
		w->block.full = false;
		w->block.length = before;
		w->block_lines--;
		atomic_fetch_add(&w->unwritten, 1);
	}
}

static void next_part(struct log_writer *w)
{
	char line[SESSION_BYTES];
	struct format session = format_into(line, sizeof line);

	put_session(w, w->part.number + 1, &session);
	if (!log_part_next(&w->part, line, session.length))
		tell_failure(w, errno, true);
}

/* Format and write what can be taken. False: the disk does not take it, and all is over. */
static bool write_all(struct log_writer *w)
{
	for (struct log_entry *entry; (entry = log_ring_next(&w->ring));) {
		bool full;

		format_entry(w, entry);
		log_ring_take(&w->ring, entry);
		full = log_part_is_full(&w->part, w->block.length);
		if ((full || w->block.capacity - w->block.length <= w->line_bytes) && !block_flush(w))
			return false;
		if (full)
			next_part(w);
	}
	return block_flush(w);
}

/* Returns when there may be something to write. */
static void wait_for_work(struct log_writer *w)
{
	atomic_store(&w->asleep, true);
	/* What came in between woke nobody; if it has seen us asleep after all, it has woken us for the next
	 * time. */
	if (log_ring_next(&w->ring) || atomic_load(&w->stop))
		atomic_store(&w->asleep, false);
	else
		while (sem_wait(&w->wake) == -1)
			;
}

static void writer_free(struct log_writer *w)
{
	log_part_close(&w->part);
	if (w->news != -1)
		close(w->news);
	task_finish(&w->on_news);
	log_ring_finish(&w->ring);
	sem_destroy(&w->wake);
	free(w->block.text);
	free(w);
}

static void *writer_main(void *arg)
{
	struct log_writer *w = arg;
	int runs = THREAD_RUNS;
	bool stop, going;

	/* First the session line, which stands in the block already. */
	going = block_flush(w);
	do {
		stop = atomic_load(&w->stop);
		going = going && write_all(w);
		if (going && !stop)
			wait_for_work(w);
	} while (going && !stop);
	if (!going)
		give_up(w);
	if (!atomic_compare_exchange_strong(&w->state, &runs, THREAD_ENDED))
		writer_free(w);
	return NULL;
}

/* The main thread. */

static void on_news(void *arg)
{
	struct log_writer *w = arg;
	const char *what = atomic_load(&w->rotating)
				   ? "the log outgrows its size, for no other file can be begun"
				   : "the log cannot be written";
	uint64_t n;

	if (read(w->news, &n, sizeof n) == sizeof n)
		w->config.failed(w->config.arg, what, w->part.path, strerror(atomic_load(&w->failure)));
}

static void wake(struct log_writer *w)
{
	log_ring_show(&w->ring);
	if (atomic_exchange(&w->asleep, false))
		sem_post(&w->wake);
}

/* Say how many lines are missing here, if any. */
static bool put_dropped(struct log_writer *w, size_t spare)
{
	struct traffic_event event = { .kind = TRAFFIC_DROPPED };
	struct timespec now;

	if (!w->dropped)
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	event.ts_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	event.bytes = w->dropped < UINT32_MAX ? (uint32_t)w->dropped : UINT32_MAX;
	if (!log_ring_put(&w->ring, &event, spare))
		return false;
	w->dropped -= event.bytes;
	return true;
}

static bool is_bulk(const struct traffic_event *e)
{
	return e->kind == TRAFFIC_MESSAGE || e->kind == TRAFFIC_BODY || e->kind == TRAFFIC_MEMORY;
}

void log_writer_put(struct log_writer *w, const struct traffic_event *e)
{
	const bool bulk = is_bulk(e);
	const size_t spare = DROPPED_RESERVE + (bulk ? EVENT_RESERVE : 0);
	/*
	 * Once full, messages wait until there is room for many: the log shall not say `dropped` at every
	 * other line.
	 */
	bool room = !bulk || !w->dropped || log_ring_waiting(&w->ring) < LOG_BUFFER_BYTES / 2;

	if (!room || !put_dropped(w, spare) || !log_ring_put(&w->ring, e, spare)) {
		w->dropped++;
		w->dropped_all++;
	}
	if (log_ring_hidden(&w->ring) > LOG_BUFFER_BYTES / 16)
		wake(w);
}

void log_writer_kick(struct log_writer *w)
{
	if (log_ring_hidden(&w->ring))
		wake(w);
}

uint64_t log_writer_start_us(const struct log_writer *w)
{
	return w->start_us;
}

const char *log_writer_path(const struct log_writer *w)
{
	return w->part.path;
}

uint64_t log_writer_dropped(const struct log_writer *w)
{
	return w->dropped_all;
}

static bool start_thread(struct log_writer *w)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return !error;
}

static bool watch_news(struct log_writer *w)
{
	if (!w->config.failed)
		return true;
	w->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->news == -1)
		return false;
	task_init(&w->on_news, on_news, w);
	task_watch(&w->on_news, w->news, EV_READ);
	return true;
}

static bool writer_init(struct log_writer *w)
{
	struct timespec now;
	char *text;

	w->line_bytes = traffic_line_bytes();
	text = malloc(BLOCK_BYTES + w->line_bytes);
	if (!text) {
		errno = ENOMEM;
		return false;
	}
	w->block = format_into(text, BLOCK_BYTES + w->line_bytes);
	if (!log_ring_init(&w->ring, LOG_BUFFER_BYTES) ||
	    !log_part_open(&w->part, w->config.path,
			   w->config.file_bytes ? w->config.file_bytes : LOG_FILE_BYTES,
			   w->config.files ? w->config.files : LOG_FILES))
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	w->start_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	put_session(w, w->part.number, &w->block);
	w->block_lines = 1;
	return watch_news(w);
}

struct log_writer *log_writer_open(const struct log_writer_config *config, const char **why)
{
	struct log_writer *w = calloc(1, sizeof *w);

	if (!w) {
		*why = strerror(ENOMEM);
		return NULL;
	}
	w->config = *config;
	w->part.fd = w->news = -1;
	sem_init(&w->wake, 0, 0);
	if (!writer_init(w) || !start_thread(w)) {
		*why = strerror(errno);
		writer_free(w);
		return NULL;
	}
	return w;
}

/* The disk hangs: leave everything to the thread, if it has not ended after all. */
static bool abandon(struct log_writer *w)
{
	int runs = THREAD_RUNS;
	pthread_t thread = w->thread;

	/* What is the loop's goes now; once abandoned, all may be gone at any time. */
	task_finish(&w->on_news);
	w->on_news = (struct task){ 0 };
	if (!atomic_compare_exchange_strong(&w->state, &runs, THREAD_ABANDONED))
		return false;
	pthread_detach(thread);
	return true;
}

uint64_t log_writer_close(struct log_writer *w)
{
	struct timespec end;
	uint64_t missing;

	if (!w)
		return 0;
	missing = w->dropped_all;
	put_dropped(w, 0);
	log_ring_show(&w->ring);
	atomic_store(&w->stop, true);
	sem_post(&w->wake);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += LOG_CLOSE_MS / 1000;
	if (pthread_timedjoin_np(w->thread, NULL, &end)) {
		if (abandon(w))
			return missing + 1;
		pthread_join(w->thread, NULL);
	}
	missing += atomic_load(&w->unwritten) + log_ring_count(&w->ring);
	writer_free(w);
	return missing;
}
