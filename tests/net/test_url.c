/* Reading, resolving, normalising and showing URLs: browser/net/url.c, url_user.c. */
#include "tests/net/client.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void expect_text(bool parsed, const struct url *url, const char *input, const char *expected)
{
	if (!expected && parsed)
		fail_msg("'%s' should be refused, and became '%s'", input, url->text);
	if (expected && (!parsed || strcmp(url->text, expected)))
		fail_msg("'%s' became '%s', not '%s'", input, parsed ? url->text : "(refused)", expected);
}

static void absolute_urls_are_normalised(void **state)
{
	static const struct {
		const char *input, *expected;
		enum url_scheme scheme;
		const char *host;
	} table[] = {
		{ "http://example.org", "http://example.org/", URL_HTTP, "example.org" },
		{ "HTTP://EXAMPLE.org:80/A/../b?c#d", "http://example.org/b?c#d", URL_HTTP, "example.org" },
		{ "https://example.org:443", "https://example.org/", URL_HTTPS, "example.org" },
		{ "https://example.org:8443/", "https://example.org:8443/", URL_HTTPS, "example.org" },
		{ " \thttp://example.org/a\n b ", "http://example.org/a%20b", URL_HTTP, "example.org" },
		{ "http://[::1]:8080/x", "http://[::1]:8080/x", URL_HTTP, "[::1]" },
		{ "http://127.1/", "http://127.0.0.1/", URL_HTTP, "127.0.0.1" },
		{ "http://example.org/안", "http://example.org/%ec%95%88", URL_HTTP, "example.org" },
		{ "http://항구.example/", "http://xn--2e0bp27e.example/", URL_HTTP, "xn--2e0bp27e.example" },
		{ "http://bücher.example/", "http://xn--bcher-kva.example/", URL_HTTP,
		  "xn--bcher-kva.example" },
		{ "http://me:secret@example.org/", "http://me:secret@example.org/", URL_HTTP, "example.org" },
		{ "file:///tmp/a b", "file:///tmp/a%20b", URL_FILE, "" },
		{ "FILE:///tmp/../etc", "file:///etc", URL_FILE, "" },
		{ "data:text/html,<b>x</b>", "data:text/html,<b>x</b>", URL_DATA, "" },
		{ "DATA:,A", "data:,A", URL_DATA, "" },
		{ "bulkhead://start", "bulkhead://start", URL_BUILTIN, "start" },
		{ "bulkhead://Start/", "bulkhead://start", URL_BUILTIN, "start" },
		{ "chrome://crash", "bulkhead://crash", URL_BUILTIN, "crash" },
		{ "about:version", "bulkhead://version", URL_BUILTIN, "version" },
		{ "about:blank", "bulkhead://blank", URL_BUILTIN, "blank" },
		{ "bulkhead://pages/a.html?q#f", "bulkhead://pages/a.html?q#f", URL_BUILTIN, "pages" },
		{ "JavaScript:alert(1)", "javascript:alert(1)", URL_JAVASCRIPT, "" },
		{ "java\nscript:alert(1)", "javascript:alert(1)", URL_JAVASCRIPT, "" },
		{ "gopher://example.org/1", "gopher://example.org/1", URL_OTHER, "" },
		{ "mailto:a@example.org", "mailto:a@example.org", URL_OTHER, "" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct url url;
		const char *why = NULL;
		expect_text(url_parse(&url, table[i].input, &why), &url, table[i].input, table[i].expected);
		assert_int_equal(url.scheme, table[i].scheme);
		assert_string_equal(url.host, table[i].host);
	}
}

static void broken_urls_are_refused_in_words(void **state)
{
	static const char *const table[] = {
		"",
		"   ",
		"example.org",
		"/path",
		"http:",
		"http:x",
		"http://",
		"http://exa mple/",
		"http://a:99999/",
		"http://a:x/",
		"http://[::1",
		"file://elsewhere/x",
		"bulkhead://",
		"bulkhead://a:1/",
		"bulkhead://me@start",
		"http://a/\x01",
		"http://a/\xff",
		"http://\xe2\x80\xae/",
		"http://a\xe2\x98\x83.example/",
		":",
		"//x",
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct url url;
		const char *why = NULL;
		expect_text(url_parse(&url, table[i], &why), &url, table[i], NULL);
		assert_non_null(why);
		assert_true(strlen(why) > 8);
	}
}

static void length_is_bounded(void **state)
{
	struct url url;
	const char *why = NULL;
	char *text = malloc(URL_MAX + 2);
	(void)state;
	memset(text, 'a', URL_MAX + 1);
	memcpy(text, "data:,", 6);
	text[URL_MAX] = 0;
	assert_true(url_parse(&url, text, &why));
	assert_int_equal(strlen(url.text), URL_MAX);
	text[URL_MAX] = 'a';
	text[URL_MAX + 1] = 0;
	assert_false(url_parse(&url, text, &why));
	assert_non_null(strstr(why, "4,096"));
	/* Short as it was written, too long once it is encoded. */
	memset(text, 'a', URL_MAX);
	memcpy(text, "http://a/", 9);
	for (size_t i = 9; i + 1 < URL_MAX; i += 2)
		memcpy(text + i, "é", 2);
	text[URL_MAX - 1] = 0;
	assert_false(url_parse(&url, text, &why));
	free(text);
}

static void links_are_resolved(void **state)
{
	static const struct {
		const char *base, *reference, *expected;
	} table[] = {
		{ "http://a.org/x/y?z#f", "b", "http://a.org/x/b" },
		{ "http://a.org/x/y?z#f", "../b", "http://a.org/b" },
		{ "http://a.org/x/y", "/b", "http://a.org/b" },
		{ "http://a.org/x/y", "//b.org/c", "http://b.org/c" },
		{ "https://a.org/x/y", "//B.org/c", "https://b.org/c" },
		{ "http://a.org/x/y", "?q", "http://a.org/x/y?q" },
		{ "http://a.org/x/y", "#f", "http://a.org/x/y#f" },
		{ "http://a.org/x/y", "", "http://a.org/x/y" },
		{ "http://a.org/x/y", " b c ", "http://a.org/x/b%20c" },
		{ "http://a.org/x/y", "https://b.org", "https://b.org/" },
		{ "http://a.org/x/y", "javascript:x", "javascript:x" },
		{ "file:///tmp/a.html", "b.html", "file:///tmp/b.html" },
		{ "file:///tmp/d/", "../b.html", "file:///tmp/b.html" },
		{ "file:///tmp/d/", "./a%20b", "file:///tmp/d/a%20b" },
		{ "bulkhead://pages/harbour.html", "clock.html", "bulkhead://pages/clock.html" },
		{ "bulkhead://start", "#top", "bulkhead://start#top" },
		{ "data:text/html,x", "http://a.org/", "http://a.org/" },
		{ "data:text/html,x", "b", NULL },
		{ "nonsense", "b", NULL },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct url url;
		const char *why = NULL;
		expect_text(url_resolve(&url, table[i].base, table[i].reference, &why), &url,
			    table[i].reference, table[i].expected);
	}
}

static void what_people_type_is_understood(void **state)
{
	static const struct {
		const char *input, *expected;
	} table[] = {
		{ "example.org", "https://example.org/" },
		{ " Example.ORG/a b ", NULL },
		{ "example.org/a?b#c", "https://example.org/a?b#c" },
		{ "example.org:8080/a", "https://example.org:8080/a" },
		{ "localhost", "http://localhost/" },
		{ "localhost:8080/a", "http://localhost:8080/a" },
		{ "sub.localhost", "http://sub.localhost/" },
		{ "127.0.0.1:99", "http://127.0.0.1:99/" },
		{ "[::1]:8080", "http://[::1]:8080/" },
		{ "me:pw@example.org", "https://me:pw@example.org/" },
		{ "me:123@localhost/x", "http://me:123@localhost/x" },
		{ "http://example.org", "http://example.org/" },
		{ "data:,hello", "data:,hello" },
		{ "chrome://crash", "bulkhead://crash" },
		{ "bulkhead://processes", "bulkhead://processes" },
		{ "mailto:me@example.org", "mailto:me@example.org" },
		{ "javascript:alert(1)", "javascript:alert(1)" },
		{ "/etc/../tmp/no such", "file:///tmp/no%20such" },
		{ "/tmp/a#frag", "file:///tmp/a#frag" },
		{ "/tmp/100%", "file:///tmp/100%25" },
		{ "hello world", NULL },
		{ "", NULL },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct url url;
		const char *why = NULL;
		expect_text(url_from_user(&url, table[i].input, &why), &url, table[i].input,
			    table[i].expected);
		assert_true(table[i].expected || why);
	}
}

static void files_are_found_by_name(void **state)
{
	char folder[] = "/tmp/bulkhead-url-XXXXXX", expected[256];
	struct url url;
	const char *why = NULL;
	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	close(open("notes#1", O_CREAT | O_WRONLY, 0600));
	close(open("example.org", O_CREAT | O_WRONLY, 0600));

	assert_true(url_from_user(&url, "notes#1", &why));
	snprintf(expected, sizeof expected, "file://%s/notes%%231", folder);
	assert_string_equal(url.text, expected);
	assert_true(url_from_user(&url, "./notes#1", &why));
	snprintf(expected, sizeof expected, "file://%s/notes%%231", folder);
	assert_string_equal(url.text, expected);
	assert_true(url_from_user(&url, "./nothing#1", &why));
	snprintf(expected, sizeof expected, "file://%s/nothing#1", folder);
	assert_string_equal(url.text, expected);
	assert_true(url_from_user(&url, "example.org", &why));
	assert_int_equal(url.scheme, URL_FILE);
	assert_true(url_from_user(&url, "..", &why));
	assert_int_equal(url.scheme, URL_FILE);
	setenv("HOME", folder, 1);
	assert_true(url_from_user(&url, "~/x", &why));
	snprintf(expected, sizeof expected, "file://%s/x", folder);
	assert_string_equal(url.text, expected);

	char *path = url_file_path("file:///tmp/a%20b%23?q");
	assert_string_equal(path, "/tmp/a b#");
	free(path);
	assert_null(url_file_path("file:///tmp/a%00b"));
	assert_null(url_file_path("http://a/b"));
	unlink("notes#1");
	unlink("example.org");
	assert_int_equal(chdir("/"), 0);
	rmdir(folder);
}

static void passwords_are_never_shown(void **state)
{
	static const struct {
		const char *input, *hidden;
	} table[] = {
		{ "http://me:secret@example.org/a@b", "http://example.org/a@b" },
		{ "https://me@example.org", "https://example.org" },
		{ "https://a:b@c:d@example.org/", "https://example.org/" },
		{ "http://example.org/x?y=a@b", "http://example.org/x?y=a@b" },
		{ "file:///tmp/a@b", "file:///tmp/a@b" },
		{ "data:text/plain,http://a:b@c", "data:text/plain,http://a:b@c" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		char out[URL_MAX + 1], shown[URL_MAX + 1];
		url_hide_userinfo(table[i].input, out);
		assert_string_equal(out, table[i].hidden);
		url_display(table[i].input, shown, sizeof shown);
		assert_string_equal(shown, table[i].hidden);
	}
}

static void letters_are_shown_and_controls_are_not(void **state)
{
	static const struct {
		const char *input, *shown;
	} table[] = {
		{ "file:///tmp/%ED%95%AD%EA%B5%AC.txt", "file:///tmp/항구.txt" },
		{ "http://a/%C3%A9%20%2F", "http://a/é%20%2F" },
		{ "http://a/%E2%80%AE", "http://a/%E2%80%AE" }, /* turns the direction of what follows */
		{ "http://a/%C2%9B31m", "http://a/%C2%9B31m" }, /* a control sequence */
		{ "http://a/%FF%C3%", "http://a/%FF%C3%" },
		{ "http://a/%E3%80%80", "http://a/%E3%80%80" }, /* a wide blank */
	};
	char out[URL_MAX + 1];
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		url_display(table[i].input, out, sizeof out);
		assert_string_equal(out, table[i].shown);
	}
	url_display("http://example.org/long", out, 12);
	assert_true(strlen(out) < 12);
	assert_memory_equal(out, "http://example.org/long", strlen(out));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(absolute_urls_are_normalised),
		cmocka_unit_test(broken_urls_are_refused_in_words),
		cmocka_unit_test(length_is_bounded),
		cmocka_unit_test(links_are_resolved),
		cmocka_unit_test(what_people_type_is_understood),
		cmocka_unit_test(files_are_found_by_name),
		cmocka_unit_test(passwords_are_never_shown),
		cmocka_unit_test(letters_are_shown_and_controls_are_not),
	};
	return net_test_main(argc, argv, "url", tests, COUNT(tests), NULL, NULL);
}
