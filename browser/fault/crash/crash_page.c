/*
 * See crash_page.h. What is shown comes from files that may hold anything, and from what processes said: all
 * of it goes through html_add(), and nothing is taken to be there. crash_document.c lays out one report.
 */
#include "browser/fault/crash/crash_page.h"
#include "browser/browser.h"
#include "browser/fault/crash/crash_document.h"
#include "browser/fault/crash/crash_report.h"
#include "browser/fault/crash/crash_words.h"
#include "browser/net/fetch.h"
#include "browser/net/page.h"
#include <stdio.h>
#include <string.h>

#define TITLE_BYTES 30

static bool write_report(void *arg, const char *id, struct text *out)
{
	struct browser *b = arg;
	const char *why;
	char path[800];
	cJSON *report;

	if (!crash_id_is_valid(id))
		return false;
	crash_reports_settle(b->crash_reports);
	report = crash_store_read(crash_reports_store(b->crash_reports), id, &why);
	if (report) {
		crash_document_write(out, report, crash_report_path(b->crash_reports, id, path, sizeof path));
	} else {
		page_begin(out, "This report cannot be read");
		text_add(out, "<p>");
		html_add(out, id);
		text_add(out, ": ");
		html_add(out, why);
		text_add(out, ".</p>\n<p><a href=\"bulkhead://crashes\">All reports</a></p>\n");
		page_end(out);
	}
	cJSON_Delete(report);
	return true;
}

/* "crashed (SIGSEGV)" of "crashed (SIGSEGV at address 0x0)": the list has no room for more. */
static void put_words(struct text *out, const char *words)
{
	const char *address = strstr(words, " at address ");

	html_escape(out, words, address ? (size_t)(address - words) : strlen(words));
	text_add(out, address ? ")" : "");
}

/* The function alone, and what was shown. */
static void put_second_line(struct text *out, const cJSON *report)
{
	const cJSON *page = cJSON_GetArrayItem(cJSON_GetObjectItem(report, "pages"), 0);
	const char *where = crash_text(report, "where"), *at = strstr(where, " at ");
	const char *title = crash_text(page, "title"), *before = "<br>";

	if (cJSON_GetArraySize(cJSON_GetObjectItem(report, "contradictions"))) {
		text_add(out, "<br>it lied");
		before = ", ";
	}
	if (*where) {
		text_format(out, "%s<code>", before);
		html_escape(out, where, at ? (size_t)(at - where) : strlen(where));
		text_add(out, "</code>");
		before = ", ";
	}
	if (page) {
		text_add(out, before);
		crash_add_cut(out, *title ? title : crash_text(page, "url"), TITLE_BYTES);
	}
}

static void put_item(struct text *out, const struct crash_store *store, const char *id)
{
	const char *why;
	cJSON *report = crash_store_read(store, id, &why);
	char when[80];

	text_format(out, "<li><a href=\"bulkhead://crashes/%s\">", id);
	html_add(out, report ? crash_when(report, when, sizeof when) : id);
	text_add(out, "</a> ");
	if (!report) {
		text_add(out, "<b>cannot be read</b>: ");
		html_add(out, why);
		text_add(out, "</li>\n");
		return;
	}
	html_add(out, crash_text(report, "process"));
	text_add(out, " <b>");
	put_words(out, crash_text(report, "words"));
	text_add(out, "</b>");
	put_second_line(out, report);
	text_add(out, "</li>\n");
	cJSON_Delete(report);
}

static void write_list(void *arg, struct text *out)
{
	struct browser *b = arg;
	const struct crash_store *store = crash_reports_store(b->crash_reports);
	char ids[CRASH_FILES_MAX][CRASH_ID];
	unsigned n;

	crash_reports_settle(b->crash_reports);
	n = crash_store_list(store, ids, CRASH_FILES_MAX);
	page_begin(out, "Crash reports");
	text_format(
		out,
		"<p>%u report%s, the newest first, of this session and of those before it. The %d newest are kept, in <code>",
		n, n == 1 ? "" : "s", CRASH_FILES_MAX);
	html_add(out, *store->folder ? store->folder : "no folder: there is no place for them");
	text_add(out, "</code>, for you alone to read. Times are UTC.</p>\n");
	if (!n)
		text_add(out, "<p>Nothing has crashed yet. <b>F8</b> breaks something.</p>\n");
	text_add(out, "<ol>\n");
	for (unsigned i = 0; i < n; i++)
		put_item(out, store, ids[i]);
	text_add(out, "</ol>\n");
	page_end(out);
}

void crash_page_register(struct browser *b)
{
	fetcher_register_pages(b->fetcher, "crashes", write_list, write_report, b);
}
