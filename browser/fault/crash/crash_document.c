/* See crash_document.h. */
#include "browser/fault/crash/crash_document.h"
#include "browser/fault/crash/crash_words.h"
#include "browser/net/page.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_BYTES     54  /* what a row of a page has room for beside the panels, about */
#define HANDLED_BYTES  400 /* of the one message that may wrap */
#define ARGUMENT_BYTES 24  /* of a message's argument; the file has the whole */

static const cJSON *member_of(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItem(object, name);
}

static void add_kernel(struct text *out, const cJSON *kernel)
{
	double number = 0;
	char words[80];

	if (crash_number(kernel, "code", &number))
		snprintf(words, sizeof words, "exited with code %.0f", number);
	else if (crash_number(kernel, "number", &number))
		snprintf(words, sizeof words, "ended by %.40s (%.0f)", crash_text(kernel, "signal"), number);
	else
		snprintf(words, sizeof words, "nothing that is known");
	crash_add_row(out, "kernel says", words);
}

static void add_time(struct text *out, const char *title, const cJSON *report, const char *name)
{
	char words[400];
	double us;

	if (crash_number(report, name, &us))
		crash_add_row(out, title, crash_duration(us, words, sizeof words));
}

static void add_fault(struct text *out, const cJSON *report)
{
	char words[200], time[400];
	double us;

	if (crash_number(report, "fault_before_us", &us)) {
		snprintf(words, sizeof words, "%.100s, injected %.60s before the end",
			 crash_text(report, "fault"), crash_duration(us, time, sizeof time));
		crash_add_row(out, "fault", words);
	} else {
		crash_add_row(out, "fault", crash_text(report, "fault"));
	}
}

static void add_end(struct text *out, const cJSON *report)
{
	char words[400];
	double memory;

	crash_add_row(out, "when (UTC)", crash_when(report, words, sizeof words));
	crash_add_row(out, "status", crash_text(report, "words"));
	add_kernel(out, member_of(report, "kernel"));
	crash_add_member(out, "killed for", member_of(report, "killed_for"));
	crash_add_row(out, "where", crash_text(report, "where"));
	crash_add_member(out, "pid", member_of(report, "pid"));
	add_time(out, "lived", report, "uptime_us");
	add_time(out, "ready after", report, "ready_after_us");
	add_time(out, "did not answer", report, "unresponsive_us");
	if (crash_number(report, "memory_bytes", &memory)) {
		snprintf(words, sizeof words, "%.0f KiB, as last seen", memory / 1024);
		crash_add_row(out, "memory", words);
	}
	add_fault(out, report);
	crash_add_member(out, "toxic", member_of(report, "toxic"));
}

static void add_contradictions(struct text *out, const cJSON *report)
{
	const cJSON *list = member_of(report, "contradictions"), *sentence;

	if (!cJSON_GetArraySize(list))
		return;
	text_add(out, "<p><b>This process lied about its end.</b></p>\n<ul>\n");
	cJSON_ArrayForEach(sentence, list)
	{
		text_add(out, "<li>");
		crash_add_value(out, sentence);
		text_add(out, "</li>\n");
	}
	text_add(out, "</ul>\n");
}

static void add_pages(struct text *out, const cJSON *report)
{
	const cJSON *pages = member_of(report, "pages"), *page;

	if (!cJSON_GetArraySize(pages))
		return;
	text_add(out, "<h2>Pages</h2>\n<ul>\n");
	cJSON_ArrayForEach(page, pages)
	{
		text_add(out, "<li>");
		html_add(out, crash_text(page, "title"));
		text_add(out, "<br><code>");
		html_add(out, crash_text(page, "url"));
		text_add(out, "</code></li>\n");
	}
	text_add(out, "</ul>\n");
}

/* The function, and below it where that is. */
static void add_frame(struct text *out, unsigned number, const cJSON *frame)
{
	const char *function = crash_text(frame, "function"), *file = crash_text(frame, "file");
	double line, offset;

	if (cJSON_IsTrue(member_of(frame, "inlined")))
		text_add(out, "<div>inlined: ");
	else
		text_format(out, "<div>%u. ", number);
	html_add(out, *function ? function : "?");
	if (crash_number(frame, "offset", &offset))
		text_format(out, "+%.0f", offset);
	text_add(out, "</div><dd><code>");
	if (*file) {
		html_add(out, file);
		if (crash_number(frame, "line", &line))
			text_format(out, ":%.0f", line);
	} else {
		html_add(out, *crash_text(frame, "module") ? crash_text(frame, "module") : "no file");
		text_add(out, " ");
		html_add(out, crash_text(frame, "module_offset"));
	}
	text_add(out, "</code> ");
	if (!cJSON_IsTrue(member_of(frame, "inlined")))
		html_add(out, crash_text(frame, "address"));
	text_add(out, "</dd>\n");
}

static void add_backtrace(struct text *out, const cJSON *report)
{
	const cJSON *backtrace = member_of(report, "backtrace"), *frame;
	unsigned number = 0;

	if (!cJSON_GetArraySize(backtrace))
		return;
	text_add(out, "<h3>Backtrace, innermost first</h3>\n");
	cJSON_ArrayForEach(frame, backtrace)
	{
		add_frame(out, number, frame);
		number += !cJSON_IsTrue(member_of(frame, "inlined"));
	}
}

/* Text in so many columns, none of which may be a line's end. */
static void add_column(struct text *out, const char *text, unsigned columns)
{
	html_add(out, text);
	for (size_t n = strlen(text); n < columns; n++)
		text_add(out, "&nbsp;");
}

static void add_registers(struct text *out, const cJSON *claimed)
{
	const cJSON *registers = member_of(claimed, "registers"), *value;
	unsigned n = 0;

	if (!cJSON_IsObject(registers))
		return;
	text_add(out, "<h3>Registers</h3>\n");
	cJSON_ArrayForEach(value, registers)
	{
		bool is_second = n++ % 2;

		text_add(out, is_second ? " " : "<div>");
		add_column(out, value->string ? value->string : "", 9);
		add_column(out, cJSON_IsString(value) ? value->valuestring : "", is_second ? 0 : 18);
		text_add(out, is_second ? "</div>\n" : "");
	}
	text_add(out, n % 2 ? "</div>\n" : "");
}

static void add_claims(struct text *out, const cJSON *report)
{
	const cJSON *claimed = member_of(report, "claimed"), *claim;

	text_add(out, "<h2>What the process wrote about itself</h2>\n");
	if (!cJSON_IsObject(claimed)) {
		text_add(out, "<p>Nothing: who is killed from outside has no time to.</p>\n");
		return;
	}
	text_add(out, "<p>This is its claim. Nobody else saw it.</p>\n");
	cJSON_ArrayForEach(claim, claimed)
	{
		if (claim->string && strcmp(claim->string, "registers") != 0)
			crash_add_keyed(out, claim);
	}
	add_backtrace(out, report);
	add_registers(out, claimed);
}

static bool begin_object(struct text *out, const char *title, const cJSON *object)
{
	if (!cJSON_IsObject(object) || !object->child)
		return false;
	text_format(out, "<h2>%s</h2>\n", title);
	return true;
}

static void add_blast(struct text *out, const cJSON *blast)
{
	const cJSON *member;

	if (!begin_object(out, "Blast radius", blast))
		return;
	cJSON_ArrayForEach(member, blast)
	{
		crash_add_keyed(out, member);
	}
}

/* The layers' names are those that options and the tree use. */
static void add_sandbox(struct text *out, const cJSON *layers)
{
	const cJSON *layer;

	if (!begin_object(out, "Sandbox", layers))
		return;
	cJSON_ArrayForEach(layer, layers)
	{
		crash_add_member(out, layer->string ? layer->string : "", layer);
	}
}

/* A message, on one line. */

/* "page=1 url=…": as many arguments as there is room for. */
static void add_arguments(struct text *out, const cJSON *args, size_t room)
{
	const cJSON *arg;

	cJSON_ArrayForEach(arg, args)
	{
		struct text value = { 0 };
		const char *name = arg->string ? arg->string : "";
		size_t length;

		if (cJSON_IsString(arg))
			crash_add_cut(&value, arg->valuestring, ARGUMENT_BYTES);
		else
			crash_add_value(&value, arg);
		length = strlen(name) + value.length + 2;
		if (length > room) {
			text_add(out, " …");
			text_finish(&value);
			return;
		}
		room -= length;
		text_add(out, " ");
		html_add(out, name);
		text_add(out, "=");
		text_add(out, value.data ? value.data : "");
		text_finish(&value);
	}
}

static void add_message(struct text *out, const cJSON *message, double died_us, size_t room)
{
	const char *status = crash_text(message, "status");
	char line[200];
	size_t length;
	double ts;

	text_add(out, "<div>");
	if (crash_number(message, "ts_us", &ts) && died_us)
		text_format(out, "%.3f ", (died_us - ts) / 1000);
	snprintf(line, sizeof line, "%.40s → %.40s %.60s", crash_text(message, "from"),
		 crash_text(message, "to"), crash_text(message, "name"));
	html_add(out, line);
	length = strlen(line) + 8;
	if (*status && strcmp(status, "delivered") != 0) {
		text_add(out, " (");
		html_add(out, status);
		text_add(out, ")");
		length += strlen(status) + 3;
	}
	add_arguments(out, member_of(message, "args"), length < room ? room - length : 0);
	text_add(out, "</div>\n");
}

static void add_messages(struct text *out, const cJSON *report)
{
	const cJSON *messages = member_of(report, "messages"), *message;
	double died_us;

	if (!cJSON_GetArraySize(messages))
		return;
	crash_number(report, "ts_us", &died_us);
	text_format(out,
		    "<h2>Its last %d messages</h2>\n<p>The newest last; before each, how many ms before "
		    "the end was known.</p>\n",
		    cJSON_GetArraySize(messages));
	cJSON_ArrayForEach(message, messages)
	{
		add_message(out, message, died_us, LINE_BYTES);
	}
}

static void add_handled(struct text *out, const cJSON *report)
{
	const cJSON *message = member_of(report, "handling");
	double died_us;

	if (!cJSON_IsObject(message))
		return;
	crash_number(report, "ts_us", &died_us);
	text_add(out, "<h3>The message that it handled</h3>\n");
	add_message(out, message, died_us, HANDLED_BYTES);
}

/* Modules. */

static void add_module(struct text *out, const cJSON *module)
{
	unsigned long long base = strtoull(crash_text(module, "base"), NULL, 16);
	unsigned long long end = strtoull(crash_text(module, "end"), NULL, 16);

	text_add(out, "<div>");
	add_column(out, crash_text(module, "name"), 26);
	text_format(out, " 0x%llx %llu KiB</div>\n", base, end > base ? (end - base + 1023) / 1024 : 0);
}

static void add_modules(struct text *out, const cJSON *modules)
{
	const cJSON *module;

	if (!begin_object(out, "Modules", modules))
		return;
	crash_add_row(out, "seen by", crash_text(modules, "seen_by"));
	cJSON_ArrayForEach(module, member_of(modules, "list"))
	{
		add_module(out, module);
	}
}

void crash_document_write(struct text *out, const cJSON *report, const char *path)
{
	char title[200];

	snprintf(title, sizeof title, "%.40s: %.140s", crash_text(report, "process"),
		 crash_text(report, "words"));
	page_begin(out, title);
	add_contradictions(out, report);
	add_end(out, report);
	add_pages(out, report);
	add_claims(out, report);
	add_handled(out, report);
	add_blast(out, member_of(report, "blast"));
	add_sandbox(out, member_of(member_of(report, "sandbox"), "layers"));
	add_messages(out, report);
	add_modules(out, member_of(report, "modules"));
	text_add(out, "<p>The whole report is in <code>");
	html_add(out, path);
	text_add(out, "</code>. <a href=\"bulkhead://crashes\">All reports</a></p>\n");
	page_end(out);
}
