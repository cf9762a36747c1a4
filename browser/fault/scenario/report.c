/* See player.h: what a scenario found, for people. report_json.c has it for machines. */
#include "browser/browser.h"
#include "browser/fault/scenario/player.h"
#include <stdio.h>

static void report_tab(const struct trial_tab *t)
{
	char name[ENDPOINT_TEXT];

	printf("    %s  %-12s %-12s ",
	       t->harmed || t->dead ? "†"
	       : trial_tab_alive(t) ? "✓"
				    : "✕",
	       t->name, endpoint_text(t->renderer, name));
	if (t->harmed || t->dead)
		printf("%s\n",
		       t->harmed ? "its process was the one" : "its process had died of something else");
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

/* Who died of an order besides its target, and how the others took that. */
static void report_brought(const struct played *p, const struct trial *t)
{
	for (uint32_t n = 1; n <= p->browser->blasts->last_number; n++) {
		const struct blast *blast = blasts_find(p->browser->blasts, n);
		char name[ENDPOINT_TEXT], end[200], roll[80];

		if (!blast || n == t->blast || trial_of_blast(p->trials, p->ntrials, blast) != t)
			continue;
		printf("  %-10s %s %s, pid %d: %s; %s\n", "with it",
		       blast->process.serial == t->spare.serial ? "the spare" : "its successor",
		       endpoint_text(blast->process, name), (int)blast->pid,
		       blast_text_end(blast, end, sizeof end), blast_text_roll(blast, roll, sizeof roll));
	}
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
	report_brought(p, t);
	for (unsigned i = 0; t->end != TRIAL_ARMED && i < t->ntabs; i++)
		report_tab(&t->tabs[i]);
}

/* Deaths that no step ordered in so many words: of toxics, of their fellows, of the impatient. */
static void report_others(const struct played *p)
{
	for (uint32_t n = 1; n <= p->browser->blasts->last_number; n++) {
		const struct blast *blast = blasts_find(p->browser->blasts, n);

		if (!blast || trial_of_blast(p->trials, p->ntrials, blast))
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

		const char *of = !s->tab || s->tab == s->value ? "" : s->tab;

		printf("  %s %2u %-8s %s%s%s%s%s  %.1f ms\n", sign, i + 1, step_names[s->kind], s->value,
		       *of ? " · " : "", of, r->words[0] ? ": " : "", r->words, r->took_ms);
	}
	for (unsigned i = 0; i < p->ntrials; i++)
		report_trial(p, &p->trials[i]);
	report_others(p);
	printf("\n%s\n", p->ok ? "All expectations held." : "Some expectation FAILED.");
}
