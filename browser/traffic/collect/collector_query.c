/* What others ask the collector, and what they tell it. See collector.h. */
#include "browser/traffic/collect/collector_internal.h"
#include <stdio.h>
#include <string.h>

#define DETAILS_BYTES  16384 /* of the JSON of a process or input event */
#define NOTE_BUDGET_MS 2     /* spent on reading what happened before it */
#define TEXT_BYTES     1000  /* of one text in it, before escaping */

uint64_t collector_first(const struct collector *c)
{
	return c->history.first;
}

uint64_t collector_end(const struct collector *c)
{
	return c->history.end;
}

const struct traffic_event *collector_event(const struct collector *c, uint64_t sequence)
{
	const struct stored *s = history_get(&c->history, sequence);

	return s ? &s->event : NULL;
}

uint64_t collector_time_ns(const struct collector *c, const struct traffic_event *e)
{
	return e->ts_us * 1000 - c->wall_offset_ns;
}

size_t collector_bytes(const struct collector *c)
{
	return c->history.bytes;
}

uint64_t collector_start_us(const struct collector *c)
{
	return c->start_us;
}

void collector_listen(struct collector *c, struct collector_listener *l)
{
	l->next = c->listeners;
	c->listeners = l;
}

void collector_unlisten(struct collector *c, struct collector_listener *gone)
{
	for (struct collector_listener **l = &c->listeners; *l; l = &(*l)->next) {
		if (*l == gone) {
			*l = gone->next;
			return;
		}
	}
}

struct traffic_counts collector_count(const struct collector *c, struct endpoint from, struct endpoint to)
{
	const struct flow *f = join_find(c, from, to);

	return f ? f->counts : (struct traffic_counts){ 0 };
}

unsigned collector_behind(const struct collector *c, struct endpoint from, struct endpoint to)
{
	const struct flow *f = join_find(c, from, to);

	return f ? flow_behind(f) : 0;
}

uint64_t collector_lost(const struct collector *c)
{
	return c->lost;
}

unsigned collector_last(const struct collector *c, struct endpoint e, enum collector_direction direction,
			unsigned max, const struct traffic_event **out)
{
	const struct traffic_process_state *p = collector_find(c, e);
	unsigned n = 0;

	if (!p)
		return 0;
	for (unsigned total = p->nlast[direction]; n < max && n < total && n < COLLECTOR_LAST; n++)
		out[n] = &p->last[direction][(total - 1 - n) % COLLECTOR_LAST]->event;
	return n;
}

void collector_beat(const struct collector *c, struct endpoint e, unsigned out[COLLECTOR_BEATS])
{
	const struct traffic_process_state *p = collector_find(c, e);

	memset(out, 0, COLLECTOR_BEATS * sizeof *out);
	if (p)
		beat_show(&p->beat, recorder_now(), out);
}

double collector_rate(const struct collector *c, struct endpoint e)
{
	const struct traffic_process_state *p = collector_find(c, e);

	return p ? beat_rate(&p->beat, recorder_now()) : 0;
}

uint64_t collector_gaps(const struct collector *c, struct endpoint e)
{
	const struct traffic_process_state *p = collector_find(c, e);

	return p ? p->reader.gaps : 0;
}

bool collector_forged(const struct collector *c, struct endpoint e)
{
	const struct traffic_process_state *p = collector_find(c, e);

	return p && p->forged;
}

/* Events that the browser itself tells of. */

static void note(struct collector *c, struct traffic_event *event, const struct format *details)
{
	static const char nothing[] = "{}";
	uint64_t now;
	struct stored *s;

	/* What was sent and received before stands before it. */
	if (!c->draining)
		collector_drain(c, NOTE_BUDGET_MS);
	now = recorder_now();
	event->ts_us = (c->wall_offset_ns + now) / 1000;
	event->queued_ns = event->handled_ns = TRAFFIC_NO_TIME;
	if (details->full)
		s = collector_keep(c, event, nothing, sizeof nothing - 1, now);
	else
		s = collector_keep(c, event, details->text, (uint32_t)details->length, now);
	if (!s)
		return;
	if (c->config.log)
		log_writer_put(c->config.log, &s->event);
	stored_release(s);
	if (!c->draining)
		collector_tell(c);
}

static void put_key(struct format *out, const char *key)
{
	format_printf(out, "%s\"%s\":", out->length > 1 ? "," : "", key);
}

static void put_text(struct format *out, const char *key, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (!length)
		return;
	put_key(out, key);
	format_json_string(out, text, length < TEXT_BYTES ? length : TEXT_BYTES);
}

static void put_number(struct format *out, const char *key, int64_t number)
{
	put_key(out, key);
	format_printf(out, "%lld", (long long)number);
}

static void put_exit(struct format *out, const struct traffic_process *e)
{
	char text[32];

	put_text(out, "status", termination_status_names[e->status]);
	if (e->signal) {
		const char *name = sigabbrev_np(e->signal);

		if (name)
			snprintf(text, sizeof text, "SIG%s", name);
		else
			snprintf(text, sizeof text, "signal %d", e->signal);
		put_text(out, "signal", text);
	}
	if (e->has_code)
		put_number(out, "code", e->code);
	if (e->has_address) {
		snprintf(text, sizeof text, "0x%llx", (unsigned long long)e->address);
		put_text(out, "address", text);
	}
	put_text(out, "syscall", e->syscall);
	if (e->reason)
		put_text(out, "reason", bad_message_names[e->reason]);
	put_text(out, "toxic", e->toxic);
}

static void put_layers(struct format *out, const struct traffic_process *e)
{
	char text[16];
	const char *before = "";

	snprintf(text, sizeof text, "%d/%d", __builtin_popcount(e->layers & ((1u << LAYER_COUNT) - 1)),
		 LAYER_COUNT);
	put_text(out, "sandbox", text);
	put_key(out, "off");
	format_char(out, '[');
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		if (e->layers & 1u << i)
			continue;
		format_printf(out, "%s\"%s\"", before, layer_names[i]);
		before = ",";
	}
	format_char(out, ']');
	put_text(out, "missing", e->missing);
}

void collector_note_process(struct collector *c, const struct traffic_process *e)
{
	struct traffic_event event = {
		.kind = TRAFFIC_PROCESS, .type = (uint16_t)e->what, .from = e->process, .cause = e->cause
	};
	char text[DETAILS_BYTES];
	struct format details = format_into(text, sizeof text);

	format_char(&details, '{');
	if (e->pid)
		put_number(&details, "pid", e->pid);
	put_text(&details, "name", e->name);
	if (e->what == TRAFFIC_PROCESS_EXIT)
		put_exit(&details, e);
	if (e->has_layers)
		put_layers(&details, e);
	if (e->what == TRAFFIC_PROCESS_GAP)
		put_number(&details, "records", (int64_t)e->records);
	if (e->after_us)
		put_number(&details, "after_us", (int64_t)e->after_us);
	put_text(&details, "detail", e->detail);
	format_char(&details, '}');
	note(c, &event, &details);
}

void collector_note_blast(struct collector *c, enum traffic_blast_event what, struct endpoint process,
			  uint64_t cause, const struct format *details)
{
	struct traffic_event event = {
		.kind = TRAFFIC_BLAST, .type = (uint16_t)what, .from = process, .cause = cause
	};

	note(c, &event, details);
}

void collector_note_input(struct collector *c, uint64_t id, uint64_t cause, enum traffic_input_kind what,
			  const char *value)
{
	struct traffic_event event = { .kind = TRAFFIC_INPUT,
				       .type = (uint16_t)what,
				       .id = id,
				       .cause = cause,
				       .from = { ROLE_BROWSER, 0 } };
	char text[DETAILS_BYTES];
	struct format details = format_into(text, sizeof text);

	format_char(&details, '{');
	put_text(&details, "value", value);
	format_char(&details, '}');
	note(c, &event, &details);
}

/* Bytes that passed beside messages. */

void collector_log_bulk(struct collector *c, enum traffic_kind kind, struct endpoint process, uint64_t cause,
			uint64_t time_ns, const void *payload, uint32_t bytes)
{
	bool body = kind == TRAFFIC_BODY;
	struct traffic_event event = { .kind = (uint8_t)kind,
				       .ts_us = (c->wall_offset_ns + time_ns) / 1000,
				       .cause = cause,
				       .queued_ns = TRAFFIC_NO_TIME,
				       .handled_ns = TRAFFIC_NO_TIME,
				       .from = body ? (struct endpoint){ ROLE_BROWSER, 0 } : process,
				       .to = body ? process : (struct endpoint){ ROLE_BROWSER, 0 },
				       .payload = payload,
				       .payload_bytes = bytes };

	if (c->config.log)
		log_writer_put(c->config.log, &event);
}

void collector_note_body(struct collector *c, struct endpoint to, uint32_t page, uint32_t navigation,
			 const void *bytes, size_t length)
{
	uint8_t payload[sizeof(struct traffic_body) + RECORD_MEMORY_MAX];
	struct traffic_body body = { page, navigation };
	uint64_t now = recorder_now();

	memcpy(payload, &body, sizeof body);
	for (size_t done = 0, part; done < length; done += part) {
		part = length - done < RECORD_MEMORY_MAX ? length - done : RECORD_MEMORY_MAX;
		memcpy(payload + sizeof body, (const uint8_t *)bytes + done, part);
		collector_log_bulk(c, TRAFFIC_BODY, to, cause_current(), now, payload,
				   (uint32_t)(sizeof body + part));
	}
}

void collector_note_memory(struct collector *c, struct endpoint from, const struct record_memory *memory,
			   const void *bytes)
{
	uint8_t payload[sizeof *memory + RECORD_MEMORY_MAX];
	struct record_memory part = *memory;
	uint64_t now = recorder_now();

	for (uint32_t done = 0; done < memory->bytes; done += part.bytes) {
		part.offset = memory->offset + done;
		part.bytes =
			memory->bytes - done < RECORD_MEMORY_MAX ? memory->bytes - done : RECORD_MEMORY_MAX;
		memcpy(payload, &part, sizeof part);
		memcpy(payload + sizeof part, (const uint8_t *)bytes + done, part.bytes);
		collector_log_bulk(c, TRAFFIC_MEMORY, from, cause_current(), now, payload,
				   (uint32_t)sizeof part + part.bytes);
	}
}
