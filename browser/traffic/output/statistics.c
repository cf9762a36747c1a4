/* See statistics.h: what is counted. statistics_rows.c keeps the rows. */
#include "browser/traffic/output/statistics.h"
#include "browser/traffic/output/open_requests.h"
#include "browser/traffic/output/statistics_internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BUCKET_US 10000

const char *const statistics_by_names[BY_COUNT] = { "name", "pair", "tab", "process" };
const char *const statistics_order_names[STATISTICS_ORDERS] = { "count",   "bytes",   "lost", "queued",
								"handled", "longest", "total" };

struct statistics *statistics_create(uint64_t start_us)
{
	struct statistics *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->start_us = start_us;
	s->has_start = start_us != 0;
	s->bucket_us = FIRST_BUCKET_US;
	s->tables[BY_NAME].are_names = true;
	return s;
}

void statistics_destroy(struct statistics *s)
{
	if (!s)
		return;
	for (unsigned by = 0; by < BY_COUNT; by++)
		rows_finish(&s->tables[by]);
	row_finish(&s->total.all);
	free(s);
}

/* Time. */

static void halve(struct statistics_row *r)
{
	for (unsigned i = 0; i < STATISTICS_BUCKETS; i++) {
		bool has = i < STATISTICS_BUCKETS / 2;
		uint64_t both = has ? (uint64_t)r->over_time[2 * i] + r->over_time[2 * i + 1] : 0;
		r->over_time[i] = both < UINT32_MAX ? (uint32_t)both : UINT32_MAX;
	}
}

static void double_buckets(struct statistics *s)
{
	s->bucket_us *= 2;
	s->last_bucket /= 2;
	for (unsigned by = 0; by < BY_COUNT; by++) {
		for (unsigned i = 0; i < s->tables[by].count; i++)
			halve(&s->tables[by].rows[i]);
		halve(&s->tables[by].others);
	}
	halve(&s->total.all);
}

/* In which bucket that is; what came before the start is in the first. */
static unsigned bucket_at(struct statistics *s, uint64_t ts_us)
{
	if (!s->has_start)
		s->start_us = ts_us;
	s->has_start = true;
	uint64_t since = ts_us > s->start_us ? ts_us - s->start_us : 0;
	while (since / s->bucket_us >= STATISTICS_BUCKETS)
		double_buckets(s);
	unsigned bucket = (unsigned)(since / s->bucket_us);
	s->last_bucket = bucket > s->last_bucket ? bucket : s->last_bucket;
	return bucket;
}

static void note_time(struct statistics *s, uint64_t ts_us)
{
	if (!s->total.all.count || ts_us < s->first_us)
		s->first_us = ts_us;
	if (!s->total.all.count || ts_us > s->last_us)
		s->last_us = ts_us;
	s->total.span_us = s->last_us - s->first_us;
}

uint64_t statistics_bucket_us(const struct statistics *s)
{
	return s->bucket_us;
}

char *statistics_sparkline(const struct statistics *s, const struct statistics_row *r, int columns,
			   bool ascii, char *buf)
{
	static const char *const steps[] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
	static const char *const plain[] = { "_", ".", "-", "=", "+", "o", "O", "#" };
	unsigned used = s->last_bucket + 1;
	double most = 0, shares[STATISTICS_BUCKETS];

	columns = columns < STATISTICS_BUCKETS ? columns : STATISTICS_BUCKETS;
	for (int i = 0; i < columns; i++) {
		/* The buckets of that column; a column without one of its own shows the one it lies in. */
		unsigned from = (unsigned)i * used / (unsigned)columns;
		unsigned to = ((unsigned)i + 1) * used / (unsigned)columns;
		shares[i] = r->over_time[from];
		for (unsigned b = from + 1; b < to; b++)
			shares[i] = r->over_time[b] > shares[i] ? r->over_time[b] : shares[i];
		most = shares[i] > most ? shares[i] : most;
	}
	buf[0] = '\0';
	for (int i = 0; i < columns; i++) {
		int step = shares[i] > 0 ? 1 + (int)(6 * shares[i] / most) : 0;
		strcat(buf, ascii ? plain[step] : steps[step]);
	}
	return buf;
}

/* Parts. */

/* A time that is known is counted by the row, where there is memory for that. */
static void add_time(struct histogram **h, uint64_t ns)
{
	if (!*h)
		*h = calloc(1, sizeof(**h));
	if (*h)
		histogram_add(*h, ns);
}

enum end { END_ANY, END_SENDER, END_RECEIVER }; /* of a message that a row stands for */

static void count_parts(struct statistics_row *r, const struct traffic_event *e, unsigned parts, enum end end)
{
	bool delivered = e->status == TRAFFIC_DELIVERED || e->status == TRAFFIC_REFUSED;

	if (parts & STATISTICS_SENT) {
		r->count++;
		r->bytes += e->bytes;
		r->sent += end != END_RECEIVER;
	}
	if (parts & STATISTICS_FATE) {
		r->lost += e->status == TRAFFIC_LOST;
		r->refused += e->status == TRAFFIC_REFUSED;
	}
	if (end == END_SENDER)
		return;
	if (parts & STATISTICS_FATE && delivered && e->queued_ns != TRAFFIC_NO_TIME)
		add_time(&r->queued, e->queued_ns);
	if (parts & STATISTICS_HANDLED && e->handled_ns != TRAFFIC_NO_TIME)
		add_time(&r->handled, e->handled_ns);
}

/* The rows that a message is counted in. */
struct places {
	struct statistics_row *rows[OPEN_REQUEST_ROWS];
	enum end ends[OPEN_REQUEST_ROWS];
	enum statistics_by by[OPEN_REQUEST_ROWS];
	unsigned count;
};

static void add_place(struct places *p, struct statistics *s, enum statistics_by by, enum end end,
		      const char *key, const char *peer, bool is_new)
{
	p->by[p->count] = by;
	p->ends[p->count] = end;
	p->rows[p->count++] = rows_find(&s->tables[by], key, peer, is_new, s->now);
}

static void find_places(struct statistics *s, const struct traffic_event *e, bool is_new, struct places *p)
{
	char name_buf[TRAFFIC_NAME_TEXT], from_buf[ENDPOINT_TEXT], to_buf[ENDPOINT_TEXT], tab[16];
	const char *name = traffic_name(e, name_buf);
	const char *from = traffic_from(e, from_buf), *to = traffic_to(e, to_buf);
	uint32_t page;

	p->count = 0;
	s->now += is_new;
	add_place(p, s, BY_NAME, END_ANY, name, "", is_new);
	add_place(p, s, BY_PAIR, END_ANY, from, to, is_new);
	add_place(p, s, BY_PROCESS, END_SENDER, from, "", is_new);
	add_place(p, s, BY_PROCESS, END_RECEIVER, to, "", is_new);
	if (traffic_page(e, &page)) {
		snprintf(tab, sizeof(tab), "%u", page);
		add_place(p, s, BY_TAB, END_ANY, tab, "", is_new);
	}
}

static void answer(struct statistics *s, uint64_t id)
{
	struct open_request *request = open_requests_answer(&s->requests, id);

	for (unsigned i = 0; request && i < OPEN_REQUEST_ROWS; i++) {
		struct statistics_row *r = rows_numbered(s, request->rows[i], request->lives[i]);
		if (r)
			r->answered++;
	}
	s->total.all.answered += request != NULL;
}

void statistics_answer(struct statistics *s, const struct traffic_event *e)
{
	char name_buf[TRAFFIC_NAME_TEXT];
	const char *name = traffic_name(e, name_buf);

	for (unsigned i = 0; e->kind == TRAFFIC_MESSAGE && e->cause && i < IPC_COUNT; i++) {
		const struct ipc_message *m = &ipc_messages[i];
		if (m->reply >= 0 && strcmp(ipc_messages[m->reply].name, name) == 0) {
			answer(s, e->cause);
			return;
		}
	}
}

/* Which requests wait, and which of them this one answers. */
static void follow_request(struct statistics *s, const struct traffic_event *e, const struct places *p)
{
	const struct statistics_row *name = p->rows[0];
	struct open_request *request;

	if (name->asks && e->id) {
		request = open_requests_ask(&s->requests, e->id);
		for (unsigned i = 0; i < p->count; i++) {
			/* Of two processes the one that asks has the question. */
			struct statistics_row *r = p->ends[i] == END_RECEIVER ? NULL : p->rows[i];
			if (r)
				r->asked++, r->answered += !request;
			if (request) {
				request->rows[i] = r ? rows_number(s, p->by[i], r) : 0;
				request->lives[i] = r ? r->life : 0;
			}
		}
		s->total.all.asked++;
		s->total.all.answered += !request;
	}
	if (name->replies && e->cause)
		answer(s, e->cause);
}

unsigned statistics_unknown(const struct traffic_event *e)
{
	if (e->kind != TRAFFIC_MESSAGE)
		return 0;
	if (e->status == TRAFFIC_IN_FLIGHT || e->status == TRAFFIC_HELD)
		return STATISTICS_FATE | STATISTICS_HANDLED;
	return e->status == TRAFFIC_DELIVERED && e->handled_ns == TRAFFIC_NO_TIME ? STATISTICS_HANDLED : 0;
}

static unsigned count_message(struct statistics *s, const struct traffic_event *e, unsigned parts)
{
	unsigned later = parts & statistics_unknown(e);
	bool is_new = parts & STATISTICS_SENT;
	struct places p;

	if (parts == later)
		return later;
	parts &= ~later;
	if (is_new)
		note_time(s, e->ts_us);
	unsigned bucket = is_new ? bucket_at(s, e->ts_us) : 0;
	find_places(s, e, is_new, &p);
	for (unsigned i = 0; i < p.count; i++) {
		count_parts(p.rows[i], e, parts, p.ends[i]);
		p.rows[i]->over_time[bucket] += is_new;
	}
	count_parts(&s->total.all, e, parts, END_ANY);
	s->total.all.over_time[bucket] += is_new;
	if (is_new)
		follow_request(s, e, &p);
	return later;
}

unsigned statistics_add(struct statistics *s, const struct traffic_event *e, unsigned parts)
{
	char name[TRAFFIC_NAME_TEXT];

	if (e->kind == TRAFFIC_MESSAGE)
		return count_message(s, e, parts);
	if (e->kind == TRAFFIC_DROPPED)
		s->total.missing += e->bytes;
	if (e->kind == TRAFFIC_PROCESS)
		s->total.gaps +=
			strcmp(traffic_name(e, name), traffic_process_event_names[TRAFFIC_PROCESS_GAP]) == 0;
	return 0;
}

const struct statistics_total *statistics_total(struct statistics *s)
{
	s->total.forgotten = s->requests.given_up;
	return &s->total;
}
