/* See browser.h. news.c carries what happens to processes; the rooms below do the work. */
#include "browser/browser.h"
#include "browser/fault/blast/blast.h"
#include "browser/fault/crash/crash_report.h"
#include "browser/fault/faults_page.h"
#include "browser/fault/injection.h"
#include "browser/fault/toxics.h"
#include "browser/net/fetch.h"
#include "browser/news.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/process/spare.h"
#include "browser/tab/page_host.h"
#include "browser/tab/pages.h"
#include "browser/tab/tab.h"
#include "browser/tab/view.h"
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/traffic/collect/collector.h"
#include "browser/traffic/log/log_file.h"
#include "common/format.h"
#include "common/loop.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

#define START_TIMEOUT_NS UINT64_C(10000000000)
#define FILES_PER_TAB	 6
#define FILES_ALWAYS	 64
#define FILES_WANTED	 (FILES_ALWAYS + 300 * FILES_PER_TAB)

void browser_tell(struct browser *b, unsigned what)
{
	if (b->blasts)
		blasts_changed(b->blasts);
	if (b->changed)
		b->changed(b->changed_arg, what);
}

void browser_say(struct browser *b, const char *how, ...)
{
	va_list args;

	va_start(args, how);
	vsnprintf(b->message, sizeof b->message, how, args);
	va_end(args);
	browser_tell(b, CHANGED_MESSAGE);
}

bool browser_keeps_memory(const struct browser *b)
{
	return b->log && b->options.log_payload == LOG_PAYLOAD_FULL;
}

void browser_note_body(struct browser *b, const struct tab *tab, const void *bytes, size_t length)
{
	collector_note_body(b->collector, tab->renderer->name, tab->id, tab->navigation, bytes, length);
}

void browser_note_memory(struct browser *b, const struct process_host *p, const struct record_memory *memory,
			 const void *bytes)
{
	collector_note_memory(b->collector, p->name, memory, bytes);
}

static enum traffic_input_kind input_kind(const char *what)
{
	for (unsigned kind = 0; kind < TRAFFIC_INPUT_KIND_COUNT; kind++)
		if (!strcmp(what, traffic_input_names[kind]))
			return kind;
	return TRAFFIC_INPUT_COMMAND;
}

void browser_input(struct browser *b, const char *what, const char *value)
{
	uint64_t id = channel_make_id((struct endpoint){ ROLE_BROWSER, 0 });

	collector_note_input(b->collector, id, 0, input_kind(what), value);
	cause_set(id);
}

void browser_input_done(struct browser *b)
{
	(void)b;
	cause_set(0);
}

void browser_on_did_fill_recorder(struct browser *b, struct channel *c, const struct ipc_did_fill_recorder *m)
{
	(void)c;
	(void)m;
	collector_wake(b->collector);
}

static bool browser_init_recorder(struct browser *b)
{
	size_t bytes = sizeof(struct recorder_region) + RECORDER_BROWSER_BYTES;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return false;
	recorder_init(&b->recorder, memory, bytes, UINT16_MAX);
	return true;
}

static void browser_on_log_failed(void *arg, const char *what, const char *path, const char *why)
{
	browser_say(arg, "%s: %s: %s", what, path, why);
}

static bool browser_open_log(struct browser *b, const char **why)
{
	static char words[700];
	struct log_writer_config config = { .path = b->log_path,
					    .payload = b->options.log_payload,
					    .file_bytes = b->options.log_size,
					    .files = b->options.log_files,
					    .failed = browser_on_log_failed,
					    .arg = b };

	if (b->options.no_log)
		return true;
	if (b->options.log_file)
		snprintf(b->log_path, sizeof b->log_path, "%s", b->options.log_file);
	else if (!log_file_new(b->log_path, sizeof b->log_path, why))
		goto failed;
	b->log = log_writer_open(&config, why);
	if (b->log)
		return true;
failed:
	snprintf(words, sizeof words, "%s: %s", b->log_path, *why);
	*why = words;
	return false;
}

/* A child that lies in its flight recorder has been taken over. */
static void browser_on_forged(void *arg, struct endpoint e)
{
	struct browser *b = arg;
	struct process_host *p = b->processes ? process_find(b->processes, e.role, e.serial) : NULL;

	if (p)
		process_kill(p, BAD_MESSAGE_FORGED_RECORD);
}

static bool browser_on_toxic(void *arg, uint64_t message, uint32_t toxic, enum toxic kind)
{
	struct browser *b = arg;

	return toxics_acted(b->toxics, message, toxic, kind);
}

static bool browser_on_held(void *arg, uint32_t breakpoint, struct endpoint from, struct endpoint at)
{
	struct browser *b = arg;

	return breakpoints_believe_held(b->breakpoints, breakpoint, from, at);
}

static uint32_t browser_on_marks(void *arg, struct endpoint at, uint64_t message, uint16_t type,
				 uint32_t marks)
{
	struct browser *b = arg;

	return breakpoints_believe_marks(b->breakpoints, at, message, type, marks);
}

static bool browser_open_traffic(struct browser *b, const char **why)
{
	struct collector_config config = { 0 };

	*why = "memory: none is left";
	if (!browser_init_recorder(b) || !browser_open_log(b, why))
		return false;
	config.log = b->log;
	config.forged = browser_on_forged;
	config.toxic = browser_on_toxic;
	config.held = browser_on_held;
	config.marks = browser_on_marks;
	config.arg = b;
	b->collector = collector_create(&config);
	if (!b->collector || !collector_add_process(b->collector, (struct endpoint){ ROLE_BROWSER, 0 },
						    b->recorder.region, b->recorder.region->ring_bytes))
		return false;
	b->recorder.on_half = collector_wake;
	b->recorder.arg = b->collector;
	collector_run(b->collector);
	return true;
}

static bool browser_open_fetcher(struct browser *b, const char **why)
{
	static char words[700];
	struct fetcher_config config = { .ca_file = b->options.ca_file };

	b->fetcher = fetcher_create(&config, why);
	if (b->fetcher) {
		pages_register(b);
		faults_page_register(b);
		return true;
	}
	if (config.ca_file) {
		snprintf(words, sizeof words, "%.500s: %s", config.ca_file, *why);
		*why = words;
	}
	return false;
}

static bool browser_allocate(struct browser *b)
{
	b->processes = calloc(1, sizeof *b->processes);
	b->gpu = calloc(1, sizeof *b->gpu);
	b->plugins = calloc(1, sizeof *b->plugins);
	b->spare = calloc(1, sizeof *b->spare);
	b->tabs = calloc(1, sizeof *b->tabs);
	b->view = calloc(1, sizeof *b->view);
	b->injections = calloc(1, sizeof *b->injections);
	b->toxics = calloc(1, sizeof *b->toxics);
	b->breakpoints = calloc(1, sizeof *b->breakpoints);
	b->blasts = calloc(1, sizeof *b->blasts);
	return b->processes && b->gpu && b->plugins && b->spare && b->tabs && b->view && b->injections &&
	       b->toxics && b->breakpoints && b->blasts;
}

/* Which layers are off, and why, as far as anybody knows. */
static void browser_name_weakness(struct browser *b, const struct process_host *p, char *words,
				  size_t capacity)
{
	const char *hint = b->processes->namespace_hint;
	struct format out = format_into(words, capacity);

	format_text(&out, "the sandbox is too weak here: without");
	for (unsigned i = 0; i < LAYER_COUNT; i++)
		if (!(p->verified.shield & 1u << i))
			format_printf(&out, " %s", layer_names[i]);
	if (p->missing[0])
		format_printf(&out, " (%s)", p->missing);
	if (b->processes->namespace_error && hint)
		format_printf(&out, "; %s", hint);
	format_text(&out, "; --no-sandbox starts all the same");
}

/* Wait for the GPU process: the first child tells whether children can be started and fenced in here at all.
 */
static bool browser_await_gpu(struct browser *b, const char **why)
{
	static char words[600];
	uint64_t began = recorder_now();
	struct process_host *p;

	gpu_host_start(b->gpu);
	while (!gpu_host_up(b->gpu) && !b->gpu->given_up && recorder_now() - began < START_TIMEOUT_NS)
		loop_turn(100);
	p = gpu_host_up(b->gpu);
	if (!p) {
		snprintf(words, sizeof words, "cannot start a child process: %s",
			 b->gpu->failed[0] ? b->gpu->failed : "it never became ready");
	} else if (!b->options.no_sandbox && !verify_is_enough(p->verified.shield)) {
		browser_name_weakness(b, p, words, sizeof words);
	} else {
		return true;
	}
	*why = words;
	return false;
}

const char *browser_raise_limits(void)
{
	static char words[100];
	struct rlimit files;
	unsigned tabs;

	if (getrlimit(RLIMIT_NOFILE, &files) == -1)
		return NULL;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_max >= FILES_WANTED)
		return NULL;
	tabs = files.rlim_max > FILES_ALWAYS ? (unsigned)(files.rlim_max - FILES_ALWAYS) / FILES_PER_TAB : 0;
	snprintf(words, sizeof words, "only %u files may be open here (ulimit -Hn): enough for some %u tabs",
		 (unsigned)files.rlim_max, tabs);
	return words;
}

static void browser_set_budgets(struct browser *b, const struct crash_budgets *budgets)
{
	restart_set_budget(&b->gpu->restart, budgets->gpu.deaths, budgets->gpu.seconds);
	restart_set_budget(&b->spare->restart, budgets->spare.deaths, budgets->spare.seconds);
	plugin_hosts_set_budget(b->plugins, budgets->plugin.deaths, budgets->plugin.seconds);
}

bool browser_init(struct browser *b, const struct options *options, const char **why)
{
	*b = (struct browser){ .options = *options };
	*why = "memory: none is left";
	if (!browser_allocate(b) || !loop_init())
		return false;
	if (browser_raise_limits())
		browser_say(b, "%s", browser_raise_limits());
	b->tabs->browser = b;
	b->tabs->debug_url = fault_open_url;
	injections_init(b->injections, b);
	toxics_init(b->toxics, b);
	breakpoints_init(b->breakpoints, b);
	blasts_init(b->blasts, b);
	if (!view_init(b->view, b) || !browser_open_traffic(b, why) || !browser_open_fetcher(b, why))
		return false;
	b->crash_reports = crash_reports_create(b);
	if (!b->crash_reports) {
		*why = "memory: none is left";
		return false;
	}
	b->processes->events = news_events(b);
	b->processes->dispatch = browser_dispatch;
	b->processes->self = b;
	b->processes->recorder = &b->recorder;
	b->processes->ring_bytes = browser_keeps_memory(b) ? RECORDER_MEMORY_BYTES : 0;
	if (!process_table_init(b->processes,
				options->no_sandbox ? 0 : SANDBOX_ALL_LAYERS & ~options->without, why))
		return false;
	gpu_host_init(b->gpu, b->processes);
	plugin_hosts_init(b->plugins, b->processes);
	spare_init(b->spare, b->processes);
	b->spare->refills = page_host_keeps_spare(options->process_model);
	browser_set_budgets(b, &options->budgets);
	if (!browser_await_gpu(b, why))
		return false;
	b->processes->insists = !options->no_sandbox;
	spare_start(b->spare);
	return true;
}

uint64_t browser_finish(struct browser *b)
{
	uint64_t lacks;

	b->changed = NULL;
	if (b->tabs && b->fetcher)
		tabs_finish(b->tabs);
	if (b->spare)
		spare_finish(b->spare);
	if (b->gpu)
		gpu_host_finish(b->gpu);
	crash_reports_destroy(b->crash_reports);
	fetcher_destroy(b->fetcher);
	if (b->injections)
		injections_finish(b->injections);
	if (b->toxics)
		toxics_finish(b->toxics);
	if (b->blasts)
		blasts_finish(b->blasts);
	collector_destroy(b->collector);
	lacks = log_writer_close(b->log);
	if (b->processes && b->processes->end)
		process_table_finish(b->processes);
	if (b->breakpoints)
		breakpoints_finish(b->breakpoints);
	if (b->plugins)
		plugin_hosts_finish(b->plugins);
	if (b->view)
		view_finish(b->view);
	free(b->processes);
	free(b->gpu);
	free(b->plugins);
	free(b->spare);
	free(b->tabs);
	free(b->view);
	free(b->injections);
	free(b->toxics);
	free(b->breakpoints);
	free(b->blasts);
	return lacks;
}
