/* See compare.h: the runs side by side. A figure that a run did not report is a dash. */
#include "browser/fault/scenario/compare.h"
#include "common/utf8.h"
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_COLUMNS 26
#define CELL_COLUMNS  25
#define CELL_BYTES    400

typedef void cell_fn(const cJSON *of, char cell[CELL_BYTES]);

/* Of an object's member, such as "total.lost". NULL: there is none. */
static const cJSON *member(const cJSON *of, const char *path)
{
	char name[40];

	while (of && *path) {
		size_t length = strcspn(path, ".");

		snprintf(name, sizeof name, "%.*s", (int)length, path);
		of = cJSON_GetObjectItemCaseSensitive(of, name);
		path += length + (path[length] == '.');
	}
	return of;
}

static bool number(const cJSON *of, const char *path, double *out)
{
	const cJSON *item = member(of, path);

	*out = cJSON_IsNumber(item) ? item->valuedouble : 0;
	return cJSON_IsNumber(item);
}

static void put_count(const cJSON *of, const char *path, char cell[CELL_BYTES])
{
	double n;

	if (number(of, path, &n))
		snprintf(cell, CELL_BYTES, "%.0f", n);
}

static void put_ms(const cJSON *of, const char *path, char cell[CELL_BYTES])
{
	double ms;

	if (number(of, path, &ms))
		snprintf(cell, CELL_BYTES, ms < 10 ? "%.2f ms" : "%.1f ms", ms);
}

/* Of the whole run. */

static void cell_tabs(const cJSON *of, char cell[CELL_BYTES])
{
	put_count(of, "loaded.tabs", cell);
}

static void cell_renderers(const cJSON *of, char cell[CELL_BYTES])
{
	double all, spares;

	if (!number(of, "loaded.renderers", &all) || !number(of, "loaded.spares", &spares))
		return;
	snprintf(cell, CELL_BYTES, spares > 0 ? "%.0f, and %.0f spare" : "%.0f", all - spares, spares);
}

static void put_memory(const cJSON *of, const char *children, const char *browser, char cell[CELL_BYTES])
{
	double a, b;

	if (number(of, children, &a) && number(of, browser, &b))
		snprintf(cell, CELL_BYTES, "%.1f MB", (a + b) / 1e6);
}

static void cell_pss(const cJSON *of, char cell[CELL_BYTES])
{
	put_memory(of, "loaded.pss_bytes", "loaded.browser_pss_bytes", cell);
}

static void cell_private(const cJSON *of, char cell[CELL_BYTES])
{
	put_memory(of, "loaded.private_bytes", "loaded.browser_private_bytes", cell);
}

static void cell_start(const cJSON *of, char cell[CELL_BYTES])
{
	double ms, started;

	if (number(of, "total.start_ms", &ms) && number(of, "total.started", &started))
		snprintf(cell, CELL_BYTES, "%.2f ms, %.0f started", ms, started);
}

static void cell_took(const cJSON *of, char cell[CELL_BYTES])
{
	put_ms(of, "took_ms", cell);
}

static void cell_deaths(const cJSON *of, char cell[CELL_BYTES])
{
	put_count(of, "total.deaths", cell);
}

static void cell_died(const cJSON *of, char cell[CELL_BYTES])
{
	double died, tabs;

	if (number(of, "total.tabs_died", &died) && number(of, "total.tabs", &tabs))
		snprintf(cell, CELL_BYTES, "%.0f of %.0f", died, tabs);
}

static void cell_lost(const cJSON *of, char cell[CELL_BYTES])
{
	put_count(of, "total.lost", cell);
}

static void cell_requests(const cJSON *of, char cell[CELL_BYTES])
{
	put_count(of, "total.requests_failed", cell);
}

static void cell_known(const cJSON *of, char cell[CELL_BYTES])
{
	put_ms(of, "total.known_after_order_ms", cell);
}

static void cell_shown(const cJSON *of, char cell[CELL_BYTES])
{
	put_ms(of, "total.shown_ms", cell);
}

static void cell_recovered(const cJSON *of, char cell[CELL_BYTES])
{
	put_ms(of, "total.recovered_ms", cell);
}

/* "all 10 held", or "2 of 10 failed: 13, 30". */
static void cell_expectations(const cJSON *of, char cell[CELL_BYTES])
{
	const cJSON *step;
	unsigned n = 0, failed = 0, expected = 0;
	char list[CELL_BYTES - 40] = "";
	size_t length = 0;

	cJSON_ArrayForEach(step, member(of, "steps"))
	{
		const char *kind = cJSON_GetStringValue(member(step, "step"));

		n++;
		if (!kind || strcmp(kind, "expect") || !cJSON_IsTrue(member(step, "done")))
			continue;
		expected++;
		if (cJSON_IsTrue(member(step, "ok")))
			continue;
		if (length + 16 < sizeof list)
			length += (size_t)snprintf(list + length, sizeof list - length,
						   failed ? ", %u" : "%u", n);
		failed++;
	}
	if (failed)
		snprintf(cell, CELL_BYTES, "%u of %u failed: %s", failed, expected, list);
	else if (expected)
		snprintf(cell, CELL_BYTES, "all %u held", expected);
}

struct row {
	const char *label;
	cell_fn *cell;
};

static const struct row rows_before[] = {
	{ "tabs", cell_tabs },
	{ "renderers", cell_renderers },
	{ "memory, proportional", cell_pss },
	{ "memory, private", cell_private },
	{ "start of a process", cell_start },
};

static const struct row rows_after[] = {
	{ "processes that died", cell_deaths },
	{ "tabs that died", cell_died },
	{ "messages lost", cell_lost },
	{ "requests failed", cell_requests },
	{ "known after, at most", cell_known },
	{ "shown after, at most", cell_shown },
	{ "recovered in, at most", cell_recovered },
	{ "expectations", cell_expectations },
	{ "took", cell_took },
};

/* Of one injection, which got its blast as member "is". */

/* "2: news, clock": the tabs for which it holds. */
static void put_tabs(const cJSON *of, const char *flag, char cell[CELL_BYTES])
{
	const cJSON *tab;
	unsigned n = 0;
	char names[CELL_BYTES - 20] = "";
	size_t length = 0;

	cJSON_ArrayForEach(tab, member(of, "tabs"))
	{
		const char *name = cJSON_GetStringValue(member(tab, "tab"));

		if (!cJSON_IsTrue(member(tab, flag)))
			continue;
		if (name && length + strlen(name) + 3 < sizeof names)
			length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
						   n ? ", " : "", name);
		n++;
	}
	snprintf(cell, CELL_BYTES, n ? "%u: %s" : "%u", n, names);
}

static void cell_end(const cJSON *of, char cell[CELL_BYTES])
{
	const char *end = cJSON_GetStringValue(member(of, "end"));
	const char *victim = cJSON_GetStringValue(member(of, "victim"));

	if (end && victim)
		snprintf(cell, CELL_BYTES, "%s: %s", victim, end);
}

static void cell_tabs_harmed(const cJSON *of, char cell[CELL_BYTES])
{
	put_tabs(of, "harmed", cell);
}

static void cell_tabs_alive(const cJSON *of, char cell[CELL_BYTES])
{
	put_tabs(of, "alive", cell);
}

static void cell_blast_lost(const cJSON *of, char cell[CELL_BYTES])
{
	put_count(of, "is.lost", cell);
}

static void cell_blast_requests(const cJSON *of, char cell[CELL_BYTES])
{
	put_count(of, "is.requests_failed", cell);
}

static void cell_blast_known(const cJSON *of, char cell[CELL_BYTES])
{
	put_ms(of, "is.known_after_order_ms", cell);
}

static void cell_blast_answered(const cJSON *of, char cell[CELL_BYTES])
{
	put_ms(of, "is.answered_ms", cell);
}

static void cell_blast_recovered(const cJSON *of, char cell[CELL_BYTES])
{
	put_ms(of, "is.recovered_ms", cell);
}

static const struct row rows_injection[] = {
	{ "  came of it", cell_end },
	{ "  tabs that sank", cell_tabs_harmed },
	{ "  tabs that float", cell_tabs_alive },
	{ "  messages lost", cell_blast_lost },
	{ "  requests failed", cell_blast_requests },
	{ "  known after", cell_blast_known },
	{ "  others answered in", cell_blast_answered },
	{ "  recovered in", cell_blast_recovered },
};

/* Printing. */

struct character {
	unsigned bytes, width;
	bool shown; /* else a ? stands for it: names and words may come from pages */
	bool blank;
};

static struct character character_at(const char *text, size_t left)
{
	uint32_t code_point;
	unsigned bytes = utf8_decode(text, left, &code_point);
	int width = utf8_is_control(code_point) ? -1 : utf8_width(code_point);

	return (struct character){ bytes, width < 0 ? 1 : (unsigned)width, width >= 0, code_point == ' ' };
}

/* Returns how many columns it took. */
static unsigned print_bytes(const char *text, size_t left)
{
	unsigned used = 0;

	while (left) {
		struct character c = character_at(text, left);

		fwrite(c.shown ? text : "?", 1, c.shown ? c.bytes : 1, stdout);
		used += c.width;
		text += c.bytes;
		left -= c.bytes;
	}
	return used;
}

static void print_text(const char *text)
{
	print_bytes(text, strlen(text));
}

/* How much of the text fits into so many columns: up to a blank, if there is one. Something always does. */
static size_t fit(const char *text, unsigned columns)
{
	size_t length = strlen(text), at = 0, blank = 0;
	unsigned used = 0;

	while (at < length) {
		struct character c = character_at(text + at, length - at);

		if (at && used + c.width > columns)
			return blank ? blank : at;
		used += c.width;
		at += c.bytes;
		blank = c.blank ? at : blank;
	}
	return length;
}

/* The next line of the text in a column of that width, one column of it left free. Returns the rest. */
static const char *print_padded(const char *text, unsigned columns)
{
	size_t bytes = fit(text, columns - 1);
	unsigned used = print_bytes(text, bytes);

	printf("%*s", used < columns ? (int)(columns - used) : 0, "");
	return text + bytes;
}

/* As many lines as the longest of the cells needs. */
static void print_cells(const char *label, char cells[][CELL_BYTES], unsigned count)
{
	const char *rest[PROCESS_MODEL_COUNT];
	bool more;

	for (unsigned i = 0; i < count; i++)
		rest[i] = cells[i];
	do {
		label = print_padded(label, LABEL_COLUMNS);
		more = *label != '\0';
		for (unsigned i = 0; i < count; i++) {
			rest[i] = print_padded(rest[i], CELL_COLUMNS);
			more |= *rest[i] != '\0';
		}
		putchar('\n');
	} while (more);
}

static void print_row(const struct row *row, const cJSON *const *of, unsigned count)
{
	char cells[PROCESS_MODEL_COUNT][CELL_BYTES] = { "" };
	bool some = false;

	for (unsigned i = 0; i < count; i++) {
		if (of[i])
			row->cell(of[i], cells[i]);
		some |= cells[i][0] != '\0';
	}
	if (!some)
		return;
	for (unsigned i = 0; i < count; i++)
		if (!cells[i][0])
			strcpy(cells[i], "-");
	print_cells(row->label, cells, count);
}

#define PRINT_ROWS(rows, of, count)                                                                          \
	for (size_t row = 0; row < sizeof(rows) / sizeof *(rows); row++)                                     \
	print_row(&(rows)[row], of, count)

/* The n-th injection of a run, with its blast beside it. NULL: it did not come to that. */
static cJSON *injection_of(const struct comparison *run, int n)
{
	const cJSON *blast;
	cJSON *injection = cJSON_GetArrayItem(cJSON_GetObjectItem(run->report, "injections"), n);
	double wanted, found;

	if (!injection || !number(injection, "blast", &wanted) || wanted < 1)
		return injection;
	cJSON_ArrayForEach(blast, member(run->report, "blasts"))
	{
		if (number(blast, "blast", &found) && found == wanted)
			cJSON_AddItemReferenceToObject(injection, "is", (cJSON *)(uintptr_t)blast);
	}
	return injection;
}

static bool print_injection(const struct comparison *runs, unsigned count, int n)
{
	const cJSON *of[PROCESS_MODEL_COUNT] = { NULL }, *any = NULL;
	double step;

	for (unsigned i = 0; i < count; i++) {
		of[i] = injection_of(&runs[i], n);
		any = any ? any : of[i];
	}
	if (!any)
		return false;
	const char *order = cJSON_GetStringValue(member(any, "order"));
	const char *into = cJSON_GetStringValue(member(any, "into"));

	number(any, "step", &step);
	printf("\nstep %.0f: ", step);
	print_text(order ? order : "?");
	fputs(into && into[0] ? " into " : "", stdout);
	print_text(into ? into : "");
	putchar('\n');
	PRINT_ROWS(rows_injection, of, count);
	return true;
}

static void print_head(const struct comparison *runs, unsigned count)
{
	char cells[PROCESS_MODEL_COUNT][CELL_BYTES];

	fputs("\n\n", stdout);
	for (unsigned i = 0; i < count; i++)
		snprintf(cells[i], CELL_BYTES, "%s", process_model_names[runs[i].model]);
	print_cells("process model", cells, count);
	for (unsigned i = 0; i < count; i++)
		snprintf(cells[i], CELL_BYTES, runs[i].finished ? "yes" : "NO: %s", runs[i].why);
	print_cells("ran to its end", cells, count);
}

void compare_print(const struct comparison *runs, unsigned count)
{
	const cJSON *reports[PROCESS_MODEL_COUNT];
	const char *name = NULL;

	for (unsigned i = 0; i < count; i++) {
		reports[i] = runs[i].report;
		if (!name)
			name = cJSON_GetStringValue(member(reports[i], "scenario"));
	}
	print_text(name && name[0] ? name : "Scenario");
	print_head(runs, count);
	PRINT_ROWS(rows_before, reports, count);
	for (int n = 0; print_injection(runs, count, n); n++)
		;
	puts("\nin all");
	PRINT_ROWS(rows_after, reports, count);
	putchar('\n');
	for (unsigned i = 0; i < count; i++) {
		if (runs[i].finished)
			continue;
		printf("%s could not finish: ", process_model_names[runs[i].model]);
		print_text(runs[i].why);
		putchar('\n');
	}
	puts("Expectations are what is compared: the exit status only tells whether each ran to its end.");
}

void compare_print_json(const struct comparison *runs, unsigned count)
{
	cJSON *o = cJSON_CreateObject(), *models = cJSON_AddArrayToObject(o, "models");
	bool all = true;
	char *text;

	for (unsigned i = 0; i < count; i++) {
		cJSON *run = cJSON_CreateObject();

		all &= runs[i].finished;
		cJSON_AddStringToObject(run, "process_model", process_model_names[runs[i].model]);
		cJSON_AddBoolToObject(run, "finished", runs[i].finished);
		if (!runs[i].finished)
			cJSON_AddStringToObject(run, "why", runs[i].why);
		if (runs[i].log[0])
			cJSON_AddStringToObject(run, "log", runs[i].log);
		if (runs[i].report)
			cJSON_AddItemReferenceToObject(run, "report", runs[i].report);
		cJSON_AddItemToArray(models, run);
	}
	cJSON_AddBoolToObject(o, "finished", all);
	text = cJSON_Print(o);
	puts(text ? text : "{}");
	free(text);
	cJSON_Delete(o);
}
