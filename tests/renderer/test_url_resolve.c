/* References against a base: RFC 3986, 5.4, and what browsers do beyond it. */
#include "tests/renderer/unit.h"

#include "renderer/url_resolve.h"
#include <string.h>

struct example {
	const char *base, *reference, *expected; /* expected NULL: leads nowhere */
};

#define RFC "http://a/b/c/d;p?q"

static const struct example examples[] = {
	{ RFC, "g:h", "g:h" },
	{ RFC, "g", "http://a/b/c/g" },
	{ RFC, "./g", "http://a/b/c/g" },
	{ RFC, "g/", "http://a/b/c/g/" },
	{ RFC, "/g", "http://a/g" },
	{ RFC, "//g", "http://g" },
	{ RFC, "?y", "http://a/b/c/d;p?y" },
	{ RFC, "g?y", "http://a/b/c/g?y" },
	{ RFC, "#s", "http://a/b/c/d;p?q#s" },
	{ RFC, "g#s", "http://a/b/c/g#s" },
	{ RFC, "g?y#s", "http://a/b/c/g?y#s" },
	{ RFC, ";x", "http://a/b/c/;x" },
	{ RFC, "", "http://a/b/c/d;p?q" },
	{ RFC, ".", "http://a/b/c/" },
	{ RFC, "..", "http://a/b/" },
	{ RFC, "../g", "http://a/b/g" },
	{ RFC, "../..", "http://a/" },
	{ RFC, "../../g", "http://a/g" },
	{ RFC, "../../../../g", "http://a/g" },
	{ RFC, "/./g", "http://a/g" },
	{ RFC, "/../g", "http://a/g" },
	{ RFC, "g.", "http://a/b/c/g." },
	{ RFC, "..g", "http://a/b/c/..g" },
	{ RFC, "./g/.", "http://a/b/c/g/" },
	{ RFC, "g/../h", "http://a/b/c/h" },
	{ RFC, "g?y/../x", "http://a/b/c/g?y/../x" },
	{ RFC, "g#s/../x", "http://a/b/c/g#s/../x" },
	{ RFC, "http:g", "http://a/b/c/g" },
	{ RFC, " \t a b\r\n ", "http://a/b/c/a%20b" },
	{ RFC, "a\nb", "http://a/b/c/ab" },
	{ RFC, "\\x\\y", "http://a/x/y" },
	{ RFC, "é?é#é", "http://a/b/c/%C3%A9?%C3%A9#%C3%A9" },
	{ RFC, "//bücher.example/ü", "http://bücher.example/%C3%BC" },
	{ RFC, "%41", "http://a/b/c/%41" },
	{ RFC, "mailto:a@b", "mailto:a@b" },
	{ "http://host", "x", "http://host/x" },
	{ "http://host?q", "x", "http://host/x" },
	{ "file:///a/b.html", "c.html", "file:///a/c.html" },
	{ "file:///a/b.html", "/c", "file:///c" },
	{ "bulkhead://start", "bulkhead://faults", "bulkhead://faults" },
	{ "data:text/html,x", "#top", "data:text/html,x#top" },
	{ "data:text/html,x", "y", NULL },
	{ "data:text/html,x", "http://a/", "http://a/" },
	{ "about:blank", "/x", NULL },
	{ "", "x", NULL },
};

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		const struct example *example = &examples[i];
		char out[256];
		bool ok = url_resolve(example->base, example->reference, strlen(example->reference), out,
				      sizeof(out));
		if (ok != (example->expected != NULL))
			fail_msg("%s against %s: %d %s", example->reference, example->base, ok, out);
		if (ok)
			assert_string_equal(out, example->expected);
	}
}

static void test_bounds(void **state)
{
	char out[24], big[16384];
	(void)state;
	memset(big, 'x', sizeof(big));
	/* "http://a/b/c/" and ten more, and the 0: that fits exactly. */
	assert_true(url_resolve(RFC, "0123456789", 10, out, sizeof(out)));
	assert_string_equal(out, "http://a/b/c/0123456789");
	assert_false(url_resolve(RFC, "0123456789a", 11, out, sizeof(out)));
	assert_false(url_resolve(RFC, big, sizeof(big), out, sizeof(out)));
	assert_false(url_resolve(RFC, "x", 1, out, 0));
}

static void test_fragments(void **state)
{
	char text[] = "a%20b%zz%4";
	(void)state;
	assert_null(url_fragment("http://a/b"));
	assert_string_equal(url_fragment("http://a/b#c#d"), "c#d");
	assert_true(url_same_document("http://a/b#c", "http://a/b"));
	assert_false(url_same_document("http://a/b?c", "http://a/b"));
	assert_int_equal(url_decode(text, strlen(text)), 8);
	assert_memory_equal(text, "a b%zz%4", 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_fragments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
