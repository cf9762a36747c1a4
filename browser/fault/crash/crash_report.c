/* See crash_report.h. */
#include "browser/fault/crash/crash_report.h"
#include "browser/browser.h"
#include "browser/fault/blast/blast.h"
#include "browser/fault/crash/crash_facts.h"
#include "browser/fault/crash/crash_page.h"
#include "browser/fault/crash/crash_trace.h"
#include "browser/traffic/log/json.h"
#include "common/task.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOK_MS	    50			  /* after a process is ready, until its modules are looked at */
#define BLAST_MS    100			  /* between two looks at a blast that is not settled */
#define BLAST_NS    UINT64_C(10000000000) /* after which it is waited for no longer */
#define WAITING_MAX 64			  /* reports; past it the oldest does without its blast */
#define IDS_KEPT    256

/* A process whose modules were looked at, or are about to be. */
struct look {
	struct look *next;
	struct endpoint process;
	pid_t pid;
	bool looked;
	struct module_map map;
};

/* One that is not final. */
struct crash_report {
	struct crash_report *next;
	char id[CRASH_ID];
	struct endpoint process;
	uint64_t died_ns;
	cJSON *json;
	struct crash_trace trace;
	bool written; /* with names */
	bool final;   /* with its blast radius */
};

struct crash_reports {
	struct browser *browser;
	struct crash_store store;
	struct symbols *symbols;
	struct look *looks;
	struct crash_report *waiting, **end; /* oldest first */
	unsigned nwaiting, failed;
	struct task look, work;
	struct known {
		struct endpoint process;
		char id[CRASH_ID];
	} known[IDS_KEPT];
	unsigned nknown;	     /* ever */
	char text[CRASH_FILE_BYTES]; /* of the one that is written */
};

static bool is_same(struct endpoint a, struct endpoint b)
{
	return a.role == b.role && a.serial == b.serial;
}

/* Modules. */

static void look_at_modules(void *arg)
{
	struct crash_reports *r = arg;

	/* One a turn. Who is dead meanwhile has nothing to be seen, and was told of its own modules. */
	for (struct look *l = r->looks; l; l = l->next) {
		if (l->looked)
			continue;
		l->looked = true;
		if (!module_map_read(l->pid, &l->map))
			l->map.count = 0;
		task_schedule(&r->look, 0);
		return;
	}
}

void crash_reports_ready(struct crash_reports *r, const struct process_host *p)
{
	struct look *l = calloc(1, sizeof *l);

	if (!l)
		return;
	l->process = p->name;
	l->pid = p->pid;
	l->next = r->looks;
	r->looks = l;
	if (!r->look.pending)
		task_schedule(&r->look, LOOK_MS);
}

bool crash_reports_has_looked(const struct crash_reports *r, struct endpoint process)
{
	for (const struct look *l = r->looks; l; l = l->next)
		if (is_same(l->process, process))
			return l->map.count > 0;
	return false;
}

/* Take what was seen of that process, or its own word. */
static void take_modules(struct crash_reports *r, const struct process_host *p, struct module_map *map)
{
	*map = (struct module_map){ 0 };
	for (struct look **at = &r->looks; *at; at = &(*at)->next) {
		struct look *l = *at;

		if (!is_same(l->process, p->name))
			continue;
		if (l->looked)
			*map = l->map;
		*at = l->next;
		free(l);
		break;
	}
	if (!map->count && p->region)
		module_map_claimed(p->region->modules, map);
}

/* Writing. */

static void report_write(struct crash_reports *r, struct crash_report *report)
{
	struct format out = format_into(r->text, sizeof r->text);
	const char *why = "it is too long";

	json_write(&out, report->json);
	format_char(&out, '\n');
	if (out.full) {
		cJSON_DeleteItemFromObject(report->json, "messages");
		cJSON_AddTrueToObject(report->json, "messages_left_out");
		out = format_into(r->text, sizeof r->text);
		json_write(&out, report->json);
		format_char(&out, '\n');
	}
	if (!out.full && crash_store_write(&r->store, report->id, out.text, out.length, &why))
		return;
	/* Said once: a full disk would say nothing else any more. */
	if (r->store.folder[0] && !r->failed++)
		browser_say(r->browser, "crash reports cannot be written: %.150s: %s", r->store.folder, why);
}

static void report_free(struct crash_report *report)
{
	crash_trace_finish(&report->trace);
	cJSON_Delete(report->json);
	free(report);
}

/* true: the blast is known, and in it. */
static bool report_add_blast(struct crash_reports *r, struct crash_report *report, bool at_once)
{
	static char text[BLAST_JSON_BYTES];
	const struct blast *blast = blasts_of(r->browser->blasts, report->process);
	struct format out = format_into(text, sizeof text);
	cJSON *json;

	if (!blast || (!blast->settled && !at_once))
		return false;
	blast_json(blast, &out);
	json = out.full ? NULL : cJSON_Parse(text);
	if (json)
		cJSON_AddItemToObject(report->json, "blast", json);
	report_add_text(report->json, "toxic", blast->toxic);
	return true;
}

/* The next name, or with the last of them the file; mostly there was time enough for the blast too. */
static void report_name(struct crash_reports *r, struct crash_report *report, bool at_once)
{
	if (crash_trace_step(&report->trace, r->symbols, report->json))
		return;
	report->final = report_add_blast(r, report, at_once);
	report->written = true;
	crash_trace_finish(&report->trace);
	report_write(r, report);
}

static void report_end(struct crash_reports *r, struct crash_report *report)
{
	while (!report->written)
		report_name(r, report, true);
	if (!report->final && report_add_blast(r, report, true))
		report_write(r, report);
}

/* Take it out of the list and free it. */
static void report_drop(struct crash_reports *r, struct crash_report **at)
{
	struct crash_report *report = *at;

	*at = report->next;
	if (!*at)
		r->end = at;
	r->nwaiting--;
	report_free(report);
}

static void look_for_blasts(struct crash_reports *r)
{
	for (struct crash_report **at = &r->waiting, *report; (report = *at);) {
		if (!report->final && report_add_blast(r, report, false)) {
			report->final = true;
			report_write(r, report);
		}
		if (report->final || recorder_now() - report->died_ns > BLAST_NS)
			report_drop(r, at);
		else
			at = &report->next;
	}
}

/* A name a turn; when all have theirs, look for their blasts now and then. */
static void work(void *arg)
{
	struct crash_reports *r = arg;

	for (struct crash_report *report = r->waiting; report; report = report->next) {
		if (report->written)
			continue;
		report_name(r, report, false);
		task_schedule(&r->work, 0);
		return;
	}
	symbols_rest(r->symbols);
	look_for_blasts(r);
	if (r->waiting)
		task_schedule(&r->work, BLAST_MS);
}

void crash_reports_settle(struct crash_reports *r)
{
	for (struct crash_report *report = r->waiting; report; report = report->next)
		while (!report->written)
			report_name(r, report, false);
	symbols_rest(r->symbols);
}

static void remember(struct crash_reports *r, const struct crash_report *report)
{
	struct known *known = &r->known[r->nknown++ % IDS_KEPT];

	known->process = report->process;
	memcpy(known->id, report->id, sizeof known->id);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct crash_claims claims_of(const struct process_host *p)
{
	struct crash_claims claims = { .how = p->wait_how,
				       .status = p->wait_status,
				       .handling = p->death.handling,
				       .was_ready = p->ready_ns != 0,
				       .started_ns = p->started_ns,
				       .died_ns = recorder_now() };

	if (p->region)
		memcpy(&claims.record, &p->region->crash, sizeof claims.record);
	return claims;
}

void crash_reports_died(struct crash_reports *r, const struct process_host *p)
{
	struct crash_report *report;
	struct module_map map;
	uint64_t ts_us = now_us();

	take_modules(r, p, &map);
	if (!process_is_casualty(p) || !(report = calloc(1, sizeof *report)))
		return;
	struct crash_claims claims = claims_of(p);

	crash_id_make(report->id, ts_us, p->name, getpid());
	report->process = p->name;
	report->died_ns = p->died_ns;
	report->json = crash_facts_gather(r->browser, p, &claims, report->id, ts_us);
	crash_trace_init(&report->trace, p, &claims, &map);
	remember(r, report);
	if (r->nwaiting == WAITING_MAX) {
		report_end(r, r->waiting);
		report_drop(r, &r->waiting);
	}
	*r->end = report;
	r->end = &report->next;
	r->nwaiting++;
	task_schedule(&r->work, 0);
}

const char *crash_report_id(const struct crash_reports *r, struct endpoint process)
{
	unsigned n = r->nknown < IDS_KEPT ? r->nknown : IDS_KEPT;

	for (unsigned i = 0; i < n; i++)
		if (is_same(r->known[i].process, process))
			return r->known[i].id;
	return NULL;
}

const char *crash_report_path(const struct crash_reports *r, const char *id, char *buf, size_t capacity)
{
	return crash_store_path(&r->store, id, buf, capacity);
}

const struct crash_store *crash_reports_store(const struct crash_reports *r)
{
	return &r->store;
}

unsigned crash_reports_failed(const struct crash_reports *r)
{
	return r->failed;
}

struct crash_reports *crash_reports_create(struct browser *b)
{
	struct crash_reports *r = calloc(1, sizeof *r);
	const char *why;

	if (!r)
		return NULL;
	r->browser = b;
	r->end = &r->waiting;
	task_init(&r->look, look_at_modules, r);
	task_init(&r->work, work, r);
	r->symbols = symbols_create();
	if (!r->symbols) {
		crash_reports_destroy(r);
		return NULL;
	}
	if (!crash_store_init(&r->store, &why))
		browser_say(b, "there is no place for crash reports: %s", why);
	crash_page_register(b);
	return r;
}

void crash_reports_destroy(struct crash_reports *r)
{
	struct look *l;

	if (!r)
		return;
	while (r->waiting) {
		report_end(r, r->waiting);
		report_drop(r, &r->waiting);
	}
	while ((l = r->looks)) {
		r->looks = l->next;
		free(l);
	}
	task_finish(&r->look);
	task_finish(&r->work);
	symbols_destroy(r->symbols);
	free(r);
}
