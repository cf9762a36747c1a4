/*
 * See player.h: what a scenario found, for people and for machines. `bulkhead run --json` prints one object:
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
 * (its number, 0: none), "tabs": [ { "tab": "news", "process": "renderer:1", "harmed": true, "alive": false,
 * "ping_answered": …, "same_document": …, "document_hash": "…", "text_bytes": …, "same_scroll": …,
 * "key_changes_page": … } ] } ], "blasts": [ { the members of its line in the log (blast_text.c), and
 * "process": "renderer:1", "recovered_ms": 31.0 (absent: not yet), "died_tabs": [ "news" ], "lived_tabs": [
 * "clock" ] } ], "total": { "deaths": 1, "hangs": 0, "tabs": 3, "tabs_died": 1, "tabs_lived": 2, "lost": 2,
 * "requests_failed": 0, "descriptors_freed": 6, "regions_freed": 2, "bytes_freed": …, "known_after_order_ms":
 * the longest of all, "known_after_crash_ms": …, "shown_ms": …, "answered_ms": …, "recovered_ms": … (each
 * absent where none is known), "started": 7, "start_ms": of the processes started, on average,
 * "start_ms_most": … } }
 *
 * tabs_died counts each tab once, tabs_lived those of the rest that were open at the last blast. Times are in
 * ms.
 */
#include "browser/browser.h"
#include "browser/fault/blast_internal.h"
#include "browser/fault/player.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void report_tab(const struct trial_tab *t)
{
	char name[ENDPOINT_TEXT];

	printf("    %s  %-12s %-12s ",
	       t->harmed	    ? "†"
	       : trial_tab_alive(t) ? "✓"
				    : "✕",
	       t->name, endpoint_text(t->renderer, name));
	if (t->harmed)
		printf("its process was the one\n");
	else
		printf("ping %s, document %s (%016llx, %llu bytes of text), scroll %s, key %s\n",
		       t->answered ? "answered" : "NOT ANSWERED", t->same_document ? "the same" : "CHANGED",
		       (unsigned long long)t->hash, (unsigned long long)t->text_bytes,
		       t->same_scroll ? "the same" : "CHANGED",
		       t->key_changed_page ? "changes the page" : "DOES NOTHING");
}

static void report_row(void *arg, const char *name, const char *text)
{
	(void)arg;
	printf("  %-10s %s\n", name, text);
}

static void report_trial(const struct played *p, const struct trial *t)
{
	const struct blast *blast = blasts_find(p->browser->blasts, t->blast);
	char name[ENDPOINT_TEXT], text[ORDER_TEXT];

	printf("\nStep %u: %s (pid %d) was told: %s\n", t->step, endpoint_text(t->victim, name), (int)t->pid,
	       fault_order_text(&t->order, text, sizeof text));
	if (!blast)
		report_row(NULL, "came of it", trial_text(p->browser, t, text, sizeof text));
	else
		printf("Blast radius %u\n", blast->number);
	if (blast)
		blast_rows(blast, report_row, NULL);
	for (unsigned i = 0; i < t->ntabs; i++)
		report_tab(&t->tabs[i]);
}

/* Deaths that no step ordered in so many words: of toxics, of their fellows, of the impatient. */
static void report_others(const struct played *p)
{
	for (uint32_t n = 1; n <= p->browser->blasts->last_number; n++) {
		const struct blast *blast = blasts_find(p->browser->blasts, n);

		for (unsigned i = 0; blast && i < p->ntrials; i++)
			if (p->trials[i].blast == n)
				blast = NULL;
		if (!blast)
			continue;
		printf("\nBlast radius %u\n", blast->number);
		blast_rows(blast, report_row, NULL);
	}
}

void report_print(const struct played *p)
{
	printf("%s\n", p->scenario->name ? p->scenario->name : "Scenario");
	for (unsigned i = 0; i < p->scenario->nsteps; i++) {
		const struct step *s = &p->scenario->steps[i];
		const struct step_result *r = &p->results[i];
		const char *sign = !r->done ? "-" : r->ok ? "✓" : "✕";

		printf("  %s %2u %-8s %s%s%s%s%s  %.1f ms\n", sign, i + 1, step_names[s->kind], s->value,
		       s->tab == s->value ? "" : " · ", s->tab == s->value ? "" : s->tab,
		       r->words[0] ? ": " : "", r->words, r->took_ms);
	}
	for (unsigned i = 0; i < p->ntrials; i++)
		report_trial(p, &p->trials[i]);
	report_others(p);
	printf("\n%s\n", p->ok ? "All expectations held." : "Some expectation FAILED.");
}

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

static cJSON *report_json_trial(const struct trial *t)
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
	if (t->end == TRIAL_ANSWERS)
		cJSON_AddNumberToObject(o, "answered_ms", t->answered_ms);
	for (unsigned i = 0; i < t->ntabs; i++)
		cJSON_AddItemToArray(tabs, report_json_tab(&t->tabs[i]));
	return o;
}

static cJSON *report_json_blast(const struct blast *b)
{
	static char text[BLAST_JSON_BYTES];
	struct format json = format_into(text, sizeof text);
	char name[ENDPOINT_TEXT];
	cJSON *o;

	blast_json(b, &json);
	o = cJSON_Parse(text);
	cJSON_AddStringToObject(o, "process", endpoint_text(b->process, name));
	return o;
}

static cJSON *report_json_steps(const struct played *p)
{
	cJSON *steps = cJSON_CreateArray();

	for (unsigned i = 0; i < p->scenario->nsteps; i++) {
		const struct step *s = &p->scenario->steps[i];
		cJSON *step = cJSON_CreateObject();

		cJSON_AddStringToObject(step, "step", step_names[s->kind]);
		cJSON_AddStringToObject(step, "value", s->value);
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
	cJSON_AddItemToObject(o, "steps", report_json_steps(p));
	trials = cJSON_AddArrayToObject(o, "injections");
	for (unsigned i = 0; i < p->ntrials; i++)
		cJSON_AddItemToArray(trials, report_json_trial(&p->trials[i]));
	blasts = cJSON_AddArrayToObject(o, "blasts");
	for (uint32_t n = 1; n <= p->browser->blasts->last_number; n++) {
		const struct blast *blast = blasts_find(p->browser->blasts, n);

		if (blast)
			cJSON_AddItemToArray(blasts, report_json_blast(blast));
	}
	text = cJSON_Print(o);
	puts(text ? text : "{}");
	free(text);
	cJSON_Delete(o);
}
