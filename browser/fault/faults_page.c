/* See faults_page.h. What it tells stands in fault_table (catalogue.c) and fault_urls (net/). */
#include "browser/fault/faults_page.h"
#include "browser/fault/catalogue.h"
#include "browser/net/fault_url.h"
#include "browser/net/fetch.h"
#include "browser/net/page.h"
#include <string.h>

static const char *const grammar[] = {
	"[WHOM] FAULT [NUMBER] [into WHOM] [WHEN]",
	"WHOM: tab, renderer, gpu, plugin, browser, or a process such as renderer:3",
	"WHEN: now, after 200ms, after 3s, or on a message:",
	"      on [the] [3rd] MESSAGE [received | sent]",
	"         [before its handler | after its handler | after its reply]",
	"         [with 5% [seed 7]]",
	"MESSAGE: a name of the protocol (press F2 to see them pass), or any",
};

static const char *const examples[] = {
	"inject/stack-overflow",
	"inject/gpu/abort",
	"inject/plugin/short-hang/8s",
	"inject/exit/42/after/3s",
	"inject/null-dereference/on/3rd/commit_navigation/before/its/handler",
	"inject/gpu/abort/on/submit_frame/with/5%25/seed/7",
};

static void write_urls(struct text *out)
{
	text_add(out, "<pre>");
	for (const struct fault_url *entry = fault_urls; entry->url; entry++) {
		text_format(out, "%-42s ", entry->url);
		html_add(out, entry->order);
		text_add(out, "\n");
	}
	text_add(out, "</pre>\n");
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

static void write_fault(struct text *out, const struct fault_info *fault)
{
	char expected[80];

	text_add(out, "<li><b>");
	html_add(out, fault->name);
	text_add(out, "</b>");
	if (fault->unit)
		text_format(out, " (%llu %s)", (unsigned long long)fault->argument, fault->unit);
	text_add(out, ", to end as <i>");
	html_add(out, fault_expected(fault, expected, sizeof expected));
	text_add(out, "</i>: ");
	write_whom(out, fault);
	text_add(out, ". ");
	html_add(out, fault->explained);
	text_add(out, "</li>\n");
}

static void write_group(struct text *out, enum fault_group group)
{
	text_format(out, "<h2>%c%s</h2>\n<ul>\n", fault_group_names[group][0] - 'a' + 'A',
		    fault_group_names[group] + 1);
	for (unsigned i = 0; i < fault_table_count; i++)
		if (fault_table[i].group == group)
			write_fault(out, &fault_table[i]);
	text_add(out, "</ul>\n");
}

static void write_faults(void *arg, struct text *out)
{
	(void)arg;
	page_begin(out, "Ways to break something");
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

void faults_page_register(struct fetcher *fetcher)
{
	fetcher_register_page(fetcher, "faults", write_faults, NULL);
}
