/* Layout: HTML in, expected lines out, at several widths, whole and in pieces. */
#include "tests/renderer/unit.h"

#include "tests/renderer/sheet.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct golden {
	const char *name;
	unsigned columns;
	const char *html, *expected; /* with attributes */
};

static const struct golden goldens[] = {
	{ "heading and paragraphs", 40, "<h1>Harbour news</h1><p>The ferry sails at <b>nine</b>.<p>Be there.",
	  "\n  *Harbour news*\n\n  The ferry sails at *nine*.\n\n  Be there.\n" },
	{ "no margins when narrow", 20, "<h1>A</h1><p>b", "*A*\n\nb\n" },
	{ "white space collapses", 30, "<p>  a \n\t b<i> c </i> d  </p>", "a b/ c /d\n" },
	{ "a space before a link is not the link's", 30,
	  "<p>see <a href=x>this</a>, or <a href=y> that </a>.", "see [1:this], or [2:that ].\n" },
	{ "breaks at spaces", 10, "<p>one two three four", "one two\nthree four\n" },
	{ "breaks at hyphens", 10, "<p>a well-known-thing -5 3-4", "a well-\nknown-\nthing -5\n3-4\n" },
	{ "cuts long words", 8, "<p>abcdefghijklmnopqr st", "abcdefgh\nijklmnop\nqr st\n" },
	{ "a word of many styles stays whole", 10, "<p>aaaa bb<b>bb</b><i>bb</i>", "aaaa\nbb*bb*/bb/\n" },
	{ "no-break space", 10, "<p>aaaaa bbb&nbsp;ccc", "aaaaa\nbbb ccc\n" },
	{ "wide characters break anywhere", 10, "<p>漢字漢字漢字 ab", "漢字漢字漢\n字 ab\n" },
	{ "but not before a full stop", 10, "<p>漢字漢字漢。字", "漢字漢字\n漢。字\n" },
	{ "nor after an opening bracket", 10, "<p>漢字漢字「漢字", "漢字漢字\n「漢字\n" },
	{ "a wide character is not halved", 5, "<p>漢字漢", "漢字\n漢\n" },
	{ "combining characters take no room", 4, "<p>e\u0301e\u0301e\u0301e\u0301 x",
	  "e\u0301e\u0301e\u0301e\u0301\nx\n" },
	{ "at most three code points a cell", 20, "<p>a\u0301\u0302\u0303\u0304b", "a\u0301\u0302b\n" },
	{ "a lone combining character", 20, "<p>\u0301a", "◌\u0301a\n" },
	{ "control characters are shown, directions dropped", 20, "<p>a\x1b[0m&#x202e;b\302\233\u200bc",
	  "a␛[0mb\ufffdc\n" },
	{ "emphasis", 60,
	  "<p><em>a</em> <strong>b</strong> <u>c</u> <s>d</s> <mark>e</mark> <small>f</small> <b><i>g",
	  "\n  /a/ *b* _c_ -d- !e! ~f~ */g/*\n" },
	{ "bullets", 30, "<ul><li>one<ul><li>two<li>three</ul><li>four</ul>x",
	  "· one\n  ◦ two\n  ◦ three\n· four\n\nx\n" },
	{ "bullets with room", 40, "<ul><li>one<li>two</ul>", "\n    · one\n    · two\n" },
	{ "numbers", 40, "<ol start=9><li>nine<li>ten<li value=100>long<li></ol>",
	  "\n   9. nine\n  10. ten\n  100. long\n  101.\n" },
	{ "item of paragraphs", 40, "<ul><li><p>one<p>two<li><p>three</ul>",
	  "\n    · one\n\n      two\n\n    · three\n" },
	{ "definitions", 40, "<dl><dt>Term<dd>What it is<dt>Other<dd>That</dl>",
	  "\n  *Term*\n      What it is\n  *Other*\n      That\n" },
	{ "quotes", 40, "<blockquote><p>a<p>b<blockquote>c</blockquote></blockquote>d",
	  "\n  ~│~   a\n  ~│~\n  ~│~   b\n  ~│~\n  ~│~   ~│~   c\n\n  d\n" },
	{ "preformatted", 30, "<pre>\n a  b\n\tc\n\n<b>d</b>\n</pre>e", " a  b\n        c\n\n*d*\n\ne\n" },
	{ "preformatted lines are cut", 8, "<pre>0123456789", "01234567\n89\n" },
	{ "rule", 10, "a<hr>b", "a\n~==========~\nb\n" },
	{ "line breaks", 20, "<p>a<br>b<br><br>c<br></p><p>d", "a\nb\n\nc\n\nd\n" },
	{ "word break opportunity", 8, "<p>aaaa<wbr>bbbbbb", "aaaa\nbbbbbb\n" },
	{ "images are their text", 40, "<p><img alt='A cat'> <img alt=''><img src=x>",
	  "\n  [A cat] [image]\n" },
	{ "what is hidden", 30,
	  "<head><title>T</title><style>s{}</style></head><script>x()</script><template>t</template>"
	  "<p hidden>h</p><noscript>shown</noscript><select><option>o</select><svg><text>v</text></svg>",
	  "shown\n" },
	{ "tables as lines", 40,
	  "<table><caption>Fares</caption><tr><th>To<th>Price<tr><td>Oslo<td>9</table>",
	  "\n  /Fares/\n  *To*  *Price*\n  Oslo  9\n" },
	{ "quotation marks", 20, "<p><q>so</q>", "“so”\n" },
	{ "code", 20, "<p><code>x</code>", "x\n" },
	{ "links are numbered", 40, "<a href=1>one</a><p><a>none</a> <a href=2><b>two</b> three</a>",
	  "\n  [1:one]\n\n  none [2:*two*][2: three]\n" },
	{ "an empty document", 40, "", "" },
	{ "margins do not add up", 20, "<div><div><p>a</p></div></div><div><p>b</div>", "a\n\nb\n" },
	{ "reading width", 300,
	  "<p>aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa b",
	  "\n  aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa aaaaaaaaa\n"
	  "  b\n" },
	{ "deep indents leave room", 20, "<ul><ul><ul><ul><ul><ul><li>abcdef ghijkl", "  ▪ abcdef ghijkl\n" },
	{ "a link without an end", 20, "<a href=x>a<p>b<p>c", "[1:a]\n\n[1:b]\n\n[1:c]\n" },
};

static unsigned failures;

static void compare(const struct golden *golden, size_t chunk)
{
	char *text = sheet_render(golden->html, golden->columns, true, chunk);
	if (strcmp(text, golden->expected))
		printf("%s, %zu bytes at a time:\n%sexpected:\n%s", golden->name, chunk, text,
		       golden->expected);
	failures += strcmp(text, golden->expected) != 0;
	free(text);
}

static void test_golden(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++)
		compare(&goldens[i], 0);
	assert_int_equal(failures, 0);
}

static void test_golden_in_pieces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++)
		for (size_t chunk = 1; chunk <= 7; chunk += 3)
			compare(&goldens[i], chunk);
	assert_int_equal(failures, 0);
}

/* What the parser moves about late must be seen all the same. */
static void test_moved_nodes(void **state)
{
	static const char html[] =
		"<p>1<p>2<p>3<p>4<p>5<p>6<p>7<p>8<p>9<p>10<p>11<p>12<table><tr><td>cell<p>13<p>14<p>15<p>16<p>17<p>18"
		"<p>19<p>20</td></tr>foster<b>ed<tr><td>x</table>after<a href=1><div><a href=2>y</div>z"
		"<b><p>1<p>2</b>3<i><p>4</i></p>5";
	(void)state;
	char *whole = sheet_render(html, 30, true, 0);
	for (size_t chunk = 1; chunk < 60; chunk += 7) {
		char *pieces = sheet_render(html, 30, true, chunk);
		assert_string_equal(pieces, whole);
		free(pieces);
	}
	free(whole);
}

/* Only the end of a growing document is laid out again. */
static void test_checkpoint(void **state)
{
	struct sheet sheet;
	(void)state;
	sheet_init(&sheet, 40);
	for (int i = 0; i < 2000; i++) {
		uint32_t rows = sheet.layout.at.nrows;
		sheet.layout.changed = rows;
		sheet_feed(&sheet, i % 2 ? "<p>A paragraph of <b>some</b> words." : "</p><div>A line</div>");
		assert_true(rows < 20 || sheet.layout.changed > rows - 20);
		assert_true(sheet.layout.at.nrows > rows);
	}
	sheet_finish(&sheet);
}

/* A run that is stopped again and again ends in the same. */
static void test_slices(void **state)
{
	char html[20000] = "<ul>";
	struct sheet sheet;
	(void)state;
	for (int i = 0; i < 300; i++)
		strcat(html, "<li>some words and <b>more</b> of them");
	char *whole = sheet_render(html, 33, true, 0);
	sheet_init(&sheet, 33);
	html_feed(sheet.html, strdup(html), strlen(html));
	html_end(sheet.html);
	layout_resume(&sheet.layout);
	int runs = 1;
	while (!layout_run(&sheet.layout, 0))
		runs++;
	assert_true(runs > 10);
	assert_string_equal(sheet_text(&sheet, true), whole);
	sheet_finish(&sheet);
	free(whole);
}

static void test_relayout(void **state)
{
	struct sheet sheet;
	(void)state;
	sheet_init(&sheet, 20);
	sheet_feed(&sheet, "<p>one two three four five");
	sheet_end(&sheet);
	assert_string_equal(sheet_text(&sheet, false), "one two three four\nfive\n");
	layout_restart(&sheet.layout, 10);
	assert_true(layout_run(&sheet.layout, UINT64_MAX));
	assert_string_equal(sheet_text(&sheet, false), "one two\nthree four\nfive\n");
	sheet_finish(&sheet);
}

static void test_links_and_anchors(void **state)
{
	struct sheet sheet;
	(void)state;
	sheet_init(&sheet, 20);
	sheet_feed(&sheet, "<p>a <a href=x>bc</a><p id=here>d<p><a name=there>e</a><div id=end></div>");
	sheet_end(&sheet);
	assert_int_equal(layout_link_at(&sheet.layout, 0, 1), 0);
	assert_int_equal(layout_link_at(&sheet.layout, 0, 2), 1);
	assert_int_equal(layout_link_at(&sheet.layout, 0, 3), 1);
	assert_int_equal(layout_link_at(&sheet.layout, 0, 4), 0);
	assert_int_equal(layout_link_at(&sheet.layout, UINT32_MAX, 0), 0);
	assert_int_equal(layout_find(&sheet.layout, "here", 4), 2);
	assert_int_equal(layout_find(&sheet.layout, "there", 5), 4);
	assert_int_equal(layout_find(&sheet.layout, "end", 3), 4);
	assert_int_equal(layout_find(&sheet.layout, "her", 3), LAYOUT_NOWHERE);
	sheet_finish(&sheet);
}

/* Every element at every width: within the grid, and no surprises for the sanitizers. */
static void test_every_width(void **state)
{
	(void)state;
	for (unsigned columns = 0; columns < 600; columns = columns < 60 ? columns + 1 : columns + 97) {
		struct sheet sheet;
		sheet_init(&sheet, columns);
		for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++)
			sheet_feed(&sheet, goldens[i].html);
		sheet_end(&sheet);
		assert_true(sheet.layout.at.nrows > 40);
		for (uint32_t i = 0; i < sheet.layout.at.nfragments; i++) {
			const struct fragment *fragment = &sheet.layout.fragments[i];
			assert_true(fragment->column + fragment->columns <= sheet.layout.columns);
		}
		sheet_finish(&sheet);
	}
}

static void test_deep_nesting(void **state)
{
	struct sheet sheet;
	const int depth = 100000;
	char *html = malloc((size_t)depth * 10 + 10), *end = html;
	(void)state;
	for (int i = 0; i < depth; i++)
		end = stpcpy(end, i % 3 ? "<div>" : "<ul><li>");
	strcpy(end, "x");
	sheet_init(&sheet, 40);
	sheet_feed(&sheet, html);
	sheet_end(&sheet);
	assert_non_null(strchr(sheet_text(&sheet, false), 'x'));
	sheet_finish(&sheet);
	free(html);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_golden_in_pieces),
		cmocka_unit_test(test_moved_nodes),
		cmocka_unit_test(test_checkpoint),
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_relayout),
		cmocka_unit_test(test_links_and_anchors),
		cmocka_unit_test(test_every_width),
		cmocka_unit_test(test_deep_nesting),
	};
	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
