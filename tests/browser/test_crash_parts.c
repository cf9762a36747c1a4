/*
 * The parts of crash reports that need no process: where they are kept, what contradicts the kernel, which
 * file an address lies in and what is there, and that no password stays in.
 */
#include "browser/fault/crash/crash_claims.h"
#include "browser/fault/crash/crash_facts.h"
#include "browser/fault/crash/crash_store.h"
#include "browser/fault/crash/crash_trace.h"
#include "browser/fault/crash/crash_words.h"
#include "browser/fault/crash/module_map.h"
#include "browser/fault/crash/symbols.h"
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* The store. */

static struct crash_store store;
static char home[32];

static int make_home(void **state)
{
	const char *why;

	(void)state;
	strcpy(home, "/tmp/bulkhead-store-XXXXXX");
	if (!mkdtemp(home) || setenv("XDG_STATE_HOME", home, 1))
		return -1;
	return crash_store_init(&store, &why) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static int remove_home(void **state)
{
	(void)state;
	return nftw(home, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* The id of the n-th report of a series, and that report. */
static const char *make_id(unsigned n, char id[CRASH_ID])
{
	crash_id_make(id, UINT64_C(1700000000000000) + n * UINT64_C(1000),
		      (struct endpoint){ ROLE_RENDERER, n + 1 }, 4711);
	return id;
}

static bool put_report(const char *id, size_t bytes)
{
	const char *why = "";
	char *text = malloc(bytes + 256);
	int n = snprintf(text, 256, "{\"type\":\"crash_report\",\"id\":\"%s\",\"filler\":\"", id);

	assert_non_null(text);
	memset(text + n, 'x', bytes);
	strcpy(text + n + bytes, "\"}\n");
	bool written = crash_store_write(&store, id, text, (size_t)n + bytes + 3, &why);

	free(text);
	return written;
}

static unsigned count_files(void)
{
	DIR *folder = opendir(store.folder);
	unsigned n = 0;

	assert_non_null(folder);
	for (const struct dirent *entry; (entry = readdir(folder));)
		n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(folder);
	return n;
}

static void a_report_comes_back(void **state)
{
	char id[CRASH_ID], path[800];
	const char *why;
	struct stat st;
	cJSON *json;

	(void)state;
	make_id(7, id);
	assert_string_equal(id, "20231114T221320007-renderer-8-4711");
	assert_true(put_report(id, 10));
	json = crash_store_read(&store, id, &why);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "filler")), "xxxxxxxxxx");
	cJSON_Delete(json);
	assert_int_equal(stat(crash_store_path(&store, id, path, sizeof path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(store.folder, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	/* Anew under the same name: still one. */
	assert_true(put_report(id, 20));
	assert_int_equal(count_files(), 1);
}

static void the_number_is_bounded(void **state)
{
	char ids[CRASH_FILES_MAX + 20][CRASH_ID], first[CRASH_ID], last[CRASH_ID];

	(void)state;
	for (unsigned n = 0; n < CRASH_FILES_MAX + 10; n++)
		assert_true(put_report(make_id(n, first), 10));
	assert_int_equal(count_files(), CRASH_FILES_MAX);
	assert_int_equal(crash_store_list(&store, ids, CRASH_FILES_MAX + 20), CRASH_FILES_MAX);
	assert_string_equal(ids[0], make_id(CRASH_FILES_MAX + 9, last));
	assert_string_equal(ids[CRASH_FILES_MAX - 1], make_id(10, first));
	assert_int_equal(crash_store_list(&store, ids, 3), 3);
}

static void the_bytes_are_bounded(void **state)
{
	const size_t big = CRASH_FILE_BYTES - 4096;
	char ids[CRASH_FILES_MAX][CRASH_ID], id[CRASH_ID];

	(void)state;
	for (unsigned n = 0; n < 20; n++)
		assert_true(put_report(make_id(n, id), big));
	assert_int_equal(crash_store_list(&store, ids, CRASH_FILES_MAX), CRASH_BYTES_MAX / big);
	assert_string_equal(ids[0], make_id(19, id));
	/* One that is too big alone is refused, and nothing else is lost. */
	assert_false(put_report(make_id(30, id), CRASH_FILE_BYTES));
	assert_int_equal(crash_store_list(&store, ids, CRASH_FILES_MAX), CRASH_BYTES_MAX / big);
}

static void what_is_no_report_is_left_alone(void **state)
{
	char ids[CRASH_FILES_MAX][CRASH_ID], id[CRASH_ID], path[800];

	(void)state;
	assert_true(put_report(make_id(0, id), 10));
	snprintf(path, sizeof path, "%s/mine.json", store.folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	snprintf(path, sizeof path, "%s/.unfinished20231114T221320007-gpu-1-1", store.folder);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	for (unsigned n = 0; n < CRASH_FILES_MAX + 5; n++)
		assert_true(put_report(make_id(n, id), 10));
	assert_int_equal(crash_store_list(&store, ids, CRASH_FILES_MAX), CRASH_FILES_MAX);
	/* Another browser may be writing that; when it is old, nobody is. */
	assert_int_equal(count_files(), CRASH_FILES_MAX + 2);
	assert_int_equal(utimensat(AT_FDCWD, path, (struct timespec[2]){ { 1, 0 }, { 1, 0 } }, 0), 0);
	assert_true(put_report(make_id(0, id), 10));
	assert_int_equal(count_files(), CRASH_FILES_MAX + 1);
}

static void only_ids_are_ids(void **state)
{
	static const char *const bad[] = { "",
					   "x",
					   "..",
					   "../20231114T221320007-renderer-8-4711",
					   "20231114T221320007-renderer-8-4711/",
					   "20231114T221320007-renderer-8-4711.json",
					   "20231114T221320007-renderer-8",
					   "20231114T221320007-renderer-8-",
					   "20231114T221320007-renderer--4711",
					   "20231114T221320007-sailor-8-4711",
					   "20231114T221320007renderer-8-4711",
					   "20231114X221320007-renderer-8-4711",
					   "2023111 T221320007-renderer-8-4711",
					   "20231114T221320007-renderer-12345678901-1",
					   "20231114T221320007-renderer-8-4711 " };
	const char *why;

	(void)state;
	assert_true(crash_id_is_valid("20231114T221320007-renderer-8-4711"));
	assert_true(crash_id_is_valid("20231114T221320007-browser-0-4294967295"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (crash_id_is_valid(bad[i]))
			fail_msg("'%s' is an id", bad[i]);
		assert_null(crash_store_read(&store, bad[i], &why));
	}
}

static void damaged_files_are_said(void **state)
{
	static const char *const contents[] = {
		"",
		"{",
		"null",
		"[]",
		"\"crash_report\"",
		"{\"type\":\"crash_report\"}",
		"{\"type\":\"crash_report\",\"id\":7}",
		"{\"type\":\"crash_report\",\"id\":\"20231114T221320000-renderer-2-4711\"}",
		"{\"type\":\"crash_report\",\"id\":\"20231114T221320000-renderer-1-4711\"} and more",
		"{\"type\":\"letter\",\"id\":\"20231114T221320000-renderer-1-4711\"}",
		"{\"type\":\"crash_report\",\"id\":\"20231114T221320000-renderer-1-4711\",\"a\":\"\xff",
	};
	char id[CRASH_ID], path[800];
	const char *why;

	(void)state;
	put_report(make_id(0, id), 10);
	crash_store_path(&store, id, path, sizeof path);
	for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
		FILE *file = fopen(path, "we");

		assert_non_null(file);
		fputs(contents[i], file);
		fclose(file);
		why = NULL;
		assert_null(crash_store_read(&store, id, &why));
		assert_non_null(why);
	}
	/* Deep enough to take a parser's stack. */
	FILE *file = fopen(path, "we");
	for (unsigned i = 0; i < 500000; i++)
		fputc('[', file);
	fclose(file);
	assert_null(crash_store_read(&store, id, &why));
	/* No file at all, and one that leads elsewhere or never ends. */
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_null(crash_store_read(&store, id, &why));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_null(crash_store_read(&store, id, &why));
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_null(crash_store_read(&store, id, &why));
	assert_false(put_report(id, 10));
	assert_int_equal(count_files(), 1);
}

/* Claims. */

static const struct tale {
	const char *name;
	struct crash_record record;
	int how, status;
	const char *contradiction; /* "" for none */
} tales[] = {
	{ "nothing said", { .kind = CRASH_KIND_NONE }, CLD_KILLED, SIGKILL, "" },
	{ "true signal",
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV, .time_ns = 15 },
	  CLD_KILLED,
	  SIGSEGV,
	  "" },
	{ "true oom", { .kind = CRASH_KIND_OUT_OF_MEMORY, .time_ns = 15 }, CLD_KILLED, SIGABRT, "" },
	{ "true exit", { .kind = CRASH_KIND_FAULT_EXIT, .code = 3, .time_ns = 15 }, CLD_EXITED, 3, "" },
	{ "another signal",
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV, .time_ns = 15 },
	  CLD_KILLED,
	  SIGABRT,
	  "Its record says signal (SIGSEGV); the kernel says: it was ended by SIGABRT." },
	{ "no signal of that number",
	  { .kind = CRASH_KIND_SIGNAL, .signal = 4000000000, .time_ns = 15 },
	  CLD_KILLED,
	  SIGABRT,
	  "a signal that there is not" },
	{ "oom that exits",
	  { .kind = CRASH_KIND_OUT_OF_MEMORY, .time_ns = 15 },
	  CLD_EXITED,
	  0,
	  "it exited with code 0" },
	{ "another code",
	  { .kind = CRASH_KIND_FAULT_EXIT, .code = 3, .time_ns = 15 },
	  CLD_EXITED,
	  4,
	  "code 3" },
	{ "an exit that was a signal",
	  { .kind = CRASH_KIND_BAD_MESSAGE, .reason = 1, .time_ns = 15 },
	  CLD_KILLED,
	  SIGSEGV,
	  "bad_message (an exit)" },
	{ "no such reason",
	  { .kind = CRASH_KIND_BAD_MESSAGE, .reason = 999, .time_ns = 15 },
	  CLD_EXITED,
	  1,
	  "reason 999" },
	{ "no such kind", { .kind = 12345 }, CLD_EXITED, 1, "kind 12345" },
	{ "ready, and failed to start",
	  { .kind = CRASH_KIND_START_FAILED, .time_ns = 15 },
	  CLD_EXITED,
	  1,
	  "had reported that it was ready" },
	{ "before it was born",
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV, .time_ns = 5 },
	  CLD_KILLED,
	  SIGSEGV,
	  "before the process was started" },
	{ "after it was dead",
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV, .time_ns = 25 },
	  CLD_KILLED,
	  SIGSEGV,
	  "after the process was known to be dead" },
	{ "more frames than there can be",
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV, .time_ns = 15, .nframes = 65 },
	  CLD_KILLED,
	  SIGSEGV,
	  "65 frames" },
	{ "more registers than there can be",
	  { .kind = CRASH_KIND_SIGNAL, .signal = SIGSEGV, .time_ns = 15, .nregisters = UINT32_MAX },
	  CLD_KILLED,
	  SIGSEGV,
	  "registers" },
	{ "violation by another signal",
	  { .kind = CRASH_KIND_VIOLATION, .signal = SIGSEGV, .time_ns = 15 },
	  CLD_KILLED,
	  SIGSEGV,
	  "a violation without its signal" },
};

static bool says(const cJSON *list, const char *words)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, list) if (strstr(item->valuestring, words)) return true;
	return false;
}

static void lies_are_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof tales / sizeof *tales; i++) {
		struct crash_claims claims = { .how = tales[i].how,
					       .status = tales[i].status,
					       .was_ready = true,
					       .started_ns = 10,
					       .died_ns = 20 };
		memcpy(&claims.record, &tales[i].record, sizeof claims.record);
		cJSON *list = crash_claims_contradictions(&claims), *claim = crash_claims_json(&claims);
		uint64_t frames[CRASH_FRAMES];

		if (!tales[i].contradiction[0] ? list != NULL : !says(list, tales[i].contradiction))
			fail_msg("%s: %s", tales[i].name, cJSON_PrintUnformatted(list));
		assert_true(crash_claims_frames(&claims, frames) <= CRASH_FRAMES);
		assert_true(!claim == (tales[i].record.kind == CRASH_KIND_NONE));
		cJSON_Delete(list);
		cJSON_Delete(claim);
	}
}

static void no_password_stays(void **state)
{
	static const char *const pairs[][2] = {
		{ "https://me:secret@host/a@b", "https://host/a@b" },
		{ "see http://u@h and ftp://a:b@c?d", "see http://h and ftp://c?d" },
		{ "https://me:a@b@host:8/x", "https://host:8/x" },
		{ "https://host/?mail=a@b", "https://host/?mail=a@b" },
		{ "https://me:se cret\"<@host/ x@y", "https://host/ x@y" },
		{ "see http://a and write to me@host", "see http://a and write to me@host" },
		{ "://@", "://" },
		{ "mail me@host", "mail me@host" },
		{ "https://", "https://" },
		{ "https://me:p@host/?token=abc&x=y", "https://host/?token=***&x=y" },
		{ "Cookie: a=b", "Cookie: ***" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		cJSON *outer = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(outer, "list");

		cJSON_AddItemToArray(list, cJSON_CreateString(pairs[i][0]));
		crash_facts_hide_secrets(outer);
		assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(list, 0)), pairs[i][1]);
		cJSON_Delete(outer);
	}
}

/* Modules and symbols: of this test itself. */

static inline __attribute__((always_inline)) uintptr_t inlined_here(void)
{
	uintptr_t here;

	__asm__ volatile("lea -4(%%rip), %0" : "=r"(here));
	return here;
}

__attribute__((noinline)) static uintptr_t address_in_a_function(void)
{
	return inlined_here();
}

static void addresses_have_names(void **state)
{
	uintptr_t address = address_in_a_function();
	struct symbol found[SYMBOL_INLINED];
	struct symbols *symbols = symbols_create();
	const struct module *m;
	struct module_map map;

	(void)state;
	assert_true(module_map_read(getpid(), &map));
	assert_false(map.claimed);
	m = module_map_find(&map, address);
	assert_non_null(m);
	assert_string_equal(m->name, "test_browser_crash_parts");
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	/* Twice: the second time it is open already. Then once more, from the beginning. */
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(symbols_find(symbols, fd, true, address - m->base, found), 2);
		assert_string_equal(found[0].function, "inlined_here");
		assert_true(found[0].inlined);
		assert_string_equal(found[1].function, "address_in_a_function");
		assert_string_equal(found[1].file, "tests/browser/test_crash_parts.c");
		assert_true(found[0].line > 0 && found[1].line > found[0].line);
		if (i == 1)
			symbols_rest(symbols);
	}
	assert_int_equal(symbols_find(symbols, fd, true, UINT64_MAX, found), 0);
	close(fd);
	assert_int_equal(symbols_find(symbols, -1, true, 0, found), 0);
	fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_int_equal(symbols_find(symbols, fd, true, 0, found), 0);
	close(fd);
	symbols_destroy(symbols);
}

static void only_own_libraries_are_opened(void **state)
{
	static const char *const others[] = { "",
					      "passwd",
					      "libc.so.6/../../etc/passwd",
					      "/etc/passwd",
					      "..",
					      "test_browser_crash_parts",
					      "libnothing.so.1" };
	int fd = symbols_open_library("libc.so.6");

	(void)state;
	assert_true(fd != -1);
	close(fd);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		assert_int_equal(symbols_open_library(others[i]), -1);
}

static void a_claimed_map_is_marked(void **state)
{
	struct crash_module claimed[CRASH_MODULES] = {
		{ 100, 200, "" },
		{ 300, 250, "backwards" },
		{ UINT64_MAX - 1, UINT64_MAX, "../../etc/passwd" },
	};
	struct module_map map;

	(void)state;
	memset(claimed[3].name, 'x', CRASH_MODULE_NAME);
	claimed[3].end = 50;
	module_map_claimed(claimed, &map);
	assert_true(map.claimed);
	assert_int_equal(map.count, 3);
	assert_string_equal(module_map_find(&map, 150)->name, "");
	assert_null(module_map_find(&map, 275));
	assert_int_equal(strlen(module_map_find(&map, 10)->name), CRASH_MODULE_NAME);
	assert_null(module_map_find(&map, UINT64_MAX));
	for (unsigned i = 0; i < CRASH_MODULES; i++)
		claimed[i] = (struct crash_module){ i, i + 1, "" };
	module_map_claimed(claimed, &map);
	assert_int_equal(map.count, CRASH_MODULES);
}

/* As words, on a page. */
static void check_words(const char *json, const char *wanted)
{
	cJSON *object = cJSON_Parse(json);
	struct text out = { 0 };

	assert_non_null(object);
	crash_add_keyed(&out, object->child);
	for (char *at = out.data; (at = strstr(at, "&nbsp;"));)
		memmove(at, at + 6, strlen(at + 6) + 1);
	assert_string_equal(out.data, wanted);
	text_finish(&out);
	cJSON_Delete(object);
}

static void test_values_become_words(void **state)
{
	(void)state;
	check_words("{\"ts_us\":1795240499123456}", "<div>ts us 1795240499123456</div>\n");
	check_words("{\"known_after_crash_ms\":0.2371}", "<div>known after crash 0.237 ms</div>\n");
	check_words("{\"uptime_us\":231755000}", "<div>uptime 3 min 51 s</div>\n");
	check_words("{\"uptime_us\":7500000000}", "<div>uptime 2 h 5 min</div>\n");
	check_words("{\"share\":0.5}", "<div>share 0.5</div>\n");
	check_words("{\"tabs\":[1,2]}", "<div>tabs 1, 2</div>\n");
	check_words("{\"lived\":[{\"process\":\"gpu:1\",\"ms\":2}]}", "<div>lived gpu:1 2.0 ms</div>\n");
	check_words("{\"<b>\":\"<i>\"}", "<div>&lt;b&gt; &lt;i&gt;</div>\n");
	check_words("{\"where\":\"a function of a long name at common/fault_memory.c:23\"}",
		    "<div>where</div><dd>a function of a long name at common/fault_memory.c:23</dd>\n");
}

static void test_cut_text_has_whole_characters(void **state)
{
	struct text out = { 0 };

	(void)state;
	crash_add_cut(&out, "gr\u00fc\u00dfe", 5);
	assert_string_equal(out.data, "gr\u00fc\u2026");
	text_finish(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_become_words),
		cmocka_unit_test(test_cut_text_has_whole_characters),
		cmocka_unit_test_setup_teardown(a_report_comes_back, make_home, remove_home),
		cmocka_unit_test_setup_teardown(the_number_is_bounded, make_home, remove_home),
		cmocka_unit_test_setup_teardown(the_bytes_are_bounded, make_home, remove_home),
		cmocka_unit_test_setup_teardown(what_is_no_report_is_left_alone, make_home, remove_home),
		cmocka_unit_test_setup_teardown(only_ids_are_ids, make_home, remove_home),
		cmocka_unit_test_setup_teardown(damaged_files_are_said, make_home, remove_home),
		cmocka_unit_test(lies_are_seen),
		cmocka_unit_test(no_password_stays),
#ifdef __x86_64__
		cmocka_unit_test(addresses_have_names),
#endif
		cmocka_unit_test(only_own_libraries_are_opened),
		cmocka_unit_test(a_claimed_map_is_marked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
