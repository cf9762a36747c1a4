/* See player.h: what a scenario found, for people and for machines. */
#include "browser/fault/player.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>

static void report_tab(const struct blast_tab *t)
{
	char name[ENDPOINT_TEXT];

	printf("    %s  %-12s %-12s ",
	       t->harmed	    ? "†"
	       : blast_tab_alive(t) ? "✓"
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

static void report_blast(const struct blast *b)
{
	char name[ENDPOINT_TEXT], text[160];

	printf("\nBlast radius of step %u: %s (pid %d) was told: %s\n", b->step,
	       endpoint_text(b->victim, name), (int)b->pid, b->fault);
	if (b->died)
		printf("  died      %s, known after %.1f ms\n", death_text(&b->death, text, sizeof text),
		       b->detected_ms);
	else
		printf("  died      nobody%s\n", b->unresponsive ? ": it is unresponsive" : "");
	if (b->died)
		printf("  lived     %u of %u other processes answered in %.1f ms\n", b->processes_answered,
		       b->processes_asked, b->answered_ms);
	for (unsigned i = 0; i < b->ntabs; i++)
		report_tab(&b->tabs[i]);
	printf("  lost      %llu message%s\n", (unsigned long long)b->lost, b->lost == 1 ? "" : "s");
	if (b->recovered_ms >= 0)
		printf("  recovered %s %.1f ms\n",
		       b->victim.role == ROLE_GPU ? "picture back after" : "by a reload of", b->recovered_ms);
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
	for (unsigned i = 0; i < p->nblasts; i++)
		report_blast(&p->blasts[i]);
	printf("\n%s\n", p->ok ? "All expectations held." : "Some expectation FAILED.");
}

static cJSON *report_json_tab(const struct blast_tab *t)
{
	char name[ENDPOINT_TEXT], hash[20];
	cJSON *o = cJSON_CreateObject();

	snprintf(hash, sizeof hash, "%016llx", (unsigned long long)t->hash);
	cJSON_AddStringToObject(o, "tab", t->name);
	cJSON_AddStringToObject(o, "process", endpoint_text(t->renderer, name));
	cJSON_AddBoolToObject(o, "harmed", t->harmed);
	cJSON_AddBoolToObject(o, "alive", !t->harmed && blast_tab_alive(t));
	cJSON_AddBoolToObject(o, "ping_answered", t->answered);
	cJSON_AddBoolToObject(o, "same_document", t->same_document);
	cJSON_AddStringToObject(o, "document_hash", hash);
	cJSON_AddNumberToObject(o, "text_bytes", (double)t->text_bytes);
	cJSON_AddBoolToObject(o, "same_scroll", t->same_scroll);
	cJSON_AddBoolToObject(o, "key_changes_page", t->key_changed_page);
	return o;
}

static cJSON *report_json_blast(const struct blast *b)
{
	char name[ENDPOINT_TEXT], text[160];
	cJSON *o = cJSON_CreateObject(), *tabs = cJSON_CreateArray();

	cJSON_AddNumberToObject(o, "step", b->step);
	cJSON_AddStringToObject(o, "victim", endpoint_text(b->victim, name));
	cJSON_AddNumberToObject(o, "pid", b->pid);
	cJSON_AddStringToObject(o, "fault", b->fault);
	cJSON_AddBoolToObject(o, "died", b->died);
	cJSON_AddBoolToObject(o, "unresponsive", b->unresponsive);
	if (b->died) {
		cJSON_AddStringToObject(o, "status", termination_status_names[b->death.status]);
		cJSON_AddStringToObject(o, "signal", death_signal_name(b->death.signal));
		cJSON_AddNumberToObject(o, "code", b->death.code);
		cJSON_AddStringToObject(o, "words", death_text(&b->death, text, sizeof text));
		if (b->death.reason)
			cJSON_AddStringToObject(o, "reason", bad_message_names[b->death.reason]);
		cJSON_AddNumberToObject(o, "others_asked", b->processes_asked);
		cJSON_AddNumberToObject(o, "others_answered", b->processes_answered);
		cJSON_AddNumberToObject(o, "answered_ms", b->answered_ms);
	}
	cJSON_AddNumberToObject(o, "detected_ms", b->detected_ms);
	if (b->recovered_ms >= 0)
		cJSON_AddNumberToObject(o, "recovered_ms", b->recovered_ms);
	cJSON_AddNumberToObject(o, "lost_messages", (double)b->lost);
	for (unsigned i = 0; i < b->ntabs; i++)
		cJSON_AddItemToArray(tabs, report_json_tab(&b->tabs[i]));
	cJSON_AddItemToObject(o, "tabs", tabs);
	return o;
}

void report_print_json(const struct played *p)
{
	cJSON *o = cJSON_CreateObject(), *steps = cJSON_CreateArray(), *blasts = cJSON_CreateArray();
	char *text;

	cJSON_AddStringToObject(o, "scenario", p->scenario->name ? p->scenario->name : "");
	cJSON_AddBoolToObject(o, "ok", p->ok);
	cJSON_AddNumberToObject(o, "took_ms", p->took_ms);
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
	for (unsigned i = 0; i < p->nblasts; i++)
		cJSON_AddItemToArray(blasts, report_json_blast(&p->blasts[i]));
	cJSON_AddItemToObject(o, "steps", steps);
	cJSON_AddItemToObject(o, "blasts", blasts);
	text = cJSON_Print(o);
	puts(text ? text : "{}");
	free(text);
	cJSON_Delete(o);
}
