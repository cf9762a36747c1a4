/* See pages.h. Everything goes through html_add(): titles and addresses come from pages. */
#include "browser/tab/pages.h"
#include "browser/browser.h"
#include "browser/net/fetch.h"
#include "browser/net/page.h"
#include "browser/process/spare.h"
#include "browser/tab/tab.h"
#include <stdio.h>

/* Whose pages it has. */
static void page_write_work(struct browser *b, struct text *out, const struct process_host *p)
{
	const char *between = "";

	for (const struct tab *t = b->tabs->first; t; t = t->next) {
		if (t->renderer == p) {
			text_add(out, between);
			html_add(out, tab_label(t));
			between = ", ";
		}
	}
	if (!*between)
		html_add(out, p == b->spare->process ? "spare" : p->label);
}

static void page_write_process(struct browser *b, struct text *out, const struct process_host *p)
{
	char name[ENDPOINT_TEXT], status[120];

	endpoint_text(p->name, name);
	text_format(out, "<dt><b>%s</b> ", name);
	page_write_work(b, out, p);
	if (p->state == PROCESS_DEAD) {
		text_add(out, "</dt><dd>");
		html_add(out, death_text(&p->death, status, sizeof status));
	} else {
		text_format(out, "</dt><dd>%s, pid %d, up %.1f s, cpu %u %%, memory ",
			    process_state_names[p->state], (int)p->pid,
			    (double)(recorder_now() - p->started_ns) / 1e9, p->usage.cpu_percent);
		text_add_number(out, p->usage.memory_bytes / 1024);
		text_format(out, " KiB, sandbox %d/%d", __builtin_popcount(p->verified.shield), LAYER_COUNT);
	}
	text_add(out, "</dd>\n");
}

static void page_write_processes(void *arg, struct text *out)
{
	struct browser *b = arg;

	page_begin(out, "Processes");
	text_format(
		out,
		"<p>The browser process and %u children, as they were when this page was asked for. Press r to "
		"ask again, F9 for the live tree.</p>\n<dl>\n<dt><b>browser</b></dt><dd>privileged: terminal, "
		"network, disk, spawning and killing</dd>\n",
		process_count(b->processes));
	for (const struct process_host *p = b->processes->first; p; p = p->next)
		page_write_process(b, out, p);
	text_format(out, "</dl>\n<p>%u died since the browser started.</p>\n", b->processes->died);
	page_end(out);
}

static void page_write_layers(struct text *out, const struct process_host *p)
{
	char name[ENDPOINT_TEXT], words[VERIFY_WORDS];

	endpoint_text(p->name, name);
	text_format(out, "<h2>%s: %d of %d layers</h2>\n<pre>", name, __builtin_popcount(p->verified.shield),
		    LAYER_COUNT);
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		text_format(out, "%-13s %-9s ", layer_names[i], verify_state_name(p->verified.state[i]));
		html_add(out, verify_words(&p->verified, i, words));
		text_add(out, "\n");
	}
	text_add(out, "</pre>\n");
	if (p->missing[0]) {
		text_add(out, "<p>Not on: ");
		html_add(out, p->missing);
		text_add(out, "</p>\n");
	}
}

static void page_write_sandbox(void *arg, struct text *out)
{
	struct browser *b = arg;
	const struct process_table *t = b->processes;

	page_begin(out, "Sandbox");
	if (b->options.no_sandbox)
		text_add(out,
			 "<p><b>The sandbox is OFF (--no-sandbox). Do not open untrusted pages.</b></p>\n");
	if (b->options.process_model == PROCESS_MODEL_ONE)
		text_add(out,
			 "<p><b>All pages share one renderer (--process-model=one): one that takes it over "
			 "reads all others, files too. Do not open untrusted pages.</b></p>\n");
	text_add(
		out,
		"<p>Layers marked <i>verified</i> were seen from outside, through /proc; <i>reported</i> ones the "
		"kernel shows to nobody, and the process says so itself.</p>\n");
	if (t->namespace_error && !b->options.no_sandbox) {
		text_format(out, "<p>Some namespaces cannot be made here (errno %d): ", t->namespace_error);
		html_add(out, t->namespace_hint ? t->namespace_hint : "");
		text_add(out, "</p>\n");
	}
	for (const struct process_host *p = t->first; p; p = p->next)
		if (process_is_up(p))
			page_write_layers(out, p);
	page_end(out);
}

void pages_register(struct browser *b)
{
	fetcher_register_page(b->fetcher, "processes", page_write_processes, b);
	fetcher_register_page(b->fetcher, "sandbox", page_write_sandbox, b);
}
