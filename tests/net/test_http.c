/* HTTP against a real server on loopback: heads, redirects, compression, cookies, errors. browser/net/http.c.
 */
#include "common/loop.h"
#include "tests/net/client.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct fetcher *fetcher;
static struct server server;

static void tell(struct story *s, const char *path)
{
	story_tell(s, fetcher, "http://127.0.0.1:%u%s", server.port, path);
}

static void pages_arrive(void **state)
{
	static const struct {
		const char *path;
		unsigned status;
		const char *mime, *charset, *holds;
	} table[] = {
		{ "/ok", 200, "text/html", "utf-8", "All is well" },
		{ "/text?plain%20words", 200, "text/plain", "utf-8", "plain words" },
		{ "/gzip", 200, "text/html", "utf-8", "unpacked" },
		{ "/deflate", 200, "text/html", "utf-8", "unpacked" },
		{ "/404", 404, "text/html", "utf-8", "This went wrong" },
		{ "/status/500", 500, "text/html", "utf-8", "This went wrong" },
		{ "/charset/euc-kr", 200, "text/html", "euc-kr", "\xc7\xd7\xb1\xb8" },
		{ "/charset/shift_jis", 200, "text/html", "shift_jis", "\x8d\x60" },
		{ "/meta/euc-kr", 200, "text/html", "", "charset=\"euc-kr\"" },
		{ "/bom", 200, "text/html", "", "\xef\xbb\xbf<!DOCTYPE" },
		{ "/untyped?<!doctype%20html><p>x", 200, "text/html", "", "<p>x" },
		{ "/untyped?words", 200, "text/plain", "", "words" },
		{ "/invalid-utf8", 200, "text/html", "utf-8", "\xff\xfe" },
		{ "/headers", 200, "text/plain", "", "Bulkhead/0.1" },
		{ "/redirect/5", 200, "text/html", "utf-8", "All is well" },
		{ "/redirect-bytes", 200, "text/html", "utf-8", "All is well" },
		{ "/redirect-endless", 200, "text/html", "utf-8", "All is well" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct story s = { 0 };
		tell(&s, table[i].path);
		if (!s.headed || s.status != table[i].status || strcmp(s.mime, table[i].mime) ||
		    strcmp(s.charset, table[i].charset) || !strstr(s.body.data, table[i].holds))
			fail_msg("%s: %u %s %s '%s' %s", table[i].path, s.status, s.mime, s.charset,
				 s.body.data, s.words);
		assert_int_equal(s.how, BODY_END_COMPLETE);
		assert_int_equal(s.total, s.body.length);
		assert_int_equal(s.progress, s.total);
		story_finish(&s);
	}
}

static void lengths_are_told_when_they_are_true(void **state)
{
	struct story plain = { 0 }, packed = { 0 }, open_ended = { 0 };
	(void)state;
	tell(&plain, "/text?12345");
	assert_int_equal(plain.length, 5);
	tell(&packed, "/gzip");
	assert_int_equal(packed.length, -1);
	tell(&open_ended, "/slow?n=2&ms=1");
	assert_int_equal(open_ended.length, -1);
	assert_string_equal(open_ended.body.data, "line 0\nline 1\n");
	story_finish(&plain);
	story_finish(&packed);
	story_finish(&open_ended);
}

static void failures_are_named(void **state)
{
	static const struct {
		const char *path;
		enum fetch_error error;
		const char *title, *words;
	} table[] = {
		{ "/empty", FETCH_ERROR_EMPTY, "nothing to show", "200 (OK)" },
		{ "/status-empty/204", FETCH_ERROR_EMPTY, "nothing to show", "204" },
		{ "/status-empty/404", FETCH_ERROR_STATUS, "404 (Not Found)", "sent nothing else" },
		{ "/status-empty/500", FETCH_ERROR_STATUS, "500", "Internal Server Error" },
		{ "/image", FETCH_ERROR_TYPE, "shows no image/png", "12,345 bytes" },
		{ "/binary", FETCH_ERROR_TYPE, "application/octet-stream", "10,240 bytes" },
		{ "/binary-text", FETCH_ERROR_BINARY, "binary", "bytes" },
		{ "/untyped?a%01b", FETCH_ERROR_BINARY, "binary", "" },
		{ "/close", FETCH_ERROR_NETWORK, "without an answer", "" },
		{ "/garbage", FETCH_ERROR_NETWORK, "no HTTP", "HTTP/0.9" },
		{ "/loop", FETCH_ERROR_REDIRECTS, "in circles", "/loop" },
		{ "/redirect/21", FETCH_ERROR_REDIRECTS, "in circles", "20" },
		{ "/to?file:///etc/passwd", FETCH_ERROR_REDIRECT_REFUSED, "may not", "file:///etc/passwd" },
		{ "/to?bulkhead://sandbox", FETCH_ERROR_REDIRECT_REFUSED, "may not", "bulkhead://sandbox" },
		{ "/to?chrome://crash", FETCH_ERROR_REDIRECT_REFUSED, "may not", "Debug addresses" },
		{ "/to?data:text/html,x", FETCH_ERROR_REDIRECT_REFUSED, "may not", "data:" },
		{ "/to?javascript:alert(1)", FETCH_ERROR_REDIRECT_REFUSED, "may not", "javascript:" },
		{ "/to?ftp://example.org/", FETCH_ERROR_REDIRECT_REFUSED, "may not", "ftp:" },
		{ "/to?http://a:99999/", FETCH_ERROR_URL, "broken address", "Port" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct story s = { 0 };
		tell(&s, table[i].path);
		if (!s.failed || s.error != table[i].error || !strstr(s.title, table[i].title) ||
		    !strstr(s.words, table[i].words))
			fail_msg("%s: %s '%s' '%s'", table[i].path,
				 s.failed ? fetch_error_names[s.error] : "came", s.title, s.words);
		story_finish(&s);
	}
}

static void nul_bytes_in_html_are_passed_on(void **state)
{
	struct story s = { 0 };
	(void)state;
	tell(&s, "/nul-html");
	assert_true(s.ended);
	assert_non_null(memmem(s.body.data, s.body.length, "a\0b\0c", 5));
	story_finish(&s);
}

static void every_hop_is_seen(void **state)
{
	struct story s = { 0 }, most = { 0 }, refused = { .refuse_redirect = true },
		     stopped = { .stop_at_redirect = true };
	char last[64];
	(void)state;
	tell(&s, "/redirect/3");
	assert_int_equal(s.hops, 3);
	snprintf(last, sizeof last, "http://127.0.0.1:%u/ok", server.port);
	assert_string_equal(s.last_to, last);
	assert_string_equal(s.url, last);
	tell(&most, "/redirect/20");
	assert_int_equal(most.hops, 20);
	assert_true(most.ended);
	tell(&refused, "/redirect/3");
	assert_true(refused.failed);
	assert_int_equal(refused.error, FETCH_ERROR_REDIRECT_REFUSED);
	assert_int_equal(refused.hops, 1);
	story_begin(&stopped, fetcher, s.last_from);
	while (!stopped.pipe_over)
		loop_turn(1000);
	assert_int_equal(stopped.hops, 1);
	assert_false(stopped.failed || stopped.headed);
	story_finish(&s);
	story_finish(&most);
	story_finish(&refused);
	story_finish(&stopped);
}

static void redirects_lead_to_other_hosts(void **state)
{
	struct story s = { 0 };
	char path[96];
	(void)state;
	snprintf(path, sizeof path, "/to?http://127.0.0.2:%u/site/7", server.port);
	tell(&s, path);
	assert_true(s.ended);
	assert_non_null(strstr(s.body.data, "127.0.0.2"));
	assert_non_null(strstr(s.body.data, "Site 7"));
	story_finish(&s);
}

static void cookies_are_kept_between_fetches(void **state)
{
	struct story first = { 0 }, second = { 0 }, elsewhere = { 0 }, other_browser = { 0 };
	(void)state;
	tell(&first, "/cookies");
	assert_string_equal(first.body.data, "cookie: \n");
	tell(&second, "/cookies");
	assert_string_equal(second.body.data, "cookie: visits=1\n");
	story_tell(&elsewhere, fetcher, "http://127.0.0.2:%u/cookies", server.port);
	assert_string_equal(elsewhere.body.data, "cookie: \n");
	struct fetcher *another = fetcher_for_test(NULL);
	story_tell(&other_browser, another, "http://127.0.0.1:%u/cookies", server.port);
	assert_string_equal(other_browser.body.data, "cookie: \n");
	fetcher_destroy(another);
	story_finish(&first);
	story_finish(&second);
	story_finish(&elsewhere);
	story_finish(&other_browser);
}

static void passwords_are_sent_and_not_told(void **state)
{
	struct story s = { 0 };
	(void)state;
	story_tell(&s, fetcher, "http://me:secret@127.0.0.1:%u/auth", server.port);
	assert_string_equal(s.body.data, "Basic bWU6c2VjcmV0");
	assert_null(strstr(s.url, "secret"));
	story_finish(&s);
	struct story hop = { 0 };
	story_tell(&hop, fetcher, "http://me:secret@127.0.0.1:%u/to?http://127.0.0.2:%u/auth", server.port,
		   server.port);
	assert_string_equal(hop.body.data, "none");
	assert_null(strstr(hop.last_from, "secret"));
	story_finish(&hop);
}

static void cut_bodies_are_resets(void **state)
{
	struct story truncated = { 0 }, reset = { 0 };
	(void)state;
	tell(&truncated, "/truncated");
	assert_true(truncated.headed && truncated.ended);
	assert_int_equal(truncated.how, BODY_END_RESET);
	assert_int_equal(truncated.total, 1000);
	assert_int_equal(truncated.body.length, 1000);
	assert_true(truncated.reason[0]);
	tell(&reset, "/reset");
	assert_true(reset.ended);
	assert_int_equal(reset.how, BODY_END_RESET);
	assert_int_equal(reset.body.length, 1000);
	story_finish(&truncated);
	story_finish(&reset);
}

static void first_bytes_of_a_slow_page_come_early(void **state)
{
	struct story s = { 0 };
	char url[96];
	(void)state;
	snprintf(url, sizeof url, "http://127.0.0.1:%u/slow?n=1000&ms=20", server.port);
	story_begin(&s, fetcher, url);
	while (!s.headed || s.read < 14)
		loop_turn(1000);
	assert_false(s.ended);
	assert_true(s.read < 5000);
	story_finish(&s);
}

/* A port where nobody listens: bound, so that nobody else gets it, and not listening. */
static unsigned closed_port(int *fd)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof address;
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&address, &length), 0);
	return ntohs(address.sin_port);
}

static void unreachable_servers_are_told_apart(void **state)
{
	struct story refused = { 0 }, unknown = { 0 };
	int fd;
	(void)state;
	story_tell(&refused, fetcher, "http://127.0.0.1:%u/", closed_port(&fd));
	close(fd);
	assert_true(refused.failed);
	assert_int_equal(refused.error, FETCH_ERROR_CONNECT);
	story_tell(&unknown, fetcher, "http://nowhere.invalid/");
	assert_true(unknown.failed);
	assert_int_equal(unknown.error, FETCH_ERROR_RESOLVE);
	assert_non_null(strstr(unknown.words, "nowhere.invalid"));
	story_finish(&refused);
	story_finish(&unknown);
}

static void silence_ends_in_a_timeout(void **state)
{
	struct story s = { 0 };
	const char *why;
	(void)state;
	struct fetcher *impatient = fetcher_create(&(struct fetcher_config){ .silence_timeout_s = 1 }, &why);
	assert_non_null(impatient);
	story_tell(&s, impatient, "http://127.0.0.1:%u/silent", server.port);
	assert_true(s.failed);
	assert_int_equal(s.error, FETCH_ERROR_TIMEOUT);
	story_finish(&s);
	fetcher_destroy(impatient);
}

static void nothing_is_left_behind(void **state)
{
	static const char *const paths[] = { "/ok",  "/loop",  "/slow?n=100&ms=20", "/endless", "/gzip",
					     "/404", "/silent" };
	static struct story stories[COUNT(paths)];
	unsigned before = descriptors_open();
	(void)state;
	struct fetcher *own = fetcher_for_test(NULL);
	for (size_t i = 0; i < COUNT(paths); i++) {
		char url[96];
		snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server.port, paths[i]);
		stories[i].discard = true;
		story_begin(&stories[i], own, url);
	}
	while (!stories[0].ended || !stories[1].failed || stories[3].read < (4 << 20) || !stories[4].ended)
		loop_turn(1000);
	for (size_t i = 0; i < COUNT(paths); i++)
		story_finish(&stories[i]);
	assert_int_equal(fetcher_running(own), 0);
	fetcher_destroy(own);
	assert_int_equal(descriptors_open(), before);
}

static void a_fetcher_may_go_while_fetches_run(void **state)
{
	unsigned before = descriptors_open();
	struct story silent = { 0 }, name = { 0 };
	char url[96];
	(void)state;
	struct fetcher *own = fetcher_for_test(NULL);
	snprintf(url, sizeof url, "http://127.0.0.1:%u/silent", server.port);
	story_begin(&silent, own, url);
	story_begin(&name, own, "http://nowhere.invalid/");
	for (int i = 0; i < 5; i++)
		loop_turn(10);
	fetcher_destroy(own);
	silent.fetch = name.fetch = NULL;
	story_finish(&silent);
	story_finish(&name);
	/* The thread that looks up the name may still hold its wake-up socket for a moment. */
	for (int i = 0; i < 500 && descriptors_open() > before; i++)
		loop_turn(10);
	assert_int_equal(descriptors_open(), before);
}

static void the_cause_survives_hops(void **state)
{
	struct story s = { 0 };
	char url[96];
	(void)state;
	snprintf(url, sizeof url, "http://127.0.0.1:%u/redirect/3", server.port);
	cause_set(99);
	story_begin(&s, fetcher, url);
	cause_set(0);
	story_run(&s);
	assert_true(s.ended);
	assert_int_equal(s.cause, 99);
	story_finish(&s);
}

static int setup(void **state)
{
	(void)state;
	server_start(&server, server_script, false);
	fetcher = fetcher_for_test(NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fetcher_destroy(fetcher);
	server_stop(&server);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_arrive),
		cmocka_unit_test(lengths_are_told_when_they_are_true),
		cmocka_unit_test(failures_are_named),
		cmocka_unit_test(nul_bytes_in_html_are_passed_on),
		cmocka_unit_test(every_hop_is_seen),
		cmocka_unit_test(redirects_lead_to_other_hosts),
		cmocka_unit_test(cookies_are_kept_between_fetches),
		cmocka_unit_test(passwords_are_sent_and_not_told),
		cmocka_unit_test(cut_bodies_are_resets),
		cmocka_unit_test(first_bytes_of_a_slow_page_come_early),
		cmocka_unit_test(unreachable_servers_are_told_apart),
		cmocka_unit_test(silence_ends_in_a_timeout),
		cmocka_unit_test(nothing_is_left_behind),
		cmocka_unit_test(a_fetcher_may_go_while_fetches_run),
		cmocka_unit_test(the_cause_survives_hops),
	};
	return net_test_main(argc, argv, "http", tests, COUNT(tests), setup, teardown);
}
