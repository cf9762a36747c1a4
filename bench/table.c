/* The rows as a table for people, and as JSON for machines. Declared in bench.h. */
#include "bench/bench.h"
#include "common/format.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool row_meets_goal(const struct row *r)
{
	switch (r->goal_kind) {
	case GOAL_RATIO_AT_MOST:
		return r->ratio >= 0 && r->ratio <= r->goal;
	case GOAL_AT_MOST:
		return r->ours >= 0 && r->ours <= r->goal;
	case GOAL_AT_LEAST:
		return r->ours >= r->goal;
	default:
		return true;
	}
}

/* Three digits that matter; nothing for what there is none of. */
static const char *number(double value, char buf[16])
{
	if (value < 0)
		snprintf(buf, 16, "%s", "");
	else
		snprintf(buf, 16, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
	return buf;
}

static const char *goal_words(const struct row *r, char buf[32])
{
	static const char *const how[] = { "", "ratio <=", "<=", ">=" };

	if (r->goal_kind == GOAL_NONE)
		return "";
	snprintf(buf, 32, "%s %g%s%s", how[r->goal_kind], r->goal,
		 r->goal_kind == GOAL_RATIO_AT_MOST ? "" : " ",
		 r->goal_kind == GOAL_RATIO_AT_MOST ? "" : r->unit);
	return buf;
}

/* Others that compete for the processors make every figure worse: say so before anyone believes them. */
static void warn_of_load(void)
{
	double load;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (getloadavg(&load, 1) == 1 && load > 0.5 * (double)processors)
		fprintf(stderr,
			"bench: this machine is busy (load %.1f on %ld processors): its figures say little\n",
			load, processors);
}

void table_begin(void)
{
	warn_of_load();
	printf("%-56s %8s %8s %9s %8s %-6s %6s  %-14s %s\n", "measurement (medians)", "ours", "p99",
	       "baseline", "p99", "unit", "ratio", "goal", "met");
}

void table_row(const struct row *r)
{
	char ours[16], p99[16], baseline[16], baseline_p99[16], ratio[16], goal[32];

	printf("%-56s %8s %8s %9s %8s %-6s %6s  %-14s %s\n", r->what, number(r->ours, ours),
	       number(r->ours_p99, p99), number(r->baseline, baseline), number(r->baseline_p99, baseline_p99),
	       r->unit, number(r->ratio, ratio), goal_words(r, goal),
	       r->goal_kind == GOAL_NONE ? ""
	       : row_meets_goal(r)	 ? "yes"
					 : "NO");
	if (r->note[0])
		printf("  %s\n", r->note);
	fflush(stdout);
}

void table_end(const struct row *rows, unsigned count, double seconds)
{
	unsigned goals = 0, met = 0;

	for (unsigned i = 0; i < count; i++) {
		goals += rows[i].goal_kind != GOAL_NONE;
		met += rows[i].goal_kind != GOAL_NONE && row_meets_goal(&rows[i]);
	}
	printf("%u of %u goals met, in %.0f s\n", met, goals, seconds);
}

static void json_number(const char *name, double value)
{
	if (value < 0)
		printf(",\"%s\":null", name);
	else
		printf(",\"%s\":%.6g", name, value);
}

static void json_text(const char *before, const char *text)
{
	char quoted[256];
	struct format out = format_into(quoted, sizeof quoted);

	format_json_string(&out, text, strlen(text));
	printf("%s%s", before, quoted);
}

static void json_row(const struct row *r)
{
	static const char *const kinds[] = { "", "ratio_at_most", "at_most", "at_least" };

	json_text("{\"name\":", r->name);
	json_text(",\"what\":", r->what);
	json_text(",\"unit\":", r->unit);
	json_number("ours", r->ours);
	json_number("ours_p99", r->ours_p99);
	json_number("baseline", r->baseline);
	json_number("baseline_p99", r->baseline_p99);
	json_number("ratio", r->ratio);
	printf(",\"samples\":%u", r->samples);
	if (r->goal_kind != GOAL_NONE)
		printf(",\"goal\":{\"%s\":%g},\"met\":%s", kinds[r->goal_kind], r->goal,
		       row_meets_goal(r) ? "true" : "false");
	if (r->note[0])
		json_text(",\"note\":", r->note);
	printf("}");
}

void table_json(const struct row *rows, unsigned count, double seconds)
{
	printf("{\"seconds\":%.1f,\"rows\":[", seconds);
	for (unsigned i = 0; i < count; i++) {
		printf(i ? ",\n" : "\n");
		json_row(&rows[i]);
	}
	printf("\n]}\n");
}
