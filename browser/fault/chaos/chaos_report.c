/*
 * See chaos.h: the report, for people and as JSON. The JSON holds all that is needed to play the same draws
 * again, and is read for that by chaos_replay.c.
 */
#include "browser/browser.h"
#include "browser/fault/chaos/chaos.h"
#include "common/format.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* How long it opened tabs, and drew. */
struct times {
	uint64_t open_ns, draw_ns;
};

static struct times chaos_times(const struct chaos *c)
{
	return (struct times){ .open_ns = c->opened_ns ? c->opened_ns - c->began_ns : 0,
			       .draw_ns = c->drawn_ns ? c->drawn_ns - c->opened_ns : 0 };
}

/* JSON. */

static cJSON *strike_json(const struct chaos *c, const struct strike *s)
{
	cJSON *json = cJSON_CreateObject();
	uint64_t at_ms = (s->drawn_ns - c->began_ns) / 1000000;
	char name[ENDPOINT_TEXT];

	cJSON_AddNumberToObject(json, "step", s->draw.step);
	cJSON_AddStringToObject(json, "order", s->draw.text);
	if (s->draw.lasts_ms)
		cJSON_AddNumberToObject(json, "lasts_ms", s->draw.lasts_ms);
	cJSON_AddNumberToObject(json, "at_ms", (double)at_ms);
	if (s->victim.serial) {
		cJSON_AddStringToObject(json, "hit", endpoint_text(s->victim, name));
		cJSON_AddNumberToObject(json, "pid", s->pid);
	}
	cJSON_AddStringToObject(json, "outcome", strike_outcome_names[s->outcome]);
	if (s->words[0])
		cJSON_AddStringToObject(json, "what", s->words);
	if (s->detected_ms >= 0)
		cJSON_AddNumberToObject(json, "detected_ms", s->detected_ms);
	return json;
}

static cJSON *settings_json(const struct chaos *c)
{
	const struct chaos_settings *set = &c->settings;
	cJSON *json = cJSON_CreateObject();

	cJSON_AddNumberToObject(json, "tabs", set->tabs);
	cJSON_AddNumberToObject(json, "for_ms", set->for_ms);
	cJSON_AddNumberToObject(json, "bound_ms", set->bound_ms);
	cJSON_AddNumberToObject(json, "pace_ms", set->pace_ms);
	cJSON_AddStringToObject(json, "process_model", process_model_names[set->process_model]);
	if (set->nurls)
		cJSON_AddItemToObject(json, "urls", cJSON_CreateStringArray(set->urls, (int)set->nurls));
	return json;
}

static cJSON *failures_json(const struct chaos *c)
{
	cJSON *list = cJSON_CreateArray();

	for (unsigned i = 0; i < c->nfailures; i++) {
		const struct chaos_failure *f = &c->failures[i];
		cJSON *json = cJSON_CreateObject();

		cJSON_AddStringToObject(json, "invariant", chaos_invariant_names[f->invariant]);
		cJSON_AddNumberToObject(json, "step", f->step);
		cJSON_AddNumberToObject(json, "at_ms", f->at_ms);
		cJSON_AddStringToObject(json, "what", f->what);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

static cJSON *invariants_json(const struct chaos *c)
{
	cJSON *list = cJSON_CreateArray();
	char figures[200];
	const char *why;

	for (unsigned i = 0; i < CHAOS_INVARIANTS; i++) {
		cJSON *json = cJSON_CreateObject();

		cJSON_AddStringToObject(json, "name", chaos_invariant_names[i]);
		cJSON_AddBoolToObject(json, "checked", chaos_checked(c, i, &why));
		cJSON_AddBoolToObject(json, "held", !c->broken[i] && chaos_checked(c, i, &why));
		cJSON_AddNumberToObject(json, "broken", c->broken[i]);
		cJSON_AddStringToObject(json, "figures", chaos_figures(c, i, figures, sizeof figures));
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

static cJSON *stocks_json(const struct chaos *c)
{
	cJSON *list = cJSON_CreateArray();

	for (unsigned i = 0; i < c->nstocks; i++) {
		const struct chaos_stock *s = &c->stocks[i];
		cJSON *json = cJSON_CreateObject();

		cJSON_AddNumberToObject(json, "step", s->step);
		cJSON_AddNumberToObject(json, "at_ms", s->at_ms);
		cJSON_AddNumberToObject(json, "processes", s->processes);
		cJSON_AddNumberToObject(json, "descriptors", s->fds);
		cJSON_AddNumberToObject(json, "regions", s->regions);
		cJSON_AddNumberToObject(json, "gpu_descriptors", s->gpu_fds);
		cJSON_AddNumberToObject(json, "plugin_descriptors", s->plugin_fds);
		cJSON_AddNumberToObject(json, "resident_bytes", (double)s->resident);
		cJSON_AddNumberToObject(json, "heap_bytes", (double)s->heap);
		cJSON_AddNumberToObject(json, "history_bytes", (double)s->history);
		cJSON_AddItemToArray(list, json);
	}
	return list;
}

char *chaos_json(const struct chaos *c, const char *state)
{
	cJSON *json = cJSON_CreateObject(), *draws = cJSON_CreateArray();
	struct times times = chaos_times(c);
	char seed[24], *text;

	snprintf(seed, sizeof seed, "%llu", (unsigned long long)c->settings.seed);
	cJSON_AddNumberToObject(json, "chaos", CHAOS_REPORT_VERSION);
	cJSON_AddStringToObject(json, "state", state);
	cJSON_AddBoolToObject(json, "held", chaos_held(c));
	cJSON_AddStringToObject(json, "seed", seed);
	if (c->script.count)
		cJSON_AddStringToObject(json, "replay_of", c->script.from);
	cJSON_AddItemToObject(json, "options", settings_json(c));
	cJSON_AddNumberToObject(json, "took_ms", chaos_ms(c));
	cJSON_AddNumberToObject(json, "opened_ms", (double)times.open_ns / 1e6);
	cJSON_AddNumberToObject(json, "drew_ms", (double)times.draw_ns / 1e6);
	if (c->log.read) {
		cJSON_AddStringToObject(json, "log", c->log.path);
		cJSON_AddNumberToObject(json, "log_lines", (double)c->log.lines);
	}
	cJSON_AddItemToObject(json, "invariants", invariants_json(c));
	cJSON_AddItemToObject(json, "failures", failures_json(c));
	for (unsigned i = 0; i < c->nstrikes; i++)
		cJSON_AddItemToArray(draws, strike_json(c, &c->strikes[i]));
	cJSON_AddItemToObject(json, "draws", draws);
	cJSON_AddItemToObject(json, "quiet_points", stocks_json(c));
	text = cJSON_Print(json);
	cJSON_Delete(json);
	return text;
}

static bool write_all(int fd, const char *text, size_t length)
{
	while (length) {
		ssize_t n = write(fd, text, length);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		text += n;
		length -= (size_t)n;
	}
	return true;
}

static bool write_file(const char *json, const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | flags, 0600), error;
	bool fine;

	if (fd == -1)
		return false;
	fine = write_all(fd, json, strlen(json)) && write_all(fd, "\n", 1);
	error = errno;
	if (close(fd) == -1 && fine)
		return false;
	errno = error;
	return fine;
}

/* In one step, so that there is always a whole one; what is no file, such as a pipe, is written to. */
bool chaos_write(const char *json, const char *path)
{
	char part[PATH_MAX];
	struct stat st;
	int error;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		return write_file(json, path, 0);
	if ((size_t)snprintf(part, sizeof part, "%s.part", path) >= sizeof part) {
		errno = ENAMETOOLONG;
		return false;
	}
	unlink(part);
	if (write_file(json, part, O_CREAT | O_EXCL) && rename(part, path) == 0)
		return true;
	error = errno;
	unlink(part);
	errno = error;
	return false;
}

/* For people. */

static int compare_us(const void *a, const void *b)
{
	const uint32_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static double percentile(const struct chaos *c, unsigned percent)
{
	uint64_t at = c->npings ? (uint64_t)(c->npings - 1) * percent / 100 : 0;

	return c->npings ? c->pings_us[at] / 1e3 : 0;
}

static void figure_answers(const struct chaos *c, char *buf, size_t capacity)
{
	char name[ENDPOINT_TEXT];

	if (c->npings)
		qsort(c->pings_us, c->npings, sizeof *c->pings_us, compare_us);
	snprintf(buf, capacity, "%u pings: p50 %.2f ms, p99 %.2f ms, slowest %.2f ms (%s); bound %u ms",
		 c->npings, percentile(c, 50), percentile(c, 99), c->slowest_us / 1e3,
		 endpoint_text(c->slowest, name), c->settings.bound_ms);
}

static void figure_loop(const struct chaos *c, char *buf, size_t capacity)
{
	snprintf(buf, capacity, "%u turns, the longest %.1f ms", c->turns, c->held_us / 1e3);
}

static void figure_ends(const struct chaos *c, char *buf, size_t capacity)
{
	unsigned counts[STRIKE_OUTCOMES] = { 0 };
	struct format out = format_into(buf, capacity);

	for (unsigned i = 0; i < c->nstrikes; i++)
		counts[c->strikes[i].outcome]++;
	format_printf(&out, "%u draws:", c->nstrikes);
	for (unsigned i = 0; i < STRIKE_OUTCOMES; i++)
		if (counts[i])
			format_printf(&out, " %u %s", counts[i], strike_outcome_names[i]);
}

static void figure_deaths(const struct chaos *c, char *buf, size_t capacity)
{
	struct format out = format_into(buf, capacity);

	format_printf(&out, "%u processes, %u deaths:", HASH_COUNT(c->processes), c->deaths);
	for (unsigned i = 0; i < TERMINATION_STATUS_COUNT; i++)
		if (c->ends[i] && i != TERMINATION_STATUS_NORMAL)
			format_printf(&out, " %u %s", c->ends[i], termination_status_names[i]);
}

static void figure_tabs(const struct chaos *c, char *buf, size_t capacity)
{
	snprintf(buf, capacity, "%u tabs, at %u quiet points", c->settings.tabs, c->nstocks);
}

static const struct chaos_stock *last_stock(const struct chaos *c)
{
	static const struct chaos_stock none;

	return c->nstocks ? &c->stocks[c->nstocks - 1] : &none;
}

static void figure_fds(const struct chaos *c, char *buf, size_t capacity)
{
	snprintf(buf, capacity, "%u at the first quiet point, %u at the last",
		 c->nstocks ? c->stocks[0].fds : 0, last_stock(c)->fds);
}

static void figure_regions(const struct chaos *c, char *buf, size_t capacity)
{
	snprintf(buf, capacity, "%u mapped at the first, %u at the last",
		 c->nstocks ? c->stocks[0].regions : 0, last_stock(c)->regions);
}

static void figure_child_fds(const struct chaos *c, char *buf, size_t capacity)
{
	const struct chaos_stock *s = last_stock(c);

	snprintf(buf, capacity, "GPU process %u, plugins %u", s->gpu_fds, s->plugin_fds);
}

static void figure_zombies(const struct chaos *c, char *buf, size_t capacity)
{
	snprintf(buf, capacity, "looked for %u times", c->looks);
}

static void figure_memory(const struct chaos *c, char *buf, size_t capacity)
{
	const struct chaos_stock *s = last_stock(c);

	snprintf(
		buf, capacity,
		"heap %.1f MiB, of it %.1f MiB of traffic remembered; else %+.0f bytes a draw; resident %.1f MiB",
		(double)s->heap / (1 << 20), (double)s->history / (1 << 20), chaos_growth(c),
		(double)s->resident / (1 << 20));
}

static void figure_log(const struct chaos *c, char *buf, size_t capacity)
{
	snprintf(buf, capacity, "%llu lines, %llu messages, %llu exits, %llu gaps told of floods",
		 (unsigned long long)c->log.lines, (unsigned long long)c->log.messages,
		 (unsigned long long)c->log.exits, (unsigned long long)c->log.gaps);
}

/* What is counted at the first quiet point says nothing before there is another. */
bool chaos_checked(const struct chaos *c, enum chaos_invariant invariant, const char **why)
{
	static const char quiet[] = "no quiet point followed a fault", drawn[] = "nothing was drawn",
			  read[] = "they cannot be read by this user";
	bool again = c->nstocks > 1 && c->nstrikes;
	const struct {
		bool checked;
		const char *why;
	} rows[CHAOS_INVARIANTS] = {
		[CHAOS_ANSWERS] = { c->npings, "no ping was answered" },
		[CHAOS_LOOP] = { c->turns, "it never turned" },
		[CHAOS_ENDS] = { c->nstrikes, drawn },
		[CHAOS_NO_OTHER] = { c->nstrikes, drawn },
		[CHAOS_RECOVERS] = { again, quiet },
		[CHAOS_FDS] = { again, quiet },
		[CHAOS_REGIONS] = { again, quiet },
		[CHAOS_ZOMBIES] = { c->looks, "nobody looked" },
		[CHAOS_CHILD_FDS] = { again && last_stock(c)->gpu_fds, again ? read : quiet },
		[CHAOS_MEMORY] = { c->nstocks >= CHAOS_MEMORY_MIN,
				   "growth is told from noise by six quiet points, which takes a longer run" },
		[CHAOS_LOG] = { c->log.read, "none is kept" },
	};

	*why = rows[invariant].why;
	return rows[invariant].checked || c->broken[invariant];
}

const char *chaos_figures(const struct chaos *c, enum chaos_invariant invariant, char *buf, size_t capacity)
{
	static void (*const figures[CHAOS_INVARIANTS])(const struct chaos *, char *, size_t) = {
		[CHAOS_ANSWERS] = figure_answers,
		[CHAOS_LOOP] = figure_loop,
		[CHAOS_ENDS] = figure_ends,
		[CHAOS_NO_OTHER] = figure_deaths,
		[CHAOS_RECOVERS] = figure_tabs,
		[CHAOS_FDS] = figure_fds,
		[CHAOS_REGIONS] = figure_regions,
		[CHAOS_ZOMBIES] = figure_zombies,
		[CHAOS_CHILD_FDS] = figure_child_fds,
		[CHAOS_MEMORY] = figure_memory,
		[CHAOS_LOG] = figure_log,
	};

	const char *why;

	buf[0] = '\0';
	if (!chaos_checked(c, invariant, &why))
		snprintf(buf, capacity, "%s", why);
	else if (figures[invariant])
		figures[invariant](c, buf, capacity);
	return buf;
}

static void print_draws(const struct chaos *c)
{
	for (unsigned i = 0; i < c->nstrikes; i++) {
		const struct strike *s = &c->strikes[i];
		char name[ENDPOINT_TEXT] = "-";

		if (s->victim.serial)
			endpoint_text(s->victim, name);
		printf("%5u %8.2f s  %-12s %-11s %s", s->draw.step, (double)(s->drawn_ns - c->began_ns) / 1e9,
		       name, strike_outcome_names[s->outcome], s->draw.text);
		if (s->draw.is_toxic)
			printf(", for %u ms", s->draw.lasts_ms);
		printf("%s%s\n", s->words[0] ? ": " : "", s->words);
	}
}

static void print_failures(const struct chaos *c)
{
	unsigned all = 0;

	for (unsigned i = 0; i < CHAOS_INVARIANTS; i++)
		all += c->broken[i];
	if (all)
		printf("\nbroken %u times:\n", all);
	for (unsigned i = 0; i < c->nfailures; i++)
		printf("  step %u, %.2f s: %s: %s\n", c->failures[i].step, c->failures[i].at_ms / 1e3,
		       chaos_invariant_names[c->failures[i].invariant], c->failures[i].what);
}

/* false: it was not checked. */
static bool print_invariant(const struct chaos *c, enum chaos_invariant invariant)
{
	char figures[200];
	const char *why;
	bool checked = chaos_checked(c, invariant, &why);

	printf("%-11s  %s\n             %s\n",
	       c->broken[invariant] ? "BROKEN"
	       : checked	    ? "held"
				    : "not checked",
	       chaos_invariant_names[invariant], chaos_figures(c, invariant, figures, sizeof figures));
	return checked;
}

void chaos_print(const struct chaos *c, const char *report_path)
{
	struct times times = chaos_times(c);
	bool all = true;

	printf("chaos, seed %llu: %u tabs, process model %s%s\n", (unsigned long long)c->settings.seed,
	       c->settings.tabs, process_model_names[c->settings.process_model],
	       c->interrupted ? ", interrupted" : "");
	printf("%.1f s: %.1f s until all tabs stood, %.1f s of draws, then until all was over\n",
	       chaos_ms(c) / 1e3, (double)times.open_ns / 1e9, (double)times.draw_ns / 1e9);
	if (c->script.count)
		printf("the draws of %s again\n", c->script.from);
	puts("");
	print_draws(c);
	puts("");
	for (unsigned i = 0; i < CHAOS_INVARIANTS; i++)
		all &= print_invariant(c, i);
	print_failures(c);
	printf("\n%s", !chaos_held(c) ? "an invariant was broken"
		       : all	      ? "all held"
				      : "all that were checked held");
	if (report_path[0])
		printf("; to see these draws again: bulkhead chaos --replay %s", report_path);
	puts("");
}
