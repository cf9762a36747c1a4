/* Which URLs are of one site. */
#include "tests/net/client.h"

static void test_sites(void **state)
{
	static const struct {
		const char *url, *site; /* NULL: none */
	} rows[] = {
		{ "http://example.org/", "http://example.org" },
		{ "https://example.org/", "https://example.org" },
		{ "http://EXAMPLE.org:8080/a?b#c", "http://example.org" },
		{ "http://user:word@example.org/", "http://example.org" },
		{ "http://www.example.org/", "http://example.org" },
		{ "http://a.b.c.example.org/", "http://example.org" },
		/* Countries. */
		{ "http://www.example.de/", "http://example.de" },
		{ "http://example.co.uk/", "http://example.co.uk" },
		{ "http://www.example.co.uk/", "http://example.co.uk" },
		{ "http://other.co.uk/", "http://other.co.uk" },
		{ "http://co.uk/", "http://co.uk" },
		{ "http://www.example.com.au/", "http://example.com.au" },
		{ "http://www.co.example/", "http://co.example" },
		{ "http://a.com.example.org/", "http://example.org" },
		/* What has no domain is its own. */
		{ "http://localhost/", "http://localhost" },
		{ "http://127.0.0.1/", "http://127.0.0.1" },
		{ "http://127.0.0.2:81/", "http://127.0.0.2" },
		{ "http://10.1/", "http://10.0.0.1" },
		{ "http://[::1]:80/", "http://[::1]" },
		{ "http://example.org./", "http://example.org." },
		/* What is no web page. */
		{ "file:///etc/passwd", "file:" },
		{ "file:///", "file:" },
		{ "bulkhead://start", "bulkhead:" },
		{ "chrome://processes", "bulkhead:" },
		{ "data:text/html,x", NULL },
		{ "javascript:1", NULL },
		{ "gopher://example.org/", NULL },
		{ "nonsense", NULL },
		{ "", NULL },
		{ "http://", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char site[URL_SITE_MAX] = "";

		assert_int_equal(url_site(rows[i].url, site), rows[i].site != NULL);
		if (rows[i].site)
			assert_string_equal(site, rows[i].site);
	}
}

/* No host, however long, is cut: two that differ at their ends would be one. */
static void test_long_hosts(void **state)
{
	char url[300] = "https://", site[URL_SITE_MAX];

	(void)state;
	memset(url + 8, 'a', 63);
	for (unsigned i = 1; i < 4; i++) {
		url[8 + i * 64 - 1] = '-';
		memset(url + 8 + i * 64, 'a', 63);
	}
	assert_true(url_site(url, site));
	assert_string_equal(site, url);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sites),
		cmocka_unit_test(test_long_hosts),
	};

	return net_test_main(argc, argv, "site", tests, sizeof tests / sizeof *tests, NULL, NULL);
}
