/*
 * Which events pass the filter. What is new is looked at as it comes; under a new filter the newest come
 * first, so that the screen is full at once. A turn spends no more than a few milliseconds on it, and the
 * rest comes in the next ones. See traffic.h.
 */
#include "browser/ui/screen.h"
#include <stdlib.h>
#include <string.h>

#define OPEN_MAX   4096
#define SLICE_NS   UINT64_C(2000000)
#define LOOK_EVERY 64	 /* events between two looks at the clock */
#define FAR_BEHIND 20000 /* events; then the newest come first */

static const struct collector *history(const struct ui *ui)
{
	return ui->browser->collector;
}

static struct shown_entry entry_of(const struct traffic_event *e)
{
	return (struct shown_entry){ e->sequence, e->ts_us };
}

static bool passes(const struct traffic_panel *t, const struct traffic_event *e)
{
	const struct traffic_question *q = &t->question;

	if (traffic_is_upkeep(e) && !t->pings && !(q->query && query_names_pings(q->query)))
		return false;
	return !q->text[0] || query_match(q->query, e);
}

bool traffic_passes(const struct ui *ui, const struct traffic_event *e)
{
	return passes(&ui->traffic, e);
}

static void put_batch(struct traffic_panel *t)
{
	if (!t->batched)
		return;
	/* Looking back brings the newest first. */
	if (shown_before(t->batch[t->batched - 1], t->batch[0])) {
		for (int i = 0, j = t->batched - 1; i < j; i++, j--) {
			struct shown_entry swapped = t->batch[i];
			t->batch[i] = t->batch[j];
			t->batch[j] = swapped;
		}
	}
	shown_sort(t->batch, t->batched);
	shown_insert(&t->shown, t->batch, t->batched);
	t->batched = 0;
}

static void show(struct traffic_panel *t, struct shown_entry entry)
{
	t->batch[t->batched++] = entry;
	if (t->batched == TRAFFIC_BATCH)
		put_batch(t);
}

/* Where a new one stands: by its time, but not among rows that one looks at. */
static struct shown_entry new_entry(struct traffic_panel *t, const struct traffic_event *e)
{
	struct shown_entry entry = entry_of(e);

	if (t->paused && shown_before(entry, t->settled))
		entry.at_us = t->settled.at_us + 1;
	t->fresh += t->paused;
	return entry;
}

static bool is_undecided(const struct traffic_event *e)
{
	bool decided = e->status != TRAFFIC_IN_FLIGHT && e->status != TRAFFIC_HELD;

	return e->kind == TRAFFIC_MESSAGE &&
	       (!decided || (e->status == TRAFFIC_DELIVERED && e->handled_ns == TRAFFIC_NO_TIME));
}

/* Those that nobody will ever decide must not be in the way of new ones. */
static void remember(struct traffic_panel *t, const struct traffic_event *e, struct shown_entry entry,
		     bool shown)
{
	if (!t->open)
		t->open = calloc(OPEN_MAX, sizeof(*t->open));
	if (!t->open)
		return;
	if (t->open_count == OPEN_MAX) {
		t->open_count -= OPEN_MAX / 4;
		memmove(t->open, t->open + OPEN_MAX / 4, (size_t)t->open_count * sizeof(*t->open));
	}
	t->open[t->open_count++] =
		(struct traffic_open){ entry, shown, e->status, e->handled_ns != TRAFFIC_NO_TIME };
}

static void look_at(struct traffic_panel *t, const struct traffic_event *e, bool is_new)
{
	bool pass = passes(t, e);
	struct shown_entry entry = pass && is_new ? new_entry(t, e) : entry_of(e);

	if (pass)
		show(t, entry);
	else if (!t->pings_would_do && !t->pings && traffic_is_ping(e))
		t->pings_would_do = t->question.text[0] && query_match(t->question.query, e);
	if (t->question.text[0] && is_undecided(e))
		remember(t, e, entry, pass);
}

/* The fate has changed, and perhaps what the filter says. What does not belong any more goes, unless one
 * looks at it. */
static void look_again(struct traffic_panel *t, struct traffic_open *o, const struct traffic_event *e,
		       struct shown_entry *gone, int *ngone)
{
	bool pass = passes(t, e);

	if (pass && !o->shown) {
		o->entry = new_entry(t, e);
		show(t, o->entry);
		o->shown = true;
	} else if (!pass && o->shown && !t->paused) {
		gone[(*ngone)++] = o->entry;
		o->shown = false;
	}
	o->status = e->status;
	o->handled = e->handled_ns != TRAFFIC_NO_TIME;
}

static void look_at_open(struct ui *ui)
{
	static struct shown_entry gone[OPEN_MAX];
	struct traffic_panel *t = &ui->traffic;
	int kept = 0, ngone = 0;

	for (int i = 0; i < t->open_count; i++) {
		struct traffic_open *o = &t->open[i];
		const struct traffic_event *e = collector_event(history(ui), o->entry.sequence);
		if (!e)
			continue;
		if (o->status != e->status || o->handled != (e->handled_ns != TRAFFIC_NO_TIME))
			look_again(t, o, e, gone, &ngone);
		if (is_undecided(e))
			t->open[kept++] = *o;
	}
	t->open_count = kept;
	put_batch(t);
	if (!ngone)
		return;
	shown_sort(gone, ngone);
	shown_remove(&t->shown, gone, ngone);
}

/* false: time is up. */
static bool look_forward(struct ui *ui, uint64_t until_ns)
{
	struct traffic_panel *t = &ui->traffic;
	uint64_t end = collector_end(history(ui));

	if (t->below <= t->look_from && end - t->looked_at > FAR_BEHIND) {
		t->look_from = t->looked_at;
		t->below = t->looked_at = end;
		t->below_is_new = true;
	}
	for (unsigned n = 1; t->looked_at < end; n++) {
		const struct traffic_event *e = collector_event(history(ui), t->looked_at++);
		if (e)
			look_at(t, e, true);
		if (n % LOOK_EVERY == 0 && recorder_now() > until_ns)
			return false;
	}
	return true;
}

static bool look_back(struct ui *ui, uint64_t until_ns)
{
	struct traffic_panel *t = &ui->traffic;
	uint64_t first = collector_first(history(ui));

	t->look_from = t->look_from > first ? t->look_from : first;
	for (unsigned n = 1; t->below > t->look_from; n++) {
		const struct traffic_event *e = collector_event(history(ui), --t->below);
		if (e)
			look_at(t, e, t->below_is_new);
		if (n % LOOK_EVERY == 0 && recorder_now() > until_ns)
			return false;
	}
	return true;
}

static void keep_chains(struct ui *ui)
{
	struct traffic_question *q = &ui->traffic.question;
	uint64_t end = collector_end(history(ui));

	for (unsigned i = 0; i < q->nchains; i++)
		chain_set_catch_up(&q->chains[i]);
	for (; q->nchains && q->chained < end; q->chained++) {
		const struct traffic_event *e = collector_event(history(ui), q->chained);
		for (unsigned i = 0; e && i < q->nchains; i++)
			chain_set_take(&q->chains[i], e);
	}
}

bool traffic_look(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;
	uint64_t until_ns = recorder_now() + SLICE_NS, first = collector_first(history(ui));

	int before = t->shown.count;
	shown_forget(&t->shown, first);
	t->gone += t->paused ? before - t->shown.count : 0;
	t->looked_at = t->looked_at > first ? t->looked_at : first;
	keep_chains(ui);
	look_at_open(ui);
	bool all = look_forward(ui, until_ns);

	put_batch(t);
	all = all && look_back(ui, until_ns);
	put_batch(t);
	return all;
}

void traffic_look_again(struct ui *ui)
{
	struct traffic_panel *t = &ui->traffic;

	shown_clear(&t->shown);
	t->open_count = t->fresh = t->gone = t->batched = 0;
	t->pings_would_do = false;
	t->look_from = 0;
	t->below_is_new = false;
	t->below = t->looked_at = collector_end(history(ui));
	ui_redraw(ui); /* and with it the first look */
}

/* The question */

void traffic_forget_question(struct traffic_question *q)
{
	for (unsigned i = 0; i < q->nchains; i++)
		chain_set_finish(&q->chains[i]);
	query_free(q->query);
	q->query = NULL;
	q->nchains = 0;
}

static void ask_chains(struct ui *ui)
{
	struct traffic_question *q = &ui->traffic.question;
	uint64_t ids[QUERY_CHAINS];
	unsigned wanted = query_chains(q->query, ids);
	struct chain *chain = wanted ? traffic_chain(ui) : NULL;

	q->chained = collector_end(history(ui));
	for (; chain && q->nchains < wanted; q->nchains++) {
		struct chain_set *set = &q->chains[q->nchains];
		chain_set_init(set, chain, ids[q->nchains]);
		query_set_chain(q->query, q->nchains, &set->all);
	}
}

bool traffic_set_filter(struct ui *ui, const char *text, struct query_error *error)
{
	struct traffic_question *q = &ui->traffic.question;
	const char *asked = text + strspn(text, " ");
	struct query *query = query_parse(asked, error);

	if (!query)
		return false;
	if (q->query && strcmp(q->text, asked) == 0) {
		query_free(query);
		return true;
	}
	traffic_forget_question(q);
	q->query = query;
	query_set_start(query, collector_start_us(history(ui)));
	snprintf(q->text, sizeof(q->text), "%s", asked);
	ask_chains(ui);
	traffic_look_again(ui);
	return true;
}

void traffic_show_pings(struct ui *ui, bool pings)
{
	ui->traffic.pings = pings;
	traffic_look_again(ui);
}
