/* See toxics.h. common/toxic.c does it; toxic_order.c reads and writes the words; toxic_blame.c looks back.
 */
#include "browser/fault/toxics.h"
#include "browser/browser.h"
#include "browser/fault/injection.h"
#include "browser/traffic/collect/collector.h"
#include "common/toxic.h"
#include <stdio.h>
#include <stdlib.h>

static bool is_same(struct endpoint a, struct endpoint b)
{
	return a.role == b.role && a.serial == b.serial;
}

static struct placed_toxic *toxics_find(const struct toxics *list, uint32_t number)
{
	for (struct placed_toxic *t = list->first; t; t = t->next)
		if (t->number == number)
			return t;
	return NULL;
}

struct placed_toxic *toxics_recall(const struct toxics *list, uint32_t number)
{
	struct placed_toxic *t = toxics_find(list, number);

	for (struct placed_toxic *old = list->ended; old && !t; old = old->next)
		if (old->number == number)
			t = old;
	return t;
}

static void toxics_free_all(struct placed_toxic **first)
{
	while (*first) {
		struct placed_toxic *t = *first;

		*first = t->next;
		free(t);
	}
}

/* Off the list, and among those that are remembered. */
static void toxics_forget(struct toxics *list, struct placed_toxic *gone)
{
	struct placed_toxic **at = &list->first;
	unsigned kept = 1;

	while (*at && *at != gone)
		at = &(*at)->next;
	if (!*at)
		return;
	*at = gone->next;
	gone->next = list->ended;
	list->ended = gone;
	for (at = &gone->next; *at && kept < TOXIC_ENDED; at = &(*at)->next)
		kept++;
	toxics_free_all(at);
	browser_tell(list->browser, CHANGED_PROCESSES | CHANGED_TRAFFIC);
}

static void toxics_ended(struct toxics *list, uint32_t number, enum toxic_end why)
{
	static const char *const words[TOXIC_END_COUNT] = { "was taken back", "found no channel",
							    "ended with its channel", "had no room" };
	struct placed_toxic *t = toxics_find(list, number);
	char text[ORDER_TEXT];

	if (!t)
		return;
	/* What it did last is to be known while it is known. */
	collector_drain(list->browser->collector, 0);
	browser_say(list->browser, "toxic %u %s: %s", number, words[why],
		    toxic_order_text(&t->order, text, sizeof text));
	toxics_forget(list, t);
}

/* One that the browser itself applies has lost its channel. */
static void toxics_on_own_end(void *arg, uint32_t number, enum toxic_end why)
{
	struct placed_toxic *t = toxics_find(arg, number);

	if (t)
		t->overfilled = why == TOXIC_END_NO_ROOM;
	toxics_ended(arg, number, why);
}

void browser_on_did_end_toxic(struct browser *b, struct channel *c, const struct ipc_did_end_toxic *m)
{
	const struct placed_toxic *t = toxics_find(b->toxics, m->toxic);

	/* A process speaks of its own. */
	if (t && is_same(t->from, channel_peer(c)))
		toxics_ended(b->toxics, m->toxic, m->why);
}

void toxics_init(struct toxics *list, struct browser *b)
{
	*list = (struct toxics){ .browser = b };
	toxic_ended = toxics_on_own_end;
	toxic_ended_arg = list;
}

void toxics_finish(struct toxics *list)
{
	toxic_ended = NULL;
	for (struct placed_toxic *t = list->first; t; t = t->next)
		if (t->from.role == ROLE_BROWSER)
			toxic_remove(t->number);
	toxics_free_all(&list->first);
	toxics_free_all(&list->ended);
}

/* Its end: a process that is up, or the browser. */
static bool find_end(struct browser *b, struct tab *tab, const char *whom, struct process_host **p,
		     struct endpoint *e, const char **why)
{
	static char words[120];
	bool is_browser = false;

	*p = fault_target(b, tab, whom, &is_browser);
	*e = *p ? (*p)->name : (struct endpoint){ ROLE_BROWSER, 0 };
	if (is_browser || process_is_up(*p))
		return true;
	snprintf(words, sizeof words, *p ? "%.60s is not up" : "there is no process '%.60s'", whom);
	*why = words;
	return false;
}

/* Can such a message pass there at all? */
static bool check_way(struct browser *b, const struct toxic_order *o, struct endpoint from,
		      struct endpoint to, const char **why)
{
	static char words[160];
	const struct ipc_message *m = o->message < IPC_COUNT ? &ipc_messages[o->message] : NULL;
	char one[ENDPOINT_TEXT], other[ENDPOINT_TEXT];

	*why = words;
	endpoint_text(from, one);
	endpoint_text(to, other);
	if (is_same(from, to)) {
		snprintf(words, sizeof words, "%s has no channel to itself", one);
		return false;
	}
	if (!process_are_linked(b->processes, from, to)) {
		snprintf(words, sizeof words, "there is no channel between %s and %s", one, other);
		return false;
	}
	if (m && (!(m->from & 1u << from.role) || !(m->to & 1u << to.role))) {
		snprintf(words, sizeof words, "%s never sends %s to %s", one, m->name, other);
		return false;
	}
	return true;
}

static bool toxics_apply(struct placed_toxic *t, struct process_host *from, struct process_host *to,
			 const char **why)
{
	struct ipc_place_toxic m = { .toxic = t->number,
				     .role = t->to.role,
				     .serial = t->to.serial,
				     .kind = t->order.kind,
				     .message = t->order.message,
				     .ppm = t->order.ppm,
				     .seed = t->order.seed,
				     .amount = t->order.amount,
				     .spread = t->order.spread,
				     .field = ipc_text(t->order.field) };

	if (from) {
		channel_send(from->channel, IPC_PLACE_TOXIC, &m);
		return true;
	}
	*why = "the browser has too many toxics";
	return toxic_place(to->channel, &m);
}

bool toxics_place(struct browser *b, struct tab *tab, const struct toxic_order *order, uint32_t *number,
		  const char **why)
{
	struct process_host *from, *to;
	struct placed_toxic *t;
	struct endpoint a, z;

	*why = "faults are off (--no-faults)";
	if (b->options.no_faults || !find_end(b, tab, order->from, &from, &a, why) ||
	    !find_end(b, tab, order->to, &to, &z, why) || !check_way(b, order, a, z, why))
		return false;
	t = calloc(1, sizeof *t);
	*why = "no memory";
	if (!t)
		return false;
	*t = (struct placed_toxic){ .number = ++b->toxics->last_number, .order = *order, .from = a, .to = z };
	/* By their names from now on: what "tab" means changes. */
	endpoint_text(a, t->order.from);
	endpoint_text(z, t->order.to);
	if (!toxics_apply(t, from, to, why)) {
		free(t);
		return false;
	}
	t->next = b->toxics->first;
	b->toxics->first = t;
	if (number)
		*number = t->number;
	browser_tell(b, CHANGED_PROCESSES | CHANGED_TRAFFIC);
	return true;
}

static void toxics_take_back(struct browser *b, struct placed_toxic *t)
{
	struct process_host *from = process_find(b->processes, t->from.role, t->from.serial);

	if (t->from.role == ROLE_BROWSER)
		toxic_remove(t->number);
	else if (process_is_up(from))
		ipc_send_remove_toxic(from->channel, t->number);
	toxics_forget(b->toxics, t);
}

bool toxics_remove(struct browser *b, uint32_t number)
{
	struct toxics *list = b->toxics;
	struct placed_toxic *t = number ? toxics_find(list, number) : list->first;
	bool any = t != NULL;

	for (; t; t = number ? NULL : list->first)
		toxics_take_back(b, t);
	return any;
}

unsigned toxics_on(const struct toxics *list, struct endpoint e)
{
	unsigned n = 0;

	for (const struct placed_toxic *t = list->first; t; t = t->next)
		n += is_same(t->from, e) || is_same(t->to, e);
	return n;
}

bool toxics_acted(struct toxics *list, uint64_t message, uint32_t toxic, enum toxic kind)
{
	struct placed_toxic *t = toxics_recall(list, toxic);

	/* A process that tells of what nobody placed there is not heard. */
	if (!t || t->order.kind != kind || ipc_id_role(message) != (unsigned)t->from.role ||
	    ipc_id_serial(message) != (t->from.serial & 0xfffff))
		return false;
	t->acted++;
	list->marks[list->nmarks++ % TOXIC_MARKS] = (struct toxic_mark){ message, toxic };
	return true;
}

void toxics_died(struct toxics *list, const struct process_host *p)
{
	struct placed_toxic *next;

	for (struct placed_toxic *t = list->first; t; t = next) {
		next = t->next;
		if (is_same(t->from, p->name) || is_same(t->to, p->name))
			toxics_ended(list, t->number, TOXIC_END_CHANNEL_CLOSED);
	}
}
