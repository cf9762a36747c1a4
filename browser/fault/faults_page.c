/* See faults_page.h. What it tells stands in fault_table (catalogue.c) and fault_urls (net/). */
#include "browser/fault/faults_page.h"
#include "browser/fault/injection.h"
#include "browser/net/fault_url.h"
#include "browser/net/fetch.h"
#include "browser/net/page.h"
#include <stdio.h>

static void write_fault(struct text *out, const struct fault_info *fault)
{
	char expected[80], url[80];

	text_add(out, "<li><b>");
	html_add(out, fault->name);
	text_add(out, "</b>, to end as <i>");
	html_add(out, fault_expected(fault, expected, sizeof expected));
	text_add(out, "</i>. ");
	html_add(out, fault->explained);
	text_add(out, " <code>bulkhead://inject/");
	snprintf(url, sizeof url, "%s", fault->name);
	for (char *at = url; *at; at++)
		*at = *at == ' ' ? '-' : *at;
	html_add(out, url);
	text_add(out, "</code></li>\n");
}

static void write_faults(void *arg, struct text *out)
{
	(void)arg;
	page_begin(out, "Ways to break something");
	text_add(
		out,
		"<p>Press <b>F8</b>, or press <b>o</b> and type one of these addresses. They are not links, because a "
		"page may not break anything: you may.</p>\n<pre>");
	for (const struct fault_url *entry = fault_urls; entry->url; entry++) {
		text_format(out, "%-28s ", entry->url);
		html_add(out, entry->order);
		text_add(out, "\n");
	}
	text_add(out, "</pre>\n<h2>What each fault does</h2>\n<ul>\n");
	for (unsigned i = 0; i < fault_table_count; i++)
		write_fault(out, &fault_table[i]);
	text_add(
		out,
		"</ul>\n<p>Write <code>inject/gpu/</code> or <code>inject/plugin/</code> for the GPU process or a "
		"plugin process, and chrome:// for bulkhead:// if your fingers are used to it.</p>\n");
	page_end(out);
}

void faults_page_register(struct fetcher *fetcher)
{
	fetcher_register_page(fetcher, "faults", write_faults, NULL);
}
