/* `bulkhead log` as a person uses it: what it prints, what it says when it cannot, and its exit status. */
#include "browser/traffic/log/log_command.h"
#include "browser/traffic/output/sink.h"
#include "browser/traffic/query/query.h"
#include "tests/traffic/fixture.h"
#include <locale.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const char log_text[] =
	"{\"type\":\"session\",\"ts_us\":1700000000000000,\"version\":\"0.1.0\",\"protocol\":\"abc\",\"pid\":1}\n"
	"{\"type\":\"input\",\"ts_us\":1700000001000000,\"id\":\"browser/1\",\"what\":\"key\",\"value\":\"F8\"}\n"
	"{\"type\":\"message\",\"ts_us\":1700000002000000,\"id\":\"browser/2\",\"cause\":\"browser/1\",\"from\":\"browser\","
	"\"to\":\"renderer:3\",\"name\":\"obey_fault\",\"bytes\":1,\"fds\":0,\"queued_us\":9.0,\"status\":\"delivered\","
	"\"args\":{\"kind\":\"abort\"}}\n"
	"{\"type\":\"message\",\"ts_us\":1700000002500000,\"id\":\"browser/3\",\"from\":\"browser\",\"to\":\"gpu:1\","
	"\"name\":\"ping\",\"bytes\":8,\"fds\":0,\"queued_us\":2.0,\"status\":\"delivered\",\"args\":{\"nonce\":\"5\"}}\n"
	"{\"type\":\"message\",\"ts_us\":1700000003000000,\"id\":\"renderer:3/9\",\"cause\":\"browser/2\","
	"\"from\":\"renderer:3\",\"to\":\"gpu:1\",\"name\":\"submit_frame\",\"bytes\":19,\"fds\":0,\"status\":\"lost\","
	"\"where\":\"sender\",\"args\":{\"page\":4,\"generation\":1}}\n"
	"{\"type\":\"process\",\"ts_us\":1700000004000000,\"event\":\"exit\",\"process\":\"renderer:3\",\"pid\":4711,"
	"\"status\":\"crashed\",\"signal\":\"SIGABRT\"}\n"
	"{\"type\":\"dropped\",\"ts_us\":1700000005000000,\"lines\":12}\n";

#define KEY "    1.000000  browser                      key                       value=F8\n"
#define FAULT                                                                                                \
	"    2.000000  browser      -> renderer:3   obey_fault                    1 B       9.0 us  delivered  kind=abort\n"
#define PING                                                                                                 \
	"    2.500000  browser      -> gpu:1        ping                          8 B       2.0 us  delivered  nonce=5\n"
#define SUBMIT                                                                                               \
	"    3.000000  renderer:3   -> gpu:1        submit_frame                 19 B            -  lost (sender)  page=4 generation=1\n"
#define EXIT                                                                                                 \
	"    4.000000  renderer:3                   exit                      pid=4711 status=crashed signal=SIGABRT\n"
#define DROPPED "    5.000000                               dropped                   lines=12\n"

static char log_path[64], out_path[64], error_path[64];
static char *out, *error;

/* Run the command in a process of its own; returns its exit status, `out` and `error` hold what it printed.
 */
static int run(const char *const *args)
{
	char *argv[16] = { (char[]){ "log" } };
	int argc = 1, status;
	pid_t pid;

	for (; args[argc - 1]; argc++)
		argv[argc] = (char *)args[argc - 1];
	pid = fork();
	if (pid == 0) {
		if (!freopen(out_path, "w", stdout) || !freopen(error_path, "w", stderr))
			_exit(99);
		exit(log_command(argc, argv));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	free(out);
	free(error);
	out = read_file(out_path, NULL);
	error = read_file(error_path, NULL);
	return WEXITSTATUS(status);
}

#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

static int set_up(void **state)
{
	(void)state;
	make_path(log_path, "log");
	make_path(out_path, "out");
	make_path(error_path, "error");
	write_file(log_path, log_text, sizeof log_text - 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(log_path);
	unlink(out_path);
	unlink(error_path);
	free(out);
	free(error);
	out = error = NULL;
	return 0;
}

static void test_nothing_matches(void **state)
{
	char wanted[128];

	(void)state;
	snprintf(wanted, sizeof wanted, "bulkhead: %s: no line matches\n", log_path);
	assert_int_equal(RUN(log_path, "--process", "renderer:77"), 0);
	assert_string_equal(out, "");
	assert_string_equal(error, wanted);
}

static void test_all(void **state)
{
	(void)state;
	assert_int_equal(RUN(log_path), 0);
	assert_string_equal(out, KEY FAULT SUBMIT EXIT DROPPED);
	assert_string_equal(error, "");
	assert_int_equal(RUN(log_path, "--pings"), 0);
	assert_string_equal(out, KEY FAULT PING SUBMIT EXIT DROPPED);
}

static void test_filters(void **state)
{
	(void)state;
	RUN(log_path, "--process", "renderer:3");
	assert_string_equal(out, FAULT SUBMIT EXIT);
	RUN("--process=gpu:1", log_path, "--pings");
	assert_string_equal(out, PING SUBMIT);
	RUN(log_path, "--message", "obey_fault");
	assert_string_equal(out, FAULT);
	RUN(log_path, "--tab", "4");
	assert_string_equal(out, SUBMIT);
	RUN(log_path, "--status", "lost");
	assert_string_equal(out, SUBMIT);
	RUN(log_path, "--text", "sigabrt");
	assert_string_equal(out, EXIT);
	RUN(log_path, "--process", "renderer", "--status", "delivered");
	assert_string_equal(out, FAULT);
	/* Nothing matches: nothing is wrong. */
	assert_int_equal(RUN(log_path, "--tab", "5"), 0);
	assert_string_equal(out, "");
}

/* What --json prints is a log again. */
static void test_json(void **state)
{
	(void)state;
	assert_int_equal(RUN(log_path, "--json", "--pings"), 0);
	assert_string_equal(out, log_text);
	RUN(log_path, "--json", "--status", "lost");
	assert_memory_equal(out, "{\"type\":\"session\"", 17);
	write_file(log_path, out, strlen(out));
	RUN(log_path);
	assert_string_equal(out, SUBMIT);
}

/* Words are a question; side by side they belong together. */
static void test_questions(void **state)
{
	(void)state;
	assert_int_equal(RUN(log_path, "status=lost or kind=input"), 0);
	assert_string_equal(out, KEY SUBMIT);
	RUN(log_path, "from=renderer:3", "and", "name~^submit");
	assert_string_equal(out, SUBMIT);
	RUN(log_path, "not", "(kind=message)", "--process=renderer:3");
	assert_string_equal(out, EXIT);
	RUN(log_path, "arg.page=4");
	assert_string_equal(out, SUBMIT);
	RUN(log_path, "time>2.9", "time<=4");
	assert_string_equal(out, SUBMIT EXIT);
	RUN(log_path, "sigabrt");
	assert_string_equal(out, EXIT);
	/* Who asks for pings sees them. */
	RUN(log_path, "name=ping");
	assert_string_equal(out, PING);
	RUN(log_path, "to=gpu");
	assert_string_equal(out, SUBMIT);
	/* The old short forms take any text as it is. */
	assert_int_equal(RUN(log_path, "--text", "a\"b\\ or kind=input"), 0);
	assert_string_equal(out, "");
	RUN(log_path, "--message=sub*", "--tab=4", "--status=lost", "--text=generation");
	assert_string_equal(out, SUBMIT);
}

static void test_bad_questions(void **state)
{
	(void)state;
	assert_int_equal(RUN(log_path, "kind=message", "and", "form=gpu"), 2);
	assert_says(error, "bulkhead: filter: there is no field 'form'; did you mean 'from'?\n"
			   "  kind=message and form=gpu\n"
			   "                   ^^^^\n");
	assert_int_equal(RUN(log_path, "kind=message and ("), 2);
	assert_says(error, "  kind=message and (\n                   ^\n");
	/* What was typed is shown as it was typed, though an option adds to it. */
	assert_int_equal(RUN(log_path, "--tab=3", "statsu=lost"), 2);
	assert_says(error, "  statsu=lost\n  ^^^^^^\n");
	/* Wide characters, and such as do something to a terminal. */
	assert_int_equal(RUN(log_path, "text=\xe6\xb8\xaf form=1"), 2);
	assert_says(error, "  text=\xe6\xb8\xaf form=1\n          ^^^^\n");
	assert_int_equal(RUN(log_path, "\x1b[2J=1"), 2);
	assert_null(strchr(error, '\x1b'));
	assert_says(error, "\n  \\u001b[2J=1\n");
	char text[QUERY_TEXT + 16];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	assert_int_equal(RUN(log_path, text), 2);
	assert_says(error, "is too long\n");
	assert_string_equal(out, "");
}

static void test_sinks(void **state)
{
	char path[64], *text;
	struct stat st;

	(void)state;
	assert_int_equal(RUN(log_path, "--count"), 0);
	assert_string_equal(out, "5\n");
	RUN(log_path, "--count", "--json", "--pings", "kind=message");
	assert_string_equal(out, "{\"count\":3}\n");
	RUN(log_path, "--json", "--count", "status=refused");
	assert_string_equal(out, "{\"count\":0}\n");
	assert_string_equal(error, "");
	RUN(log_path, "--export=text", "status=lost");
	assert_string_equal(out, SUBMIT);
	for (unsigned i = 0; sink_types[i]; i++) {
		char option[64];

		snprintf(option, sizeof option, "--export=%s", sink_types[i]->name);
		assert_int_equal(RUN(log_path, option), 0);
		assert_true(out[0]);
	}
	assert_int_equal(RUN(log_path, "--export=jpeg"), 2);
	assert_says(error, "bulkhead: jpeg: is no export\n");

	make_path(path, "output");
	assert_int_equal(RUN(log_path, "--output", path, "status=lost"), 0);
	assert_string_equal(out, "");
	text = read_file(path, NULL);
	assert_string_equal(text, SUBMIT);
	free(text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* Once more: nothing of what it held is left, and nobody else who could read it can read this. */
	assert_int_equal(chmod(path, 0644), 0);
	RUN(log_path, "--output", path, "--count");
	text = read_file(path, NULL);
	assert_string_equal(text, "5\n");
	free(text);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	unlink(path);
	/* Never over what is read, by whatever name. */
	assert_int_equal(symlink(log_path, path), 0);
	assert_int_equal(RUN(log_path, "--output", path), 1);
	assert_says(error, ": is the log itself\n");
	RUN(log_path, "--count");
	assert_string_equal(out, "5\n");
	unlink(path);
	assert_int_equal(RUN(log_path, "--output=/no/such/folder/x"), 1);
	assert_string_equal(error, "bulkhead: /no/such/folder/x: No such file or directory\n");
	assert_int_equal(RUN(log_path, "--output=/dev/full"), 1);
	assert_string_equal(error, "bulkhead: /dev/full: No space left on device\n");
}

/* Who reads us has had enough, in the middle: nothing is complained of. */
static void test_reader_that_leaves(void **state)
{
	char path[64], begun[100];
	int ends[2], status;
	FILE *log;
	pid_t pid;

	(void)state;
	make_path(path, "long");
	log = fopen(path, "w");
	assert_non_null(log);
	for (unsigned i = 0; i < 20000; i++)
		fprintf(log,
			"{\"type\":\"input\",\"ts_us\":%u,\"id\":\"browser/%u\",\"what\":\"key\",\"value\":\"r\"}\n",
			i, i + 1);
	fclose(log);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		char *argv[] = { (char[]){ "log" }, path, NULL };

		close(ends[0]);
		if (dup2(ends[1], STDOUT_FILENO) == -1 || !freopen(error_path, "w", stderr))
			_exit(99);
		close(ends[1]);
		exit(log_command(2, argv));
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], begun, sizeof begun), 100);
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	unlink(path);
	free(error);
	error = read_file(error_path, NULL);
	assert_string_equal(error, "");
	assert_int_equal(status, 0);
}

static void test_tail_and_chain(void **state)
{
	(void)state;
	assert_int_equal(RUN(log_path, "--tail=2"), 0);
	assert_string_equal(out, EXIT DROPPED);
	RUN(log_path, "--tail", "1", "kind=message");
	assert_string_equal(out, SUBMIT);
	RUN(log_path, "--tail=100");
	assert_string_equal(out, KEY FAULT SUBMIT EXIT DROPPED);
	RUN(log_path, "--tail=100", "status=refused");
	assert_string_equal(out, "");
	assert_int_equal(RUN(log_path, "--tail=0"), 2);
	assert_int_equal(RUN(log_path, "--tail=many"), 2);
	assert_int_equal(RUN(log_path, "chain=browser/2"), 0);
	assert_string_equal(out, KEY FAULT SUBMIT);
	RUN(log_path, "chain=browser/2", "--tail=2", "--json");
	assert_memory_equal(out, "{\"type\":\"session\"", 17);
	assert_null(strstr(out, "browser/3"));
	assert_int_equal(RUN(log_path, "chain=browser/2", "--follow"), 2);
	assert_says(error, "bulkhead: --follow: does not go with chain=");
}

/* From standard input; what has to be read twice cannot be. */
static void test_standard_input(void **state)
{
	char command[160];

	(void)state;
	assert_non_null(freopen(log_path, "r", stdin));
	assert_int_equal(RUN("-", "status=lost"), 0);
	assert_string_equal(out, SUBMIT);
	snprintf(command, sizeof command, "cat %s", log_path);
	FILE *pipe_end = popen(command, "r");

	assert_int_equal(dup2(fileno(pipe_end), STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(RUN("-", "chain=browser/2"), 1);
	assert_string_equal(error, "bulkhead: -: cannot be read twice, as chain= needs\n");
	assert_int_equal(RUN("-", "--tail=2"), 1);
	assert_says(error, "cannot be read twice, as --tail needs\n");
	pclose(pipe_end);
	assert_non_null(freopen("/dev/null", "r", stdin));
}

static void put_part(const char *suffix, unsigned part, const char *rest)
{
	char path[96], text[512];

	snprintf(path, sizeof path, "%s%s", log_path, suffix);
	snprintf(text, sizeof text, "{\"type\":\"session\",\"ts_us\":5,\"pid\":1,\"part\":%u}\n%s", part,
		 rest);
	write_file(path, text, strlen(text));
}

/* Several files are one log, and which of them are not there is said. */
static void test_parts(void **state)
{
	static const char line[] = "{\"type\":\"dropped\",\"ts_us\":1000005,\"lines\":1}\n";
	char path[96], expected[512];

	(void)state;
	put_part("", 7, line);
	put_part(".1", 6, "nonsense\n");
	put_part(".3", 4, line);
	assert_int_equal(RUN(log_path, "--count"), 0);
	assert_string_equal(out, "2\n");
	snprintf(expected, sizeof expected,
		 "bulkhead: %s: parts 1 to 3 of it are gone\nbulkhead: %s: part 5 of it is gone\n"
		 "bulkhead: %s.1: line 2 is no line of a log; skipped\n",
		 log_path, log_path, log_path);
	assert_string_equal(error, expected);
	/* Who asks for one of them gets it. */
	snprintf(path, sizeof path, "%s.3", log_path);
	assert_int_equal(RUN(path, "--count"), 0);
	assert_string_equal(out, "1\n");
	assert_string_equal(error, "");
	/* As a log again it is one. */
	RUN(log_path, "--json");
	assert_int_equal(strstr(out, "session") - out, 9);
	assert_null(strstr(out + 10, "session"));
	unlink(path);
	snprintf(path, sizeof path, "%s.1", log_path);
	unlink(path);
}

static void test_help(void **state)
{
	(void)state;
	assert_int_equal(RUN("--help"), 0);
	for (unsigned i = 0; sink_types[i]; i++)
		assert_says(out, sink_types[i]->about);
	for (unsigned i = 0; i < query_field_count; i++)
		assert_says(out, query_field_infos[i].example);
	assert_says(out, "--follow");
	assert_says(out, "&& || ! and ==");
	assert_says(out, "in the order in which it became known");
}

static void test_bad_usage(void **state)
{
	char quoted[96];

	(void)state;
	assert_int_equal(RUN(log_path, "--tab", "four"), 2);
	assert_says(error, "bulkhead: four: is no tab number\n");
	assert_int_equal(RUN(log_path, "--tab", "99999999999"), 2);
	assert_int_equal(RUN(log_path, "--tab", "-1"), 2);
	assert_int_equal(RUN(log_path, "--status", "not lost"), 2);
	assert_says(error, "bulkhead: not lost: is no status\n");
	assert_int_equal(RUN(log_path, "--process="), 2);
	assert_says(error, "bulkhead: --process=: is no process\n");
	assert_int_equal(RUN(log_path, "--colour"), 2);
	assert_says(error, "bulkhead: --colour: unknown option\n");
	assert_int_equal(RUN(log_path, "--process"), 2);
	assert_says(error, "bulkhead: --process: needs a value\n");
	/* A second file is no text. */
	assert_int_equal(RUN(log_path, log_path), 2);
	assert_says(
		error,
		": there is one FILE, before the FILTER; quote it (text=\"NAME\") to look for the text\n");
	assert_int_equal(RUN(log_path, "crashed", log_path), 2);
	assert_string_equal(out, "");
	snprintf(quoted, sizeof quoted, "text=\"%s\"", log_path);
	assert_int_equal(RUN(log_path, quoted), 0);
	assert_says(error, "no line matches");
	assert_int_equal(RUN("--help"), 0);
	assert_says(out, "usage: bulkhead log");
}

static void test_unreadable(void **state)
{
	char expected[160];

	(void)state;
	assert_int_equal(RUN("/no/such/log"), 1);
	assert_string_equal(error, "bulkhead: /no/such/log: No such file or directory\n");
	assert_int_equal(RUN("/tmp"), 1);
	assert_string_equal(error, "bulkhead: /tmp: Is a directory\n");
	write_file(log_path, "", 0);
	assert_int_equal(RUN(log_path), 1);
	snprintf(expected, sizeof expected, "bulkhead: %s: is empty\n", log_path);
	assert_string_equal(error, expected);
	/* A name is a name, and no command to the terminal. */
	assert_int_equal(RUN("/no/\x1b[2J"), 1);
	assert_string_equal(error, "bulkhead: /no/\\u001b[2J: No such file or directory\n");
}

static void test_not_a_log(void **state)
{
	char junk[4000], expected[160];

	(void)state;
	for (size_t i = 0; i < sizeof junk; i++)
		junk[i] = i % 40 == 39 ? '\n' : (char)(i * 7);
	write_file(log_path, junk, sizeof junk);
	assert_int_equal(RUN(log_path), 1);
	snprintf(expected, sizeof expected, "bulkhead: %s: is no log\n", log_path);
	assert_string_equal(error, expected);
	assert_string_equal(out, "");
	/* Nor when its last line has no end. */
	write_file(log_path, junk, sizeof junk - 20);
	assert_int_equal(RUN(log_path, "--count"), 1);
	assert_string_equal(error, expected);
	assert_string_equal(out, "");
	/* What came before it is told with the first line of a log. */
	snprintf(junk, sizeof junk, "nonsense\n%s", log_text);
	write_file(log_path, junk, strlen(junk));
	assert_int_equal(RUN(log_path, "--count"), 0);
	assert_says(error, ": line 1 is no line of a log; skipped\n");
	assert_string_equal(out, "5\n");
}

static void test_bad_and_cut_lines(void **state)
{
	size_t length = sizeof log_text - 1;
	char *text = malloc(length + 16);

	(void)state;
	memcpy(text, log_text, length);
	memset(strchr(text, '\n') + 1, '#', 20); /* the second line */
	write_file(log_path, text, length - 10);
	assert_int_equal(RUN(log_path), 0);
	assert_string_equal(out, FAULT SUBMIT EXIT);
	assert_says(error, ": line 2 is no line of a log; skipped\n");
	assert_says(error, ": line 7 is cut; dropped\n");
	free(text);
}

static void test_newest(void **state)
{
	char home[64], path[512];

	(void)state;
	make_path(home, "home");
	setenv("XDG_STATE_HOME", home, 1);
	assert_int_equal(run((const char *const[]){ NULL }), 1);
	assert_says(error, "/bulkhead: No such file or directory\n");
	snprintf(path, sizeof path,
		 "mkdir -p %s/bulkhead && cp %s %s/bulkhead/log-20240101T000000-9.jsonl && "
		 ": > %s/bulkhead/log-20230101T000000-9.jsonl",
		 home, log_path, home, home);
	assert_int_equal(system(path), 0);
	assert_int_equal(RUN("--status=lost"), 0);
	assert_string_equal(out, SUBMIT);
	/* What is no file is a question. */
	assert_int_equal(RUN("status=lost"), 0);
	assert_string_equal(out, SUBMIT);
	RUN("crashed");
	assert_string_equal(out, EXIT);
	RUN("browser/2");
	assert_string_equal(out, FAULT);
	RUN("arg.kind~/", "or", "status=lost");
	assert_string_equal(out, SUBMIT);
	assert_int_equal(RUN("folder/log"), 1);
	assert_string_equal(error, "bulkhead: folder/log: No such file or directory\n");
	assert_int_equal(RUN("other.jsonl"), 1);
	snprintf(path, sizeof path, "rm -r %s", home);
	assert_int_equal(system(path), 0);
	unsetenv("XDG_STATE_HOME");
}

/* A log of this version, or of another one. */
static void write_protocol(uint64_t protocol, const char *rest)
{
	char text[2048];

	snprintf(text, sizeof text,
		 "{\"type\":\"session\",\"ts_us\":1700000000000000,\"protocol\":\"%016llx\"}\n%s",
		 (unsigned long long)protocol, rest);
	write_file(log_path, text, strlen(text));
}

/* Another version has words of its own, which can be asked for; in a log of ours they are mistakes. */
static void test_words_of_another_version(void **state)
{
	static const char lines[] =
		"{\"type\":\"message\",\"ts_us\":1700000001000000,\"id\":\"browser/1\",\"from\":\"browser\",\"to\":\"helper:1\","
		"\"name\":\"hello\",\"status\":\"teleported\"}\n"
		"{\"type\":\"gesture\",\"ts_us\":1700000002000000,\"fingers\":2}\n";

	(void)state;
	write_protocol(IPC_PROTOCOL_HASH + 1, lines);
	assert_int_equal(RUN(log_path, "--count", "status=teleported"), 0);
	assert_string_equal(out, "1\n");
	RUN(log_path, "--count", "--status=teleported", "--process=helper");
	assert_string_equal(out, "1\n");
	RUN(log_path, "--count", "status=stalled");
	assert_string_equal(out, "0\n");
	RUN(log_path, "--count", "kind=gesture");
	assert_string_equal(out, "1\n");
	RUN(log_path, "--count", "kind=other");
	assert_string_equal(out, "1\n");
	RUN(log_path, "--count", "kind!=gesture");
	assert_string_equal(out, "1\n");
	write_protocol(IPC_PROTOCOL_HASH, lines);
	assert_int_equal(RUN(log_path, "status=teleported"), 2);
	assert_says(error, "status is never that; it is one of delivered,");
	assert_says(error, "held (\"in quotes\" any)\n");
	assert_int_equal(RUN(log_path, "kind=gesture"), 2);
	RUN(log_path, "--count", "kind=\"gesture\"");
	assert_string_equal(out, "1\n");
	/* The short forms are checked as the long ones are. */
	assert_int_equal(RUN(log_path, "--process", "foo"), 2);
	assert_says(error, "bulkhead: filter: there is no role 'foo'");
	assert_says(error, "\n  process=foo\n          ^^^\n");
	assert_int_equal(RUN(log_path, "--status=sunk"), 2);
	assert_says(error, "\n  status=sunk\n         ^^^^\n");
}

/* One thing is made of a log. */
static void test_what_does_not_go_together(void **state)
{
	static const struct {
		const char *first, *second, *why;
	} cases[] = {
		{ "--sequence", "--json", "bulkhead: --json: does not go with --sequence\n" },
		{ "--json", "--export=csv", "bulkhead: --json: does not go with --export=csv\n" },
		{ "--top", "--export=csv", "bulkhead: --export=csv: does not go with --top\n" },
		{ "--top", "--count", "bulkhead: --count: does not go with --top\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(RUN(log_path, cases[i].first, cases[i].second), 2);
		assert_says(error, cases[i].why);
		assert_string_equal(out, "");
	}
	assert_int_equal(RUN(log_path, "--json", "--top"), 0);
	assert_int_equal(RUN(log_path, "--time", "--json"), 0);
	assert_int_equal(RUN(log_path, "--top", "--top"), 0);
	assert_int_equal(RUN(log_path, "--json", "--export=json"), 0);
}

/* What passes beside messages is long; who asks for it sees it. */
static void test_bulk(void **state)
{
	(void)state;
	write_protocol(
		IPC_PROTOCOL_HASH,
		"{\"type\":\"body\",\"ts_us\":1700000000000001,\"to\":\"renderer:3\",\"page\":1,\"navigation\":1,"
		"\"bytes\":3,\"data\":\"YWJj\"}\n"
		"{\"type\":\"memory\",\"ts_us\":1700000000000002,\"from\":\"renderer:3\",\"region\":\"frame\","
		"\"bytes\":3,\"data\":\"YWJj\"}\n"
		"{\"type\":\"dropped\",\"ts_us\":1700000000000003,\"lines\":1}\n");
	RUN(log_path, "--count");
	assert_string_equal(out, "1\n");
	RUN(log_path, "--count", "--pings");
	assert_string_equal(out, "3\n");
	RUN(log_path, "--count", "kind=body");
	assert_string_equal(out, "1\n");
	RUN(log_path, "--count", "kind=body or kind=memory");
	assert_string_equal(out, "2\n");
	RUN(log_path, "--count", "process=renderer:3");
	assert_string_equal(out, "0\n");
}

/* What people did to a message stands behind what became of it. */
static void test_interference(void **state)
{
	static const char head[] =
		"{\"type\":\"message\",\"ts_us\":1700000001000000,\"id\":\"browser/1\",\"from\":\"browser\","
		"\"to\":\"gpu:1\",\"name\":\"hello\",\"bytes\":8,";
	char lines[1024];

	(void)state;
	snprintf(
		lines, sizeof lines,
		"%s\"held_us\":75000000.0,\"breakpoint\":1,\"marks\":\"edited\",\"status\":\"delivered\"}\n"
		"%s\"held_us\":1500.0,\"breakpoint\":1,\"status\":\"lost\",\"where\":\"breakpoint\"}\n"
		"%s\"toxic\":\"delay 2\",\"held_us\":5.0,\"marks\":\"by_hand duplicated\",\"status\":\"delivered\"}\n",
		head, head, head);
	write_protocol(IPC_PROTOCOL_HASH, lines);
	RUN(log_path);
	assert_says(out, "  delivered (edited, held 75 s)\n");
	assert_says(out, "  lost (breakpoint, held 1 ms)\n");
	assert_says(out, "  delivered (delay 2, by_hand, duplicated)\n");
}

/* Whoever reads the output has had enough, or the disk behind it is full. */
static void test_output_ends(void **state)
{
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	close(fds[0]);
	pid = fork();
	if (pid == 0) {
		char *argv[] = { (char[]){ "log" }, log_path, NULL };

		dup2(fds[1], 1);
		if (!freopen(error_path, "w", stderr))
			_exit(99);
		exit(log_command(2, argv));
	}
	close(fds[1]);
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	free(error);
	error = read_file(error_path, NULL);
	assert_string_equal(error, "");

	for (int words = 2; words <= 3; words++) {
		pid = fork();
		if (pid == 0) {
			char *argv[] = { (char[]){ "log" }, log_path, words == 3 ? (char[]){ "-f" } : NULL,
					 NULL };

			if (!freopen("/dev/full", "w", stdout) || !freopen(error_path, "w", stderr))
				_exit(99);
			exit(log_command(words, argv));
		}
		waitpid(pid, &status, 0);
		assert_int_equal(WEXITSTATUS(status), 1);
		free(error);
		error = read_file(error_path, NULL);
		assert_string_equal(error, "bulkhead: standard output: No space left on device\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_nothing_matches, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_filters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_json, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_questions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_questions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sinks, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reader_that_leaves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tail_and_chain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_standard_input, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_parts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_help, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_usage, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_a_log, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_and_cut_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_newest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_output_ends, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_words_of_another_version, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_does_not_go_together, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bulk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_interference, set_up, tear_down),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
