/*
 * Bad input of every kind through the whole browser: each ends in a page (an error page, or as much as can be
 * shown), nobody dies, the browser's memory stays bounded, and other tabs do not notice. Argument: the
 * server.
 */
#include "tests/browser/harness.h"
#include "tests/net/client.h"
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (UINT64_C(1) << 20)

static struct server server, tls_server;
static struct witness witness;

static const char *web(const char *path)
{
	static char url[4096];

	snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server.port, path);
	return url;
}

static int set_up(void **state)
{
	server_start(&server, server_script, false);
	server_start(&tls_server, server_script, true);
	return harness_open(state);
}

static int tear_down(void **state)
{
	server_stop(&server);
	server_stop(&tls_server);
	return harness_close(state);
}

static int begin(void **state)
{
	int result = harness_calm(state);

	witness = harness_witness(harness_tab("bulkhead://pages/harbour.html"));
	return result;
}

/* Nobody died but those that were asked to, and the other tab is as it was. */
static int check_after(void **state)
{
	(void)state;
	harness_check_witness(&witness);
	for (struct process_host *p = browser.processes->first; p; p = p->next) {
		char text[200];

		/* harness_calm() itself kills plugin processes. */
		if (p->state != PROCESS_DEAD || p->death.status == TERMINATION_STATUS_NORMAL)
			continue;
		print_error("  %s: %s\n", role_names[p->name.role], death_text(&p->death, text, sizeof text));
		return -1;
	}
	return 0;
}

/* A port that nobody listens on. */
static unsigned closed_port(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t length = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	close(fd);
	return ntohs(address.sin_port);
}

/* Open in a tab; the title that results, and words that its text has. NULL: none in particular. */
static void check_page(struct tab *tab, const char *url, const char *title, const char *text)
{
	print_message("  %.90s\n", url);
	harness_go(tab, url);
	if (title)
		assert_string_equal(tab->title ? tab->title : "", title);
	if (text && !strstr(harness_describe(tab)->text, text)) {
		print_error("no '%s' in:\n%.400s\n", text, tab->description.text);
		fail();
	}
	assert_int_equal(tab->state, TAB_READY);
}

static void test_addresses_that_lead_nowhere(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>begin");
	char url[100];

	(void)state;
	check_page(tab, "gopher://127.0.0.1/", NULL, "gopher");
	check_page(tab, "javascript:alert(1)", NULL, NULL);
	check_page(tab, "http://", NULL, NULL);
	check_page(tab, "http://[::1", NULL, NULL);
	check_page(tab, "bulkhead://nothing-of-that-name", NULL, NULL);
	check_page(tab, "http://no-such-host.invalid/", NULL, "no-such-host.invalid");
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", closed_port());
	check_page(tab, url, NULL, "127.0.0.1");
	snprintf(url, sizeof url, "https://127.0.0.1:%u/ok", tls_server.port); /* signed by nobody we know */
	check_page(tab, url, NULL, "127.0.0.1");
	assert_string_not_equal(tab->title, "Fine");
	snprintf(url, sizeof url, "https://127.0.0.1:%u/ok", server.port); /* speaks no TLS */
	check_page(tab, url, NULL, "127.0.0.1");
	snprintf(url, sizeof url, "http://127.0.0.1:%u/ok", tls_server.port); /* speaks nothing else */
	check_page(tab, url, NULL, NULL);
	assert_string_not_equal(tab->title, "Fine");
}

static void test_answers_that_are_none(void **state)
{
	struct tab *tab = harness_tab(web("/ok"));

	(void)state;
	check_page(tab, web("/404"), "Error 404", "This went wrong");
	check_page(tab, web("/status-empty/500"), NULL, "500");
	check_page(tab, web("/loop"), "The server redirects in circles", NULL);
	check_page(tab, web("/empty"), "There is nothing to show", NULL);
	check_page(tab, web("/binary"), NULL, "application/octet-stream");
	check_page(tab, web("/binary-text"), NULL, NULL);
	check_page(tab, web("/image"), NULL, "image/png");
	check_page(tab, web("/close"), NULL, NULL);
	check_page(tab, web("/garbage"), NULL, NULL);
	check_page(tab, web("/truncated"), NULL, "xxxx");
	check_page(tab, web("/reset"), NULL, NULL);
	check_page(tab, web("/redirect/5"), "Fine", "All is well");
}

static void test_text_in_every_state(void **state)
{
	struct tab *tab = harness_tab(web("/ok"));

	(void)state;
	check_page(tab, web("/charset/euc-kr"), NULL, "안녕하세요 항구 소식");
	check_page(tab, web("/meta/shift_jis"), NULL, "こんにちは 港のニュース");
	check_page(tab, web("/bom"), "안녕", "안녕하세요");
	/* Said to be another than it is: replacement characters, and on. */
	check_page(tab, web("/invalid-utf8"), "bad", "fine");
	assert_non_null(strstr(tab->description.text, "\uFFFD"));
	check_page(tab, web("/nul-html"), NULL, "c");
	check_page(tab, web("/html?%3Cp%3E%1B%5B31mred%1B%5D0;title%07%9B%7F%3C/p%3E"), NULL, "red");
	check_page(tab, web("/html?%3Cmeta%20charset=euc-kr%3E%3Cp%3E%ED%95%9C%EA%B5%AD%3C/p%3Eend"), NULL,
		   "end");
	check_page(tab, web("/text?%00%01%02%1b"), NULL, NULL);
	check_page(tab, web("/html?"), NULL, NULL);
}

/* What reaches the screen is printable, whatever the page holds. */
static void test_nothing_of_a_page_is_raw(void **state)
{
	static const char page[] =
		"/html?%3Ctitle%3E%1B%5D0;evil%07%3C/title%3E%3Cp%3E%1B%5B2J%1Bc%C2%9B31m%E2%80%AE"
		"%E2%81%A6%0E%0F%08%7Ftext%F3%A0%81%81%EF%BB%BF%CC%81%CC%81%CC%81%CC%81%CC%81%CC%81";
	struct tab *tab = harness_tab(web("/ok"));

	(void)state;
	harness_go(tab, web(page));
	AWAIT(harness_screen_has("text"));
	for (unsigned row = 0; row < browser.view->rows; row++)
		assert_true(cell_check_row(browser.view->cells + row * browser.view->columns,
					   browser.view->columns));
	for (const char *c = harness_screen(); *c; c++)
		assert_true(*c == '\n' || (unsigned char)*c >= ' ');
	for (const char *c = tab->title ? tab->title : ""; *c; c++)
		assert_true((unsigned char)*c >= ' ' && *c != 0x7f);
}

static void test_an_endless_page_is_stopped(void **state)
{
	static const char *const pages[] = { "/endless", "/endless-html", "/slow?n=100000&ms=1", "/silent" };
	struct tab *tab = harness_tab(web("/ok"));
	uint64_t before = count_resident_bytes();

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		print_message("  %s\n", pages[i]);
		tab_go(tab, web(pages[i]));
		if (i < 2)
			AWAIT(tab->state == TAB_READY && tab->loaded_bytes > 4 * MIB);
		else if (i == 2)
			AWAIT(tab->state == TAB_READY && tab->loaded_bytes > 100);
		else
			AWAIT(tab->state == TAB_LOADING);
		assert_true(tab->loading);
		harness_check_witness(&witness); /* while it loads */
		tab_stop(tab);
		assert_false(tab->loading);
		AWAIT(tab->state == TAB_READY);
		harness_check_answers(tab->renderer);
	}
	assert_true(count_resident_bytes() < before + 16 * MIB);
	harness_go(tab, web("/ok"));
	assert_string_equal(tab->title, "Fine");
}

static void test_fifty_megabytes(void **state)
{
	struct tab *tab = tab_open(browser.tabs, web("/big?mb=50"), true);
	uint64_t before = count_resident_bytes();

	(void)state;
	AWAIT(tab->loaded_bytes > 10 * MIB);
	harness_check_witness(&witness);
	AWAIT_WITHIN(30000, harness_loaded(tab));
	assert_true(count_resident_bytes() < before + 16 * MIB);
	assert_true(tab->document_rows > 1000);
	tab_scroll_to(tab, UINT32_MAX);
	AWAIT(browser.view->row == tab->scroll_row && tab->scroll_row > 1000);
	tab_close(tab);
}

static void test_a_hundred_thousand_nested_tags(void **state)
{
	struct tab *tab = tab_open(browser.tabs, web("/deep?n=100000"), true);

	(void)state;
	AWAIT_WITHIN(30000, harness_loaded(tab));
	assert_non_null(strstr(harness_describe(tab)->text, "deep"));
	harness_check_answers(tab->renderer);
}

/* A bomb is unpacked piece by piece, by a browser that does not keep it. */
static void test_a_compressed_bomb(void **state)
{
	struct tab *tab = tab_open(browser.tabs, web("/bomb?mb=200"), true);
	uint64_t before = count_resident_bytes();

	(void)state;
	AWAIT_WITHIN(30000, tab->state == TAB_READY && tab->loaded_bytes > 8 * MIB);
	tab_close(tab);
	harness_check_witness(&witness);
	/* The HTTP library may hold up to 64 MiB that it has unpacked already. */
	assert_true(count_resident_bytes() < before + 80 * MIB);
}

static void test_files(void **state)
{
	struct tab *tab = harness_tab("data:text/html,<p>begin");
	char folder[] = "/tmp/bulkhead-files-XXXXXX", path[100];

	(void)state;
	assert_non_null(mkdtemp(folder));
	check_page(tab, folder, NULL, NULL); /* an empty folder is a list of nothing */
	snprintf(path, sizeof path, "%s/missing.html", folder);
	check_page(tab, path, "There is no such file", "missing.html");
	snprintf(path, sizeof path, "%s/empty.html", folder);
	fclose(fopen(path, "we"));
	check_page(tab, path, NULL, NULL);
	if (geteuid() != 0) {
		chmod(path, 0);
		check_page(tab, path, "This file may not be read", NULL);
	}
	unlink(path);
	snprintf(path, sizeof path, "%s/pipe", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	check_page(tab, path, "This is no file", NULL);
	unlink(path);
	snprintf(path, sizeof path, "%s/circle", folder);
	assert_int_equal(symlink(path, path), 0);
	check_page(tab, path, NULL, "circle");
	unlink(path);
	rmdir(folder);
	check_page(tab, "/dev/zero", "This is no file", NULL);
	check_page(tab, "/proc/self/mem", NULL, NULL);
	check_page(tab, "file:///etc/shadow%00.html", NULL, NULL);
}

/* A long address, a long title, and many of everything. */
static void test_too_much_of_everything(void **state)
{
	struct tab *tab = harness_tab(web("/ok"));
	char *url = malloc(10000), *at = url;

	(void)state;
	at += sprintf(at, "data:text/html,<title>");
	memset(at, 't', 3000);
	at[3000] = '\0';
	harness_go(tab, url);
	assert_in_range(strlen(tab->title), 1, 256);
	memset(at, 'u', 9000);
	at[9000] = '\0';
	harness_go(tab, url); /* longer than any URL may be: an error page */
	assert_int_equal(tab->state, TAB_READY);
	at = url + sprintf(url, "data:text/html,");
	for (unsigned i = 0; i < 200; i++)
		at += sprintf(at, "<embed type=x/%u>", i % 10);
	assert_true(at - url < 4000);
	harness_go(tab, url);
	harness_check_answers(tab->renderer);
	free(url);
}

int main(int argc, char **argv)
{
#define INPUT_TEST(name) cmocka_unit_test_setup_teardown(name, begin, check_after)
	const struct CMUnitTest tests[] = {
		INPUT_TEST(test_addresses_that_lead_nowhere),
		INPUT_TEST(test_answers_that_are_none),
		INPUT_TEST(test_text_in_every_state),
		INPUT_TEST(test_nothing_of_a_page_is_raw),
		INPUT_TEST(test_an_endless_page_is_stopped),
		INPUT_TEST(test_fifty_megabytes),
		INPUT_TEST(test_a_hundred_thousand_nested_tags),
		INPUT_TEST(test_a_compressed_bomb),
		INPUT_TEST(test_files),
		INPUT_TEST(test_too_much_of_everything),
	};

	server_script = argc > 1 ? argv[1] : "server.py";
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
