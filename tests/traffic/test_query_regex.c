/* Expressions of the query language: beside the library's own on any of those that both have, and by a table.
 */
#include "browser/traffic/query/query_internal.h"
#include "tests/traffic/fixture.h"
#include <locale.h>
#include <regex.h>

#define PATTERNS 20000
#define TEXTS	 20 /* a pattern */
#define DEPTH	 3

static uint64_t state = 20261121;

static unsigned pick(unsigned below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)(state % below);
}

static void put_choice(struct format *out, unsigned depth);

static void put_atom(struct format *out, unsigned depth)
{
	static const char *const atoms[] = { "a",     "b",    "c",     ".",	      "[ab]",	       "[^a]",
					     "[a-b]", "[]b]", "[^]c]", "[[:alpha:]]", "[^[:digit:]-]", "\\.",
					     "\\w",   "\\W",  "-",     "]",	      "\\(",	       "1" };

	if (depth && !pick(4)) {
		format_char(out, '(');
		put_choice(out, depth - 1);
		format_char(out, ')');
	} else {
		format_text(out, atoms[pick(sizeof atoms / sizeof *atoms)]);
	}
}

/* Anchors are not repeated: the library finds (^a){2} in aa. */
static void put_choice(struct format *out, unsigned depth)
{
	static const char *const counts[] = { "*", "+", "?", "{2}", "{0,1}", "{1,3}", "{2,}", "{0}", "{0,}" };

	do {
		if (depth == DEPTH && !pick(8))
			format_char(out, '^');
		for (unsigned n = 1 + pick(3); n; n--) {
			put_atom(out, depth);
			if (!pick(3))
				format_text(out, counts[pick(sizeof counts / sizeof *counts)]);
		}
		if (depth == DEPTH && !pick(8))
			format_char(out, '$');
	} while (!pick(3) && (format_char(out, '|'), true));
}

static void test_beside_the_library(void **unused)
{
	static const char letters[] = "aaabbbcc.-]([1_ ";
	unsigned compared = 0, found = 0;

	(void)unused;
	for (unsigned i = 0; i < PATTERNS; i++) {
		char pattern[256], text[32], why[QUERY_WHY];
		struct format out = format_into(pattern, sizeof pattern);
		struct query_regex *ours;
		regex_t theirs;

		put_choice(&out, DEPTH);
		if (out.full || regcomp(&theirs, pattern, REG_EXTENDED | REG_NOSUB))
			continue;
		ours = query_regex_make(pattern, out.length, why);
		for (unsigned k = 0; ours && k < TEXTS; k++) {
			unsigned length = pick(k < 4 ? 4 : sizeof text);

			for (unsigned n = 0; n < length; n++)
				text[n] = letters[pick(sizeof letters - 1)];
			text[length] = '\0';
			bool finds = query_regex_finds(ours, text, length);

			if (finds != !regexec(&theirs, text, 0, NULL, 0))
				fail_msg("'%s' %s '%s'", pattern, finds ? "finds" : "misses", text);
			compared++;
			found += finds;
		}
		if (!ours && !strstr(why, "too long"))
			fail_msg("'%s': %s", pattern, why);
		query_regex_free(ours);
		regfree(&theirs);
	}
	assert_true(compared > PATTERNS * TEXTS / 2 && found > compared / 10 && found < compared * 9 / 10);
}

static void test_table(void **unused)
{
	static const struct {
		const char *pattern, *text;
		bool finds;
	} cases[] = {
		{ "^caf.$", "caf\xc3\xa9", true },
		{ "caf[\xc3\xa0-\xc3\xbf]", "caf\xc3\xa9", true },
		{ "caf[^\xc3\xa9]", "caf\xc3\xa9", false },
		{ "\xc3\xa9+x", "\xc3\xa9\xc3\xa9x", true },
		{ "^\\w+$", "caf\xc3\xa9", true },
		{ "^.$", "\xff", true },
		{ "^..$", "\xc3\xa9", false },
		{ "\\d\\s\\D", "x1 a", true },
		{ "\\S\\s\\S", "a  b", false },
		{ "a.b", "a\nb", true },
		{ "", "", true },
		{ "()", "x", true },
		{ "a|", "x", true },
		{ "^$", "", true },
		{ "^$", "x", false },
		{ "x{0}y", "xy", true },
		{ "^x{0}y", "xy", false },
		{ "{", "a{b", true },
		{ "a{b", "a{b", true },
		{ "[.]", "x", false },
		{ "[a\\]", "\\", true },
	};
	char why[QUERY_WHY];

	(void)unused;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct query_regex *r = query_regex_make(cases[i].pattern, strlen(cases[i].pattern), why);

		if (!r)
			fail_msg("'%s': %s", cases[i].pattern, why);
		if (query_regex_finds(r, cases[i].text, strlen(cases[i].text)) != cases[i].finds)
			fail_msg("'%s' in '%s'", cases[i].pattern, cases[i].text);
		query_regex_free(r);
	}
}

/* Those that take others for ever: they would not end before the test's time is over. */
static void test_trouble(void **unused)
{
	static const char *const patterns[] = { "(a|b)*a(a|b){120}c", "((a*)*)*c", "((a|aa)+)+c",
						"(.*)(.*)(.*)(.*)(.*)c", "(((a?){5}){5}){5}c" };
	static char text[256 << 10];
	char why[QUERY_WHY];

	(void)unused;
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = "ab"[pick(2)];
	for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
		struct query_regex *r = query_regex_make(patterns[i], strlen(patterns[i]), why);

		assert_non_null(r);
		text[sizeof text - 1] = 'a';
		assert_false(query_regex_finds(r, text, sizeof text));
		memset(text + sizeof text - 200, 'a', 199);
		text[sizeof text - 1] = 'c';
		assert_true(query_regex_finds(r, text, sizeof text));
		query_regex_free(r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_beside_the_library),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_trouble),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
