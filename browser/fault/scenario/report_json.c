/*
 * See player.h: what a scenario found, for machines. `bulkhead run --json` prints one object:
 *
 *   { "scenario": "…", "ok": true, "took_ms": 512.3, "process_model": "per-tab",
 *     "loaded": { what there was when the scenario first did something else than opening and waiting
 *       "tabs": 3, "processes": 5, "renderers": 4, "spares": 1, "gpus": 1, "plugins": 0,
 *       "private_bytes": 9000000, "pss_bytes": 15000000 (absent where the kernel does not tell), both of the
 *       children together, "browser_private_bytes", "browser_pss_bytes",
 *       "each": [ { "process": "renderer:1", "pid": 4711, "private_bytes": …, "pss_bytes": …, "start_ms": 8.1
 * } ] }, "steps": [ { "line": 4, "step": "open", "value": "…", "of": "news", "done": true, "ok": true,
 * "words": "…", "took_ms": 1.2 } ], "injections": [ { "step": 7, "order": "abort", "into": "news", "victim":
 * "renderer:1", "pid": 4711, "end": "died" | "unresponsive" | "answers" | "armed" | "nothing", "blast": 1
 * (its number, 0: none), "with_it": [ those of doomed successors, and of the spare ], "tabs": [ { "tab":
 * "news", "process": "renderer:1", "harmed": true, "alive": false, "ping_answered": …, "same_document": …,
 * "document_hash": "…", "text_bytes": …, "same_scroll": …, "key_changes_page": … } ] } ], "blasts": [ { the
 * members of its line in the log (blast_text.c), and "process": "renderer:1", "recovered_ms": 31.0 (absent:
 * not yet), "died_tabs": [ "news" ], "lived_tabs": [ "clock" ] } ], "total": { "deaths": 1, "hangs": 0,
 * "tabs": 3, "tabs_died": 1, "tabs_lived": 2, "lost": 2, "requests_failed": 0, "descriptors_freed": 6,
 * "regions_freed": 2, "bytes_freed": …, "known_after_order_ms": the longest of all, "known_after_crash_ms":
 * …, "shown_ms": …, "answered_ms": …, "recovered_ms": … (each absent where none is known), "started": 7,
 * "start_ms": of the processes started, on average, "start_ms_most": … } }
 *
 * tabs_died counts each tab once, tabs_lived those of the rest that were open at the last blast. Times are in
 * ms.
 */
#include "browser/browser.h"
#include "browser/fault/scenario/player.h"
#include "browser/tab/tab.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static cJSON *report_json_tab(const struct trial_tab *t)
{
	char name[ENDPOINT_TEXT], hash[20];
	cJSON *o = cJSON_CreateObject();

	snprintf(hash, sizeof hash, "%016llx", (unsigned long long)t->hash);
	cJSON_AddStringToObject(o, "tab", t->name);
	cJSON_AddStringToObject(o, "process", endpoint_text(t->renderer, name));
	cJSON_AddBoolToObject(o, "harmed", t->harmed);
	cJSON_AddBoolToObject(o, "alive", !t->harmed && trial_tab_alive(t));
	cJSON_AddBoolToObject(o, "ping_answered", t->answered);
	cJSON_AddBoolToObject(o, "same_document", t->same_document);
	cJSON_AddStringToObject(o, "document_hash", hash);
	cJSON_AddNumberToObject(o, "text_bytes", (double)t->text_bytes);
	cJSON_AddBoolToObject(o, "same_scroll", t->same_scroll);
	cJSON_AddBoolToObject(o, "key_changes_page", t->key_changed_page);
	return o;
}

/* Those that died of it besides its target. */
static void add_brought(cJSON *o, const struct played *p, const struct trial *t)
{
	cJSON *list = cJSON_CreateArray();

	for (uint32_t n = 1; n <= p->browser->blasts->last_number; n++) {
		const struct blast *blast = blasts_find(p->browser->blasts, n);

		if (blast && n != t->blast && trial_of_blast(p->trials, p->ntrials, blast) == t)
			cJSON_AddItemToArray(list, cJSON_CreateNumber(n));
	}
	cJSON_AddItemToObject(o, "with_it", list);
}

static cJSON *report_json_trial(const struct played *p, const struct trial *t)
{
	char name[ENDPOINT_TEXT], text[ORDER_TEXT];
	cJSON *o = cJSON_CreateObject(), *tabs = cJSON_AddArrayToObject(o, "tabs");

	cJSON_AddNumberToObject(o, "step", t->step);
	cJSON_AddStringToObject(o, "order", fault_order_text(&t->order, text, sizeof text));
	cJSON_AddStringToObject(o, "into", t->into);
	cJSON_AddStringToObject(o, "victim", endpoint_text(t->victim, name));
	cJSON_AddNumberToObject(o, "pid", t->pid);
	cJSON_AddStringToObject(o, "end", trial_end_names[t->end]);
	cJSON_AddNumberToObject(o, "blast", t->blast);
	if (trial_dooms(t))
		add_brought(o, p, t);
	if (t->end == TRIAL_ANSWERS)
		cJSON_AddNumberToObject(o, "answered_ms", t->answered_ms);
	for (unsigned i = 0; t->end != TRIAL_ARMED && i < t->ntabs; i++)
		cJSON_AddItemToArray(tabs, report_json_tab(&t->tabs[i]));
	return o;
}

static bool blast_has_tab(const struct blast *b, uint32_t id)
{
	for (unsigned i = 0; b->process.role == ROLE_RENDERER && b->died && i < b->ntabs; i++)
		if (b->tabs[i].id == id)
			return true;
	return false;
}

/* Was it open when that happened? */
static bool tab_was_open(const struct named_tab *t, const struct blast *b)
{
	return t->tab || blast_has_tab(b, t->id) || t->closed_ns > b->known_ns;
}

static cJSON *report_json_blast(const struct played *p, const struct blast *b)
{
	static char text[BLAST_JSON_BYTES];
	struct format json = format_into(text, sizeof text);
	char name[ENDPOINT_TEXT];
	cJSON *o, *died, *lived;

	blast_json(b, &json);
	o = cJSON_Parse(text);
	cJSON_AddStringToObject(o, "process", endpoint_text(b->process, name));
	died = cJSON_AddArrayToObject(o, "died_tabs");
	lived = cJSON_AddArrayToObject(o, "lived_tabs");
	for (unsigned i = 0; i < p->ntabs; i++) {
		const struct named_tab *t = &p->tabs[i];

		if (t->opened_ns < b->known_ns && tab_was_open(t, b))
			cJSON_AddItemToArray(blast_has_tab(b, t->id) ? died : lived,
					     cJSON_CreateString(t->name));
	}
	return o;
}

static void add_each(cJSON *each, const struct process_figures *f)
{
	cJSON *o = cJSON_CreateObject();
	char name[ENDPOINT_TEXT];

	cJSON_AddStringToObject(o, "process", endpoint_text(f->process, name));
	cJSON_AddNumberToObject(o, "pid", f->pid);
	cJSON_AddNumberToObject(o, "private_bytes", (double)f->private_bytes);
	if (f->pss_bytes)
		cJSON_AddNumberToObject(o, "pss_bytes", (double)f->pss_bytes);
	cJSON_AddNumberToObject(o, "start_ms", f->start_ms);
	cJSON_AddItemToArray(each, o);
}

static cJSON *report_json_figures(const struct figures *f)
{
	cJSON *o = cJSON_CreateObject(), *each = cJSON_CreateArray();
	uint64_t private_bytes = 0, pss_bytes = 0;
	bool pss_known = true;

	for (unsigned i = 0; i < f->processes; i++) {
		private_bytes += f->each[i].private_bytes;
		pss_bytes += f->each[i].pss_bytes;
		pss_known &= f->each[i].pss_bytes != 0;
		add_each(each, &f->each[i]);
	}
	cJSON_AddNumberToObject(o, "tabs", f->tabs);
	cJSON_AddNumberToObject(o, "processes", f->processes);
	cJSON_AddNumberToObject(o, "renderers", f->renderers);
	cJSON_AddNumberToObject(o, "spares", f->spares);
	cJSON_AddNumberToObject(o, "gpus", f->gpus);
	cJSON_AddNumberToObject(o, "plugins", f->plugins);
	cJSON_AddNumberToObject(o, "private_bytes", (double)private_bytes);
	if (pss_known)
		cJSON_AddNumberToObject(o, "pss_bytes", (double)pss_bytes);
	cJSON_AddNumberToObject(o, "browser_private_bytes", (double)f->browser.private_bytes);
	if (f->browser.pss_bytes)
		cJSON_AddNumberToObject(o, "browser_pss_bytes", (double)f->browser.pss_bytes);
	cJSON_AddItemToObject(o, "each", each);
	return o;
}

struct total {
	unsigned deaths, hangs;
	uint64_t lost, requests;
	struct holdings freed;
	double order_ms, crash_ms, shown_ms, answered_ms, recovered_ms; /* the longest; < 0: none */
	const struct blast *last;
};

static void total_most(double *most, double ms)
{
	if (ms > *most)
		*most = ms;
}

static void total_add(struct total *t, const struct blast *b)
{
	t->deaths += b->died;
	t->hangs += !b->died;
	t->lost += b->toll.lost_by + b->toll.lost_to;
	t->requests += b->toll.requests;
	t->freed = holdings_sum(t->freed, b->freed);
	total_most(&t->order_ms, blast_ms(b->ordered_ns, b->known_ns));
	total_most(&t->crash_ms, blast_ms(b->crashed_ns, b->known_ns));
	total_most(&t->shown_ms, blast_ms(b->known_ns, b->shown_ns));
	total_most(&t->answered_ms, blast_ms(b->roll.began_ns, b->roll.ended_ns));
	total_most(&t->recovered_ms, b->back_ns ? (double)b->recover_ns / 1e6 : -1);
	t->last = b;
}

static void add_most(cJSON *o, const char *name, double ms)
{
	if (ms >= 0)
		cJSON_AddNumberToObject(o, name, ms);
}

/* Each tab that died counts once, however often it did. */
static void add_tabs(cJSON *o, const struct played *p, const struct total *t)
{
	unsigned died = 0, lived = 0;

	for (unsigned i = 0; i < p->ntabs; i++) {
		bool dead = false;

		for (const struct blast *b = p->browser->blasts->newest; b; b = b->next)
			dead |= blast_has_tab(b, p->tabs[i].id);
		died += dead;
		lived += !dead && (!t->last || tab_was_open(&p->tabs[i], t->last));
	}
	cJSON_AddNumberToObject(o, "tabs", p->ntabs);
	cJSON_AddNumberToObject(o, "tabs_died", died);
	cJSON_AddNumberToObject(o, "tabs_lived", lived);
}

static cJSON *report_json_total(const struct played *p)
{
	const struct process_starts *starts = &p->browser->processes->starts;
	struct total t = {
		.order_ms = -1, .crash_ms = -1, .shown_ms = -1, .answered_ms = -1, .recovered_ms = -1
	};
	cJSON *o = cJSON_CreateObject();

	for (uint32_t n = 1; n <= p->browser->blasts->last_number; n++)
		if (blasts_find(p->browser->blasts, n))
			total_add(&t, blasts_find(p->browser->blasts, n));
	cJSON_AddNumberToObject(o, "deaths", t.deaths);
	cJSON_AddNumberToObject(o, "hangs", t.hangs);
	add_tabs(o, p, &t);
	cJSON_AddNumberToObject(o, "lost", (double)t.lost);
	cJSON_AddNumberToObject(o, "requests_failed", (double)t.requests);
	cJSON_AddNumberToObject(o, "descriptors_freed", t.freed.descriptors);
	cJSON_AddNumberToObject(o, "regions_freed", t.freed.regions);
	cJSON_AddNumberToObject(o, "bytes_freed", (double)t.freed.bytes);
	add_most(o, "known_after_order_ms", t.order_ms);
	add_most(o, "known_after_crash_ms", t.crash_ms);
	add_most(o, "shown_ms", t.shown_ms);
	add_most(o, "answered_ms", t.answered_ms);
	add_most(o, "recovered_ms", t.recovered_ms);
	cJSON_AddNumberToObject(o, "started", starts->count);
	if (starts->count) {
		cJSON_AddNumberToObject(o, "start_ms", (double)starts->total_ns / starts->count / 1e6);
		cJSON_AddNumberToObject(o, "start_ms_most", (double)starts->most_ns / 1e6);
	}
	return o;
}

static cJSON *report_json_steps(const struct played *p)
{
	cJSON *steps = cJSON_CreateArray();

	for (unsigned i = 0; i < p->scenario->nsteps; i++) {
		const struct step *s = &p->scenario->steps[i];
		cJSON *step = cJSON_CreateObject();

		cJSON_AddNumberToObject(step, "line", s->line);
		cJSON_AddStringToObject(step, "step", step_names[s->kind]);
		cJSON_AddStringToObject(step, "value", s->value);
		if (s->tab)
			cJSON_AddStringToObject(step, "of", s->tab);
		cJSON_AddBoolToObject(step, "done", p->results[i].done);
		cJSON_AddBoolToObject(step, "ok", p->results[i].ok);
		cJSON_AddStringToObject(step, "words", p->results[i].words);
		cJSON_AddNumberToObject(step, "took_ms", p->results[i].took_ms);
		cJSON_AddItemToArray(steps, step);
	}
	return steps;
}

void report_print_json(const struct played *p)
{
	cJSON *o = cJSON_CreateObject(), *trials, *blasts;
	char *text;

	cJSON_AddStringToObject(o, "scenario", p->scenario->name ? p->scenario->name : "");
	cJSON_AddBoolToObject(o, "ok", p->ok);
	cJSON_AddNumberToObject(o, "took_ms", p->took_ms);
	cJSON_AddStringToObject(o, "process_model", process_model_names[p->browser->options.process_model]);
	cJSON_AddItemToObject(o, "loaded", report_json_figures(&p->loaded));
	cJSON_AddItemToObject(o, "steps", report_json_steps(p));
	trials = cJSON_AddArrayToObject(o, "injections");
	for (unsigned i = 0; i < p->ntrials; i++)
		cJSON_AddItemToArray(trials, report_json_trial(p, &p->trials[i]));
	blasts = cJSON_AddArrayToObject(o, "blasts");
	for (uint32_t n = 1; n <= p->browser->blasts->last_number; n++) {
		const struct blast *blast = blasts_find(p->browser->blasts, n);

		if (blast)
			cJSON_AddItemToArray(blasts, report_json_blast(p, blast));
	}
	cJSON_AddItemToObject(o, "total", report_json_total(p));
	text = cJSON_Print(o);
	puts(text ? text : "{}");
	free(text);
	cJSON_Delete(o);
}
