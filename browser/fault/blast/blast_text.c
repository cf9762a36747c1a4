/* See blast.h: a blast in words, and in JSON. */
#include "browser/fault/blast/blast_internal.h"
#include <stdio.h>
#include <string.h>

#define ROW_BYTES    8192
#define LIVED_LISTED 200 /* in the log: a line has its bounds */

double blast_ms(uint64_t from_ns, uint64_t to_ns)
{
	return from_ns && to_ns >= from_ns ? (double)(to_ns - from_ns) / 1e6 : -1;
}

const char *blast_text_end(const struct blast *b, char *buf, size_t capacity)
{
	if (b->named)
		return death_text(&b->death, buf, capacity);
	snprintf(buf, capacity, b->died ? "dying" : "unresponsive");
	return buf;
}

const char *blast_text_roll(const struct blast *b, char *buf, size_t capacity)
{
	const struct roll_call *r = &b->roll;

	if (!r->ended_ns)
		snprintf(buf, capacity, "%u of %u have answered", r->answered, r->asked);
	else
		snprintf(buf, capacity, "%s answered: %u of %u in %.1f ms",
			 r->answered == r->asked ? "all others" : "NOT ALL others", r->answered, r->asked,
			 blast_ms(r->began_ns, r->ended_ns));
	return buf;
}

/* Rows for people. */

struct rows {
	void (*row)(void *arg, const char *name, const char *text);
	void *arg;
	char text[ROW_BYTES];
};

static struct format row_begin(struct rows *rows)
{
	return format_into(rows->text, sizeof rows->text);
}

static void row_end(struct rows *rows, const char *name)
{
	rows->row(rows->arg, name, rows->text);
}

static void row_died(struct rows *rows, const struct blast *b)
{
	struct format out = row_begin(rows);
	char name[ENDPOINT_TEXT], end[200];

	format_printf(&out, "%s%s%s, pid %d: %s", endpoint_text(b->process, name), b->label[0] ? " " : "",
		      b->label, (int)b->pid, blast_text_end(b, end, sizeof end));
	row_end(rows, b->died ? "died" : "hangs");
	if (!b->fault && !b->toxic[0])
		return;
	out = row_begin(rows);
	format_printf(&out, "%s%s%s", b->fault ? b->fault : "", b->fault && b->toxic[0] ? "; " : "",
		      b->toxic);
	row_end(rows, "because of");
}

static void row_lived(struct rows *rows, const struct blast *b)
{
	struct format out = row_begin(rows);
	char name[ENDPOINT_TEXT], roll[80];

	format_text(&out, blast_text_roll(b, roll, sizeof roll));
	for (unsigned i = 0; i < b->roll.count; i++) {
		const struct roll_entry *e = &b->roll.entries[i];

		format_printf(&out, "%s %s ", i ? "," : ";", endpoint_text(e->process, name));
		if (e->answer == ROLL_ANSWERED)
			format_printf(&out, "%.2f ms", (double)e->took_ns / 1e6);
		else
			format_text(&out, roll_answer_names[e->answer]);
	}
	row_end(rows, "lived");
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

static void row_toll(struct rows *rows, const struct blast *b)
{
	const struct toll *t = &b->toll;
	uint64_t lost = t->lost_by + t->lost_to;
	struct format out = row_begin(rows);
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	format_printf(&out, "%llu message%s", (unsigned long long)lost, plural(lost));
	if (lost)
		format_printf(&out, ": %llu that it had sent, %llu sent to it",
			      (unsigned long long)t->lost_by, (unsigned long long)t->lost_to);
	if (t->taken)
		format_printf(&out, "; before that toxics took %llu", (unsigned long long)t->taken);
	if (t->dropped)
		format_printf(&out, "; before that %llu %s dropped by hand", (unsigned long long)t->dropped,
			      t->dropped == 1 ? "was" : "were");
	if (t->undecided)
		format_printf(&out, "; %llu still open", (unsigned long long)t->undecided);
	row_end(rows, "lost");
	out = row_begin(rows);
	format_printf(&out, "%llu without a reply", (unsigned long long)t->requests);
	for (unsigned i = 0; i < t->nfailed; i++) {
		const struct toll_request *r = &t->failed[i];

		format_printf(&out, "%s %u %s from %s to %s", i ? "," : ":", r->count,
			      ipc_messages[r->type].name, endpoint_text(r->from, from),
			      endpoint_text(r->to, to));
	}
	row_end(rows, "requests");
}

static void row_freed(struct rows *rows, const struct blast *b)
{
	struct format out = row_begin(rows);

	format_printf(&out, "%u descriptor%s, %u region%s of %llu bytes", b->freed.descriptors,
		      plural(b->freed.descriptors), b->freed.regions, plural(b->freed.regions),
		      (unsigned long long)b->freed.bytes);
	row_end(rows, "freed");
}

static void row_times(struct rows *rows, const struct blast *b)
{
	double crash = blast_ms(b->crashed_ns, b->known_ns), order = blast_ms(b->ordered_ns, b->known_ns);
	struct format out = row_begin(rows);

	if (crash >= 0)
		format_printf(&out, "%.2f ms after it crashed%s", crash, order >= 0 ? ", " : "");
	if (order >= 0)
		format_printf(&out, "%.2f ms after the order", order);
	if (crash >= 0 || order >= 0)
		row_end(rows, "known");
	out = row_begin(rows);
	if (b->shown_ns) {
		format_printf(&out, "%.2f ms later", blast_ms(b->known_ns, b->shown_ns));
		row_end(rows, "shown");
	}
	out = row_begin(rows);
	if (b->back_ns) {
		format_printf(&out, "in %.1f ms%s", (double)b->recover_ns / 1e6,
			      b->ntabs && b->died ? " from the reload" : "");
		row_end(rows, "recovered");
	}
}

void blast_rows(const struct blast *b, void (*row)(void *arg, const char *name, const char *text), void *arg)
{
	struct rows rows = { .row = row, .arg = arg };

	row_died(&rows, b);
	row_lived(&rows, b);
	if (b->died) {
		row_toll(&rows, b);
		row_freed(&rows, b);
	}
	row_times(&rows, b);
}

/* JSON. */

static void put_key(struct format *out, const char *key)
{
	format_printf(out, "%s\"%s\":", out->text[out->length - 1] == '{' ? "" : ",", key);
}

static void put_text(struct format *out, const char *key, const char *text)
{
	if (!text || !text[0])
		return;
	put_key(out, key);
	format_json_string(out, text, strlen(text));
}

static void put_number(struct format *out, const char *key, uint64_t number)
{
	put_key(out, key);
	format_u64(out, number);
}

static void put_ms(struct format *out, const char *key, double ms)
{
	if (ms < 0)
		return;
	put_key(out, key);
	format_printf(out, "%.3f", ms);
}

static void put_end(struct format *out, const struct blast *b)
{
	char text[200];

	put_text(out, "end", b->died ? termination_status_names[b->death.status] : "unresponsive");
	if (!b->died)
		return;
	put_text(out, "signal", death_signal_name(b->death.signal));
	if (!b->death.signal)
		put_number(out, "code", (uint64_t)b->death.code);
	if (b->death.reason)
		put_text(out, "reason", bad_message_names[b->death.reason]);
	if (b->death.kind == CRASH_KIND_VIOLATION)
		put_text(out, "call", death_syscall_name(b->death.syscall, text, sizeof text));
	put_text(out, "detail", death_text(&b->death, text, sizeof text));
}

static void put_lived(struct format *out, const struct roll_call *r)
{
	char name[ENDPOINT_TEXT];

	put_number(out, "asked", r->asked);
	put_number(out, "answered", r->answered);
	put_ms(out, "answered_ms", blast_ms(r->began_ns, r->ended_ns));
	put_key(out, "lived");
	format_char(out, '[');
	for (unsigned i = 0; i < r->count && i < LIVED_LISTED; i++) {
		const struct roll_entry *e = &r->entries[i];

		format_printf(out, "%s{\"process\":\"%s\"", i ? "," : "", endpoint_text(e->process, name));
		if (e->answer == ROLL_ANSWERED)
			format_printf(out, ",\"ms\":%.3f}", (double)e->took_ns / 1e6);
		else
			format_printf(out, ",\"instead\":\"%s\"}", roll_answer_names[e->answer]);
	}
	format_char(out, ']');
	if (r->count > LIVED_LISTED)
		put_number(out, "more", r->count - LIVED_LISTED);
}

static void put_toll(struct format *out, const struct toll *t)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	put_number(out, "lost", t->lost_by + t->lost_to);
	put_number(out, "lost_by_it", t->lost_by);
	put_number(out, "lost_to_it", t->lost_to);
	if (t->taken)
		put_number(out, "taken_by_toxics", t->taken);
	if (t->dropped)
		put_number(out, "dropped_by_hand", t->dropped);
	if (t->undecided)
		put_number(out, "undecided", t->undecided);
	put_number(out, "requests_failed", t->requests);
	if (!t->nfailed)
		return;
	put_key(out, "requests");
	format_char(out, '[');
	for (unsigned i = 0; i < t->nfailed; i++)
		format_printf(out, "%s{\"name\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"count\":%u}",
			      i ? "," : "", ipc_messages[t->failed[i].type].name,
			      endpoint_text(t->failed[i].from, from), endpoint_text(t->failed[i].to, to),
			      t->failed[i].count);
	format_char(out, ']');
}

static void put_freed(struct format *out, const struct holdings *h)
{
	put_key(out, "freed");
	format_printf(out, "{\"descriptors\":%u,\"regions\":%u,\"bytes\":%llu}", h->descriptors, h->regions,
		      (unsigned long long)h->bytes);
}

static void put_tabs(struct format *out, const struct blast *b)
{
	put_key(out, "tabs");
	format_char(out, '[');
	for (unsigned i = 0; i < b->ntabs && i < LIVED_LISTED; i++)
		format_printf(out, "%s%u", i ? "," : "", b->tabs[i].id);
	format_char(out, ']');
}

void blast_json(const struct blast *b, struct format *out)
{
	format_char(out, '{');
	put_number(out, "blast", b->number);
	put_number(out, "pid", (uint64_t)b->pid);
	put_text(out, "name", b->label);
	put_end(out, b);
	put_text(out, "fault", b->fault);
	put_text(out, "toxic", b->toxic);
	put_ms(out, "known_after_crash_ms", blast_ms(b->crashed_ns, b->known_ns));
	put_ms(out, "known_after_order_ms", blast_ms(b->ordered_ns, b->known_ns));
	put_ms(out, "shown_ms", blast_ms(b->known_ns, b->shown_ns));
	if (b->back_ns)
		put_ms(out, "recovered_ms", (double)b->recover_ns / 1e6);
	if (b->died) {
		put_toll(out, &b->toll);
		put_freed(out, &b->freed);
	}
	put_tabs(out, b);
	put_lived(out, &b->roll);
	format_char(out, '}');
}

void blast_json_recovery(const struct blast *b, const struct blast_tab *t, struct format *out)
{
	uint64_t from = t ? t->asked_ns : b->known_ns;

	format_char(out, '{');
	put_number(out, "blast", b->number);
	if (t) {
		put_number(out, "tab", t->id);
		put_ms(out, "back_ms", blast_ms(from, t->back_ns));
	}
	put_ms(out, "ms", blast_ms(from, t ? t->pictured_ns ? t->pictured_ns : t->back_ns : b->back_ns));
	put_ms(out, "shown_ms", blast_ms(b->known_ns, b->shown_ns));
	format_char(out, '}');
}
