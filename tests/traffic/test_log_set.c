/* A log in several files, read as one: in order, with the ones that are there, and while it is rotated. */
#include "browser/traffic/log/log_reader.h"
#include "tests/traffic/fixture.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/stat.h>

static char folder[64], path[96];

static int set_up(void **state)
{
	(void)state;
	make_path(folder, "set");
	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(path, sizeof path, "%s/log.jsonl", folder);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}

/* A part of a session, with that name behind the path, holding messages of these numbers. */
static void put_part(const char *suffix, unsigned long long ts_us, unsigned part, unsigned from, unsigned to)
{
	char name[128];
	FILE *file;

	snprintf(name, sizeof name, "%s%s", path, suffix);
	file = fopen(name, "w");
	assert_non_null(file);
	fprintf(file, "{\"type\":\"session\",\"ts_us\":%llu,\"pid\":7,\"part\":%u}\n", ts_us, part);
	for (unsigned i = from; i <= to; i++)
		fprintf(file, "{\"type\":\"message\",\"ts_us\":%u,\"id\":\"browser/%u\"}\n", i, i);
	assert_int_equal(fclose(file), 0);
}

/* All numbers that are read from a path, and the parts between them. */
static const char *read_all(const char *from)
{
	static char text[4096];
	struct format out = format_into(text, sizeof text);
	struct log_reader *r = log_reader_open(from);
	struct traffic_event e;
	enum log_line line;

	assert_non_null(r);
	while ((line = log_reader_next(r, &e)) != LOG_LINE_END) {
		if (line == LOG_LINE_SESSION)
			format_printf(&out, "%spart %u:", out.length ? " " : "", log_reader_session(r)->part);
		else if (line == LOG_LINE_EVENT)
			format_printf(&out, " %llu", (unsigned long long)ipc_id_number(e.id));
		else
			format_printf(&out, " (%d)", line);
	}
	log_reader_close(r);
	return text;
}

static void test_oldest_first(void **state)
{
	char part[128];

	(void)state;
	put_part("", 100, 3, 5, 6);
	put_part(".1", 100, 2, 3, 4);
	put_part(".2", 100, 1, 1, 2);
	assert_string_equal(read_all(path), "part 1: 1 2 part 2: 3 4 part 3: 5 6");
	/* An older one alone is read alone. */
	snprintf(part, sizeof part, "%s.1", path);
	assert_string_equal(read_all(part), "part 2: 3 4");
}

static void test_only_its_own(void **state)
{
	(void)state;
	put_part("", 100, 12, 9, 9);
	put_part(".1", 100, 11, 8, 8);
	put_part(".2", 99, 10, 1, 1);  /* of another session */
	put_part(".3", 100, 9, 6, 6);  /* with one missing between them */
	put_part(".10", 100, 8, 5, 5); /* numbers, not letters */
	put_part(".x", 100, 7, 2, 2);
	put_part(".0", 100, 13, 10, 10); /* about to be FILE */
	put_part(".1.gz", 100, 6, 3, 3);
	write_file(strcat(strcpy((char[128]){ 0 }, path), ".4"), "junk", 4);
	assert_string_equal(read_all(path), "part 8: 5 part 9: 6 part 11: 8 part 12: 9");
}

/* A log of one file, as older versions wrote it, has no parts, whatever lies beside it. */
static void test_without_parts(void **state)
{
	static const char log[] = "{\"type\":\"session\",\"ts_us\":100,\"pid\":7}\n"
				  "{\"type\":\"message\",\"ts_us\":1,\"id\":\"browser/1\"}\n";

	(void)state;
	write_file(path, log, sizeof log - 1);
	put_part(".1", 100, 0, 5, 5);
	assert_string_equal(read_all(path), "part 0: 1");
}

/* What nobody writes to is passed over, not waited for. */
static void test_a_fifo_among_them(void **state)
{
	(void)state;
	put_part("", 100, 3, 5, 6);
	put_part(".2", 100, 1, 1, 2);
	assert_int_equal(mkfifo(strcat(strcpy((char[128]){ 0 }, path), ".1"), 0600), 0);
	alarm(20);
	assert_string_equal(read_all(path), "part 1: 1 2 part 3: 5 6");
	alarm(0);
}

/* Each of the files may be cut: the lines of the next one are whole again. */
static void test_cut_between(void **state)
{
	char part[128];

	(void)state;
	put_part("", 100, 2, 3, 4);
	put_part(".1", 100, 1, 1, 2);
	snprintf(part, sizeof part, "%s.1", path);
	struct stat st;

	assert_int_equal(stat(part, &st), 0);
	assert_int_equal(truncate(part, st.st_size - 5), 0);
	assert_string_equal(read_all(path), "part 1: 1 (4) part 2: 3 4");
}

static void test_back_to_another_file(void **state)
{
	struct log_reader_place place = { 0 };
	struct log_reader *r;
	struct traffic_event e;

	(void)state;
	put_part("", 100, 2, 3, 4);
	put_part(".1", 100, 1, 1, 2);
	r = log_reader_open(path);
	for (unsigned i = 0; i < 3; i++)
		log_reader_next(r, &e);
	assert_int_equal(ipc_id_number(e.id), 2);
	place = log_reader_place(r);
	while (log_reader_next(r, &e) != LOG_LINE_END)
		continue;
	assert_int_equal(ipc_id_number(e.id), 4);
	assert_int_equal(log_reader_line_number(r), 3);
	assert_true(log_reader_seek(r, &place));
	assert_int_equal(log_reader_next(r, &e), LOG_LINE_EVENT);
	assert_int_equal(ipc_id_number(e.id), 2);
	assert_int_equal(log_reader_next(r, &e), LOG_LINE_SESSION);
	assert_int_equal(log_reader_next(r, &e), LOG_LINE_EVENT);
	assert_int_equal(ipc_id_number(e.id), 3);
	assert_int_equal(e.sequence, 2);
	log_reader_close(r);
}

static atomic_bool writing;

/* Writes as fast as it can, so that files change their names all the time. */
static void *write_on(void *arg)
{
	const char *why;
	struct log_writer *w = log_writer_open(
		&(struct log_writer_config){ .path = path, .file_bytes = 64 << 10, .files = 6 }, &why);
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .ts_us = 1700000000000000,
				   .from = { ROLE_BROWSER, 0 },
				   .to = { ROLE_GPU, 1 },
				   .type = IPC_SHOW_PAGE,
				   .payload = (const uint8_t *)"\1\0\0\0\2\0\0\0",
				   .payload_bytes = 8,
				   .bytes = 8 };

	(void)arg;
	assert_non_null(w);
	for (uint64_t n = 1; atomic_load(&writing); n++) {
		e.id = ipc_make_id(ROLE_BROWSER, 0, n);
		log_writer_put(w, &e);
		if (n % 200 == 0) {
			log_writer_kick(w);
			sched_yield();
		}
	}
	log_writer_close(w);
	return NULL;
}

/* Opened at any moment, it is one log: from some line on all of them, none twice, none out of order. */
static void test_read_while_rotated(void **state)
{
	unsigned in_parts = 0, last_part = 0;
	pthread_t thread;
	struct stat st;

	(void)state;
	atomic_store(&writing, true);
	assert_int_equal(pthread_create(&thread, NULL, write_on, NULL), 0);
	while (stat(path, &st) == -1)
		sched_yield();
	while (in_parts < 60 || last_part < 40) {
		struct log_reader *r = log_reader_open(path);
		uint64_t last = 0;
		unsigned part = 0, parts = 0;
		struct traffic_event e;
		enum log_line line;

		assert_non_null(r);
		while ((line = log_reader_next(r, &e)) != LOG_LINE_END) {
			const unsigned now = log_reader_session(r)->part;

			assert_int_not_equal(line, LOG_LINE_BAD);
			if (line == LOG_LINE_SESSION) {
				/* All of the same session, and none left out. */
				assert_true(!part || now == part + 1);
				part = now;
				parts++;
			} else if (line == LOG_LINE_EVENT && e.kind == TRAFFIC_DROPPED) {
				last += last ? e.bytes : 0;
			} else if (line == LOG_LINE_EVENT) {
				assert_true(!last || ipc_id_number(e.id) == last + 1);
				last = ipc_id_number(e.id);
			}
		}
		log_reader_close(r);
		in_parts += parts > 1;
		last_part = part;
	}
	atomic_store(&writing, false);
	pthread_join(thread, NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(oldest_first),	 TEST(only_its_own),	     TEST(without_parts),
		TEST(cut_between),	 TEST(back_to_another_file), TEST(read_while_rotated),
		TEST(a_fifo_among_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
