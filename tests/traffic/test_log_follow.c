/*
 * `bulkhead log -f`: prints what comes, over rotation, waits for the end of a line, and ends when told or
 * when the browser has. The writer is a process of its own, as a browser is, and so is the reader.
 */
#include "browser/traffic/log/log_command.h"
#include "tests/traffic/fixture.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define PATIENCE_MS 60000

static char folder[64], path[96], error_path[96];

/* A process that writes a log: so many messages for each number that it is sent; 0 ends it. */
static struct {
	pid_t pid;
	int orders;
} writer;

static struct {
	pid_t pid;
	int out;
	char text[1 << 20];
	size_t length, taken;
} reader;

static int set_up(void **state)
{
	(void)state;
	make_path(folder, "follow");
	assert_int_equal(mkdir(folder, 0700), 0);
	snprintf(path, sizeof path, "%s/log.jsonl", folder);
	snprintf(error_path, sizeof error_path, "%s/error", folder);
	writer.pid = reader.pid = 0;
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	if (writer.pid) {
		kill(writer.pid, SIGKILL);
		waitpid(writer.pid, NULL, 0);
	}
	if (reader.pid) {
		kill(reader.pid, SIGKILL);
		waitpid(reader.pid, NULL, 0);
	}
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}

static _Noreturn void write_as_told(int orders, uint64_t file_bytes)
{
	const char *why;
	struct log_writer *w = log_writer_open(
		&(struct log_writer_config){ .path = path, .file_bytes = file_bytes, .files = 3 }, &why);
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .ts_us = 1700000000000000,
				   .from = { ROLE_BROWSER, 0 },
				   .to = { ROLE_GPU, 1 },
				   .type = IPC_SHOW_PAGE,
				   .payload = (const uint8_t *)"\1\0\0\0\2\0\0\0",
				   .payload_bytes = 8,
				   .bytes = 8 };
	uint64_t number = 0;
	unsigned count;

	while (w && read(orders, &count, sizeof count) == sizeof count && count) {
		while (count--) {
			e.id = ipc_make_id(ROLE_BROWSER, 0, ++number);
			log_writer_put(w, &e);
		}
		log_writer_kick(w);
	}
	log_writer_close(w);
	_exit(0);
}

static void start_writer(uint64_t file_bytes)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	writer.pid = fork();
	if (writer.pid == 0) {
		close(fds[1]);
		write_as_told(fds[0], file_bytes);
	}
	close(fds[0]);
	writer.orders = fds[1];
	struct stat st = { 0 };

	while (!st.st_size)
		if (stat(path, &st) == -1)
			sched_yield();
}

static void write_lines(unsigned count)
{
	assert_int_equal(write(writer.orders, &count, sizeof count), sizeof count);
}

static void end_writer(void)
{
	write_lines(0);
	waitpid(writer.pid, NULL, 0);
	close(writer.orders);
	writer.pid = 0;
}

static void start_reader(const char *const *args)
{
	char *argv[16] = { (char[]){ "log" } };
	int argc = 1, fds[2];

	for (; args[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)args[argc - 1];
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	reader.pid = fork();
	if (reader.pid == 0) {
		close(fds[0]);
		dup2(fds[1], STDOUT_FILENO);
		if (!freopen(error_path, "w", stderr))
			_exit(99);
		exit(log_command(argc, argv));
	}
	close(fds[1]);
	reader.out = fds[0];
	reader.length = reader.taken = 0;
}

#define READ(...) start_reader((const char *const[]){ __VA_ARGS__, NULL })

/* Take more of what it prints. false: it has closed its output. */
static bool take_output(void)
{
	struct pollfd readable = { .fd = reader.out, .events = POLLIN };

	if (poll(&readable, 1, PATIENCE_MS) != 1)
		fail_msg("nothing more comes after: %s", reader.text + reader.taken);
	ssize_t n = read(reader.out, reader.text + reader.length, sizeof reader.text - 1 - reader.length);

	assert_true(n >= 0);
	reader.length += (size_t)n;
	reader.text[reader.length] = '\0';
	return n > 0;
}

/* The next line, without its end. */
static char *next_line(void)
{
	char *begin, *end;

	while (!(end = memchr(reader.text + reader.taken, '\n', reader.length - reader.taken)))
		if (!take_output())
			fail_msg("it ended after: %s", reader.text);
	begin = reader.text + reader.taken;
	*end = '\0';
	reader.taken = (size_t)(end - reader.text) + 1;
	return begin;
}

/* The next messages have these numbers. */
static void expect_ids(unsigned from, unsigned to)
{
	for (unsigned i = from; i <= to; i++) {
		char id[48];

		snprintf(id, sizeof id, "\"id\":\"browser/%u\"", i);
		assert_says(next_line(), id);
		if (reader.taken == reader.length)
			reader.taken = reader.length = 0;
	}
}

/* Its end, with nothing more printed; what it said is in *error. */
static int await_end(char **error)
{
	int status;

	while (take_output())
		continue;
	assert_int_equal(reader.taken, reader.length);
	assert_int_equal(waitpid(reader.pid, &status, 0), reader.pid);
	reader.pid = 0;
	close(reader.out);
	*error = read_file(error_path, NULL);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Has it read the log up to there? */
static bool has_read(off_t size)
{
	char name[96], target[PATH_MAX], line[64];
	unsigned long long position = 0;
	struct dirent *entry;
	DIR *fds;

	snprintf(name, sizeof name, "/proc/%d/fd", (int)reader.pid);
	fds = opendir(name);
	while (fds && (entry = readdir(fds))) {
		ssize_t n;

		snprintf(name, sizeof name, "/proc/%d/fd/%.20s", (int)reader.pid, entry->d_name);
		n = readlink(name, target, sizeof target - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strcmp(target, path))
			continue;
		snprintf(name, sizeof name, "/proc/%d/fdinfo/%.20s", (int)reader.pid, entry->d_name);
		FILE *file = fopen(name, "r");

		if (file && fgets(line, sizeof line, file))
			sscanf(line, "pos: %llu", &position);
		if (file)
			fclose(file);
	}
	if (fds)
		closedir(fds);
	return (off_t)position == size;
}

static void await_read(off_t size)
{
	for (unsigned i = 0; !has_read(size); i++) {
		if (i == PATIENCE_MS)
			fail_msg("it does not read on");
		usleep(1000);
	}
}

static void test_what_comes(void **state)
{
	char *error, expected[512];

	(void)state;
	start_writer(0);
	write_lines(3);
	READ(path, "--json", "-f");
	assert_says(next_line(), "\"type\":\"session\"");
	expect_ids(1, 3);
	write_lines(2);
	expect_ids(4, 5);
	write_lines(1);
	expect_ids(6, 6);
	end_writer();
	assert_int_equal(await_end(&error), 0);
	snprintf(expected, sizeof expected, "bulkhead: %s: its browser has ended\n", path);
	assert_string_equal(error, expected);
	free(error);
}

/* Whatever the files are called meanwhile, each line comes once. */
static void test_over_rotation(void **state)
{
	char *error;

	(void)state;
	start_writer(8192);
	READ(path, "--json", "--follow", "id!=browser/1");
	assert_says(next_line(), "\"type\":\"session\"");
	write_lines(1);
	for (unsigned i = 0; i < 60; i++) {
		/* A few files at once are not more than are kept. */
		write_lines(50);
		expect_ids(2 + i * 50, 1 + (i + 1) * 50);
	}
	end_writer();
	assert_int_equal(await_end(&error), 0);
	assert_non_null(strstr(error, ": its browser has ended\n"));
	assert_null(strstr(error, "gone"));
	assert_null(strstr(error, "cut"));
	free(error);
}

static void append(const char *text, size_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);

	assert_int_equal(write(fd, text, length), length);
	close(fd);
}

/* A line is printed when it is whole, and as a whole, however it comes. */
static void test_half_lines(void **state)
{
	char line[160];

	(void)state;
	snprintf(line, sizeof line, "{\"type\":\"session\",\"ts_us\":%llu,\"pid\":%d,\"part\":1}\n",
		 (unsigned long long)time(NULL) * 1000000, (int)getpid());
	append(line, strlen(line));
	READ(path, "-f", "--json");
	assert_says(next_line(), "\"type\":\"session\"");
	for (unsigned i = 1; i <= 5; i++) {
		struct stat st;
		int n = snprintf(line, sizeof line,
				 "{\"type\":\"message\",\"ts_us\":1,\"id\":\"browser/%u\",\"args\":{}}\n", i);
		size_t half = (size_t)n * i / 6;

		append(line, half);
		assert_int_equal(stat(path, &st), 0);
		await_read(st.st_size);
		append(line + half, (size_t)n - half);
		expect_ids(i, i);
	}
	char *error;

	kill(reader.pid, SIGINT);
	assert_int_equal(await_end(&error), 0);
	assert_string_equal(error, "");
	free(error);
}

/* A browser that is killed in the midst of a line. */
static void test_killed_in_a_line(void **state)
{
	char line[160], *error, expected[512];
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		pause();
		_exit(0);
	}
	snprintf(
		line, sizeof line,
		"{\"type\":\"session\",\"ts_us\":%llu,\"pid\":%d}\n{\"type\":\"message\",\"ts_us\":1,\"id\":\"brow",
		(unsigned long long)time(NULL) * 1000000, (int)pid);
	append(line, strlen(line));
	READ(path, "-f", "--json");
	assert_says(next_line(), "\"type\":\"session\"");
	await_read((off_t)strlen(line));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(await_end(&error), 0);
	snprintf(expected, sizeof expected,
		 "bulkhead: %s: its browser has ended\nbulkhead: %s: line 2 is cut; dropped\n"
		 "bulkhead: %s: no line matches\n",
		 path, path, path);
	assert_string_equal(error, expected);
	free(error);
}

/* Until the reader waits: then it has made something of all that it read. */
static void await_idle(void)
{
	char stat_path[64], *text;
	bool sleeps;

	snprintf(stat_path, sizeof stat_path, "/proc/%d/stat", (int)reader.pid);
	do {
		FILE *file = fopen(stat_path, "re");
		char line[512] = "";

		assert_non_null(file);
		assert_non_null(fgets(line, sizeof line, file));
		fclose(file);
		text = strrchr(line, ')');
		sleeps = text && text[1] == ' ' && text[2] == 'S';
	} while (!sleeps);
}

/* Ctrl-C: what only comes at the end comes then. */
static void test_interrupted(void **state)
{
	struct stat st;
	char *error;

	(void)state;
	start_writer(0);
	write_lines(7);
	do
		assert_int_equal(stat(path, &st), 0);
	while (st.st_size < 7 * 150);
	READ(path, "-f", "--count", "name=show_page");
	/* All of it was written when it is there in full. */
	for (;;) {
		assert_int_equal(stat(path, &st), 0);
		await_read(st.st_size);
		char *text = read_file(path, NULL);
		bool whole = strstr(text, "\"browser/7\"") && text[strlen(text) - 1] == '\n';

		free(text);
		if (whole)
			break;
	}
	await_read(st.st_size);
	await_idle();
	kill(reader.pid, SIGINT);
	assert_string_equal(next_line(), "7");
	assert_int_equal(await_end(&error), 0);
	assert_string_equal(error, "");
	free(error);
}

static void test_tail(void **state)
{
	char *error;

	(void)state;
	start_writer(0);
	write_lines(100);
	/* Without it there is no telling how much of it was written when the tail is sought. */
	READ(path, "-f", "--json");
	next_line();
	expect_ids(1, 100);
	kill(reader.pid, SIGTERM);
	assert_int_equal(await_end(&error), 0);
	free(error);
	READ(path, "-f", "--json", "--tail=3");
	assert_says(next_line(), "\"type\":\"session\"");
	expect_ids(98, 100);
	write_lines(2);
	expect_ids(101, 102);
	end_writer();
	assert_int_equal(await_end(&error), 0);
	free(error);
}

/* Another browser takes the file for its own. */
static void test_replaced(void **state)
{
	char line[160], *error, expected[512];

	(void)state;
	snprintf(line, sizeof line, "{\"type\":\"session\",\"ts_us\":%llu,\"pid\":%d,\"part\":1}\n",
		 (unsigned long long)time(NULL) * 1000000, (int)getpid());
	append(line, strlen(line));
	READ(path, "-f", "--json");
	assert_says(next_line(), "\"type\":\"session\"");
	await_read((off_t)strlen(line));
	snprintf(line, sizeof line, "{\"type\":\"session\",\"ts_us\":5,\"pid\":%d,\"part\":1}\n",
		 (int)getpid());
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, line, strlen(line)), strlen(line));
	close(fd);
	assert_int_equal(await_end(&error), 0);
	snprintf(expected, sizeof expected,
		 "bulkhead: %s: another session writes there now\nbulkhead: %s: no line matches\n", path,
		 path);
	assert_string_equal(error, expected);
	free(error);
}

/* A pipe is read to its end in any case. */
static void test_pipe(void **state)
{
	char *error;

	(void)state;
	assert_int_equal(mkfifo(path, 0600), 0);
	READ(path, "-f", "--json");
	int fd = open(path, O_WRONLY);
	static const char line[] = "{\"type\":\"message\",\"ts_us\":1,\"id\":\"browser/1\"}\n";

	assert_int_equal(write(fd, line, sizeof line - 1), sizeof line - 1);
	close(fd);
	expect_ids(1, 1);
	assert_int_equal(await_end(&error), 0);
	assert_string_equal(error, "");
	free(error);
}

/* Nobody reads what it prints: it ends, though nothing comes that it could print. */
static void test_reader_gone(void **state)
{
	int status;

	(void)state;
	start_writer(0);
	READ(path, "-f", "--json");
	assert_says(next_line(), "\"type\":\"session\"");
	close(reader.out);
	assert_int_equal(waitpid(reader.pid, &status, 0), reader.pid);
	reader.pid = 0;
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	end_writer();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_comes),	TEST(over_rotation), TEST(half_lines), TEST(tail),
		TEST(killed_in_a_line), TEST(interrupted),   TEST(replaced),   TEST(pipe),
		TEST(reader_gone),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
