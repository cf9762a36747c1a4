/* The report on one process, living or dead: what it is, what fences it, what it said last. Declared in
 * screen.h. */
#include "browser/fault/blast/blast.h"
#include "browser/fault/crash/crash_report.h"
#include "browser/traffic/collect/collector.h"
#include "browser/ui/screen.h"
#include "common/codec.h"
#include <stdio.h>
#include <string.h>

#define LAST_SHOWN 8

static void add_field(struct lines *l, const char *name, const char *value)
{
	lines_format(l, STYLE_PLAIN, "  %-12s %s", name, value);
}

static void add_death(struct ui *ui, struct lines *l, const struct death *d)
{
	char text[200];

	lines_format(l, STYLE_DEATH, "† %s", death_text(d, text, sizeof(text)));
	add_field(l, "status", termination_status_names[d->status]);
	if (d->signal)
		lines_format(l, STYLE_PLAIN, "  %-12s %s (%d)", "signal", death_signal_name(d->signal),
			     d->signal);
	else
		lines_format(l, STYLE_PLAIN, "  %-12s %d", "exit code", d->code);
	if (d->kind != CRASH_KIND_NONE)
		add_field(l, "its record", crash_kind_names[d->kind]);
	if (d->kind == CRASH_KIND_VIOLATION)
		add_field(l, "called", death_syscall_name(d->syscall, text, sizeof(text)));
	if (d->address || d->signal == 11)
		lines_format(l, STYLE_PLAIN, "  %-12s 0x%llx", "address", (unsigned long long)d->address);
	if (d->pc)
		lines_format(l, STYLE_PLAIN, "  %-12s 0x%llx", "instruction", (unsigned long long)d->pc);
	if (d->reason != BAD_MESSAGE_NONE)
		add_field(l, "bad message", bad_message_names[d->reason]);
	if (d->handling)
		add_field(l, "handling", ipc_id_text(d->handling, text));
	if (d->step[0])
		add_field(l, "failed step", d->step);
	(void)ui;
}

struct blast_lines {
	struct lines *lines;
	int columns;
};

/* A value that is too long for its line goes on below, behind its name. */
static void add_blast_row(void *arg, const char *name, const char *text)
{
	struct blast_lines *b = arg;
	struct lines wrapped = { 0 };

	lines_wrap(&wrapped, STYLE_PLAIN, 0, b->columns - 15, text);
	for (int i = 0; i < wrapped.count; i++)
		lines_format(b->lines, STYLE_PLAIN, "  %-12s %s", i ? "" : name, wrapped.items[i].text);
	lines_finish(&wrapped);
}

/* What its end, or its hanging, did to all the others. */
static void add_blast(struct ui *ui, struct lines *l, struct endpoint e, int columns)
{
	const struct blast *blast = blasts_of(ui->browser->blasts, e);
	struct blast_lines lines = { l, columns };

	if (!blast)
		return;
	lines_add(l, STYLE_PLAIN, "");
	lines_format(l, STYLE_ACCENT, "Blast radius%s", blast->settled ? "" : " (still being measured)");
	blast_rows(blast, add_blast_row, &lines);
}

static void add_life(struct ui *ui, struct lines *l, const struct process_host *p)
{
	uint64_t end = p->died_ns ? p->died_ns : recorder_now();
	char text[64];

	lines_format(l, STYLE_PLAIN, "  %-12s %s", "state", words_state(p));
	lines_format(l, STYLE_PLAIN, "  %-12s %d", "pid", (int)p->pid);
	lines_format(l, STYLE_PLAIN, "  %-12s %s", p->died_ns ? "lived" : "lives for",
		     words_age(end - p->started_ns, text, sizeof(text)));
	if (p->ready_ns)
		lines_format(l, STYLE_PLAIN, "  %-12s %.2f ms", "start took",
			     (double)(p->ready_ns - p->started_ns) / 1e6);
	if (p->state == PROCESS_DEAD)
		return;
	lines_format(l, STYLE_PLAIN, "  %-12s %u %% of one core", "processor", p->usage.cpu_percent);
	lines_format(l, STYLE_PLAIN, "  %-12s %s (proportional)", "memory",
		     words_bytes(p->usage.memory_bytes, text, sizeof(text)));
	lines_format(l, STYLE_PLAIN, "  %-12s %.1f a second", "messages",
		     collector_rate(ui->browser->collector, p->name));
}

static void add_pages(struct ui *ui, struct lines *l, const struct process_host *p)
{
	for (struct tab *t = ui->browser->tabs->first; t; t = t->next)
		if (t->renderer == p)
			lines_format(l, STYLE_PLAIN, "  %-12s %s (%s)", "page", tab_label(t),
				     t->url ? t->url : "");
}

static void add_sandbox(struct lines *l, const struct process_host *p, int columns)
{
	char words[VERIFY_WORDS];

	lines_add(l, STYLE_PLAIN, "");
	lines_format(l, STYLE_ACCENT, "Sandbox: %d of %d layers", __builtin_popcount(p->verified.shield),
		     LAYER_COUNT);
	for (unsigned i = 0; i < LAYER_COUNT; i++) {
		enum verify_state state = (enum verify_state)p->verified.state[i];
		bool on = p->verified.shield >> i & 1;
		lines_format(l, on ? STYLE_PLAIN : STYLE_HANG, "  %s %-13s %-9s %s", on ? "✓" : "✕",
			     layer_names[i], verify_state_name(state),
			     verify_words(&p->verified, (enum layer)i, words));
	}
	if (p->missing[0])
		lines_wrap(l, STYLE_HANG, 2, columns, p->missing);
}

static void add_messages(struct ui *ui, struct lines *l, struct endpoint e,
			 enum collector_direction direction, const char *title)
{
	const struct traffic_event *last[LAST_SHOWN];
	unsigned n = collector_last(ui->browser->collector, e, direction, LAST_SHOWN, last);

	lines_add(l, STYLE_PLAIN, "");
	lines_add(l, STYLE_ACCENT, title);
	for (unsigned i = 0; i < n; i++) {
		char text[400];
		struct format line = format_into(text, sizeof(text));
		traffic_format_line(last[i], collector_start_us(ui->browser->collector), &line);
		lines_format(l, last[i]->status == TRAFFIC_LOST ? STYLE_DEATH : STYLE_PLAIN, "  %s", text);
	}
	if (n == 0)
		lines_add(l, STYLE_IDLE, "  none");
}

static void add_browser(struct ui *ui, struct lines *l)
{
	char memory[24];

	add_field(l, "state", "ready");
	lines_format(l, STYLE_PLAIN, "  %-12s %u %% of one core", "processor", ui->processes.own.cpu_percent);
	lines_format(l, STYLE_PLAIN, "  %-12s %s (proportional)", "memory",
		     words_bytes(ui->processes.own.memory_bytes, memory, sizeof(memory)));
	if (ui->browser->log_path[0])
		add_field(l, "log", ui->browser->log_path);
	lines_add(l, STYLE_PLAIN, "");
	lines_add(l, STYLE_PLAIN,
		  "The one process with rights: it has the terminal, the network and the disk,");
	lines_add(l, STYLE_PLAIN, "and never parses what a page says.");
}

/* A sad tab knows its renderer longer than the table of processes does. */
static void add_forgotten(struct ui *ui, struct lines *l)
{
	struct tab *t = tab_find(ui->browser->tabs, ui->reader.tab);
	char lived[24];

	if (!t || !tab_is_sad(t)) {
		lines_add(
			l, STYLE_IDLE,
			"It has been dead for so long that nothing more is known here. The log has it all.");
		return;
	}
	add_death(ui, l, &t->death);
	lines_format(l, STYLE_PLAIN, "  %-12s %d", "pid", (int)t->dead_pid);
	add_field(l, "lived", words_age(t->lived_ns, lived, sizeof(lived)));
	add_field(l, "page", t->url ? t->url : "");
}

/* Where all of this, and more, stands for longer than the screen does. */
static void add_crash_report(struct ui *ui, struct lines *l, struct endpoint e)
{
	const struct crash_reports *reports = ui->browser->crash_reports;
	const char *id = crash_report_id(reports, e);
	char text[800];

	if (!id)
		return;
	lines_format(l, STYLE_ACCENT, "  %-12s bulkhead://crashes/%s", "crash report", id);
	add_field(l, "its file", crash_report_path(reports, id, text, sizeof(text)));
}

static void fill(struct ui *ui, struct lines *l, int columns)
{
	struct endpoint e = ui->reader.process;
	const struct process_host *p = words_process(ui, e);
	char name[ENDPOINT_TEXT];

	lines_add(l, STYLE_BOLD, words_endpoint(e, name, sizeof(name)));
	add_crash_report(ui, l, e);
	if (e.role == ROLE_BROWSER) {
		add_browser(ui, l);
	} else if (!p) {
		add_forgotten(ui, l);
		add_blast(ui, l, e, columns);
	} else {
		if (p->state == PROCESS_DEAD)
			add_death(ui, l, &p->death);
		add_life(ui, l, p);
		add_pages(ui, l, p);
		add_blast(ui, l, e, columns);
		add_sandbox(l, p, columns);
	}
	add_messages(ui, l, e, COLLECTOR_SENT, "It said last");
	add_messages(ui, l, e, COLLECTOR_RECEIVED, "It heard last");
	if (collector_gaps(ui->browser->collector, e))
		lines_format(l, STYLE_HANG, "%llu of its records were overwritten before they could be read",
			     (unsigned long long)collector_gaps(ui->browser->collector, e));
	if (collector_forged(ui->browser->collector, e))
		lines_add(l, STYLE_DEATH,
			  "Its flight recorder held what no recorder writes, and is read no more");
}

void process_report_begin(struct ui *ui, struct endpoint e)
{
	struct tab *t = ui_tab(ui);

	ui->reader.process = e;
	ui->reader.tab = t && tab_is_sad(t) ? t->id : 0;
	reader_begin(ui, "report", fill);
}
