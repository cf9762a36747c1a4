/* What needs no server: files, folders, data: and built-in pages. browser/net/file.c, directory.c, data.c,
 * builtin.c. */
#include "browser/net/page.h"
#include "common/loop.h"
#include "tests/net/client.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct fetcher *fetcher;
static char folder[] = "/tmp/bulkhead-local-XXXXXX";

static void put(const char *name, const void *bytes, size_t length)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	fclose(file);
}

static void files_arrive_whole(void **state)
{
	struct story s = { 0 };
	(void)state;
	put("a.html", "<p>hello</p>", 12);
	story_tell(&s, fetcher, "file://%s/a.html#part", folder);
	assert_true(s.headed && s.ended);
	assert_string_equal(s.mime, "text/html");
	assert_int_equal(s.status, 0);
	assert_int_equal(s.length, 12);
	assert_int_equal(s.how, BODY_END_COMPLETE);
	assert_int_equal(s.total, 12);
	assert_string_equal(s.body.data, "<p>hello</p>");
	assert_non_null(strstr(s.url, "a.html#part"));
	story_finish(&s);
}

static void types_of_files_are_found(void **state)
{
	static const struct {
		const char *name, *bytes;
		size_t length;
		const char *mime; /* NULL: fails with error */
		enum fetch_error error;
	} table[] = {
		{ "plain", "just text", 9, "text/plain", 0 },
		{ "page", "<!doctype html><p>", 18, "text/html", 0 },
		{ "notes.txt", "<html>", 6, "text/plain", 0 },
		{ "x.png", "text", 4, NULL, FETCH_ERROR_TYPE },
		{ "nul.txt", "a\0b", 3, NULL, FETCH_ERROR_BINARY },
		{ "nul.html", "a\0b", 3, "text/html", 0 },
		{ "elf",
		  "\x7f"
		  "ELF\2\1\1\0",
		  8, NULL, FETCH_ERROR_TYPE },
		{ "noise", "\1\2\3\4", 4, NULL, FETCH_ERROR_BINARY },
		{ "empty.html", "", 0, NULL, FETCH_ERROR_EMPTY },
		{ "empty", "", 0, NULL, FETCH_ERROR_EMPTY },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct story s = { 0 };
		put(table[i].name, table[i].bytes, table[i].length);
		story_tell(&s, fetcher, "file://%s/%s", folder, table[i].name);
		if (table[i].mime) {
			assert_true(s.headed);
			assert_string_equal(s.mime, table[i].mime);
			assert_int_equal(s.body.length, table[i].length);
			assert_memory_equal(s.body.data, table[i].bytes, table[i].length);
		} else {
			assert_true(s.failed);
			assert_int_equal(s.error, table[i].error);
			assert_true(s.title[0] && s.words[0]);
		}
		story_finish(&s);
	}
	struct story s = { 0 };
	story_tell(&s, fetcher, "file://%s/x.png", folder);
	assert_non_null(strstr(s.title, "image/png"));
	assert_non_null(strstr(s.words, "4 bytes"));
	story_finish(&s);
}

static void files_of_proc_are_not_empty(void **state)
{
	struct story s = { 0 };
	(void)state;
	story_tell(&s, fetcher, "file:///proc/self/status");
	assert_true(s.headed);
	assert_int_equal(s.length, -1);
	assert_non_null(strstr(s.body.data, "Pid:"));
	story_finish(&s);
}

static void expect_failure(const char *url, enum fetch_error error)
{
	struct story s = { 0 };
	story_tell(&s, fetcher, "%s", url);
	if (!s.failed || s.error != error)
		fail_msg("%s: %s, not %s", url, s.failed ? fetch_error_names[s.error] : "no failure",
			 fetch_error_names[error]);
	assert_true(s.title[0] && s.words[0]);
	story_finish(&s);
}

static void expect_file_failure(const char *name, enum fetch_error error)
{
	char url[256];
	snprintf(url, sizeof url, "file://%s/%s", folder, name);
	expect_failure(url, error);
}

static void what_is_no_file_is_refused(void **state)
{
	char path[128];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	(void)state;
	expect_file_failure("nothing", FETCH_ERROR_MISSING);
	expect_file_failure("a.html/x", FETCH_ERROR_MISSING);
	expect_file_failure("a%00b", FETCH_ERROR_URL);
	snprintf(path, sizeof path, "%s/fifo", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_file_failure("fifo", FETCH_ERROR_NOT_A_FILE);
	snprintf(address.sun_path, sizeof address.sun_path, "%s/socket", folder);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	expect_file_failure("socket", FETCH_ERROR_NOT_A_FILE);
	close(fd);
	expect_failure("file:///dev/zero", FETCH_ERROR_NOT_A_FILE);
	snprintf(path, sizeof path, "%s/dangling", folder);
	assert_int_equal(symlink("nowhere", path), 0);
	expect_file_failure("dangling", FETCH_ERROR_MISSING);
	snprintf(path, sizeof path, "%s/circle", folder);
	assert_int_equal(symlink("circle", path), 0);
	expect_file_failure("circle", FETCH_ERROR_UNREADABLE);
}

static void unreadable_files_say_so(void **state)
{
	char path[128];
	uid_t before = geteuid();
	(void)state;
	put("secret.txt", "x", 1);
	snprintf(path, sizeof path, "%s/secret.txt", folder);
	assert_int_equal(chmod(path, 0), 0);
	snprintf(path, sizeof path, "%s/closed", folder);
	assert_int_equal(mkdir(path, 0), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	if (!before)
		assert_int_equal(seteuid(65534), 0);
	expect_file_failure("secret.txt", FETCH_ERROR_UNREADABLE);
	expect_file_failure("closed", FETCH_ERROR_UNREADABLE);
	expect_file_failure("closed/x", FETCH_ERROR_UNREADABLE);
	if (!before)
		assert_int_equal(seteuid(before), 0);
	rmdir(path);
}

static void folders_become_pages(void **state)
{
	struct story s = { 0 };
	char path[512];
	(void)state;
	put("<b>&\"x.txt", "1234567", 7);
	put("Bytes \xff", "x", 1);
	snprintf(path, sizeof path, "%s/zfolder", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof path, "%s/link", folder);
	assert_int_equal(symlink("zfolder", path), 0);
	story_tell(&s, fetcher, "file://%s", folder);
	assert_true(s.headed && s.ended);
	assert_string_equal(s.mime, "text/html");
	assert_string_equal(s.charset, "utf-8");
	/* The folder's URL ends in a slash, so that relative links work. */
	assert_int_equal(s.url[strlen(s.url) - 1], '/');
	assert_null(strstr(s.body.data, "<b>&\""));
	assert_non_null(strstr(s.body.data, "&lt;b&gt;&amp;&quot;x.txt"));
	assert_non_null(strstr(s.body.data, "href=\"./%3Cb%3E%26%22x.txt\""));
	assert_non_null(strstr(s.body.data, "href=\"./Bytes%20%FF\""));
	assert_non_null(strstr(s.body.data, "href=\"../\""));
	assert_non_null(strstr(s.body.data, "broken link"));
	/* Folders first, also those behind a link; then by name. */
	const char *link = strstr(s.body.data, "\"./link/\""), *sub = strstr(s.body.data, "\"./zfolder/\"");
	const char *file = strstr(s.body.data, "\"./%3Cb");
	assert_true(link && sub && file && link < sub && sub < file);
	story_finish(&s);

	struct story root = { 0 };
	story_tell(&root, fetcher, "file:///");
	assert_true(root.headed && root.ended);
	assert_null(strstr(root.body.data, "href=\"../\""));
	story_finish(&root);
}

static void data_urls_carry_their_document(void **state)
{
	static const struct {
		const char *url, *mime, *charset, *body;
	} table[] = {
		{ "data:,hello", "text/plain", "utf-8", "hello" },
		{ "data:text/html,<b>a%20b</b>", "text/html", "utf-8", "<b>a b</b>" },
		{ "data:text/html;charset=euc-kr,%BE%C8", "text/html", "euc-kr", "\xbe\xc8" },
		{ "data:text/plain;base64,aGVsbG8=", "text/plain", "utf-8", "hello" },
		{ "data:text/plain;base64,aGVsbG8", "text/plain", "utf-8", "hello" },
		{ "data:;base64,aGV%73bG8%3D", "text/plain", "utf-8", "hello" },
		{ "data:text/html;charset=utf-8;base64,PGI+8J+agjwvYj4=", "text/html", "utf-8", "<b>🚂</b>" },
		{ "data:;charset=shift_jis,%82%A0", "text/plain", "shift_jis", "\x82\xa0" },
		{ "data:text/html,안녕", "text/html", "utf-8", "안녕" },
		{ "data:,a%2", "text/plain", "utf-8", "a%2" },
		{ "data:,cut#here", "text/plain", "utf-8", "cut" },
		{ "data:,", "text/plain", "utf-8", "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct story s = { 0 };
		story_tell(&s, fetcher, "%s", table[i].url);
		if (!s.headed || strcmp(s.mime, table[i].mime) || strcmp(s.charset, table[i].charset) ||
		    strcmp(s.body.data, table[i].body))
			fail_msg("%s: %s %s '%s' %s", table[i].url, s.mime, s.charset, s.body.data, s.words);
		assert_int_equal(s.how, BODY_END_COMPLETE);
		assert_int_equal(s.length, strlen(table[i].body));
		story_finish(&s);
	}
	expect_failure("data:text/html", FETCH_ERROR_URL);
	expect_failure("data:;base64,aGVsb!8=", FETCH_ERROR_URL);
	expect_failure("data:;base64,a", FETCH_ERROR_URL);
	expect_failure("data:;base64,aGVsbG8==", FETCH_ERROR_URL);
	expect_failure("data:image/png;base64,iVBORw0K", FETCH_ERROR_TYPE);
	expect_failure("data:,a%00b", FETCH_ERROR_BINARY);
}

static void write_ship(void *arg, struct text *out)
{
	page_begin(out, "Ship");
	html_add(out, arg);
	page_end(out);
}

static void built_in_pages_are_there(void **state)
{
	static const struct {
		const char *url, *holds;
	} table[] = {
		{ "bulkhead://start", "Press F8" },
		{ "chrome://start/", "Press F8" },
		{ "bulkhead://version", "libcurl/" },
		{ "about:version", "protocol" },
		{ "bulkhead://pages", "harbour.html" },
		{ "bulkhead://pages/harbour.html", "The ferry sails at nine" },
		{ "bulkhead://pages/clock.html", "application/x-clock" },
		{ "bulkhead://pages/log-book.html#night-120", "night-120" },
		{ "about:blank", "" },
		{ "bulkhead://ship", "&lt;sail&gt;" },
	};
	(void)state;
	fetcher_register_page(fetcher, "ship", write_ship, "<sail>");
	for (size_t i = 0; i < COUNT(table); i++) {
		struct story s = { 0 };
		story_tell(&s, fetcher, "%s", table[i].url);
		assert_true(s.headed && s.ended);
		assert_string_equal(s.mime, "text/html");
		assert_string_equal(s.charset, "utf-8");
		if (!strstr(s.body.data, table[i].holds))
			fail_msg("%s lacks '%s'", table[i].url, table[i].holds);
		assert_null(strstr(s.body.data, "href=\"bulkhead://crash\""));
		story_finish(&s);
	}
	fetcher_register_page(fetcher, "ship", write_ship, "<oar>");
	struct story s = { 0 };
	story_tell(&s, fetcher, "bulkhead://ship");
	assert_non_null(strstr(s.body.data, "&lt;oar&gt;"));
	assert_null(strstr(s.body.data, "sail"));
	story_finish(&s);
	expect_failure("bulkhead://nothing", FETCH_ERROR_NO_PAGE);
	expect_failure("bulkhead://start/x", FETCH_ERROR_NO_PAGE);
	expect_failure("bulkhead://pages/../../etc/passwd", FETCH_ERROR_NO_PAGE);
	expect_failure("bulkhead://crash", FETCH_ERROR_NO_PAGE);
}

static void schemes_nobody_serves_fail(void **state)
{
	(void)state;
	expect_failure("gopher://example.org/", FETCH_ERROR_SCHEME);
	expect_failure("mailto:me@example.org", FETCH_ERROR_SCHEME);
	expect_failure("javascript:alert(1)", FETCH_ERROR_SCHEME);
	expect_failure("nonsense", FETCH_ERROR_URL);
	expect_failure("", FETCH_ERROR_URL);
	char *url = malloc(URL_MAX + 100);
	memset(url, 'a', URL_MAX + 99);
	memcpy(url, "data:,", 6);
	url[URL_MAX + 50] = 0;
	struct story s = { 0 };
	story_begin(&s, fetcher, url);
	story_run(&s);
	assert_true(s.failed && s.error == FETCH_ERROR_URL);
	assert_non_null(strstr(s.words, "4,096"));
	story_finish(&s);
	free(url);
}

struct page_story {
	struct fetch *fetch;
	int pipe;
	bool ended;
	char url[128];
};

static void on_page_head(void *arg, const struct fetch_head *head)
{
	struct page_story *s = arg;
	snprintf(s->url, sizeof s->url, "%s", head->url);
	assert_string_equal(head->mime, "text/html");
	s->pipe = fetch_open_body(s->fetch);
}

static void on_page_end(void *arg, enum body_end how, uint64_t total, const char *reason)
{
	struct page_story *s = arg;
	assert_int_equal(how, BODY_END_COMPLETE);
	assert_true(total > 0);
	assert_string_equal(reason, "");
	s->ended = true;
}

static void on_page_fail(void *arg, enum fetch_error error, const char *title, const char *words)
{
	(void)arg;
	(void)error;
	fail_msg("%s: %s", title, words);
}

static void error_pages_are_served_like_others(void **state)
{
	static const struct fetch_callbacks callbacks = { .head = on_page_head,
							  .end = on_page_end,
							  .fail = on_page_fail };
	struct page_story s = { 0 };
	struct text html = { 0 };
	char bytes[4096];
	(void)state;
	error_page(&html, "There is no such host", "Could not resolve host", "http://me:pw@nowhere.invalid/");
	s.fetch = fetch_start_page(fetcher, "http://me:pw@nowhere.invalid/", &html, &callbacks, &s);
	assert_null(html.data);
	while (!s.ended)
		loop_turn(1000);
	assert_string_equal(s.url, "http://nowhere.invalid/");
	ssize_t n = read(s.pipe, bytes, sizeof bytes - 1);
	assert_true(n > 0);
	bytes[n] = 0;
	assert_non_null(strstr(bytes, "There is no such host"));
	assert_null(strstr(bytes, "pw"));
	close(s.pipe);
}

/* A page is logged whole, where addresses are masked. */
static void error_pages_keep_no_query(void **state)
{
	static const struct {
		const char *url, *shown;
	} cases[] = {
		{ "http://h/nope?password=topsecret&a=b", "<pre>http://h/nope?…</pre>" },
		{ "http://h/nope#access_token=topsecret", "<pre>http://h/nope#…</pre>" },
		{ "http://h/nope", "<pre>http://h/nope</pre>" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct text html = { 0 };

		error_page(&html, "Not found", "404", cases[i].url);
		assert_non_null(memmem(html.data, html.length, cases[i].shown, strlen(cases[i].shown)));
		assert_null(memmem(html.data, html.length, "topsecret", 9));
		text_finish(&html);
	}
}

static void callbacks_carry_the_cause(void **state)
{
	struct story s = { 0 };
	(void)state;
	cause_set(4711);
	story_begin(&s, fetcher, "bulkhead://pages/log-book.html");
	cause_set(0);
	story_run(&s);
	assert_true(s.ended);
	assert_int_equal(s.cause, 4711);
	assert_int_equal(cause_current(), 0);
	story_finish(&s);
}

static void stopping_is_possible_anywhere(void **state)
{
	struct story at_once = { 0 }, at_head = { .stop_at_head = true }, in_body = { .stop_after = 1 };
	struct story closing = { .close_after = 1 }, unopened = { .keep_closed = true };
	char bytes[1 << 20];
	(void)state;
	memset(bytes, 'x', sizeof bytes);
	put("large.txt", bytes, sizeof bytes);
	char url[256];
	snprintf(url, sizeof url, "file://%s/large.txt", folder);
	unsigned before = fetcher_running(fetcher), open_before = descriptors_open();

	story_begin(&at_once, fetcher, url);
	assert_int_equal(fetcher_running(fetcher), before + 1);
	fetch_stop(at_once.fetch);
	assert_int_equal(fetcher_running(fetcher), before);
	at_once.fetch = NULL;
	story_tell(&at_head, fetcher, "%s", url);
	assert_true(at_head.headed && !at_head.ended);
	story_tell(&in_body, fetcher, "%s", url);
	assert_true(in_body.headed && !in_body.ended);
	/* The reader goes: no SIGPIPE, and an end that says so. */
	story_tell(&closing, fetcher, "%s", url);
	assert_true(closing.ended);
	assert_int_equal(closing.how, BODY_END_STOPPED);
	assert_true(closing.total < sizeof bytes);
	/* Nobody opens the body: it waits, and can be stopped. */
	story_begin(&unopened, fetcher, url);
	while (!unopened.headed)
		loop_turn(1000);
	for (int i = 0; i < 20; i++)
		loop_turn(1);
	assert_false(unopened.ended);
	assert_int_equal(fetch_written(unopened.fetch), 0);
	story_finish(&unopened);
	assert_int_equal(fetcher_running(fetcher), before);
	story_finish(&at_once);
	story_finish(&at_head);
	story_finish(&in_body);
	story_finish(&closing);
	assert_int_equal(descriptors_open(), open_before);
	fetch_stop(NULL);
}

static void too_many_at_a_time_fail(void **state)
{
	static struct story stories[FETCH_MAX_RUNNING + 1];
	struct story one_more = { 0 };
	(void)state;
	assert_int_equal(fetcher_running(fetcher), 0);
	for (unsigned i = 0; i < FETCH_MAX_RUNNING; i++) {
		stories[i].keep_closed = true;
		story_begin(&stories[i], fetcher, "bulkhead://start");
	}
	story_tell(&one_more, fetcher, "bulkhead://start");
	assert_true(one_more.failed);
	assert_int_equal(one_more.error, FETCH_ERROR_TOO_MANY);
	for (unsigned i = 0; i < FETCH_MAX_RUNNING; i++) {
		assert_true(stories[i].headed);
		story_finish(&stories[i]);
	}
	story_finish(&one_more);
	assert_int_equal(fetcher_running(fetcher), 0);
}

static void bad_ca_files_are_noticed_at_once(void **state)
{
	char path[128];
	const char *why = NULL;
	(void)state;
	snprintf(path, sizeof path, "%s/plain", folder);
	assert_null(fetcher_create(&(struct fetcher_config){ .ca_file = path }, &why));
	assert_non_null(strstr(why, "certificate"));
	assert_null(fetcher_create(&(struct fetcher_config){ .ca_file = "/nonexistent" }, &why));
	assert_string_equal(why, "No such file or directory");
}

static int setup(void **state)
{
	(void)state;
	fetcher = fetcher_for_test(NULL);
	return !mkdtemp(folder);
}

static int teardown(void **state)
{
	char command[128];
	(void)state;
	fetcher_destroy(fetcher);
	snprintf(command, sizeof command, "rm -r '%s'", folder);
	return system(command);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_arrive_whole),
		cmocka_unit_test(types_of_files_are_found),
		cmocka_unit_test(files_of_proc_are_not_empty),
		cmocka_unit_test(what_is_no_file_is_refused),
		cmocka_unit_test(unreadable_files_say_so),
		cmocka_unit_test(folders_become_pages),
		cmocka_unit_test(data_urls_carry_their_document),
		cmocka_unit_test(built_in_pages_are_there),
		cmocka_unit_test(schemes_nobody_serves_fail),
		cmocka_unit_test(error_pages_are_served_like_others),
		cmocka_unit_test(error_pages_keep_no_query),
		cmocka_unit_test(callbacks_carry_the_cause),
		cmocka_unit_test(stopping_is_possible_anywhere),
		cmocka_unit_test(too_many_at_a_time_fail),
		cmocka_unit_test(bad_ca_files_are_noticed_at_once),
	};
	return net_test_main(argc, argv, "local", tests, COUNT(tests), setup, teardown);
}
