/* See crash_facts.h. */
#include "browser/fault/crash/crash_facts.h"
#include "browser/browser.h"
#include "browser/fault/crash/crash_claims.h"
#include "browser/fault/crash/crash_messages.h"
#include "browser/process/plugin_host.h"
#include "browser/tab/embed.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "browser/traffic/log/secrets.h"
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

static void add_time(cJSON *report, uint64_t ts_us)
{
	time_t seconds = (time_t)(ts_us / 1000000);
	char when[32], text[48];
	struct tm utc;

	gmtime_r(&seconds, &utc);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text, sizeof text, "%s.%03uZ", when, (unsigned)(ts_us / 1000 % 1000));
	report_add_text(report, "time", text);
	cJSON_AddNumberToObject(report, "ts_us", (double)ts_us);
}

static void add_program(cJSON *report)
{
	cJSON *program = cJSON_AddObjectToObject(report, "program");
	char hash[24];

	snprintf(hash, sizeof hash, "%016llx", (unsigned long long)IPC_PROTOCOL_HASH);
	report_add_text(program, "version", BULKHEAD_VERSION);
	report_add_text(program, "protocol", hash);
}

static void add_end(cJSON *report, const struct process_host *p)
{
	const struct death *d = &p->death;
	cJSON *kernel;
	char words[160];

	report_add_text(report, "status", termination_status_names[d->status]);
	report_add_text(report, "words", death_text(d, words, sizeof words));
	if (d->signal)
		report_add_text(report, "signal", death_signal_name(d->signal));
	if (d->reason)
		report_add_text(report, "reason", bad_message_names[d->reason]);
	kernel = cJSON_AddObjectToObject(report, "kernel");
	if (p->wait_how == CLD_EXITED) {
		report_add_text(kernel, "how", "exited");
		cJSON_AddNumberToObject(kernel, "code", p->wait_status);
	} else {
		report_add_text(kernel, "how", p->wait_how == CLD_DUMPED ? "dumped" : "killed");
		report_add_text(kernel, "signal", death_signal_name(p->wait_status));
		cJSON_AddNumberToObject(kernel, "number", p->wait_status);
	}
	if (p->kill_reason)
		report_add_text(report, "killed_for", bad_message_names[p->kill_reason]);
}

static void add_life(cJSON *report, const struct process_host *p)
{
	report_add_us(report, "uptime_us", p->died_ns - p->started_ns);
	if (p->ready_ns)
		report_add_us(report, "ready_after_us", p->ready_ns - p->started_ns);
	/* Read once a second: of one that lived for less there is nothing. */
	if (p->usage.memory_bytes) {
		cJSON_AddNumberToObject(report, "memory_bytes", (double)p->usage.memory_bytes);
		cJSON_AddNumberToObject(report, "cpu_percent", p->usage.cpu_percent);
	}
	if (p->unresponsive_ns)
		report_add_us(report, "unresponsive_us", p->died_ns - p->unresponsive_ns);
	report_add_text(report, "fault", p->fault);
	if (p->fault && p->died_ns > p->fault_ns)
		report_add_us(report, "fault_before_us", p->died_ns - p->fault_ns);
}

static void add_sandbox(cJSON *report, const struct process_host *p)
{
	cJSON *sandbox = cJSON_AddObjectToObject(report, "sandbox"), *layers;

	cJSON_AddNumberToObject(sandbox, "on", __builtin_popcount(p->verified.shield));
	cJSON_AddNumberToObject(sandbox, "of", LAYER_COUNT);
	report_add_text(sandbox, "missing", p->missing);
	layers = cJSON_AddObjectToObject(sandbox, "layers");
	for (unsigned i = 0; i < LAYER_COUNT; i++)
		report_add_text(layers, layer_names[i], verify_state_name(p->verified.state[i]));
}

/* Pages. */

static bool tab_embeds(const struct tab *t, const struct process_host *p)
{
	for (const struct embed *e = t->embeds; e; e = e->next)
		if (e->dying == p->name.serial || (e->plugin && !strcmp(e->plugin->label, p->label)))
			return true;
	return false;
}

/* Did that process work for that tab? Its tabs may have been told of its death already. */
static bool served(const struct browser *b, const struct process_host *p, const struct tab *t)
{
	switch (p->name.role) {
	case ROLE_GPU:
		return t->id == b->view->page;
	case ROLE_PLUGIN:
		return tab_embeds(t, p);
	default:
		return t->renderer == p ||
		       ((t->state == TAB_DYING || t->state == TAB_SAD) &&
			t->dead_renderer.role == p->name.role && t->dead_renderer.serial == p->name.serial);
	}
}

static void add_pages(cJSON *report, const struct browser *b, const struct process_host *p)
{
	cJSON *pages = cJSON_AddArrayToObject(report, "pages");

	for (const struct tab *t = b->tabs->first; t; t = t->next) {
		if (!served(b, p, t))
			continue;
		cJSON *page = cJSON_CreateObject();

		cJSON_AddNumberToObject(page, "page", t->id);
		report_add_text(page, "url", t->url);
		report_add_text(page, "loading", t->pending_url);
		report_add_text(page, "title", t->title);
		cJSON_AddItemToArray(pages, page);
	}
}

/* Secrets. */

/*
 * "https://me:secret@host/" becomes "https://host/", wherever in the text it stands. Who writes a whole URL
 * may write anything in it; in other texts it ends where the word does.
 */
static void hide_userinfo(char *text)
{
	size_t letters = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+.-");

	for (char *at = strstr(text, "://"); at; at = strstr(at, "://")) {
		bool is_whole = at == text + letters;

		at += 3;
		char *end = memrchr(at, '@', strcspn(at, is_whole ? "/?#\\" : "/?#\\ \t\n\"<>"));

		if (end)
			memmove(at, end + 1, strlen(end + 1) + 1);
	}
}

void crash_facts_hide_secrets(cJSON *json)
{
	for (cJSON *child = json->child; child; child = child->next)
		crash_facts_hide_secrets(child);
	if (!cJSON_IsString(json) || !json->valuestring)
		return;
	hide_userinfo(json->valuestring);
	secrets_mask_text(json->valuestring, strlen(json->valuestring));
}

cJSON *crash_facts_gather(struct browser *b, const struct process_host *p, const struct crash_claims *claims,
			  const char *id, uint64_t ts_us)
{
	cJSON *report = cJSON_CreateObject(), *claimed, *contradictions;
	char name[ENDPOINT_TEXT];

	report_add_text(report, "type", "crash_report");
	report_add_text(report, "id", id);
	add_time(report, ts_us);
	add_program(report);
	report_add_text(report, "process", endpoint_text(p->name, name));
	report_add_text(report, "role", role_names[p->name.role]);
	report_add_text(report, "label", p->label);
	cJSON_AddNumberToObject(report, "pid", p->pid);
	add_end(report, p);
	claimed = crash_claims_json(claims);
	if (claimed)
		cJSON_AddItemToObject(report, "claimed", claimed);
	contradictions = crash_claims_contradictions(claims);
	if (contradictions)
		cJSON_AddItemToObject(report, "contradictions", contradictions);
	add_life(report, p);
	add_sandbox(report, p);
	add_pages(report, b, p);
	crash_messages_add(report, b->collector, p->name, claims->handling);
	crash_facts_hide_secrets(report);
	return report;
}
