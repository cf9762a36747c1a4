/*
 * See log_writer.h. Two buffers of events: the main thread fills one, the writer formats and writes the
 * other; under the lock they are only swapped and appended to. A block of whole lines that a disk would not
 * take is kept and tried again, so that lines stay whole; meanwhile the buffer fills, and what finds no room
 * is counted.
 */
#include "browser/traffic/log/log_writer.h"
#include "common/task.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOCK_BYTES	(256u << 10) /* written at once */
#define FIRST_BYTES	(64u << 10)
#define SPARE_BYTES	(1u << 20) /* a buffer that has grown past it is not kept */
#define RETRY_MS	1000
#define DROPPED_RESERVE 256u	    /* room that is kept for telling how many were dropped */
#define EVENT_RESERVE	(64u << 10) /* room that messages leave to lives, deaths and what the user did */

/* An event as it waits: its payload behind it. */
struct entry {
	uint32_t bytes; /* with payload, a multiple of 8 */
	struct traffic_event event;
};

struct buffer {
	uint8_t *data;
	size_t length, room;
};

struct log_writer {
	struct log_writer_config config;
	char *path;
	int fd, news; /* news: an eventfd for the main thread */
	uint64_t start_us;
	pthread_t thread;
	struct task on_news;
	uint64_t dropped, dropped_all; /* since last told; ever */

	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct buffer filling; /* under the lock */
	/* Under the lock; abandoned: the main thread has given up waiting, and the thread frees all of this.
	 */
	bool waiting, stop, finished, abandoned;
	_Atomic int failure; /* errno of the first failed write */
	_Atomic uint64_t unwritten;
	_Atomic uint64_t file_bytes;

	/* The thread's own. */
	struct buffer writing;
	struct format block;
	size_t line_bytes; /* no line is longer */
	size_t block_done; /* of the block, written */
	uint64_t block_lines;
	off_t whole; /* size of the file up to its last whole line; -1: no file that can be cut */
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

/* Write the rest of the block. False with errno: not all of it. */
static bool block_write(struct log_writer *w)
{
	while (w->block_done < w->block.length) {
		ssize_t n = write(w->fd, w->block.text + w->block_done, w->block.length - w->block_done);

		if (n < 0)
			return false;
		if (n == 0) {
			errno = ENOSPC;
			return false;
		}
		w->block_done += (size_t)n;
	}
	if (w->whole >= 0)
		w->whole += (off_t)w->block.length;
	atomic_fetch_add_explicit(&w->file_bytes, w->block.length, memory_order_relaxed);
	w->block = format_into(w->block.text, w->block.capacity);
	w->block_done = 0;
	w->block_lines = 0;
	return true;
}

static void tell_failure(struct log_writer *w, int why)
{
	uint64_t one = 1;
	int none = 0;

	if (atomic_compare_exchange_strong(&w->failure, &none, why) && w->news != -1)
		(void)!write(w->news, &one, sizeof one);
}

/* Write the block, again and again while the disk does not take it, until told to stop. */
static bool block_flush(struct log_writer *w)
{
	while (!block_write(w)) {
		struct timespec again = in_ms(RETRY_MS);
		bool stop;

		tell_failure(w, errno);
		pthread_mutex_lock(&w->lock);
		while (!w->stop && pthread_cond_timedwait(&w->wake, &w->lock, &again) != ETIMEDOUT)
			;
		stop = w->stop;
		pthread_mutex_unlock(&w->lock);
		if (stop)
			return block_write(w);
	}
	return true;
}

/* Entries from `at` (within the buffer) on. */
static uint64_t count_entries(const struct buffer *b, size_t at)
{
	uint64_t n = 0;

	for (; at < b->length; at += ((const struct entry *)(b->data + at))->bytes)
		n++;
	return n;
}

/* What stands in the block, and waits from `rest` on, will not be written. Cut off the part of a line that
 * the disk took before it was full. */
static void give_up(struct log_writer *w, size_t rest)
{
	size_t kept = 0;

	for (size_t i = 0; i < w->block_done; i++) {
		if (w->block.text[i] == '\n') {
			kept = i + 1;
			w->block_lines--;
		}
	}
	if (w->whole >= 0 && w->block_done > kept)
		(void)!ftruncate(w->fd, w->whole + (off_t)kept);
	atomic_fetch_add(&w->unwritten, w->block_lines + count_entries(&w->writing, rest));
}

static void format_entry(struct log_writer *w, const struct entry *entry)
{
	struct traffic_event event = entry->event;
	size_t before = w->block.length;

	event.payload = (const uint8_t *)(entry + 1);
	traffic_format_json(&event, &w->block);
	format_char(&w->block, '\n');
	w->block_lines++;
	if (w->block.full) {
		w->block.full = false;
		w->block.length = before;
		w->block_lines--;
		atomic_fetch_add(&w->unwritten, 1);
	}
}

/* Format and write what `writing` holds. */
static bool write_all(struct log_writer *w)
{
	size_t at = 0;

	while (at < w->writing.length) {
		const struct entry *entry = (const struct entry *)(w->writing.data + at);

		if (w->block.capacity - w->block.length <= w->line_bytes && !block_flush(w)) {
			give_up(w, at);
			return false;
		}
		format_entry(w, entry);
		at += entry->bytes;
	}
	if (block_flush(w))
		return true;
	give_up(w, at);
	return false;
}

/* Swap the buffers when there is something to write. False: told to stop, and nothing is left. */
static bool wait_for_work(struct log_writer *w)
{
	struct buffer empty = w->writing;
	bool work;

	empty.length = 0;
	if (empty.room > SPARE_BYTES) {
		free(empty.data);
		empty = (struct buffer){ 0 };
	}
	pthread_mutex_lock(&w->lock);
	while (!w->filling.length && !w->stop) {
		w->waiting = true;
		pthread_cond_wait(&w->wake, &w->lock);
	}
	w->waiting = false;
	work = w->filling.length > 0;
	w->writing = w->filling;
	w->filling = empty;
	pthread_mutex_unlock(&w->lock);
	return work;
}

static void writer_free(struct log_writer *w)
{
	if (w->fd != -1)
		close(w->fd);
	if (w->news != -1)
		close(w->news);
	task_finish(&w->on_news);
	free(w->filling.data);
	free(w->writing.data);
	free(w->block.text);
	free(w->path);
	free(w);
}

static void *writer_main(void *arg)
{
	struct log_writer *w = arg;
	bool abandoned;

	/* First the session line, which stands in the block already. */
	if (block_flush(w))
		while (wait_for_work(w) && write_all(w))
			;
	else
		give_up(w, 0);
	pthread_mutex_lock(&w->lock);
	w->finished = true;
	abandoned = w->abandoned;
	pthread_mutex_unlock(&w->lock);
	if (abandoned)
		writer_free(w);
	return NULL;
}

/* The main thread. */

static void on_news(void *arg)
{
	struct log_writer *w = arg;
	uint64_t n;

	if (read(w->news, &n, sizeof n) == sizeof n)
		w->config.failed(w->config.arg, w->path, strerror(atomic_load(&w->failure)));
}

/* Room for so many more bytes in the buffer, under the lock. */
static bool buffer_reserve(struct buffer *b, size_t bytes, size_t bound)
{
	size_t room = b->room ? b->room : FIRST_BYTES;
	uint8_t *data;

	if (bytes > bound - b->length)
		return false;
	while (room - b->length < bytes)
		room *= 2;
	if (room == b->room)
		return true;
	data = realloc(b->data, room);
	if (!data)
		return false;
	b->data = data;
	b->room = room;
	return true;
}

static bool append(struct log_writer *w, const struct traffic_event *e, size_t bound)
{
	uint32_t bytes = (uint32_t)((sizeof(struct entry) + e->payload_bytes + 7) & ~(size_t)7);
	struct entry *entry;

	if (!buffer_reserve(&w->filling, bytes, bound))
		return false;
	entry = (struct entry *)(w->filling.data + w->filling.length);
	entry->bytes = bytes;
	entry->event = *e;
	if (e->payload_bytes)
		memcpy(entry + 1, e->payload, e->payload_bytes);
	w->filling.length += bytes;
	return true;
}

/* Say how many lines are missing here, if any. */
static bool append_dropped(struct log_writer *w, size_t bound)
{
	struct traffic_event event = { .kind = TRAFFIC_DROPPED };
	struct timespec now;

	if (!w->dropped)
		return true;
	clock_gettime(CLOCK_REALTIME, &now);
	event.ts_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	event.bytes = w->dropped < UINT32_MAX ? (uint32_t)w->dropped : UINT32_MAX;
	if (!append(w, &event, bound))
		return false;
	w->dropped = 0;
	return true;
}

void log_writer_put(struct log_writer *w, const struct traffic_event *e)
{
	const bool message = e->kind == TRAFFIC_MESSAGE;
	const size_t bound = LOG_BUFFER_BYTES - DROPPED_RESERVE - (message ? EVENT_RESERVE : 0);

	pthread_mutex_lock(&w->lock);
	/*
	 * Once full, messages wait until there is room for many: the log shall not say `dropped` at every
	 * other line. A flood of them fills neither the disk nor the place of what matters more.
	 */
	bool room = !message || ((!w->dropped || w->filling.length < LOG_BUFFER_BYTES / 2) &&
				 atomic_load_explicit(&w->file_bytes, memory_order_relaxed) < LOG_MAX_BYTES);

	if (!room || !append_dropped(w, bound) || !append(w, e, bound)) {
		w->dropped++;
		w->dropped_all++;
	}
	if (w->waiting && w->filling.length > LOG_BUFFER_BYTES / 4)
		pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

void log_writer_kick(struct log_writer *w)
{
	pthread_mutex_lock(&w->lock);
	if (w->waiting && w->filling.length)
		pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
}

uint64_t log_writer_start_us(const struct log_writer *w)
{
	return w->start_us;
}

const char *log_writer_path(const struct log_writer *w)
{
	return w->path;
}

/* Opening a pipe that nobody reads must fail rather than wait. */
static int open_log(const char *path)
{
	int fd =
		open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0600);
	struct stat st;

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1 || (S_ISREG(st.st_mode) && fchmod(fd, 0600) == -1) ||
	    fcntl(fd, F_SETFL, O_APPEND) == -1) {
		int error = errno;

		close(fd);
		errno = error;
		return -1;
	}
	return fd;
}

static bool start_thread(struct log_writer *w)
{
	pthread_condattr_t monotonic;
	sigset_t all, before;
	int error;

	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->wake, &monotonic);
	pthread_condattr_destroy(&monotonic);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&w->thread, NULL, writer_main, w);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = error;
	return !error;
}

static void put_session(struct log_writer *w)
{
	time_t seconds = (time_t)(w->start_us / 1000000);
	char started[32];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(started, sizeof started, "%Y-%m-%dT%H:%M:%SZ", &utc);
	format_printf(
		&w->block,
		"{\"type\":\"session\",\"ts_us\":%llu,\"version\":\"%s\",\"protocol\":\"%016llx\",\"pid\":%d,"
		"\"started\":\"%s\"}\n",
		(unsigned long long)w->start_us, BULKHEAD_VERSION, (unsigned long long)IPC_PROTOCOL_HASH,
		(int)getpid(), started);
	w->block_lines = 1;
}

static bool writer_init(struct log_writer *w)
{
	struct timespec now;
	struct stat st;
	char *text;

	w->line_bytes = traffic_line_bytes();
	text = malloc(BLOCK_BYTES + w->line_bytes);
	w->path = strdup(w->config.path);
	if (!text || !w->path) {
		free(text);
		errno = ENOMEM;
		return false;
	}
	w->block = format_into(text, BLOCK_BYTES + w->line_bytes);
	w->fd = open_log(w->path);
	if (w->fd == -1)
		return false;
	w->whole = fstat(w->fd, &st) == 0 && S_ISREG(st.st_mode) ? 0 : -1;
	clock_gettime(CLOCK_REALTIME, &now);
	w->start_us = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	put_session(w);
	if (!w->config.failed)
		return true;
	w->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (w->news == -1)
		return false;
	task_init(&w->on_news, on_news, w);
	task_watch(&w->on_news, w->news, EV_READ);
	return true;
}

struct log_writer *log_writer_open(const struct log_writer_config *config, const char **why)
{
	struct log_writer *w = calloc(1, sizeof *w);

	if (!w) {
		*why = strerror(ENOMEM);
		return NULL;
	}
	w->config = *config;
	w->fd = w->news = -1;
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
	pthread_mutex_lock(&w->lock);
	w->abandoned = !w->finished;
	if (w->abandoned) {
		task_finish(&w->on_news);
		pthread_detach(w->thread);
	}
	bool abandoned = w->abandoned;

	pthread_mutex_unlock(&w->lock);
	return abandoned;
}

uint64_t log_writer_close(struct log_writer *w)
{
	struct timespec end;
	uint64_t missing;

	if (!w)
		return 0;
	missing = w->dropped_all;
	pthread_mutex_lock(&w->lock);
	append_dropped(w, LOG_BUFFER_BYTES);
	w->stop = true;
	pthread_cond_signal(&w->wake);
	pthread_mutex_unlock(&w->lock);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += LOG_CLOSE_MS / 1000;
	if (pthread_timedjoin_np(w->thread, NULL, &end)) {
		if (abandon(w))
			return missing + 1;
		pthread_join(w->thread, NULL);
	}
	missing += atomic_load(&w->unwritten) + count_entries(&w->filling, 0);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->wake);
	writer_free(w);
	return missing;
}
