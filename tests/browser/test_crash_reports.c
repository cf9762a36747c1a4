/*
 * Crash reports of real deaths: each tells where it happened, down to the function of common/fault*.c; what a
 * liar wrote is told as its claim; and the pages show them, whatever lies in the folder.
 */
#include "browser/fault/crash/crash_report.h"
#include "tests/browser/compromise.h"
#include "tests/browser/harness.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAGE "data:text/html,<title>Doomed</title><p>I sink</p>"

static cJSON *report; /* the last one read */

static const char *text_of(const cJSON *object, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(object, name));

	return text ? text : "";
}

/* Wait for that death, and read its report. */
static cJSON *read_report(struct process_host *p)
{
	const char *why = "", *id;

	AWAIT(p->state == PROCESS_DEAD);
	id = crash_report_id(browser.crash_reports, p->name);
	assert_non_null(id);
	crash_reports_settle(browser.crash_reports);
	cJSON_Delete(report);
	report = crash_store_read(crash_reports_store(browser.crash_reports), id, &why);
	if (!report)
		fail_msg("%s: %s", id, why);
	return report;
}

static struct process_host *sink(struct process_host *p, const char *fault)
{
	const char *why = "";

	if (!fault_inject_named(&browser, p, fault, &why))
		fail_msg("%s: %s", fault, why);
	return p;
}

static bool backtrace_has(const char *function)
{
	const cJSON *frame;

	cJSON_ArrayForEach(frame, cJSON_GetObjectItem(report, "backtrace"))
	{
		if (!strcmp(text_of(frame, "function"), function) &&
		    !strncmp(text_of(frame, "file"), "common/fault", 12) &&
		    cJSON_GetObjectItem(frame, "line")->valueint > 0)
			return true;
	}
	return false;
}

static bool ends_by_its_own_code(const struct fault_info *f)
{
	enum crash_kind kind = f->status.kind;

	return f->end == FAULT_END_DEAD && !f->from_outside && kind != CRASH_KIND_NONE &&
	       kind != CRASH_KIND_BAD_MESSAGE && f->status.status != TERMINATION_STATUS_LAUNCH_FAILED &&
	       f->kind != FAULT_CRASH_IN_FLIGHT;
}

static void check_where(const struct fault_info *f, struct process_host *p)
{
	char function[64];
	const char *where;
	int line = 0;

	read_report(p);
	where = text_of(report, "where");
	/* "fault_abort at common/fault.c:63" */
	if (strncmp(where, "fault_", 6) != 0 || !strstr(where, " at common/fault") ||
	    sscanf(strrchr(where, ':') + 1, "%d", &line) != 1 || line < 10)
		fail_msg("%s: where: '%s'", f->name, where);
	snprintf(function, sizeof function, "fault_%s", fault_names[f->kind]);
	/* A stack that has overflown is deeper than what is kept of it; a leak acts later. */
	if (f->kind != FAULT_STACK_OVERFLOW && f->kind != FAULT_LEAK && !backtrace_has(function))
		fail_msg("%s: %s is not in its backtrace", f->name, function);
	assert_string_equal(text_of(report, "fault"), f->name);
	assert_string_equal(text_of(report, "status"), termination_status_names[f->status.status]);
	assert_string_equal(text_of(cJSON_GetObjectItem(report, "claimed"), "kind"),
			    crash_kind_names[f->status.kind]);
	if (cJSON_GetObjectItem(report, "contradictions"))
		fail_msg("%s: called a liar: %s", f->name,
			 cJSON_PrintUnformatted(cJSON_GetObjectItem(report, "contradictions")));
	assert_string_equal(text_of(cJSON_GetObjectItem(report, "modules"), "seen_by"), "the browser");
	if (p->name.role != ROLE_GPU)
		assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(report, "pages")), 1);
}

/* Each way of failing once; of the violations, which all look alike, the first. */
static void check_role(enum role role, struct process_host *(*victim)(void), void (*recover)(void))
{
	bool done[FAULT_COUNT] = { false };
	unsigned checked = 0;

	for (unsigned i = 0; i < fault_table_count; i++) {
		const struct fault_info *f = &fault_table[i];

		if (!fault_can_hit(f, role) || !ends_by_its_own_code(f) || done[f->kind])
			continue;
		struct process_host *p = victim();

		AWAIT(crash_reports_has_looked(browser.crash_reports, p->name));
		sink(p, f->name);
		check_where(f, p);
		done[f->kind] = true;
		checked++;
		recover();
	}
	assert_true(checked >= 14);
}

static struct tab *doomed;

static struct process_host *doomed_renderer(void)
{
	if (!doomed)
		doomed = harness_tab(PAGE);
	return doomed->renderer;
}

static void reload_doomed(void)
{
	restart_forgive(&browser.spare->restart);
	tab_reload(doomed);
	AWAIT(harness_loaded(doomed));
}

static void test_renderer_reports_say_where(void **state)
{
	(void)state;
	check_role(ROLE_RENDERER, doomed_renderer, reload_doomed);
}

static struct process_host *gpu(void)
{
	AWAIT(gpu_host_up(browser.gpu) && browser.gpu->process->state == PROCESS_READY);
	return browser.gpu->process;
}

static void forgive_gpu(void)
{
	restart_forgive(&browser.gpu->restart);
	AWAIT(gpu_host_up(browser.gpu));
}

static void test_gpu_reports_say_where(void **state)
{
	(void)state;
	check_role(ROLE_GPU, gpu, forgive_gpu);
}

static struct process_host *clock_process(void)
{
	return harness_clock()->process;
}

static void reload_clock(void)
{
	restart_forgive(&harness_clock()->restart);
	harness_clock()->given_up = false;
	tab_reload(doomed);
	AWAIT(harness_loaded(doomed) && harness_plugin());
}

static void test_plugin_reports_say_where(void **state)
{
	(void)state;
	doomed = harness_tab(CLOCK_PAGE);
	AWAIT(harness_plugin());
	check_role(ROLE_PLUGIN, clock_process, reload_clock);
	assert_string_equal(text_of(report, "label"), "clock");
}

/* What a report holds besides. */
static void test_a_report_is_complete(void **state)
{
	struct process_host *p = doomed_renderer();
	const cJSON *page, *messages, *claimed;
	char name[ENDPOINT_TEXT], path[1000];
	struct stat st;

	(void)state;
	read_report(sink(p, "null dereference"));
	assert_string_equal(text_of(report, "process"), endpoint_text(p->name, name));
	assert_int_equal(cJSON_GetObjectItem(report, "pid")->valueint, p->pid);
	assert_string_equal(text_of(cJSON_GetObjectItem(report, "kernel"), "signal"), "SIGSEGV");
	claimed = cJSON_GetObjectItem(report, "claimed");
	assert_string_equal(text_of(claimed, "address"), "0x0");
	assert_string_equal(text_of(claimed, "code_name"), "SEGV_MAPERR");
	assert_string_equal(text_of(cJSON_GetObjectItem(claimed, "registers"), "rip"),
			    text_of(claimed, "pc"));
	page = cJSON_GetArrayItem(cJSON_GetObjectItem(report, "pages"), 0);
	assert_string_equal(text_of(page, "title"), "Doomed");
	assert_non_null(strstr(text_of(page, "url"), "I%20sink") ?: strstr(text_of(page, "url"), "I sink"));
	assert_true(cJSON_GetObjectItem(report, "uptime_us")->valuedouble > 0);
	assert_int_equal(
		cJSON_GetArraySize(cJSON_GetObjectItem(cJSON_GetObjectItem(report, "sandbox"), "layers")),
		LAYER_COUNT);
	assert_string_equal(text_of(cJSON_GetObjectItem(report, "handling"), "name"), "obey_fault");
	messages = cJSON_GetObjectItem(report, "messages");
	assert_true(cJSON_GetArraySize(messages) > 5);
	page = cJSON_GetArrayItem(messages, cJSON_GetArraySize(messages) - 1);
	assert_string_equal(text_of(page, "name"), "obey_fault");
	assert_string_equal(text_of(cJSON_GetObjectItem(page, "args"), "kind"), "null_dereference");

	const char *id = crash_report_id(browser.crash_reports, p->name);
	assert_int_equal(stat(crash_report_path(browser.crash_reports, id, path, sizeof path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	*strrchr(path, '/') = '\0';
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static bool has_blast(struct process_host *p)
{
	loop_turn(20);
	read_report(p);
	return cJSON_IsObject(cJSON_GetObjectItem(report, "blast"));
}

static void test_the_blast_radius_comes_later(void **state)
{
	struct process_host *p = doomed_renderer();

	(void)state;
	sink(p, "abort");
	AWAIT(p->state == PROCESS_DEAD);
	AWAIT(has_blast(p));
	assert_true(backtrace_has("fault_abort"));
}

/* Who is killed has nothing to say. */
static void test_the_killed_claim_nothing(void **state)
{
	(void)state;
	read_report(sink(doomed_renderer(), "SIGKILL"));
	assert_string_equal(text_of(report, "status"), "killed");
	assert_null(cJSON_GetObjectItem(cJSON_GetObjectItem(report, "claimed"), "registers"));
	assert_null(cJSON_GetObjectItem(report, "backtrace"));
	assert_null(cJSON_GetObjectItem(report, "contradictions"));
}

/* One that was told to end leaves no report. */
static void test_a_normal_end_is_none(void **state)
{
	struct process_host *p = doomed_renderer();

	(void)state;
	tab_close(doomed);
	doomed = NULL;
	AWAIT(p->state == PROCESS_DEAD);
	assert_int_equal(p->death.status, TERMINATION_STATUS_NORMAL);
	assert_null(crash_report_id(browser.crash_reports, p->name));
}

static struct process_host *failed_launch(void)
{
	for (struct process_host *p = browser.processes->first; p; p = p->next)
		if (p->state == PROCESS_DEAD && p->death.status == TERMINATION_STATUS_LAUNCH_FAILED)
			return p;
	return NULL;
}

/* Those that die before they are ready have reports, too, and say where, by their own word. */
static void test_a_failed_launch_has_a_report(void **state)
{
	(void)state;
	compromise(ROLE_RENDERER, "fail a step");
	assert_true(browser.spare->given_up);
	cure(ROLE_RENDERER);
	read_report(failed_launch());
	assert_string_equal(text_of(report, "status"), "launch_failed");
	assert_string_equal(text_of(cJSON_GetObjectItem(report, "claimed"), "step"), "no moon tonight");
	assert_string_equal(text_of(cJSON_GetObjectItem(report, "modules"), "seen_by"), "the process itself");
}

/* Liars. */

static struct process_host *run_liar(const char *way)
{
	struct process_host *p;
	struct tab *tab;

	compromise(ROLE_RENDERER, way);
	p = browser.spare->process;
	tab = tab_open(browser.tabs, PAGE, true);
	AWAIT(tab->state == TAB_SAD);
	cure(ROLE_RENDERER);
	assert_int_equal(p->state, PROCESS_DEAD);
	return p;
}

static bool contradicts(const char *words)
{
	const cJSON *sentence;

	cJSON_ArrayForEach(sentence,
			   cJSON_GetObjectItem(report, "contradictions")) if (strstr(sentence->valuestring,
										     words)) return true;
	return false;
}

static void test_a_liar_is_called_one(void **state)
{
	struct process_host *p = run_liar("crash record of lies");

	(void)state;
	read_report(p);
	assert_string_equal(text_of(report, "status"), "abnormal");
	assert_string_equal(text_of(cJSON_GetObjectItem(report, "kernel"), "how"), "exited");
	assert_int_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(report, "kernel"), "code")->valueint, 3);
	assert_string_equal(text_of(cJSON_GetObjectItem(report, "claimed"), "kind"), "out_of_memory");
	assert_true(contradicts("out_of_memory (SIGABRT); the kernel says: it exited with code 3"));
}

static void test_garbage_is_no_record(void **state)
{
	struct process_host *p = run_liar("crash record of garbage");

	(void)state;
	read_report(p);
	assert_string_equal(text_of(report, "status"), "abnormal");
	assert_true(contradicts("kind 77"));
	assert_true(cJSON_GetArraySize(cJSON_GetObjectItem(report, "backtrace")) <= CRASH_FRAMES * 8);
	assert_string_equal(text_of(report, "where"), "");
}

/* Pages. */

static struct tab *open_report(const char *id)
{
	char url[128];

	snprintf(url, sizeof url, "bulkhead://crashes%s%s", *id ? "/" : "", id);
	return harness_tab(url);
}

static void test_markup_of_a_liar_is_text(void **state)
{
	struct process_host *p = run_liar("crash record with markup");
	struct tab *tab;

	(void)state;
	read_report(p);
	assert_true(contradicts("had reported that it was ready"));
	tab = open_report(crash_report_id(browser.crash_reports, p->name));
	assert_non_null(strstr(harness_describe(tab)->text, "This process lied about its end."));
	assert_int_equal(tab->failed, false);
	tab_scroll_to(tab, 0);
	/* Its heading is no heading, and its escape is none. */
	assert_null(strchr(harness_screen(), '\033'));
	assert_string_equal(tab->title + strlen(tab->title) - strlen("abnormal (exit code 1)"),
			    "abnormal (exit code 1)");
}

static void write_file(const char *id, const char *text)
{
	char path[1000];
	FILE *file = fopen(crash_report_path(browser.crash_reports, id, path, sizeof path), "we");

	assert_non_null(file);
	fputs(text, file);
	assert_int_equal(fclose(file), 0);
}

static void test_the_list_shows_all(void **state)
{
	struct process_host *p = sink(doomed_renderer(), "double free");
	struct tab *tab;

	(void)state;
	AWAIT(p->state == PROCESS_DEAD);
	/* Of a session before this one, and what is left of another. */
	write_file(
		"20200101T000000000-gpu-7-1",
		"{\"type\":\"crash_report\",\"id\":\"20200101T000000000-gpu-7-1\",\"process\":\"gpu:7\","
		"\"claimed\":{\"<i>key\":\"<i>value\"},\"blast\":{\"<i>name\":0},"
		"\"time\":\"<b>long ago</b>\",\"words\":\"oom\",\"pages\":7,\"contradictions\":{\"a\":[1]}}\n");
	write_file("29990101T000000000-plugin-1-1", "{\"type\":\"crash_report\",\"id\":\"2999");
	write_file("29990101T000000001-plugin-1-1", "[[[[[[[[");
	write_file("not-a-report", "{}");
	tab = open_report("");
	const char *text = harness_describe(tab)->text;

	const char *damaged = strstr(text, "29990101T000000001-plugin-1-1"),
		   *other = strstr(text, "29990101T000000000");
	const char *newest = strstr(text, "fault_double_free, ");

	assert_true(damaged && other && newest);
	assert_true(damaged < other && other < newest);
	assert_non_null(strstr(damaged, "cannot be read"));
	assert_null(strstr(text, "not-a-report"));
	/* The page is longer than what is described of it: the oldest is the last. */
	AWAIT((tab_scroll_to(tab, tab->document_rows), harness_screen_has("<b>long ago</b>")));
	tab = open_report("20200101T000000000-gpu-7-1");
	text = harness_describe(tab)->text;
	assert_true(strstr(text, "gpu:7: oom") && strstr(text, "<i>key") && strstr(text, "<i>value") &&
		    strstr(text, "<i>name"));
	tab = open_report("29990101T000000000-plugin-1-1");
	assert_non_null(strstr(harness_describe(tab)->text, "the file is damaged"));
}

/* From the list to a report, as a link does; from elsewhere there is no way in. */
static void test_the_way_to_a_report(void **state)
{
	struct process_host *p = sink(doomed_renderer(), "illegal instruction");
	char url[128];
	struct tab *tab;

	(void)state;
	AWAIT(p->state == PROCESS_DEAD);
	snprintf(url, sizeof url, "bulkhead://crashes/%s", crash_report_id(browser.crash_reports, p->name));
	tab = open_report("");
	tab_follow(tab, url);
	AWAIT(harness_loaded(tab) && !strcmp(tab->url, url));
	assert_non_null(strstr(harness_describe(tab)->text, "fault_illegal_instruction"));
	harness_go(tab, PAGE);
	tab_follow(tab, url);
	AWAIT(browser.message[0]);
	assert_null(tab->pending_url);
	assert_null(strstr(tab->url, "crashes"));
}

static void test_no_way_out_of_the_folder(void **state)
{
	static const char *const names[] = { "bulkhead://crashes/../../etc/passwd",
					     "bulkhead://crashes/%2e%2e%2fx",
					     "bulkhead://crashes/20200101T000000000-gpu-7-1/../x",
					     "bulkhead://crashes/20200101T000000000-gpu-7-1%00",
					     "bulkhead://crashes/x" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct tab *tab = tab_open(browser.tabs, names[i], true);

		AWAIT(tab->state == TAB_READY && !tab->loading && tab->has_document);
		assert_true(tab->failed);
	}
}

/* A disk that fails is said once, and nothing else comes of it. */
static void test_a_disk_that_fails(void **state)
{
	const char *folder = crash_reports_store(browser.crash_reports)->folder;
	char away[700];
	FILE *file;

	(void)state;
	snprintf(away, sizeof away, "%s.away", folder);
	doomed_renderer();
	assert_int_equal(rename(folder, away), 0);
	file = fopen(folder, "we");
	assert_non_null(file);
	fclose(file);
	for (unsigned i = 0; i < 2; i++) {
		struct process_host *p = sink(doomed_renderer(), "abort");

		browser.message[0] = '\0';
		AWAIT(p->state == PROCESS_DEAD);
		crash_reports_settle(browser.crash_reports);
		assert_true(crash_reports_failed(browser.crash_reports) > i);
		if (i == 0)
			assert_non_null(strstr(browser.message, "crash reports cannot be written"));
		else
			assert_null(strstr(browser.message, "crash reports"));
		reload_doomed();
	}
	assert_int_equal(unlink(folder), 0);
	assert_int_equal(rename(away, folder), 0);
	read_report(sink(doomed_renderer(), "abort"));
	assert_true(backtrace_has("fault_abort"));
}

static int calm(void **state)
{
	doomed = NULL;
	return harness_calm(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_renderer_reports_say_where, calm),
		cmocka_unit_test_setup(test_gpu_reports_say_where, calm),
		cmocka_unit_test_setup(test_plugin_reports_say_where, calm),
		cmocka_unit_test_setup(test_a_report_is_complete, calm),
		cmocka_unit_test_setup(test_the_blast_radius_comes_later, calm),
		cmocka_unit_test_setup(test_the_killed_claim_nothing, calm),
		cmocka_unit_test_setup(test_a_normal_end_is_none, calm),
		cmocka_unit_test_setup(test_a_failed_launch_has_a_report, calm),
		cmocka_unit_test_setup(test_a_liar_is_called_one, calm),
		cmocka_unit_test_setup(test_garbage_is_no_record, calm),
		cmocka_unit_test_setup(test_markup_of_a_liar_is_text, calm),
		cmocka_unit_test_setup(test_the_list_shows_all, calm),
		cmocka_unit_test_setup(test_the_way_to_a_report, calm),
		cmocka_unit_test_setup(test_no_way_out_of_the_folder, calm),
		cmocka_unit_test_setup(test_a_disk_that_fails, calm),
	};
	int status = cmocka_run_group_tests(tests, harness_open, harness_close);

	cJSON_Delete(report);
	return status;
}
