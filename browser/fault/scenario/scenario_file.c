/* See scenario.h: reading the steps. What is wrong is said before anything is started. */
#include "browser/fault/scenario/demo_scenario.h"
#include "browser/fault/scenario/scenario_internal.h"
#include "browser/traffic/log/json.h"
#include <cjson/cJSON.h>
#include <libgen.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO_MAX_STEPS 1000
#define WAIT_MS		   10000 /* of one that says nothing else */
#define TRIAL_MS	   30000 /* a hang is known after five seconds, but some get well only later */
#define WITHIN_MAX_MS	   600000

const char *const step_names[STEP_COUNT] = { "open",	"navigate", "wait",   "inject", "disarm", "toxic",
					     "untoxic", "pause",    "expect", "reload", "close" };
#define STEP_NAMES "open, navigate, wait, inject, disarm, toxic, untoxic, pause, expect, reload or close"

/* What else a step must say (tab_key; NULL: nothing), and may say. tab_is_value: its own value is the tab. */
static const struct {
	const char *tab_key;
	bool tab_is_value;
	unsigned within_ms;
	const char *allowed[9];
} step_rules[STEP_COUNT] = {
	[STEP_OPEN] = { "as", false, WAIT_MS, { "as" } },
	[STEP_NAVIGATE] = { "tab", false, WAIT_MS, { "tab" } },
	[STEP_WAIT] = { "tab", false, WAIT_MS, { "tab", "within_ms" } },
	[STEP_INJECT] = { NULL, false, TRIAL_MS, { "into", "as", "within_ms" } },
	[STEP_DISARM] = { NULL, false, 0, { NULL } },
	[STEP_TOXIC] = { NULL, false, 0, { "as" } },
	[STEP_UNTOXIC] = { NULL, false, 0, { NULL } },
	[STEP_PAUSE] = { NULL, false, 0, { NULL } },
	[STEP_EXPECT] = { "of",
			  false,
			  TRIAL_MS,
			  { "of", "signal", "code", "reason", "call", "toxic", "lived", "within_ms" } },
	[STEP_RELOAD] = { NULL, true, WAIT_MS, { "within_ms" } },
	[STEP_CLOSE] = { NULL, true, 0, { NULL } },
};
static const char *const wait_names[WAIT_COUNT] = { "loaded", "sad", "unresponsive" };

/* One step as it is read. */
struct reading {
	struct scenario_error *error;
	const cJSON *object;
	struct step *step;
	unsigned n; /* from 1 */
};

#define WRONG(r, ...) scenario_wrong((r)->error, (r)->step->line, (r)->n, __VA_ARGS__)

static int name_index(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static bool read_text(struct reading *r, const char *key, const char **out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->object, key);

	*out = cJSON_IsString(item) ? item->valuestring : NULL;
	if (!item || (*out && **out))
		return true;
	return WRONG(r, "'%s' is %s: a string was expected", key, *out ? "empty" : "no string");
}

/* A whole number within bounds; absent: *out stays. */
static bool read_number(struct reading *r, const char *key, int least, int most, int *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->object, key);
	double n = cJSON_IsNumber(item) ? item->valuedouble : NAN;

	if (!item)
		return true;
	if (!(n >= least && n <= most) || n != floor(n))
		return WRONG(r, "'%s': a whole number from %d to %d was expected", key, least, most);
	*out = (int)n;
	return true;
}

static bool read_kind(struct reading *r)
{
	int kind = -1;

	if (!cJSON_IsObject(r->object))
		return WRONG(r, "this is no step: an object was expected");
	for (int k = 0; k < STEP_COUNT; k++)
		if (cJSON_GetObjectItemCaseSensitive(r->object, step_names[k]) && k != STEP_TOXIC)
			kind = kind < 0 ? k : STEP_COUNT;
	/* An expectation has a toxic too. */
	if (kind < 0 && cJSON_GetObjectItemCaseSensitive(r->object, "toxic"))
		kind = STEP_TOXIC;
	if (kind >= 0 && kind != STEP_COUNT) {
		r->step->kind = (enum step_kind)kind;
		return true;
	}
	if (kind == STEP_COUNT)
		return WRONG(r, "it would be two steps at once: exactly one was expected of " STEP_NAMES);
	return WRONG(r, "'%.60s' is no step: expected was one of " STEP_NAMES,
		     r->object->child ? r->object->child->string : "");
}

static bool key_is_allowed(const struct step *s, const char *key)
{
	const char *const *allowed = step_rules[s->kind].allowed;

	for (size_t i = 0; allowed[i]; i++)
		if (!strcmp(key, allowed[i]))
			return true;
	return !strcmp(key, step_names[s->kind]);
}

static bool check_keys(struct reading *r)
{
	const char *const *allowed = step_rules[r->step->kind].allowed;
	char list[160] = "nothing else";

	for (const cJSON *item = r->object->child; item; item = item->next) {
		if (key_is_allowed(r->step, item->string))
			continue;
		for (size_t i = 0, n = 0; allowed[i]; i++)
			n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", allowed[i]);
		return WRONG(r, "'%s' knows no '%.60s': expected was %s", step_names[r->step->kind],
			     item->string, list);
	}
	return true;
}

/* With the whole text, which its columns are of. */
static bool wrong_order(struct reading *r, const char *error)
{
	const char *kind = step_names[r->step->kind], *text = r->step->value;

	if (strstr(error, text))
		return WRONG(r, "'%s': %s", kind, error);
	return WRONG(r, "'%s': \"%.200s\": %s", kind, text, error);
}

static bool read_inject(struct reading *r)
{
	struct step *s = r->step;
	char error[CLAUSE_ERROR];

	if (!read_text(r, "into", &s->tab) || !read_text(r, "as", &s->as))
		return false;
	if (!fault_order_parse(s->value, &s->order, error))
		return wrong_order(r, error);
	if (s->tab && *s->order.whom)
		return WRONG(r, "whom is said twice: '%.60s' and '%.60s'", s->order.whom, s->tab);
	if (!s->tab && !*s->order.whom)
		return WRONG(r, "into whom? 'into' was expected: a tab, gpu, plugin or a process such as "
				"renderer:3");
	s->tab = s->tab ? s->tab : s->order.whom;
	if (s->as && s->order.when == FAULT_NOW && s->order.fault->kind != FAULT_CRASH_LOOP)
		return WRONG(r, "'%.60s' is done at once: 'as' names what waits (after 2s, on MESSAGE)",
			     s->value);
	return true;
}

static bool read_toxic(struct reading *r)
{
	char error[CLAUSE_ERROR];

	if (!read_text(r, "as", &r->step->as))
		return false;
	return toxic_order_parse(r->step->value, &r->step->toxic, error) || wrong_order(r, error);
}

static bool read_wait(struct reading *r)
{
	int index = name_index(wait_names, WAIT_COUNT, r->step->value);

	if (index < 0)
		return WRONG(r, "one cannot wait for '%.60s': loaded, sad or unresponsive was expected",
			     r->step->value);
	r->step->wait = (enum step_condition)index;
	return true;
}

static bool signal_exists(const char *name)
{
	for (int signal = 1; signal < NSIG; signal++)
		if (sigabbrev_np(signal) && !strncmp(name, "SIG", 3) &&
		    !strcmp(name + 3, sigabbrev_np(signal)))
			return true;
	return false;
}

/* What only a death has. */
static bool read_details(struct reading *r)
{
	struct expectation *e = &r->step->expected;

	e->code = e->lived = -1;
	if (!read_text(r, "signal", &e->signal) || !read_text(r, "reason", &e->reason) ||
	    !read_text(r, "call", &e->call) || !read_text(r, "toxic", &e->toxic) ||
	    !read_number(r, "code", 0, 255, &e->code) || !read_number(r, "lived", 0, 100000, &e->lived))
		return false;
	if (e->signal && !signal_exists(e->signal))
		return WRONG(r, "there is no signal '%.60s': one such as SIGSEGV was expected", e->signal);
	if (e->reason && name_index(bad_message_names, BAD_MESSAGE_COUNT, e->reason) < 0)
		return WRONG(r,
			     "there is no reason '%.60s': that of a bad message was expected, such as "
			     "unknown_type",
			     e->reason);
	if (e->what != EXPECT_STATUS && (e->signal || e->reason || e->call || e->toxic || e->code >= 0))
		return WRONG(r,
			     "'%s' has no signal, code, reason, call or toxic: only a termination status has",
			     r->step->value);
	return true;
}

static bool read_expect(struct reading *r)
{
	static const char *const plain[] = { "alive", "unresponsive", "recovered" };
	struct expectation *e = &r->step->expected;
	int what = name_index(plain, 3, r->step->value);
	int status = name_index(termination_status_names, TERMINATION_STATUS_COUNT, r->step->value);

	if (what < 0 && (status < 0 || status == TERMINATION_STATUS_STILL_RUNNING))
		return WRONG(
			r,
			"one cannot expect '%.60s': alive, unresponsive, recovered, crashed, killed, oom, "
			"abnormal, normal or launch_failed was expected",
			r->step->value);
	e->what = what < 0 ? EXPECT_STATUS : (enum expected)what;
	e->status = what < 0 ? (enum termination_status)status : TERMINATION_STATUS_STILL_RUNNING;
	return read_details(r);
}

static bool read_pause(struct reading *r)
{
	int ms = -1;

	if (!read_number(r, "pause", 1, WITHIN_MAX_MS, &ms))
		return false;
	r->step->within_ms = (unsigned)ms;
	r->step->value = "";
	return true;
}

/* What the values of some steps mean. */
static bool (*const read_value[STEP_COUNT])(struct reading *) = {
	[STEP_WAIT] = read_wait,   [STEP_INJECT] = read_inject, [STEP_TOXIC] = read_toxic,
	[STEP_PAUSE] = read_pause, [STEP_EXPECT] = read_expect,
};

static bool read_step(struct reading *r)
{
	struct step *s = r->step;
	const char *tab_key;
	int within;

	if (!read_kind(r) || !check_keys(r))
		return false;
	tab_key = step_rules[s->kind].tab_key;
	within = (int)step_rules[s->kind].within_ms;
	if (s->kind != STEP_PAUSE && !read_text(r, step_names[s->kind], &s->value))
		return false;
	if (tab_key && !read_text(r, tab_key, &s->tab))
		return false;
	if (tab_key && !s->tab)
		return WRONG(r, "'%s' is missing: '%s' needs it", tab_key, step_names[s->kind]);
	if (step_rules[s->kind].tab_is_value)
		s->tab = s->value;
	if (!read_number(r, "within_ms", 1, WITHIN_MAX_MS, &within))
		return false;
	s->within_ms = (unsigned)within;
	return !read_value[s->kind] || read_value[s->kind](r);
}

/* Names and texts are shown as they are, and a scenario may be somebody else's: none of them steers a
 * terminal. */
static bool is_clean(const cJSON *item)
{
	for (; item; item = item->next)
		if ((item->string && !json_is_clean(item->string, strlen(item->string))) ||
		    (cJSON_IsString(item) && !json_is_clean(item->valuestring, strlen(item->valuestring))) ||
		    !is_clean(item->child))
			return false;
	return true;
}

static bool read_steps(struct scenario *s, const char *text, struct scenario_error *error)
{
	const cJSON *steps = cJSON_GetObjectItemCaseSensitive(s->json, "steps"), *step;
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(s->json, "name");
	int count = cJSON_GetArraySize(steps);

	if (!is_clean(s->json))
		return scenario_wrong(error, 0, 0, "control characters have no place in a scenario");
	if (!cJSON_IsObject(s->json) || !cJSON_IsArray(steps) || count == 0)
		return scenario_wrong(error, 0, 0,
				      "this is no scenario: an object with a list of 'steps' was "
				      "expected");
	if (count > SCENARIO_MAX_STEPS)
		return scenario_wrong(error, 0, 0, "%d steps are too many: at most %d were expected", count,
				      SCENARIO_MAX_STEPS);
	if (name && !cJSON_IsString(name))
		return scenario_wrong(error, 0, 0, "'name' is no string: one was expected");
	s->name = name ? name->valuestring : NULL;
	s->steps = calloc((size_t)count, sizeof *s->steps);
	if (!s->steps)
		return scenario_wrong(error, 0, 0, "no memory");
	cJSON_ArrayForEach(step, steps)
	{
		struct reading r = { error, step, &s->steps[s->nsteps], s->nsteps + 1 };

		r.step->line = scenario_line(text, s->nsteps);
		if (!read_step(&r))
			return false;
		s->nsteps++;
	}
	return scenario_check(s, error);
}

static char *folder_of(const char *path)
{
	char *copy = strdup(path), *folder = copy ? strdup(dirname(copy)) : NULL;

	free(copy);
	return folder;
}

static bool scenario_parse(struct scenario *s, const char *text, struct scenario_error *error)
{
	const char *end = NULL;

	s->json = cJSON_ParseWithOpts(text, &end, 1);
	if (!s->json)
		return scenario_wrong_json(error, text, end ? end : text);
	return read_steps(s, text, error);
}

static struct scenario_error error; /* the latest */

struct scenario *scenario_read(const char *path, const char **why)
{
	struct scenario *s = calloc(1, sizeof *s);
	char *text;

	error = (struct scenario_error){ .path = path ? path : "demo scenario", .text = "no memory" };
	*why = error.text;
	text = path ? scenario_load(path, &error) : strdup(demo_scenario);
	if (s)
		s->folder = folder_of(path ? path : "./demo");
	if (s && s->folder && text && scenario_parse(s, text, &error)) {
		free(text);
		return s;
	}
	free(text);
	scenario_free(s);
	return NULL;
}

bool scenario_is_harmless(const struct scenario *s, const char *path, const char **why)
{
	error = (struct scenario_error){ .path = path ? path : "demo scenario" };
	*why = error.text;
	for (unsigned i = 0; i < s->nsteps; i++)
		if (s->steps[i].kind == STEP_INJECT || s->steps[i].kind == STEP_TOXIC)
			return scenario_wrong(&error, s->steps[i].line, i + 1,
					      "faults are off (--no-faults)");
	return true;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	cJSON_Delete(s->json);
	free(s->folder);
	free(s->steps);
	free(s);
}
