/* The parser behind its door: trees, pieces, depth, and what the library gets wrong without care. */
#include "tests/renderer/unit.h"

#include "renderer/html.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The tree as text: elements in brackets, attributes behind their names. */
static void print_tree(FILE *out, struct node *root)
{
	struct node *node = root->first;
	while (node) {
		if (node->element == ELEMENT_TEXT) {
			fprintf(out, "'%.*s'", (int)node->length, node->text);
		} else {
			fprintf(out, "<%s", node->name);
			for (const struct attribute *a = node->attributes; a; a = a->next)
				fprintf(out, " %s=%s", a->name, a->value);
			fputc(' ', out);
		}
		if (node->first) {
			node = node->first;
			continue;
		}
		for (; node != root; node = node->parent) {
			if (node->element != ELEMENT_TEXT)
				fputc('>', out);
			if (node->next)
				break;
		}
		node = node == root ? NULL : node->next;
	}
}

static char *parse(const char *html, size_t chunk)
{
	struct dom dom;
	char *text;
	size_t size, length = strlen(html);
	dom_init(&dom);
	struct html *parser = html_create(&dom);
	for (size_t at = 0, part; at < length; at += part) {
		part = chunk && chunk < length - at ? chunk : length - at;
		html_feed(parser, strndup(html + at, part), part);
	}
	html_end(parser);
	assert_int_equal(html_fed(parser), length);
	html_destroy(parser);
	FILE *out = open_memstream(&text, &size);
	print_tree(out, dom.root);
	fclose(out);
	dom_finish(&dom);
	return text;
}

static const struct {
	const char *html, *tree;
} trees[] = {
	{ "", "<html <head ><body >>" },
	{ "a", "<html <head ><body 'a'>>" },
	{ "<title>T &amp; t</title><p class=x id='y z'>a<p>b",
	  "<html <head <title 'T & t'>><body <p class=x id=y z 'a'><p 'b'>>>" },
	{ "<b>1<i>2</b>3</i>", "<html <head ><body <b '1'<i '2'>><i '3'>>>" },
	{ "<table>x<tr><td>y</table>z", "<html <head ><body 'x'<table <tbody <tr <td 'y'>>>>'z'>>" },
	{ "<script>if (a<b) x('</p>')</script>c", "<html <head <script 'if (a<b) x('</p>')'>><body 'c'>>" },
	{ "<p>&#x202e;&eacute;&nosuch;&#0;", "<html <head ><body <p '\u202eé&nosuch;\ufffd'>>>" },
	{ "<x-own a=1>b</x-own><svg><title>s</title></svg>",
	  "<html <head ><body <x-own a=1 'b'><svg <title 's'>>>>" },
	{ "<!doctype html><!-- c --><p>a<!-- d -->b", "<html <head ><body <p 'a''b'>>>" },
	{ "<body><p>a</body>b<body class=late>", "<html <head ><body class=late <p 'ab'>>>" },
	{ "<noscript><p>n</noscript>", "<html <head <noscript >><body <p 'n'>>>" },
	{ "<pre>\n a</pre>", "<html <head ><body <pre ' a'>>>" },
};

static void test_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		for (size_t chunk = 0; chunk < 12; chunk++) {
			char *tree = parse(trees[i].html, chunk);
			if (strcmp(tree, trees[i].tree))
				fail_msg("%s, %zu at a time:\n%s", trees[i].html, chunk, tree);
			free(tree);
		}
}

static size_t depth_of(struct dom *dom)
{
	size_t deepest = 0;
	for (struct node *node = dom->root; node; node = dom_next(node, dom->root)) {
		size_t depth = 0;
		for (const struct node *up = node; up; up = up->parent)
			depth++;
		deepest = depth > deepest ? depth : deepest;
	}
	return deepest;
}

/* Tens of thousands of nested elements: no deeper than browsers let them be, none lost, and soon done. */
static void test_depth(void **state)
{
	static const char *const openers[] = { "<div>",		  "<b>",      "<b><p>",	  "<ul><li>",
					       "<table><tr><td>", "<a><div>", "<svg><g>", "<font color=x>" };
	(void)state;
	for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]); i++) {
		const size_t count = 20000;
		char *html = malloc(strlen(openers[i]) * count + 2), *end = html;
		struct dom dom;
		for (size_t j = 0; j < count; j++)
			end = stpcpy(end, openers[i]);
		strcpy(end, "x");
		dom_init(&dom);
		struct html *parser = html_create(&dom);
		html_feed(parser, html, strlen(html));
		html_end(parser);
		html_destroy(parser);
		assert_true(dom.nnodes > count);
		assert_true(depth_of(&dom) < 600);
		dom_finish(&dom);
	}
}

/* Formatting elements that are opened again in every block do not multiply without end. */
static void test_formatting(void **state)
{
	char *html = malloc(64 * 3000), *end = html;
	struct dom dom;
	(void)state;
	for (int i = 0; i < 3000; i++)
		end += sprintf(end, "<b id=%d><p>x", i);
	dom_init(&dom);
	struct html *parser = html_create(&dom);
	html_feed(parser, html, strlen(html));
	html_end(parser);
	html_destroy(parser);
	assert_in_range(dom.nnodes, 9000, 40 * 3000);
	dom_finish(&dom);
}

static void test_settled(void **state)
{
	struct dom dom;
	(void)state;
	dom_init(&dom);
	struct node *a = dom_create(&dom, ELEMENT_P, NULL, 0), *b = dom_create(&dom, ELEMENT_P, NULL, 0);
	dom_insert(&dom, dom.root, a, NULL);
	dom_insert(&dom, dom.root, b, NULL);
	dom.root->entered = 1, a->entered = 2, a->left = 3;
	dom_settle(&dom, 3, b);
	dom_insert(&dom, b, dom_create(&dom, ELEMENT_B, NULL, 0), NULL);
	dom_insert(&dom, dom.root, dom_create(&dom, ELEMENT_B, NULL, 0), NULL);
	assert_false(dom.disturbed);
	dom_insert(&dom, dom.root, dom_create(&dom, ELEMENT_B, NULL, 0), b);
	assert_true(dom.disturbed);
	dom_settle(&dom, 0, NULL);
	dom_settle(&dom, 3, b);
	dom_insert(&dom, a, dom_create(&dom, ELEMENT_B, NULL, 0), NULL);
	assert_true(dom.disturbed);
	dom_settle(&dom, 0, NULL);
	dom_settle(&dom, 3, b);
	dom_remove(&dom, b);
	assert_true(dom.disturbed);
	dom_finish(&dom);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_formatting),
		cmocka_unit_test(test_settled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
