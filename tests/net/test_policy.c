/* Who may open what, and what a debug URL is: browser/net/url_policy.c, fault_url.c. */
#include "browser/net/fault_url.h"
#include "tests/net/client.h"
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char *const targets[] = {
	"http://b.org/",      "https://b.org/",		 "file:///etc/passwd", "data:text/html,x",
	"bulkhead://sandbox", "chrome://start",		 "about:version",      "bulkhead://crash",
	"chrome://gpuhang",   "bulkhead://inject/abort", "javascript:x",       "java\tscript:x",
	"ftp://b.org/",	      "blob:http://b.org/",
};

/* One letter for each target: y may, - may not. */
static void page_policy_is_this_table(void **state)
{
	static const struct {
		const char *from;
		enum url_who who;
		const char *may;
	} table[] = {
		{ NULL, URL_BY_USER, "yyyyyyyyyy--yy" },
		{ "http://a.org/", URL_BY_PAGE, "yy------------" },
		{ "https://a.org/", URL_BY_PAGE, "yy------------" },
		{ "data:text/html,x", URL_BY_PAGE, "yy------------" },
		{ "file:///tmp/a.html", URL_BY_PAGE, "yyy-----------" },
		{ "bulkhead://start", URL_BY_PAGE, "yy--yyy-------" },
		{ "about:blank", URL_BY_PAGE, "yy--yyy-------" },
		{ "http://a.org/", URL_BY_REDIRECT, "yy------------" },
		{ "https://a.org/", URL_BY_REDIRECT, "yy------------" },
		{ "file:///tmp/a.html", URL_BY_REDIRECT, "yy------------" },
		{ "bulkhead://start", URL_BY_REDIRECT, "yy------------" },
		{ "nonsense", URL_BY_PAGE, "--------------" },
		{ NULL, URL_BY_PAGE, "--------------" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		for (size_t t = 0; t < COUNT(targets); t++) {
			const char *why = NULL;
			bool may = url_may_open(table[i].from, targets[t], table[i].who, &why);
			if (may != (table[i].may[t] == 'y'))
				fail_msg("%s -> %s by %d", table[i].from ? table[i].from : "-", targets[t],
					 table[i].who);
			if (!may && table[i].from && strcmp(table[i].from, "nonsense"))
				assert_non_null(why);
		}
	}
	assert_false(url_may_open(NULL, "http://a:99999/", URL_BY_USER, NULL));
}

static void debug_urls_are_orders(void **state)
{
	static const char *const table[][2] = {
		{ "bulkhead://crash", "null dereference" },
		{ "chrome://crash/", "null dereference" },
		{ "about:crash", "null dereference" },
		{ "bulkhead://crash?now#x", "null dereference" },
		{ "CHROME://KILL", "SIGTERM" },
		{ "chrome://gpuhang#x", "endless loop into gpu" },
		{ "chrome://crash/rust", "abort" },
		{ "chrome://crash/gpu/heap-overflow/", "heap overflow into gpu" },
		{ "chrome://inducebrowsercrashforrealz", "null dereference into browser" },
		{ "bulkhead://inject/stack_overflow", "stack_overflow" },
		{ "bulkhead://inject/gpu/violation", "gpu violation" },
		{ "bulkhead://inject/plugin/bad-message/", "plugin bad-message" },
		{ "bulkhead://inject/gpu/abort/on/3rd/submit_frame", "gpu abort on 3rd submit_frame" },
		{ "bulkhead://inject/abort+after+3s", "abort after 3s" },
		{ "bulkhead://inject/abort%20on%20ping/with/5%25", "abort on ping with 5%" },
		{ "bulkhead://inject", "" },
		{ "chrome://inject/", "" },
		{ "bulkhead://inject/sink", "sink" }, /* which is understood, and answered */
	};
	static const char *const others[] = {
		"bulkhead://start",	  "bulkhead://crash/x",
		"bulkhead://injection",	  "bulkhead://injected/abort",
		"http://crash/",	  "crash",
		"bulkhead://crashes",	  "bulkhead://inject/a%01b",
		"data:,bulkhead://crash", "",
	};
	char order[FAULT_URL_ORDER];
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_true(url_fault(table[i][0], order, sizeof order));
		assert_string_equal(order, table[i][1]);
		assert_true(url_fault(table[i][0], NULL, 0));
	}
	for (size_t i = 0; i < COUNT(others); i++)
		if (url_fault(others[i], order, sizeof order))
			fail_msg("%s is taken for a debug URL", others[i]);
}

static void every_short_url_is_an_order(void **state)
{
	char order[FAULT_URL_ORDER];
	(void)state;
	for (const struct fault_url *entry = fault_urls; entry->url; entry++) {
		assert_true(url_fault(entry->url, order, sizeof order));
		assert_string_equal(order, entry->order);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_policy_is_this_table),
		cmocka_unit_test(debug_urls_are_orders),
		cmocka_unit_test(every_short_url_is_an_order),
	};
	return net_test_main(argc, argv, "policy", tests, COUNT(tests), NULL, NULL);
}
