/* A log of several files: nothing is lost between them, whatever happens while one gives way to the next. */
#include "browser/traffic/log/log_file.h"
#include "tests/traffic/fixture.h"
#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define FILE_BYTES 20000u
#define LINE_BYTES 300u /* more than any line here */
#define PARTS_MAX  200u

static const struct endpoint browser = { ROLE_BROWSER, 0 }, renderer = { ROLE_RENDERER, 3 };

static char folder[64], path[96];

static int make_folder(void **state)
{
	(void)state;
	make_path(folder, "rotation");
	snprintf(path, sizeof path, "%s/log", folder);
	return mkdir(folder, 0700);
}

static int remove_folder(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	return system(command);
}

static const char *part_path(unsigned number)
{
	static char part[128];

	if (!number)
		return path;
	snprintf(part, sizeof part, "%s.%u", path, number);
	return part;
}

/* Messages are numbered, so that a missing one shows. */
static void put(struct log_writer *w, uint64_t number)
{
	static uint8_t payload[12];
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .ts_us = 1700000012345678,
				   .id = ipc_make_id(ROLE_BROWSER, 0, number),
				   .from = browser,
				   .to = renderer,
				   .type = IPC_CLICK,
				   .bytes = sizeof payload,
				   .payload = payload,
				   .payload_bytes = sizeof payload,
				   .queued_ns = 3149,
				   .handled_ns = 2500 };

	log_writer_put(w, &e);
}

static unsigned failures;
static char failure[256];

static void on_failed(void *arg, const char *what, const char *where, const char *why)
{
	(void)arg;
	failures++;
	snprintf(failure, sizeof failure, "%s: %s: %s", what, where, why);
}

static struct log_writer *open_log(unsigned files)
{
	const char *why = "";
	struct log_writer *w = log_writer_open(
		&(struct log_writer_config){
			.path = path, .file_bytes = FILE_BYTES, .files = files, .failed = on_failed },
		&why);

	assert_non_null(w);
	failures = 0;
	return w;
}

/* What a part holds. */
struct part {
	uint64_t ts_us, first, last; /* numbers of its messages, 0: none */
	uint64_t dropped;
	unsigned number, cut;
	ino_t inode;
	size_t bytes;
};

static void read_line(struct part *p, const char *line)
{
	unsigned long long number;
	const char *at;

	assert_int_equal(line[0], '{');
	assert_int_equal(line[strlen(line) - 1], '}');
	if (sscanf(line, "{\"type\":\"dropped\",\"ts_us\":%*u,\"lines\":%llu}", &number) == 1) {
		p->dropped += number;
		return;
	}
	at = strstr(line, "\"id\":\"browser/");
	assert_non_null(at);
	number = strtoull(at + 14, NULL, 10);
	/* In order, and but for those that were dropped without a gap. */
	assert_true(p->dropped || !p->last || number == p->last + 1);
	assert_true(number > p->last);
	if (!p->first)
		p->first = number;
	p->last = number;
}

/* Read a part with our own eyes: a session line first, then whole lines, but the last one may be cut. */
static struct part read_part(const char *name)
{
	struct part p = { 0 };
	char *text = read_file(name, &p.bytes), *line = text, *end;
	unsigned long long ts_us = 0;
	struct stat st;

	assert_int_equal(stat(name, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	p.inode = st.st_ino;
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		if (line == text) {
			assert_int_equal(sscanf(line, "{\"type\":\"session\",\"ts_us\":%llu,", &ts_us), 1);
			const char *number = strstr(line, "\"payload\":\"head\",\"part\":");

			assert_non_null(number);
			p.number = (unsigned)atoi(number + 24);
		} else {
			read_line(&p, line);
		}
	}
	p.ts_us = ts_us;
	p.cut = *line != '\0';
	free(text);
	return p;
}

/* All parts that are there, from the oldest on: no message is missing between them but what they say
 * themselves. Returns them together; `number` is how many there are. */
static struct part read_parts(void)
{
	struct part all = { 0 };
	for (unsigned i = PARTS_MAX; i-- > 0;) {
		/* Killed while they were renamed, one may be missing in between. */
		if (access(part_path(i), F_OK) == -1)
			continue;
		struct part p = read_part(part_path(i));

		if (all.number) {
			/* Killed between two names for the same file. */
			if (p.inode == all.inode)
				continue;
			assert_true(p.ts_us == all.ts_us);
			if (!all.dropped && !p.dropped && p.first)
				assert_int_equal(p.first, all.last + 1);
		}
		all = (struct part){ .ts_us = p.ts_us,
				     .first = all.number ? all.first : p.first,
				     .last = p.last ? p.last : all.last,
				     .dropped = all.dropped + p.dropped,
				     .number = all.number + 1,
				     .cut = all.cut + p.cut,
				     .inode = p.inode };
	}
	assert_int_not_equal(access(part_path(0), F_OK), -1);
	return all;
}

static bool is_there(const char *name)
{
	return access(name, F_OK) == 0;
}

/* As many as are asked for, of the size that is asked for, and in them the newest messages. */
static void test_parts(void **state)
{
	struct log_writer *w;
	unsigned number = 0;

	(void)state;
	assert_true(loop_init());
	w = open_log(3);
	for (uint64_t i = 1; i <= 2000; i++)
		put(w, i);
	assert_int_equal(log_writer_close(w), 0);
	assert_int_equal(failures, 0);
	for (unsigned i = 0; i < 3; i++) {
		struct part p = read_part(part_path(i));

		assert_true(p.bytes < FILE_BYTES + LINE_BYTES);
		assert_true(i == 0 || p.bytes >= FILE_BYTES);
		assert_true(i == 0 || p.number == number - 1);
		number = p.number;
	}
	assert_false(is_there(part_path(3)));
	assert_false(is_there(part_path(9)));
	struct part all = read_parts();

	assert_int_equal(all.last, 2000);
	assert_true(all.first > 1);
	assert_int_equal(all.number, 3);
	loop_finish();
}

static void test_nothing_is_lost(void **state)
{
	struct log_writer *w;

	(void)state;
	assert_true(loop_init());
	w = open_log(PARTS_MAX);
	for (uint64_t i = 1; i <= 5000; i++) {
		put(w, i);
		if (i % 77 == 0)
			log_writer_kick(w);
	}
	assert_int_equal(log_writer_close(w), 0);
	struct part all = read_parts();

	assert_int_equal(all.first, 1);
	assert_int_equal(all.last, 5000);
	assert_int_equal(all.dropped + all.cut, 0);
	assert_true(all.number > 40);
	loop_finish();
}

static void test_one_file(void **state)
{
	struct log_writer *w;

	(void)state;
	assert_true(loop_init());
	w = open_log(1);
	for (uint64_t i = 1; i <= 1000; i++)
		put(w, i);
	assert_int_equal(log_writer_close(w), 0);
	struct part all = read_parts();

	assert_int_equal(all.number, 1);
	assert_int_equal(all.last, 1000);
	assert_true(all.first > 500);
	assert_false(is_there(part_path(1)));
	loop_finish();
}

/* Put messages from `number` on until so many files are there. */
static uint64_t put_until(struct log_writer *w, uint64_t number, const char *appears)
{
	while (!is_there(appears)) {
		for (unsigned i = 0; i < 10; i++)
			put(w, number++);
		log_writer_kick(w);
		loop_turn(1);
	}
	return number;
}

/* Something stands where FILE.2 should go: that is said, the file grows, and later it goes on. */
static void test_in_the_way(void **state)
{
	struct log_writer *w;
	uint64_t number = 1;
	char in_the_way[128];

	(void)state;
	assert_true(loop_init());
	snprintf(in_the_way, sizeof in_the_way, "%s", part_path(2));
	assert_int_equal(mkdir(in_the_way, 0700), 0);
	w = open_log(3);
	while (!failures) {
		for (unsigned i = 0; i < 10; i++)
			put(w, number++);
		log_writer_kick(w);
		loop_turn(1);
	}
	assert_says(failure, "for no other file can be begun: ");
	assert_says(failure, strerror(EISDIR));
	assert_int_equal(rmdir(in_the_way), 0);
	number = put_until(w, number, in_the_way);
	assert_int_equal(log_writer_close(w), 0);
	struct part all = read_parts();

	assert_true(all.number >= 2);
	assert_int_equal(all.first, 1);
	assert_int_equal(all.last, number - 1);
	snprintf(in_the_way, sizeof in_the_way, "%s", part_path(0));
	strcat(in_the_way, ".0");
	assert_false(is_there(in_the_way));
	loop_finish();
}

static void limit_files(rlim_t bytes)
{
	struct rlimit limit;

	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes == RLIM_INFINITY ? limit.rlim_max : bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk fills up just when a part is full, so that not even the next one's first line fits. */
static void test_disk_fills(void **state)
{
	struct log_writer *w;
	uint64_t number = 1;
	char part[128];

	(void)state;
	assert_true(loop_init());
	w = open_log(PARTS_MAX);
	signal(SIGXFSZ, SIG_IGN);
	number = put_until(w, number, part_path(3));
	limit_files(100);
	while (!failures) {
		for (unsigned i = 0; i < 100; i++)
			put(w, number++);
		log_writer_kick(w);
		loop_turn(1);
	}
	assert_says(failure, strerror(EFBIG));
	snprintf(part, sizeof part, "%s.0", path);
	assert_false(is_there(part));
	limit_files(RLIM_INFINITY);
	number = put_until(w, number, part_path(6));
	assert_int_equal(log_writer_close(w), 0);
	struct part all = read_parts();

	assert_int_equal(all.first, 1);
	assert_int_equal(all.last, number - 1);
	assert_int_equal(all.dropped + all.cut, 0);
	loop_finish();
}

/* Nothing can be made or renamed in the folder any more: one file is written on, and later it goes on. */
static void test_read_only_folder(void **state)
{
	const uid_t nobody = 65534, us = geteuid();
	struct log_writer *w;
	uint64_t number = 1;

	(void)state;
	assert_true(loop_init());
	/* Nothing is forbidden to root. */
	if (!us) {
		assert_int_equal(chown(folder, nobody, (gid_t)-1), 0);
		assert_int_equal(seteuid(nobody), 0);
	}
	w = open_log(PARTS_MAX);
	number = put_until(w, number, part_path(2));
	assert_int_equal(chmod(folder, 0500), 0);
	while (!failures) {
		for (unsigned i = 0; i < 10; i++)
			put(w, number++);
		log_writer_kick(w);
		loop_turn(1);
	}
	assert_says(failure, "for no other file can be begun: ");
	assert_says(failure, strerror(EACCES));
	for (unsigned i = 0; i < 1000; i++)
		put(w, number++);
	assert_int_equal(chmod(folder, 0700), 0);
	number = put_until(w, number, part_path(4));
	assert_int_equal(log_writer_close(w), 0);
	if (!us)
		assert_int_equal(seteuid(us), 0);
	struct part all = read_parts();

	assert_int_equal(failures, 1);
	assert_int_equal(all.first, 1);
	assert_int_equal(all.last, number - 1);
	assert_int_equal(all.dropped + all.cut, 0);
	loop_finish();
}

/* Somebody takes the files away. */
static void test_removed(void **state)
{
	struct log_writer *w;

	(void)state;
	assert_true(loop_init());
	w = open_log(3);
	uint64_t number = put_until(w, 1, part_path(1));

	assert_int_equal(unlink(path), 0);
	put_until(w, number, path);
	assert_int_equal(log_writer_close(w), 0);
	assert_int_equal(failures, 0);
	read_part(path);
	loop_finish();
}

/* Killed at any time: at most one line is cut, and of those that were written none is missing. */
static void test_killed(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 30; round++) {
		pid_t pid = fork();

		if (pid == 0) {
			const char *why;
			struct log_writer *w = log_writer_open(
				&(struct log_writer_config){ .path = path, .file_bytes = 4096, .files = 6 },
				&why);

			/* A small bound on what is ahead, or the ring is full at once. */
			for (uint64_t i = 1;; i++) {
				put(w, i);
				log_writer_kick(w);
				if (i % 16 == 0)
					usleep(1);
			}
		}
		while (!is_there(part_path(5)))
			sched_yield();
		for (unsigned i = 0; i < round * 1000; i++)
			sched_yield();
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		struct part all = read_parts();

		assert_true(all.cut <= 1);
		assert_true(all.number >= 5 && all.number <= 6);
		assert_int_equal(all.dropped, 0);
		for (unsigned i = 0; i < 7; i++)
			unlink(part_path(i));
	}
}

/* A rotated log counts as one when old logs are removed. */
static void test_housekeeping(void **state)
{
	char file[4096], logs[128];
	const char *why = "";
	struct dirent **names;

	(void)state;
	setenv("XDG_STATE_HOME", folder, 1);
	assert_true(log_file_new(file, sizeof file, &why));
	snprintf(logs, sizeof logs, "%s/bulkhead", folder);
	for (unsigned i = 0; i < 25; i++) {
		for (unsigned part = 0; part < 4; part++) {
			char number[16] = "";

			if (part)
				snprintf(number, sizeof number, ".%u", part * 5);
			snprintf(file, sizeof file, "%s/log-202001%02uT000000-77.jsonl%s", logs, i + 1,
				 number);
			write_file(file, "x", 1);
		}
	}
	snprintf(file, sizeof file, "%s/log-20200101T000000-77.jsonl.txt", logs);
	write_file(file, "mine", 4);
	assert_true(log_file_new(file, sizeof file, &why));
	int n = scandir(logs, &names, NULL, alphasort);

	/* All parts of the newest nineteen, what is no log, and . and .. */
	assert_int_equal(n, (LOG_FILES_KEPT - 1) * 4 + 1 + 2);
	assert_string_equal(names[2]->d_name, "log-20200101T000000-77.jsonl.txt");
	assert_string_equal(names[3]->d_name, "log-20200107T000000-77.jsonl");
	assert_string_equal(names[4]->d_name, "log-20200107T000000-77.jsonl.10");
	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	assert_true(log_file_newest(file, sizeof file, &why));
	assert_says(file, "/log-20200125T000000-77.jsonl");
	assert_int_equal(file[strlen(file) - 1], 'l');
	unsetenv("XDG_STATE_HOME");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_parts, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_nothing_is_lost, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_one_file, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_in_the_way, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_disk_fills, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_read_only_folder, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_removed, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_killed, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(test_housekeeping, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
