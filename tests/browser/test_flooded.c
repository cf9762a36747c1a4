/*
 * A compromised renderer fills its flight recorder faster than it can be read, while the log keeps all it
 * can: the browser stays as quick as ever with everybody else, and takes no more memory than it may.
 */
#include "tests/browser/compromise.h"
#include "tests/browser/harness.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ANSWERS 60
#define MAX_GROWTH                                                                                           \
	(96u << 20) /* of resident memory: the log's buffer, the rings of new processes, some room */
#define LOG_BYTES (8ull << 20)

static char log_path[80];

static int open_with_log(void **state)
{
	snprintf(log_path, sizeof log_path, "%s/flooded.jsonl", harness_state_folder());
	harness_options.no_log = false;
	harness_options.log_file = log_path;
	harness_options.log_payload = LOG_PAYLOAD_FULL;
	harness_options.log_size = LOG_BYTES;
	return harness_open(state);
}

static size_t resident(void)
{
	unsigned long pages = 0, mine = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu %lu", &pages, &mine), 2);
	fclose(file);
	return mine * (size_t)sysconf(_SC_PAGESIZE);
}

static uint64_t written_by(const struct process_host *p)
{
	return atomic_load(&p->region->committed);
}

/* Others answer while that one writes on and on. */
static void check_flooded(const char *way)
{
	struct tab *reader = harness_tab(harness_long_page("Reader")), *tab;
	struct witness witness = harness_witness(reader);
	struct process_host *evil;
	uint64_t before, longest = 0;
	size_t memory;

	compromise(ROLE_RENDERER, way);
	cure(ROLE_RENDERER);
	tab = tab_open(browser.tabs, "data:text/html,evil", true);
	AWAIT((evil = tab->renderer) && evil->region && written_by(evil) > evil->region->ring_bytes);
	memory = resident();
	for (unsigned i = 0; i < ANSWERS; i++) {
		uint64_t began = recorder_now();

		before = written_by(evil);
		harness_check_answers(reader->renderer);
		harness_check_answers(gpu_host_up(browser.gpu));
		if (recorder_now() - began > longest)
			longest = recorder_now() - began;
		AWAIT(written_by(evil) > before);
	}
	print_message("%s: longest %.1f ms, %.1f MB more, %.1f MB were written\n", way, (double)longest / 1e6,
		      ((double)resident() - (double)memory) / 1048576, (double)written_by(evil) / 1048576);
	assert_true(resident() < memory + MAX_GROWTH);
	harness_go(reader, harness_long_page("Another"));
	witness = harness_witness(harness_tab(harness_long_page("A third")));
	tab_close(tab);
	AWAIT(evil->state == PROCESS_DEAD);
	harness_check_witness(&witness);
}

static void handlers_that_return_without_end(void **state)
{
	(void)state;
	check_flooded("recorder of returns");
}

static void memory_without_end(void **state)
{
	(void)state;
	check_flooded("recorder of memory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(handlers_that_return_without_end, harness_calm),
		cmocka_unit_test_setup(memory_without_end, harness_calm),
	};

	return cmocka_run_group_tests(tests, open_with_log, harness_close);
}
