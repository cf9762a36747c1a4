/* See faults_page.h. What it tells stands in fault_table (catalogue.c) and fault_urls (net/). */
#include "browser/fault/faults_page.h"
#include "browser/browser.h"
#include "browser/fault/order.h"
#include "browser/net/fault_url.h"
#include "browser/net/fetch.h"
#include "browser/net/page.h"
#include <stdio.h>
#include <string.h>

/* Lines of at most 54 characters: beside a panel no more are shown, and these are not wrapped at blanks. */
static const char *const grammar[] = {
	"[WHOM] FAULT [NUMBER] [into WHOM] [WHEN]",
	"WHOM: tab, renderer, gpu, plugin, browser,",
	"      a process (renderer:3), a tab's place (tab:2)",
	"WHEN: now, after 200ms, after 3s, or on a message:",
	"      on [the] [3rd] MESSAGE [received | sent]",
	"         [before its handler | after its handler |",
	"          after its reply] [with 5% [seed 7]]",
	"MESSAGE: a name of the protocol, or any",
	"         (press F12 to see them pass)",
};

static const char *const examples[] = {
	"inject/stack-overflow",
	"inject/gpu/abort",
	"inject/plugin/short-hang/8s",
	"inject/exit/42/after/3s",
	"inject/abort/on/3rd/ping/before/its/handler",
	"inject/gpu/abort/on/any/with/5%25/seed/7",
};

static void write_urls(struct text *out)
{
	for (const struct fault_url *entry = fault_urls; entry->url; entry++) {
		text_add(out, "<p><b>");
		html_add(out, entry->order);
		text_add(out, "</b><br><code>");
		html_add(out, entry->url);
		text_add(out, "</code></p>\n");
	}
}

static void write_grammar(struct text *out)
{
	text_add(out,
		 "<h2>All other orders</h2>\n<p>Everything below can be ordered of anyone, at once or "
		 "later, by <code>bulkhead://inject/</code> or after <code>:inject</code>, in one grammar. "
		 "A / or + stands for a blank.</p>\n<pre>");
	for (size_t i = 0; i < sizeof grammar / sizeof *grammar; i++) {
		html_add(out, grammar[i]);
		text_add(out, "\n");
	}
	text_add(out, "\n");
	for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
		text_add(out, "bulkhead://");
		html_add(out, examples[i]);
		text_add(out, "\n");
	}
	text_add(out, "</pre>\n");
}

/* "renderer, gpu, plugin" */
static void write_whom(struct text *out, const struct fault_info *fault)
{
	const char *separator = "";

	for (unsigned role = 0; role < ROLE_COUNT; role++) {
		if (!fault_can_hit(fault, role))
			continue;
		text_format(out, "%s%s", separator, role_names[role]);
		separator = ", ";
	}
}

/* "bulkhead://inject/short-hang/20s" */
static void write_address(struct text *out, const struct fault_order *order, const char *text)
{
	size_t name = strlen(order->fault->name);
	char words[ORDER_TEXT];

	snprintf(words, sizeof words, "%s", text);
	for (size_t i = 0; words[i]; i++)
		if (words[i] == ' ')
			words[i] = i < name ? '-' : '/';
	text_format(out, "bulkhead://inject/%s",
		    fault_can_hit(order->fault, ROLE_RENDERER) ? "" : "browser/");
	html_add(out, words);
}

static void write_fault(struct text *out, const struct fault_info *fault)
{
	struct fault_order order = fault_order_of(fault);
	char expected[80], words[ORDER_TEXT];

	fault_order_text(&order, words, sizeof words);
	text_add(out, "<p><b>");
	html_add(out, words);
	text_add(out, ": ");
	html_add(out, fault_expected(fault, expected, sizeof expected));
	text_add(out, "</b><br>");
	html_add(out, fault->explained);
	text_add(out, " (");
	write_whom(out, fault);
	text_add(out, ")<br><code>");
	write_address(out, &order, words);
	text_add(out, "</code></p>\n");
}

static void write_group(struct text *out, enum fault_group group)
{
	text_format(out, "<h2>%c%s</h2>\n", fault_group_names[group][0] - 'a' + 'A',
		    fault_group_names[group] + 1);
	for (unsigned i = 0; i < fault_table_count; i++)
		if (fault_table[i].group == group)
			write_fault(out, &fault_table[i]);
}

static void write_faults(void *arg, struct text *out)
{
	const struct browser *b = arg;

	page_begin(out, "Ways to break something");
	if (b->options.no_faults)
		text_add(out, "<p><b>Faults are off</b> (--no-faults): nothing on this page breaks anything "
			      "in this browser.</p>\n");
	text_add(out,
		 "<p>Press <b>F8</b>, or press <b>o</b> and type one of these addresses. They are not links, "
		 "because a page may not break anything: you may. Write chrome:// for bulkhead:// if your "
		 "fingers are used to it.</p>\n");
	write_urls(out);
	write_grammar(out);
	for (unsigned group = 0; group < FAULT_GROUP_COUNT; group++)
		write_group(out, group);
	page_end(out);
}

void faults_page_register(struct browser *b)
{
	fetcher_register_page(b->fetcher, "faults", write_faults, b);
}
