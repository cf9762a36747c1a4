/* See report.h. Whatever comes from the log or the process is made safe to print here. */
#include "browser/traffic/replay/report.h"
#include "browser/traffic/log/json.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WORDS	  2048
#define TOLD_MOST 500 /* differences that are told one by one */

__attribute__((format(printf, 2, 0))) static void clean(char out[WORDS], const char *how, va_list args)
{
	char words[WORDS / 2];
	struct format f = format_into(out, WORDS);

	vsnprintf(words, sizeof words, how, args);
	json_write_clean(&f, words, strlen(words));
}

static void print_string(const char *key, const char *text)
{
	char out[2 * WORDS];
	struct format f = format_into(out, sizeof out);

	format_json_string(&f, text, strlen(text));
	printf("\"%s\":%s", key, out);
}

void report_answer(struct report *r, uint64_t id, uint64_t line, struct endpoint to, const char *name,
		   const char *how, ...)
{
	char words[WORDS], peer[ENDPOINT_TEXT], number[IPC_ID_TEXT];
	va_list args;

	va_start(args, how);
	clean(words, how, args);
	va_end(args);
	if (r->differences++ >= TOLD_MOST)
		return;
	endpoint_text(to, peer);
	ipc_id_text(line ? id : 0, number);
	if (!r->json) {
		printf("  %-18s %-24s to %-12s %s\n", *number ? number : "(not in the log)", name, peer,
		       words);
		return;
	}
	printf("{\"type\":\"difference\",");
	if (line)
		printf("\"id\":\"%s\",\"line\":%llu,", number, (unsigned long long)line);
	printf("\"name\":\"%s\",\"to\":\"%s\",", name, peer);
	print_string("how", words);
	puts("}");
}

void report_other(struct report *r, const char *what, const char *how, ...)
{
	char words[WORDS];
	va_list args;

	va_start(args, how);
	clean(words, how, args);
	va_end(args);
	if (r->differences++ >= TOLD_MOST)
		return;
	if (!r->json) {
		printf("  %-18s %s\n", what, words);
		return;
	}
	printf("{\"type\":\"difference\",\"what\":\"%s\",", what);
	print_string("how", words);
	puts("}");
}

void report_note(struct report *r, const char *how, ...)
{
	char words[WORDS];
	va_list args;

	va_start(args, how);
	clean(words, how, args);
	va_end(args);
	if (!r->json) {
		printf("  note: %s\n", words);
		return;
	}
	printf("{\"type\":\"note\",");
	print_string("note", words);
	puts("}");
}

static void note_lacks(struct report *r)
{
	const struct tape *t = r->tape;

	if (t->gaps)
		report_note(r, "the log lacks %llu records of this process: its recorder overflowed",
			    (unsigned long long)t->gaps);
	if (t->dropped)
		report_note(r, "the log lacks %llu lines: its writer could not keep up",
			    (unsigned long long)t->dropped);
	if (t->bad_lines)
		report_note(r, "%llu lines of the log cannot be read", (unsigned long long)t->bad_lines);
	if (t->cut)
		report_note(r, "the log is cut: its last line is left out");
	if (t->without_bytes)
		report_note(r, "%llu messages are in the log without their bytes, and are left out",
			    (unsigned long long)t->without_bytes);
}

void report_begin(struct report *r)
{
	char name[ENDPOINT_TEXT];

	endpoint_text(r->tape->process, name);
	if (!r->json)
		printf("%s%s%s: %u messages to it and %u from it, in %.3f s\n", name,
		       r->tape->label[0] ? " " : "", r->tape->label, r->tape->feeds, r->tape->answers,
		       (double)r->recorded_ns / 1e9);
	note_lacks(r);
}

/* Those that are not compared one by one: how many there were, and how many now. */
static void print_rhythm(const struct report *r)
{
	const char *head = "  sent as often as time has it; how often is no difference:\n";

	for (unsigned type = 0; type < IPC_COUNT; type++)
		if (r->rhythm[0][type] || r->rhythm[1][type]) {
			printf("%s    %s: %u in the log, %u now\n", head, ipc_messages[type].name,
			       r->rhythm[0][type], r->rhythm[1][type]);
			head = "";
		}
}

static void print_compared(const struct report *r)
{
	if (r->compared)
		printf("  pictures: compared %u time%s\n", r->compared, r->compared == 1 ? "" : "s");
	else
		printf("  pictures not compared: %s\n", r->not_compared);
}

static void print_summary(const struct report *r, const char *ended)
{
	print_rhythm(r);
	print_compared(r);
	printf("  ended: %s\n", ended);
	printf("%u messages fed", r->fed);
	if (r->body_bytes)
		printf(" and %llu bytes of bodies", (unsigned long long)r->body_bytes);
	printf(", %u answers, %u the same; %u difference%s; %.3f s\n", r->answers, r->same, r->differences,
	       r->differences == 1 ? "" : "s", (double)r->took_ns / 1e9);
}

void report_end(struct report *r, const char *ended)
{
	if (r->made_up)
		report_note(r, "%u answers of peers were made up, for it asked more often than in the log",
			    r->made_up);
	if (r->differences > TOLD_MOST)
		report_note(r, "%u more differences", r->differences - TOLD_MOST);
	if (!r->json) {
		print_summary(r, ended);
		return;
	}
	printf("{\"type\":\"summary\",\"fed\":%u,\"body_bytes\":%llu,\"answers\":%u,\"same\":%u,\"compared\":%u,"
	       "\"hung\":%u,\"differences\":%u,\"took_us\":%llu,\"recorded_us\":%llu,",
	       r->fed, (unsigned long long)r->body_bytes, r->answers, r->same, r->compared, r->hung,
	       r->differences, (unsigned long long)(r->took_ns / 1000),
	       (unsigned long long)(r->recorded_ns / 1000));
	if (!r->compared) {
		print_string("not_compared", r->not_compared);
		printf(",");
	}
	print_string("ended", ended);
	puts("}");
}
