/* See fault_check.h. */
#include "tests/browser/fault_check.h"
#include "browser/tab/page_host.h"
#include "browser/traffic/log/log_reader.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CHECKED_MAX 2000

static struct checked {
	struct endpoint process;
	const struct fault_info *fault;
	char words[160];
	bool in_log;
} checked[CHECKED_MAX];
static unsigned nchecked;
static char log_path[] = "/tmp/bulkhead-faults-XXXXXX";

static enum process_model model_of(const char *name)
{
	for (unsigned i = 0; name && i < PROCESS_MODEL_COUNT; i++)
		if (!strcmp(name, process_model_names[i]))
			return i;
	return PROCESS_MODEL_PER_TAB;
}

int fault_check_open(void **state)
{
	int fd = mkstemp(log_path);

	if (fd == -1)
		return -1;
	close(fd);
	harness_options.no_log = false;
	harness_options.log_file = log_path;
	harness_options.process_model = model_of(getenv("FAULT_TEST_MODEL"));
	print_message("process model: %s\n", process_model_names[harness_options.process_model]);
	return harness_open(state);
}

static bool agrees(const cJSON *details, const char *key, const char *expected)
{
	const cJSON *item = cJSON_GetObjectItem(details, key);
	const char *got = cJSON_IsString(item) ? item->valuestring : "";

	if (strcmp(got, expected))
		print_error("the log says %s '%s', not '%s'\n", key, got, expected);
	return !strcmp(got, expected);
}

static bool exit_agrees(const cJSON *details, const struct checked *c)
{
	const struct fault_status *s = &c->fault->status;
	const cJSON *code = cJSON_GetObjectItem(details, "code");
	char call[64] = "";

	if (s->kind == CRASH_KIND_VIOLATION)
		death_syscall_name((uint32_t)c->fault->argument, call, sizeof call);
	return agrees(details, "status", termination_status_names[s->status]) &&
	       agrees(details, "signal", death_signal_name(s->signal)) &&
	       agrees(details, "reason", s->reason ? bad_message_names[s->reason] : "") &&
	       agrees(details, "syscall", call) && agrees(details, "detail", c->words) &&
	       cJSON_IsNumber(code) && code->valueint == s->code;
}

static bool check_event(const struct traffic_event *e)
{
	char json[4096];
	struct format args = format_into(json, sizeof json);
	bool fine = true;

	for (unsigned i = 0; i < nchecked; i++) {
		struct checked *c = &checked[i];

		if (c->process.role != e->from.role || c->process.serial != e->from.serial)
			continue;
		traffic_args_json(e, &args);
		cJSON *details = cJSON_Parse(json);

		c->in_log = true;
		if (!exit_agrees(details, c)) {
			print_error("%s: %s\n", c->fault->name, json);
			fine = false;
		}
		cJSON_Delete(details);
	}
	return fine;
}

/* What came behind an order to crash was delivered and never handled. */
static bool is_lost_in_flight(const struct traffic_event *e)
{
	char name[TRAFFIC_NAME_TEXT];

	return e->kind == TRAFFIC_MESSAGE && !strcmp(traffic_name(e, name), "disarm_fault") &&
	       !strcmp(traffic_status(e), "lost") && !strcmp(traffic_where(e), "receiver");
}

static unsigned died_in_flight(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < nchecked; i++)
		n += checked[i].fault->kind == FAULT_CRASH_IN_FLIGHT;
	return n;
}

static bool check_log(void)
{
	struct log_reader *log = log_reader_open(log_path);
	struct traffic_event e;
	enum log_line line;
	unsigned lost = 0;
	bool fine = true;

	if (!log)
		return false;
	while ((line = log_reader_next(log, &e)) != LOG_LINE_END && line != LOG_LINE_ERROR) {
		fine &= line == LOG_LINE_EVENT || line == LOG_LINE_SESSION;
		lost += line == LOG_LINE_EVENT && is_lost_in_flight(&e);
		if (line == LOG_LINE_EVENT && e.kind == TRAFFIC_PROCESS && !strcmp(e.words->name, "exit"))
			fine &= check_event(&e);
	}
	log_reader_close(log);
	if (lost != 5 * died_in_flight()) {
		print_error("%u messages in flight were lost, at %u deaths\n", lost, died_in_flight());
		fine = false;
	}
	for (unsigned i = 0; i < nchecked; i++)
		if (!checked[i].in_log) {
			print_error("the log has no word of a death by %s\n", checked[i].fault->name);
			fine = false;
		}
	return fine;
}

int fault_check_close(void **state)
{
	int status = harness_close(state);
	bool fine = check_log();

	print_message("%u deaths, each in the log\n", nchecked);
	unlink(log_path);
	return fine ? status : -1;
}

bool fault_check_kills(const struct fault_info *f)
{
	return f->end == FAULT_END_DEAD && f->status.status != TERMINATION_STATUS_LAUNCH_FAILED;
}

static void check_address(const struct process_host *p, const struct fault_info *f)
{
	if (f->kind == FAULT_NULL_DEREFERENCE)
		assert_int_equal(p->death.address, 0);
	if (f->kind == FAULT_WILD_WRITE)
		assert_int_equal(p->death.address, 0x0badcafe0000);
	if (p->death.kind == CRASH_KIND_SIGNAL)
		assert_int_not_equal(p->death.pc, 0);
}

void fault_check_death(struct process_host *p, const struct fault_info *f)
{
	const struct fault_status *s = &f->status;
	struct checked *c = &checked[nchecked];

	AWAIT(p->state == PROCESS_DEAD);
	assert_string_equal(termination_status_names[p->death.status], termination_status_names[s->status]);
	assert_int_equal(p->death.signal, s->signal);
	assert_int_equal(p->death.code, s->code);
	assert_int_equal(p->death.kind, s->kind);
	assert_int_equal(p->death.reason, s->reason);
	assert_int_equal(p->death.syscall, s->kind == CRASH_KIND_VIOLATION ? f->argument : 0);
	assert_int_equal(p->death.step[0], 0);
	check_address(p, f);
	assert_true(nchecked < CHECKED_MAX);
	*c = (struct checked){ .process = p->name, .fault = f };
	death_text(&p->death, c->words, sizeof c->words);
	nchecked++;
}

struct process_host *fault_check_sink(struct process_host *p, const struct fault_info *f)
{
	struct fault_order o = fault_order_of(f);
	const char *why = "";
	uint32_t number = 1;

	if (!fault_inject(&browser, p, &o, &number, &why))
		fail_msg("%s into %s: %s", f->name, role_names[p->name.role], why);
	assert_int_equal(number, 0);
	assert_string_equal(p->fault, f->name);
	fault_check_death(p, f);
	return p;
}

struct bystanders bystanders_open(void)
{
	struct bystanders b;
	struct tab *tabs[BYSTANDERS] = { harness_tab("bulkhead://pages/harbour.html"),
					 harness_tab(harness_long_page("Scrolled")),
					 harness_tab(CLOCK_PAGE) };

	tab_scroll_to(tabs[1], 30);
	assert_int_equal(tabs[1]->scroll_row, 30);
	for (unsigned i = 0; i < BYSTANDERS; i++)
		b.witnesses[i] = harness_witness(tabs[i]);
	return b;
}

void bystanders_check(struct bystanders *b, const struct process_host *dead)
{
	for (unsigned i = 0; i < BYSTANDERS; i++) {
		struct witness *w = &b->witnesses[i];

		if (dead->name.role != ROLE_RENDERER || w->renderer != dead->name.serial) {
			harness_check_witness(w);
			continue;
		}
		assert_int_equal(w->tab->state, TAB_SAD);
		assert_int_equal(w->tab->death.status, dead->death.status);
		tab_reload(w->tab);
		AWAIT(harness_loaded(w->tab));
		*w = harness_witness(w->tab);
		assert_int_not_equal(w->renderer, dead->name.serial);
	}
}

unsigned fault_check_up(void)
{
	unsigned n = 0;

	AWAIT(!page_host_keeps_spare(browser.options.process_model) || process_is_up(browser.spare->process));
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		n += process_is_up(p) && p->channel;
	return n;
}
