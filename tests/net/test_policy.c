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

static void debug_urls_name_role_and_fault(void **state)
{
	static const struct {
		const char *url;
		enum role role;
		enum fault kind;
	} table[] = {
		{ "bulkhead://crash", ROLE_RENDERER, FAULT_NULL_DEREFERENCE },
		{ "chrome://crash/", ROLE_RENDERER, FAULT_NULL_DEREFERENCE },
		{ "CHROME://KILL", ROLE_RENDERER, FAULT_KILL },
		{ "chrome://hang", ROLE_RENDERER, FAULT_HANG },
		{ "chrome://memory-exhaust", ROLE_RENDERER, FAULT_OUT_OF_MEMORY },
		{ "chrome://gpucrash", ROLE_GPU, FAULT_NULL_DEREFERENCE },
		{ "chrome://gpuhang#x", ROLE_GPU, FAULT_HANG },
		{ "bulkhead://inject/stack_overflow", ROLE_RENDERER, FAULT_STACK_OVERFLOW },
		{ "bulkhead://inject/stack-overflow", ROLE_RENDERER, FAULT_STACK_OVERFLOW },
		{ "bulkhead://inject/renderer/exit", ROLE_RENDERER, FAULT_EXIT },
		{ "bulkhead://inject/gpu/violation", ROLE_GPU, FAULT_VIOLATION },
		{ "bulkhead://inject/plugin/bad-message", ROLE_PLUGIN, FAULT_BAD_MESSAGE },
	};
	static const char *const others[] = {
		"bulkhead://start",
		"bulkhead://crash/x",
		"bulkhead://inject",
		"bulkhead://inject/none",
		"bulkhead://inject/aborts",
		"bulkhead://inject/browser/abort",
		"http://crash/",
		"bulkhead://inject/gpu",
		"crash",
		"data:,bulkhead://crash",
		"bulkhead://inject/gpu/gpu/abort",
		"",
	};
	enum role role;
	enum fault kind;
	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		assert_true(url_fault(table[i].url, &role, &kind));
		assert_int_equal(role, table[i].role);
		assert_int_equal(kind, table[i].kind);
		assert_true(url_fault(table[i].url, NULL, NULL));
	}
	for (size_t i = 0; i < COUNT(others); i++)
		if (url_fault(others[i], &role, &kind))
			fail_msg("%s is taken for a debug URL", others[i]);
}

static void every_short_url_is_a_fault(void **state)
{
	(void)state;
	for (const struct fault_url *entry = fault_urls; entry->url; entry++) {
		enum role role;
		enum fault kind;
		assert_true(url_fault(entry->url, &role, &kind));
		assert_int_equal(role, entry->role);
		assert_int_equal(kind, entry->kind);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_policy_is_this_table),
		cmocka_unit_test(debug_urls_name_role_and_fault),
		cmocka_unit_test(every_short_url_is_a_fault),
	};
	return net_test_main(argc, argv, "policy", tests, COUNT(tests), NULL, NULL);
}
