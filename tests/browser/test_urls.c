/*
 * Faults are obeyed when they come from the user: debug URLs that are typed break what they name; links and
 * redirects of pages to them are refused, and so are files and data: from the web. Argument: the test server.
 */
#include "browser/net/fault_url.h"
#include "tests/browser/harness.h"
#include "tests/net/client.h"
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct server server;

static const char *web(const char *path)
{
	static char url[4096];

	snprintf(url, sizeof url, "http://127.0.0.1:%u%s", server.port, path);
	return url;
}

static int set_up(void **state)
{
	server_start(&server, server_script, false);
	return harness_open(state);
}

static int tear_down(void **state)
{
	server_stop(&server);
	return harness_close(state);
}

static struct process_host *victim_of(struct tab *tab, const char *order)
{
	return strstr(order, " gpu")	  ? gpu_host_up(browser.gpu)
	       : strstr(order, " plugin") ? harness_plugin()
					  : tab->renderer;
}

/* Each typed debug URL does what its row says, in both spellings; it is no navigation. */
static void test_typed_debug_urls_are_obeyed(void **state)
{
	struct tab *tab = harness_tab(CLOCK_PAGE);

	(void)state;
	for (unsigned i = 0; fault_urls[i].url; i++) {
		unsigned history = tab->history_count;
		struct process_host *p;
		struct fault_order order;
		char url[80], error[CLAUSE_ERROR];

		assert_true(fault_order_parse(fault_urls[i].order, &order, error));
		if (!strcmp(order.whom, "browser"))
			continue; /* test_fatal.c */
		AWAIT(gpu_host_up(browser.gpu) && harness_plugin());
		p = victim_of(tab, fault_urls[i].order);
		snprintf(url, sizeof url, "%s%s", i % 2 ? "chrome" : "bulkhead",
			 strchr(fault_urls[i].url, ':'));
		print_message("  %s\n", url);
		tab_go(tab, url);
		assert_non_null(p->fault);
		assert_string_equal(p->fault, order.fault->name);
		if (order.fault->end != FAULT_END_DEAD) /* as the user would; hangs are told of elsewhere */
			process_kill(p, BAD_MESSAGE_NONE);
		AWAIT(p->state == PROCESS_DEAD);
		assert_string_equal(tab->url, CLOCK_PAGE);
		assert_int_equal(tab->history_count, history);
		restart_forgive(&browser.gpu->restart);
		restart_forgive(&harness_clock()->restart);
		tab_reload(tab); /* the page that was there */
		AWAIT(harness_loaded(tab));
	}
}

/* All that the page shows, row by row, with single blanks. */
static const char *read_page(struct tab *tab)
{
	static char text[200000];
	size_t n = 0;

	for (uint32_t row = 0; row < tab->document_rows; row += browser.view->rows) {
		tab_scroll_to(tab, row);
		AWAIT(tab->scroll_row == browser.view->row && browser.view->page == tab->id);
		for (const char *c = harness_screen(); *c && n + 1 < sizeof text; c++)
			if (!isspace((unsigned char)*c))
				text[n++] = *c;
			else if (n && text[n - 1] != ' ')
				text[n++] = ' ';
	}
	text[n] = '\0';
	return text;
}

static void test_the_page_of_faults_tells_them_all(void **state)
{
	struct tab *tab = harness_tab("bulkhead://faults");
	const char *text = read_page(tab);

	(void)state;
	for (unsigned i = 0; fault_urls[i].url; i++)
		if (!strstr(text, fault_urls[i].url))
			fail_msg("%s is not on the page", fault_urls[i].url);
	for (unsigned i = 0; i < fault_table_count; i++)
		if (!strstr(text, fault_table[i].name))
			fail_msg("%s is not on the page", fault_table[i].name);
}

/* What it gives as an address of an order is one, and short enough for a narrow page. */
static void test_the_page_of_faults_gives_addresses(void **state)
{
	static const char inject[] = "bulkhead://inject/";
	unsigned found = 0;
	const char *text;

	(void)state;
	browser.options.no_faults = true;
	text = read_page(harness_tab("bulkhead://faults"));
	browser.options.no_faults = false;
	assert_non_null(strstr(text, "Faults are off (--no-faults)"));
	while ((text = strstr(text, inject))) {
		char url[200], order[FAULT_URL_ORDER], error[CLAUSE_ERROR] = "";
		struct fault_order o;
		size_t length = strcspn(text, " ");

		snprintf(url, sizeof url, "%.*s", (int)length, text);
		text += length;
		if (length > 54)
			fail_msg("%s is too long", url);
		assert_true(url_fault(url, order, sizeof order));
		if (!*order)
			continue;
		if (!fault_order_parse(order, &o, error))
			fail_msg("%s: %s", url, error);
		found++;
	}
	assert_true(found > fault_table_count);
	assert_null(strstr(read_page(harness_tab("bulkhead://faults")), "Faults are off"));
}

/* A tab opened for it alone has a process to break. */
static void test_a_debug_url_in_a_new_tab(void **state)
{
	struct tab *tab = tab_open(browser.tabs, "bulkhead://gpukill", true);
	struct process_host *gpu = gpu_host_up(browser.gpu);

	(void)state;
	AWAIT(harness_loaded(tab));
	AWAIT(gpu->state == PROCESS_DEAD);
	assert_string_equal(tab->url, "bulkhead://start");
}

static unsigned deaths(void)
{
	return browser.processes->died;
}

/* Follow the only link of the page with keys, as a user would. */
static void follow_link(struct tab *tab)
{
	browser.message[0] = '\0';
	tab_press_key(tab, KEY_FOCUS_NEXT);
	tab_press_key(tab, KEY_ACTIVATE);
}

static const char *const forbidden[] = {
	"bulkhead://crash",
	"chrome://kill",
	"CHROME://Hang",
	"about:crash",
	"bulkhead://gpucrash",
	"chrome://gpuhang",
	"bulkhead://inject/gpu/abort",
	"bulkhead://inject/browser/abort",
	"chrome://inducebrowsercrashforrealz",
	"bulkhead://quit",
	"bulkhead://inject/renderer/memory-exhaust",
	"bulkhead://memory-exhaust/?x%23",
	"bulkhead:crash",
	"bulkhead://start",
	"file:///etc/passwd",
	"FILE:///etc/hostname",
	"data:text/html,<h1>fooled</h1>",
	"ftp://127.0.0.1/",
	"mailto:somebody",
};
#define FORBIDDEN (sizeof forbidden / sizeof *forbidden)

/* %XX for what a query may not hold. */
static void encode(const char *text, char *out)
{
	for (; *text; text++)
		out += sprintf(out, "%%%02X", (unsigned char)*text);
}

static void test_links_of_web_pages_are_refused(void **state)
{
	struct tab *other = harness_tab("bulkhead://pages/harbour.html");
	struct witness w = harness_witness(other);
	struct tab *tab = harness_tab(web("/ok"));

	(void)state;
	for (size_t i = 0; i < FORBIDDEN; i++) {
		char path[1024] = "/html?", link[300];
		uint32_t renderer;
		unsigned died;

		snprintf(link, sizeof link, "<title>T</title><a href='%s'>x</a>", forbidden[i]);
		encode(link, path + strlen(path));
		harness_go(tab, web(path));
		AWAIT(tab->title && !strcmp(tab->title, "T"));
		died = deaths();
		renderer = tab->renderer->name.serial;
		follow_link(tab);
		AWAIT(!strncmp(browser.message, "refused: ", 9));
		harness_check_answers(tab->renderer);
		assert_int_equal(tab->renderer->name.serial, renderer);
		assert_int_equal(tab->state, TAB_READY);
		assert_null(tab->pending_url);
		assert_int_equal(deaths(), died);
	}
	harness_check_witness(&w);
}

static void test_redirects_of_web_pages_are_refused(void **state)
{
	struct tab *tab = harness_tab(web("/ok"));

	(void)state;
	for (size_t i = 0; i < FORBIDDEN; i++) {
		char path[1024] = "/to?";
		unsigned died = deaths();

		encode(forbidden[i], path + strlen(path));
		harness_go(tab, web(path));
		print_message("  %s: %s\n", forbidden[i], tab->title);
		assert_true(!strcmp(tab->title, "The server leads where it may not") ||
			    !strcmp(tab->title, "The server leads to a broken address"));
		/* The address may be shown; what it leads to may not. */
		assert_null(strstr(harness_describe(tab)->text, "\nfooled"));
		assert_null(strstr(tab->description.text, "root:"));
		assert_int_equal(deaths(), died);
	}
}

/* A built-in page and a file may not break anything either. */
static void test_links_of_other_pages_to_debug_urls_are_refused(void **state)
{
	char name[] = "/tmp/bulkhead-link-XXXXXX.html";
	int fd = mkstemps(name, 5);
	struct tab *tab;
	unsigned died;

	(void)state;
	assert_true(fd >= 0);
	dprintf(fd, "<title>File</title><a href='bulkhead://crash'>x</a>");
	close(fd);
	tab = harness_tab(name);
	died = deaths();
	follow_link(tab);
	AWAIT(!strncmp(browser.message, "refused: ", 9));
	harness_go(tab, "data:text/html,<a href='chrome://crash'>x</a>");
	follow_link(tab);
	AWAIT(!strncmp(browser.message, "refused: ", 9));
	harness_go(tab, "data:text/html,<a href='file:///etc/passwd'>x</a>");
	follow_link(tab);
	AWAIT(!strncmp(browser.message, "refused: ", 9));
	assert_int_equal(deaths(), died);
	unlink(name);
}

static void test_what_is_allowed(void **state)
{
	struct tab *tab = harness_tab(web("/ok"));

	(void)state;
	follow_link(tab);
	AWAIT(harness_loaded(tab) && tab->title && !strcmp(tab->title, "Page 2"));
	assert_int_equal(tab->history_count, 2);
	harness_go(tab, web("/redirect/3"));
	assert_string_equal(tab->url, web("/ok"));
}

/* A renderer that a web page may have taken over never comes to hold a file or a page of the browser's own.
 */
static void test_origins_do_not_share_a_renderer(void **state)
{
	char name[] = "/tmp/bulkhead-origin-XXXXXX.html";
	int fd = mkstemps(name, 5);
	const char *urls[] = { web("/ok"), name, "bulkhead://start", "data:text/html,<p>x" };
	struct tab *tab = harness_tab("data:text/html,<p>begin"); /* as little trusted as the web */
	uint32_t serial = tab->renderer->name.serial;

	(void)state;
	assert_true(fd >= 0);
	dprintf(fd, "<title>File</title><p>file");
	close(fd);
	for (unsigned i = 0; i < 8; i++) {
		bool was_web = i % 4 == 0; /* from data: to the web is no step at all */
		struct process_host *before = tab->renderer;

		harness_go(tab, urls[i % 4]);
		assert_int_equal(tab->renderer->name.serial == serial, was_web);
		serial = tab->renderer->name.serial;
		if (!was_web) {
			AWAIT(before->state == PROCESS_DEAD);
			assert_int_equal(before->death.status, TERMINATION_STATUS_NORMAL);
		}
		harness_describe(tab);
	}
	assert_true(tab_history_step(tab, -2)); /* back to the file */
	AWAIT(harness_loaded(tab));
	assert_int_not_equal(tab->renderer->name.serial, serial);
	assert_string_equal(tab->title, "File");
	unlink(name);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_typed_debug_urls_are_obeyed, harness_calm),
		cmocka_unit_test_setup(test_the_page_of_faults_tells_them_all, harness_calm),
		cmocka_unit_test_setup(test_the_page_of_faults_gives_addresses, harness_calm),
		cmocka_unit_test_setup(test_a_debug_url_in_a_new_tab, harness_calm),
		cmocka_unit_test_setup(test_links_of_web_pages_are_refused, harness_calm),
		cmocka_unit_test_setup(test_redirects_of_web_pages_are_refused, harness_calm),
		cmocka_unit_test_setup(test_links_of_other_pages_to_debug_urls_are_refused, harness_calm),
		cmocka_unit_test_setup(test_what_is_allowed, harness_calm),
		cmocka_unit_test_setup(test_origins_do_not_share_a_renderer, harness_calm),
	};

	server_script = argc > 1 ? argv[1] : "server.py";
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
