/* See trace_queue.h. A binary heap; browser/traffic/output/export_trace.c says what becomes of the items. */
#include "browser/traffic/output/trace_queue.h"
#include "browser/traffic/log/json_scan.h"
#include <stdlib.h>
#include <string.h>

/* Longer arguments stand in the trace as a string, cut. */
#define ARGS_BYTES 2048
#define CUT_BYTES  256

bool trace_queue_init(struct trace_queue *q)
{
	*q = (struct trace_queue){ .heap = calloc(TRACE_QUEUE_ITEMS, sizeof(struct trace_item *)) };
	return q->heap;
}

void trace_queue_finish(struct trace_queue *q)
{
	while (q->count)
		trace_item_free(q->heap[--q->count]);
	free(q->heap);
}

static bool is_before(const struct trace_item *a, const struct trace_item *b)
{
	return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->sequence < b->sequence;
}

static void swap(struct trace_item **heap, size_t a, size_t b)
{
	struct trace_item *item = heap[a];

	heap[a] = heap[b];
	heap[b] = item;
}

bool trace_queue_is_full(const struct trace_queue *q)
{
	return q->count == TRACE_QUEUE_ITEMS || q->text_bytes >= TRACE_QUEUE_BYTES;
}

bool trace_queue_add(struct trace_queue *q, struct trace_item *item)
{
	size_t i = q->count;

	if (q->count == TRACE_QUEUE_ITEMS)
		return false;
	q->heap[q->count++] = item;
	q->text_bytes += item->text_bytes;
	for (; i && is_before(q->heap[i], q->heap[(i - 1) / 2]); i = (i - 1) / 2)
		swap(q->heap, i, (i - 1) / 2);
	return true;
}

struct trace_item *trace_queue_take(struct trace_queue *q)
{
	struct trace_item *first;

	if (!q->count)
		return NULL;
	first = q->heap[0];
	q->heap[0] = q->heap[--q->count];
	q->text_bytes -= first->text_bytes;
	for (size_t i = 0, child; (child = 2 * i + 1) < q->count; i = child) {
		if (child + 1 < q->count && is_before(q->heap[child + 1], q->heap[child]))
			child++;
		if (!is_before(q->heap[child], q->heap[i]))
			break;
		swap(q->heap, i, child);
	}
	return first;
}

/* Items. */

/* Arguments that are too long become the beginning of their text, as a string. */
static void put_args(struct format *out, const char *args)
{
	size_t length = strlen(args);

	if (length <= ARGS_BYTES) {
		format_bytes(out, args, length);
		return;
	}
	for (length = CUT_BYTES; length && ((unsigned char)args[length] & 0xc0) == 0x80;)
		length--;
	format_json_string(out, args, length);
}

static const char *put_word(struct format *out, const char *text)
{
	const char *start = out->text + out->length;

	format_text(out, text);
	out->text[++out->length] = '\0';
	return start;
}

/* false: no memory. */
static bool copy_text(struct trace_item *item, const struct traffic_event *e, struct export_room *room)
{
	char name[TRAFFIC_NAME_TEXT], id[IPC_ID_TEXT], cause[IPC_ID_TEXT], fate[EXPORT_FATE_TEXT];
	char detail[128], marks[EXPORT_MARKS_TEXT];
	const char *words[] = {
		traffic_name(e, name),	 traffic_id(e, id),
		traffic_cause(e, cause), export_fate(e, fate),
		export_marks(e, marks),	 export_detail(e, room, detail, sizeof detail) ? detail : ""
	};
	const char **places[] = { &item->name, &item->id_text, &item->cause_text,
				  &item->fate, &item->marks,   &item->detail };
	const char *args = export_args(e, room);
	size_t bytes = strlen(args) <= ARGS_BYTES ? strlen(args) + 2 : CUT_BYTES * 6 + 4;
	struct format out;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		bytes += strlen(words[i]) + 1;
	item->text = calloc(1, bytes + 1 + JSON_SCAN_SLACK);
	if (!item->text)
		return false;
	out = format_into(item->text, bytes + 1);
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		*places[i] = put_word(&out, words[i]);
	item->args = out.text + out.length;
	put_args(&out, args);
	item->text_bytes = out.length + 1;
	return true;
}

struct trace_item *trace_item_create(const struct sink_options *options, const struct traffic_event *e,
				     struct export_room *room)
{
	struct trace_item *item = calloc(1, sizeof *item);

	if (!item)
		return NULL;
	item->kind = e->kind;
	item->sequence = e->sequence;
	item->stage = e->kind == TRAFFIC_MESSAGE ? TRACE_SENDING : TRACE_MARKING;
	item->ts_ns = export_since(options, e);
	/* It was sent within that microsecond: after all that came before it. */
	item->at_ns = item->ts_ns + (e->kind == TRAFFIC_MESSAGE ? 1000 : 0);
	item->queued_ns = e->queued_ns;
	item->handled_ns = e->handled_ns;
	item->held_ns = e->held_ns;
	item->bytes = e->bytes;
	item->breakpoint = e->breakpoint;
	item->fds = e->fds;
	item->has_page = traffic_page(e, &item->page);
	item->delivered = strcmp(traffic_status(e), traffic_status_names[TRAFFIC_DELIVERED]) == 0;
	if (copy_text(item, e, room)) {
		item->id = trace_name_id(item->id_text);
		item->cause = trace_name_id(item->cause_text);
		return item;
	}
	free(item);
	return NULL;
}

void trace_item_free(struct trace_item *item)
{
	if (!item)
		return;
	free(item->text);
	free(item);
}
