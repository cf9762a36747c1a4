/*
 * See crash_page.h. What is shown comes from files that may hold anything, and from what processes said: all
 * of it goes through html_add(), and nothing is taken to be there.
 */
#include "browser/fault/crash/crash_page.h"
#include "browser/browser.h"
#include "browser/fault/crash/crash_report.h"
#include "browser/net/fetch.h"
#include "browser/net/page.h"
#include <stdio.h>
#include <string.h>

/* The text of that member; "" when there is none. */
static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

	return text ? text : "";
}

static bool number_of(const cJSON *object, const char *name, double *out)
{
	const cJSON *item = cJSON_GetObjectItem(object, name);

	*out = cJSON_IsNumber(item) ? item->valuedouble : 0;
	return cJSON_IsNumber(item);
}

/* Any value, on one line. */
static void put_value(struct text *out, const cJSON *value)
{
	if (cJSON_IsString(value)) {
		html_add(out, value->valuestring);
	} else if (cJSON_IsNumber(value)) {
		text_format(out, "%.10g", value->valuedouble);
	} else if (cJSON_IsArray(value) || cJSON_IsObject(value)) {
		for (const cJSON *child = value->child; child; child = child->next) {
			if (child != value->child)
				text_add(out, cJSON_IsArray(value) ? ", " : " ");
			if (cJSON_IsObject(value) && child->string) {
				html_add(out, child->string);
				text_add(out, "=");
			}
			put_value(out, child);
		}
	} else {
		text_add(out, cJSON_IsTrue(value) ? "yes" : cJSON_IsFalse(value) ? "no" : "-");
	}
}

/* A name in a column of its own. */
static void put_name(struct text *out, const char *name)
{
	char padded[40];

	snprintf(padded, sizeof padded, "%-14.38s ", name ? name : "");
	html_add(out, padded);
}

static void put_row(struct text *out, const char *name, const char *text)
{
	if (!*text)
		return;
	put_name(out, name);
	html_add(out, text);
	text_add(out, "\n");
}

static void put_member(struct text *out, const char *title, const cJSON *object, const char *name)
{
	const cJSON *value = cJSON_GetObjectItem(object, name);

	if (!value)
		return;
	put_name(out, title);
	put_value(out, value);
	text_add(out, "\n");
}

static void put_ms(struct text *out, const char *title, const cJSON *object, const char *name)
{
	double us;

	if (number_of(object, name, &us))
		text_format(out, us < 1e7 ? "%-14s %.3f ms\n" : "%-14s %.0f ms\n", title, us / 1000);
}

/* Parts of a report. */

static void put_kernel(struct text *out, const cJSON *kernel)
{
	double number = 0;
	char words[80];

	if (number_of(kernel, "code", &number))
		snprintf(words, sizeof words, "exited with code %.0f", number);
	else if (number_of(kernel, "number", &number))
		snprintf(words, sizeof words, "ended by %.40s (%.0f)", text_of(kernel, "signal"), number);
	else
		snprintf(words, sizeof words, "nothing that is known");
	put_row(out, "kernel says", words);
}

static void put_end(struct text *out, const cJSON *report)
{
	double memory;

	text_add(out, "<pre>");
	put_row(out, "when", text_of(report, "time"));
	put_row(out, "status", text_of(report, "words"));
	put_kernel(out, cJSON_GetObjectItem(report, "kernel"));
	put_member(out, "killed for", report, "killed_for");
	put_row(out, "where", text_of(report, "where"));
	put_member(out, "pid", report, "pid");
	put_ms(out, "lived", report, "uptime_us");
	put_ms(out, "ready after", report, "ready_after_us");
	put_ms(out, "did not answer", report, "unresponsive_us");
	if (number_of(report, "memory_bytes", &memory))
		text_format(out, "%-14s %.0f KiB, as last seen\n", "memory", memory / 1024);
	put_member(out, "fault", report, "fault");
	put_ms(out, "  injected", report, "fault_before_us");
	put_member(out, "toxic", report, "toxic");
	text_add(out, "</pre>\n");
}

static void put_contradictions(struct text *out, const cJSON *report)
{
	const cJSON *list = cJSON_GetObjectItem(report, "contradictions"), *sentence;

	if (!cJSON_GetArraySize(list))
		return;
	text_add(out, "<p><b>This process lied about its end.</b></p>\n<ul>\n");
	cJSON_ArrayForEach(sentence, list)
	{
		text_add(out, "<li>");
		put_value(out, sentence);
		text_add(out, "</li>\n");
	}
	text_add(out, "</ul>\n");
}

static void put_pages(struct text *out, const cJSON *report)
{
	const cJSON *pages = cJSON_GetObjectItem(report, "pages"), *page;

	if (!cJSON_GetArraySize(pages))
		return;
	text_add(out, "<h2>Pages</h2>\n<ul>\n");
	cJSON_ArrayForEach(page, pages)
	{
		text_add(out, "<li>");
		html_add(out, text_of(page, "title"));
		text_add(out, " <code>");
		html_add(out, text_of(page, "url"));
		text_add(out, "</code></li>\n");
	}
	text_add(out, "</ul>\n");
}

static void put_frame(struct text *out, unsigned number, const cJSON *frame)
{
	const char *function = text_of(frame, "function"), *file = text_of(frame, "file");
	double line, offset;

	if (cJSON_IsTrue(cJSON_GetObjectItem(frame, "inlined")))
		text_format(out, "%-4s %-18s ", "", "inlined");
	else
		text_format(out, "%-4u %-18.40s ", number, text_of(frame, "address"));
	html_add(out, *function ? function : "?");
	if (number_of(frame, "offset", &offset))
		text_format(out, "+%.0f", offset);
	if (*file) {
		text_add(out, " at ");
		html_add(out, file);
		if (number_of(frame, "line", &line))
			text_format(out, ":%.0f", line);
	} else {
		text_add(out, " in ");
		html_add(out, *text_of(frame, "module") ? text_of(frame, "module") : "no file");
		text_add(out, " ");
		html_add(out, text_of(frame, "module_offset"));
	}
	text_add(out, "\n");
}

static void put_backtrace(struct text *out, const cJSON *report)
{
	const cJSON *backtrace = cJSON_GetObjectItem(report, "backtrace"), *frame;
	unsigned number = 0;

	if (!cJSON_GetArraySize(backtrace))
		return;
	text_add(out, "<h3>Backtrace, innermost first</h3>\n<pre>");
	cJSON_ArrayForEach(frame, backtrace)
	{
		put_frame(out, number, frame);
		number += !cJSON_IsTrue(cJSON_GetObjectItem(frame, "inlined"));
	}
	text_add(out, "</pre>\n");
}

static void put_registers(struct text *out, const cJSON *claimed)
{
	const cJSON *registers = cJSON_GetObjectItem(claimed, "registers"), *value;
	unsigned column = 0;

	if (!cJSON_IsObject(registers))
		return;
	text_add(out, "<h3>Registers</h3>\n<pre>");
	cJSON_ArrayForEach(value, registers)
	{
		char text[64];

		snprintf(text, sizeof text, "%-9.12s%-20.24s", value->string ? value->string : "",
			 cJSON_IsString(value) ? value->valuestring : "");
		html_add(out, text);
		text_add(out, ++column % 3 ? "" : "\n");
	}
	text_add(out, "\n</pre>\n");
}

static void put_claims(struct text *out, const cJSON *report)
{
	const cJSON *claimed = cJSON_GetObjectItem(report, "claimed"), *claim;

	text_add(out, "<h2>What the process wrote about itself</h2>\n");
	if (!cJSON_IsObject(claimed)) {
		text_add(out, "<p>Nothing: who is killed from outside has no time to.</p>\n");
		return;
	}
	text_add(out, "<p>This is its claim. Nobody else saw it.</p>\n<pre>");
	cJSON_ArrayForEach(claim, claimed)
	{
		if (claim->string && strcmp(claim->string, "registers") != 0)
			put_member(out, claim->string, claimed, claim->string);
	}
	put_member(out, "it handled", report, "handling");
	text_add(out, "</pre>\n");
	put_backtrace(out, report);
	put_registers(out, claimed);
}

static void put_object(struct text *out, const char *title, const cJSON *object)
{
	const cJSON *member;

	if (!cJSON_IsObject(object) || !object->child)
		return;
	text_format(out, "<h2>%s</h2>\n<pre>", title);
	cJSON_ArrayForEach(member, object)
	{
		put_name(out, member->string);
		put_value(out, member);
		text_add(out, "\n");
	}
	text_add(out, "</pre>\n");
}

static void put_message(struct text *out, const cJSON *message, double died_us)
{
	double ts;

	if (number_of(message, "ts_us", &ts) && died_us)
		text_format(out, "%+10.3f ms ", (ts - died_us) / 1000);
	html_add(out, text_of(message, "from"));
	text_add(out, " -> ");
	html_add(out, text_of(message, "to"));
	text_add(out, " ");
	html_add(out, text_of(message, "name"));
	text_add(out, " ");
	put_value(out, cJSON_GetObjectItem(message, "args"));
	if (*text_of(message, "status") && strcmp(text_of(message, "status"), "delivered") != 0) {
		text_add(out, " (");
		html_add(out, text_of(message, "status"));
		text_add(out, ")");
	}
	text_add(out, "\n");
}

static void put_messages(struct text *out, const cJSON *report)
{
	const cJSON *messages = cJSON_GetObjectItem(report, "messages"), *message;
	double died_us;

	if (!cJSON_GetArraySize(messages))
		return;
	number_of(report, "ts_us", &died_us);
	text_format(out, "<h2>Its last %d messages, the newest last</h2>\n<pre>",
		    cJSON_GetArraySize(messages));
	cJSON_ArrayForEach(message, messages)
	{
		put_message(out, message, died_us);
	}
	text_add(out, "</pre>\n");
}

static void put_report(struct text *out, const struct crash_reports *r, const char *id, const cJSON *report)
{
	char title[200], path[800];

	snprintf(title, sizeof title, "%.40s: %.140s", text_of(report, "process"), text_of(report, "words"));
	page_begin(out, title);
	put_contradictions(out, report);
	put_end(out, report);
	put_pages(out, report);
	put_claims(out, report);
	put_object(out, "Blast radius", cJSON_GetObjectItem(report, "blast"));
	put_object(out, "Sandbox", cJSON_GetObjectItem(cJSON_GetObjectItem(report, "sandbox"), "layers"));
	put_messages(out, report);
	put_object(out, "Modules", cJSON_GetObjectItem(report, "modules"));
	text_add(out, "<p>The whole report is in <code>");
	html_add(out, crash_report_path(r, id, path, sizeof path));
	text_add(out, "</code>. <a href=\"bulkhead://crashes\">All reports</a></p>\n");
	page_end(out);
}

static bool write_report(void *arg, const char *id, struct text *out)
{
	struct browser *b = arg;
	const char *why;
	cJSON *report;

	if (!crash_id_is_valid(id))
		return false;
	crash_reports_settle(b->crash_reports);
	report = crash_store_read(crash_reports_store(b->crash_reports), id, &why);
	if (report) {
		put_report(out, b->crash_reports, id, report);
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

static void put_item(struct text *out, const struct crash_store *store, const char *id)
{
	const char *why;
	cJSON *report = crash_store_read(store, id, &why);
	const cJSON *page = cJSON_GetArrayItem(cJSON_GetObjectItem(report, "pages"), 0);

	text_format(out, "<li><a href=\"bulkhead://crashes/%s\">", id);
	html_add(out, report ? text_of(report, "time") : id);
	text_add(out, "</a> ");
	if (!report) {
		text_add(out, "<b>cannot be read</b>: ");
		html_add(out, why);
		text_add(out, "</li>\n");
		return;
	}
	html_add(out, text_of(report, "process"));
	text_add(out, " <b>");
	html_add(out, text_of(report, "words"));
	text_add(out, "</b>");
	if (cJSON_GetArraySize(cJSON_GetObjectItem(report, "contradictions")))
		text_add(out, ", and it lied");
	if (*text_of(report, "where")) {
		text_add(out, ", in <code>");
		html_add(out, text_of(report, "where"));
		text_add(out, "</code>");
	}
	if (page) {
		text_add(out, ", page ");
		html_add(out, *text_of(page, "title") ? text_of(page, "title") : text_of(page, "url"));
	}
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
	text_add(out, "</code>, for you alone to read.</p>\n");
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
