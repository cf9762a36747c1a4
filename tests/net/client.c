/* A server on loopback and a fetch whose story is written down. See client.h. */
#include "tests/net/client.h"
#include "common/loop.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

const char *server_script;

static void exec_server(const char *script, const char *folder, int input, int output)
{
	dup2(input, 0);
	dup2(output, 1);
	if (folder[0])
		execlp("python3", "python3", script, "--tls", folder, NULL);
	else
		execlp("python3", "python3", script, "--addresses", "2", NULL);
	_exit(127);
}

void server_start(struct server *server, const char *script, bool tls)
{
	int input[2], output[2];
	char line[32] = "";
	*server = (struct server){ 0 };
	if (tls) {
		strcpy(server->folder, "/tmp/bulkhead-tls-XXXXXX");
		assert_non_null(mkdtemp(server->folder));
	}
	assert_int_equal(pipe2(input, O_CLOEXEC), 0);
	assert_int_equal(pipe2(output, O_CLOEXEC), 0);
	server->pid = fork();
	assert_true(server->pid >= 0);
	if (!server->pid)
		exec_server(script, server->folder, input[0], output[1]);
	close(input[0]);
	close(output[1]);
	server->input = input[1];
	FILE *file = fdopen(output[0], "r");
	assert_non_null(fgets(line, sizeof line, file));
	fclose(file);
	server->port = (unsigned)atoi(line);
	assert_true(server->port > 0);
}

void server_stop(struct server *server)
{
	char path[128];
	close(server->input);
	waitpid(server->pid, NULL, 0);
	if (!server->folder[0])
		return;
	snprintf(path, sizeof path, "%s/cert.pem", server->folder);
	unlink(path);
	snprintf(path, sizeof path, "%s/key.pem", server->folder);
	unlink(path);
	rmdir(server->folder);
}

static void note_cause(struct story *s)
{
	if (s->cause && s->cause != cause_current())
		s->cause = UINT64_MAX;
	else
		s->cause = cause_current();
}

static void close_pipe(struct story *s)
{
	task_cancel(&s->reader);
	if (s->pipe >= 0)
		close(s->pipe);
	s->pipe = -1;
	s->pipe_over = true;
}

static void stop(struct story *s)
{
	fetch_stop(s->fetch);
	s->fetch = NULL;
	close_pipe(s);
}

static void take(struct story *s, const char *bytes, size_t length)
{
	s->read += length;
	if (!s->discard)
		text_add_bytes(&s->body, bytes, length);
	if (s->stop_after && s->read >= s->stop_after && s->fetch)
		stop(s);
	else if (s->close_after && s->read >= s->close_after)
		close_pipe(s);
}

static void on_readable(void *arg)
{
	static char bytes[65536];
	struct story *s = arg;
	ssize_t n = read(s->pipe, bytes, sizeof bytes);
	if (n > 0)
		take(s, bytes, (size_t)n);
	else if (!n)
		close_pipe(s);
	else
		assert_true(errno == EAGAIN || errno == EINTR);
	if (s->read_every_ms && s->pipe >= 0)
		task_schedule(&s->reader, s->read_every_ms);
}

static bool on_redirect(void *arg, const char *from, const char *to)
{
	struct story *s = arg;
	note_cause(s);
	s->hops++;
	snprintf(s->last_from, sizeof s->last_from, "%s", from);
	snprintf(s->last_to, sizeof s->last_to, "%s", to);
	if (s->stop_at_redirect)
		stop(s);
	return !s->refuse_redirect;
}

static void on_head(void *arg, const struct fetch_head *head)
{
	struct story *s = arg;
	note_cause(s);
	assert_false(s->headed);
	s->headed = true;
	snprintf(s->url, sizeof s->url, "%s", head->url);
	snprintf(s->mime, sizeof s->mime, "%s", head->mime);
	snprintf(s->charset, sizeof s->charset, "%s", head->charset);
	s->status = head->status;
	s->length = head->length;
	if (s->stop_at_head) {
		stop(s);
		return;
	}
	if (s->keep_closed)
		return;
	s->pipe = fetch_open_body(s->fetch);
	assert_true(s->pipe >= 0);
	assert_true(fcntl(s->pipe, F_GETFD) & FD_CLOEXEC);
	assert_true(fcntl(s->pipe, F_GETFL) & O_NONBLOCK);
	if (s->read_every_ms)
		task_schedule(&s->reader, s->read_every_ms);
	else
		task_watch(&s->reader, s->pipe, EV_READ);
}

static void on_progress(void *arg, uint64_t bytes, int64_t total)
{
	struct story *s = arg;
	note_cause(s);
	assert_true(bytes > s->progress);
	assert_true(total == s->length);
	s->progress = bytes;
	s->progress_calls++;
}

static void on_end(void *arg, enum body_end how, uint64_t total, const char *reason)
{
	struct story *s = arg;
	note_cause(s);
	assert_true(s->headed && !s->ended && !s->failed);
	s->ended = true;
	s->how = how;
	s->total = total;
	snprintf(s->reason, sizeof s->reason, "%s", reason);
	s->fetch = NULL;
}

static void on_fail(void *arg, enum fetch_error error, const char *title, const char *words)
{
	struct story *s = arg;
	note_cause(s);
	assert_true(!s->headed && !s->ended && !s->failed);
	s->failed = true;
	s->error = error;
	snprintf(s->title, sizeof s->title, "%s", title);
	snprintf(s->words, sizeof s->words, "%s", words);
	s->fetch = NULL;
}

static const struct fetch_callbacks callbacks = { on_redirect, on_head, on_progress, NULL, on_end, on_fail };

void story_begin(struct story *s, struct fetcher *fetcher, const char *url)
{
	s->pipe = -1;
	task_init(&s->reader, on_readable, s);
	text_add(&s->body, "");
	s->fetch = fetch_start(fetcher, url, &callbacks, s);
}

bool story_over(const struct story *s)
{
	return !s->fetch && (s->failed || s->pipe_over);
}

void story_run(struct story *s)
{
	while (!story_over(s))
		loop_turn(1000);
}

void story_finish(struct story *s)
{
	if (s->fetch)
		stop(s);
	close_pipe(s);
	task_finish(&s->reader);
	text_finish(&s->body);
}

void story_tell(struct story *s, struct fetcher *fetcher, const char *format, ...)
{
	char url[URL_MAX + 64];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(url, sizeof url, format, arguments);
	va_end(arguments);
	story_begin(s, fetcher, url);
	story_run(s);
}

size_t memory_used(void)
{
	unsigned long pages = 0;
	FILE *file = fopen("/proc/self/statm", "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*u %lu", &pages), 1);
	fclose(file);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

unsigned descriptors_open(void)
{
	unsigned count = 0;
	DIR *folder = opendir("/proc/self/fd");
	assert_non_null(folder);
	while (readdir(folder))
		count++;
	closedir(folder);
	return count;
}

struct fetcher *fetcher_for_test(const char *ca_file)
{
	const char *why = NULL;
	struct fetcher *fetcher = fetcher_create(&(struct fetcher_config){ .ca_file = ca_file }, &why);
	assert_non_null(fetcher);
	return fetcher;
}

int net_test_main(int argc, char **argv, const char *name, const struct CMUnitTest *tests, size_t count,
		  int (*setup)(void **), int (*teardown)(void **))
{
	server_script = argc > 1 ? argv[1] : NULL;
	alarm(110);
	if (!setlocale(LC_ALL, "C.UTF-8") || !loop_init())
		return 1;
	int failed = _cmocka_run_group_tests(name, tests, count, setup, teardown);
	loop_finish();
	return failed;
}
