/* See scenario.h: reading and checking. What is wrong is said before anything is started. */
#include "browser/fault/demo_scenario.h"
#include "browser/fault/injection.h"
#include "browser/fault/scenario.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <libgen.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SCENARIO_MAX_BYTES (1 << 20)
#define SCENARIO_MAX_STEPS 1000
#define WITHIN_DEFAULT_MS  10000

const char *const step_names[STEP_COUNT] = {
	"open", "navigate", "wait", "inject", "expect", "reload", "close"
};

/* What else a step must say, and may say. NULL: its own value names the tab. */
static const struct {
	const char *tab_key;
	const char *allowed[4];
} step_rules[STEP_COUNT] = {
	[STEP_OPEN] = { "as", { "as" } },
	[STEP_NAVIGATE] = { "tab", { "tab" } },
	[STEP_WAIT] = { "tab", { "tab", "within_ms" } },
	[STEP_INJECT] = { "into", { "into" } },
	[STEP_EXPECT] = { "of", { "of", "signal", "reason" } },
	[STEP_RELOAD] = { NULL, { NULL } },
	[STEP_CLOSE] = { NULL, { NULL } },
};
static const char *const wait_names[WAIT_COUNT] = { "loaded", "sad", "unresponsive" };

static char error_text[600];

__attribute__((format(printf, 3, 4))) static bool wrong(const char *path, unsigned step, const char *how, ...)
{
	va_list args;
	int n = step ? snprintf(error_text, sizeof error_text, "%s: step %u: ", path, step)
		     : snprintf(error_text, sizeof error_text, "%s: ", path);

	if (n < 0 || (size_t)n >= sizeof error_text)
		return false;
	va_start(args, how);
	vsnprintf(error_text + n, sizeof error_text - (size_t)n, how, args);
	va_end(args);
	return false;
}

static int name_index(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (!strcmp(names[i], name))
			return i;
	return -1;
}

static bool key_allowed(const struct step *s, const char *key)
{
	if (!strcmp(key, step_names[s->kind]))
		return true;
	for (size_t i = 0; i < sizeof step_rules[0].allowed / sizeof *step_rules[0].allowed; i++)
		if (step_rules[s->kind].allowed[i] && !strcmp(key, step_rules[s->kind].allowed[i]))
			return true;
	return false;
}

static bool read_text(const cJSON *object, const char *key, const char **out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);

	if (item && !cJSON_IsString(item))
		return false;
	*out = item ? item->valuestring : NULL;
	return true;
}

/* The value's meaning, for those kinds whose value is a word of a list. */
static bool check_value(const char *path, unsigned n, struct step *s)
{
	char error[CLAUSE_ERROR];
	int index;

	switch (s->kind) {
	case STEP_INJECT:
		if (!fault_order_parse(s->value, &s->order, error))
			return wrong(path, n, "%s", error);
		return true;
	case STEP_WAIT:
		index = name_index(wait_names, WAIT_COUNT, s->value);
		if (index < 0)
			return wrong(path, n, "there is no condition '%s' (loaded, sad, unresponsive)",
				     s->value);
		s->wait = (enum step_condition)index;
		return true;
	case STEP_EXPECT:
		if (strcmp(s->value, "alive") && strcmp(s->value, "unresponsive") &&
		    name_index(termination_status_names, TERMINATION_STATUS_COUNT, s->value) < 0)
			return wrong(path, n,
				     "'%s' is neither a termination status nor alive or unresponsive",
				     s->value);
		return true;
	default:
		return true;
	}
}

static bool signal_exists(const char *name)
{
	for (int signal = 1; signal < NSIG; signal++)
		if (sigabbrev_np(signal) && !strncmp(name, "SIG", 3) &&
		    !strcmp(name + 3, sigabbrev_np(signal)))
			return true;
	return false;
}

/* An expectation that nothing can meet is a slip of the pen. */
static bool check_details(const char *path, unsigned n, const struct step *s)
{
	if (s->signal && !signal_exists(s->signal))
		return wrong(path, n, "there is no signal '%s'", s->signal);
	if (s->reason && name_index(bad_message_names, BAD_MESSAGE_COUNT, s->reason) < 0)
		return wrong(path, n, "there is no reason '%s'", s->reason);
	return true;
}

static bool read_within(const char *path, unsigned n, const cJSON *object, struct step *s)
{
	const cJSON *within = cJSON_GetObjectItemCaseSensitive(object, "within_ms");

	s->within_ms = WITHIN_DEFAULT_MS;
	if (!within)
		return true;
	if (!cJSON_IsNumber(within) || within->valuedouble < 1 || within->valuedouble > 600000)
		return wrong(path, n, "'within_ms' is a number from 1 to 600000");
	s->within_ms = (unsigned)within->valuedouble;
	return true;
}

static bool read_step(const char *path, unsigned n, const cJSON *object, struct step *s)
{
	const char *tab_key;
	int kind = -1;

	if (!cJSON_IsObject(object))
		return wrong(path, n, "a step is an object");
	for (int k = 0; k < STEP_COUNT; k++)
		if (cJSON_HasObjectItem(object, step_names[k]))
			kind = kind < 0 ? k : STEP_COUNT;
	if (kind < 0 || kind == STEP_COUNT)
		return wrong(path, n,
			     "it must be exactly one of open, navigate, wait, inject, expect, reload, close");
	s->kind = (enum step_kind)kind;
	for (const cJSON *item = object->child; item; item = item->next)
		if (!key_allowed(s, item->string))
			return wrong(path, n, "'%s' knows no '%s'", step_names[kind], item->string);
	if (!read_text(object, step_names[kind], &s->value) || !s->value)
		return wrong(path, n, "'%s' wants a string", step_names[kind]);
	tab_key = step_rules[kind].tab_key;
	s->tab = s->value;
	if (tab_key && (!read_text(object, tab_key, &s->tab) || !s->tab))
		return wrong(path, n, "'%s' needs '%s'", step_names[kind], tab_key);
	if (!read_text(object, "signal", &s->signal) || !read_text(object, "reason", &s->reason))
		return wrong(path, n, "'signal' and 'reason' are strings");
	return read_within(path, n, object, s) && check_value(path, n, s) && check_details(path, n, s);
}

/* Is a tab of that name open before step n? */
static bool tab_is_open(const struct scenario *s, unsigned n, const char *name)
{
	bool open = false;

	for (unsigned i = 0; i < n; i++) {
		/* NOLINTNEXTLINE: each step that was read has a tab */
		if (s->steps[i].kind == STEP_OPEN && !strcmp(s->steps[i].tab, name))
			open = true;
		else if (s->steps[i].kind == STEP_CLOSE && !strcmp(s->steps[i].tab, name))
			open = false;
	}
	return open;
}

/* "gpu", "plugin", or a child by name, such as "renderer:3". */
static bool names_process(const char *name)
{
	size_t length = strcspn(name, ":");

	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++)
		if (strlen(role_names[role]) == length && !strncmp(name, role_names[role], length))
			return name[length] ? strspn(name + length + 1, "0123456789") > 0
					    : role != ROLE_RENDERER;
	return false;
}

static bool check_names(const char *path, const struct scenario *s)
{
	for (unsigned i = 0; i < s->nsteps; i++) {
		const struct step *step = &s->steps[i];
		bool process = step->kind == STEP_INJECT || step->kind == STEP_EXPECT;
		bool open = tab_is_open(s, i, step->tab);

		if (step->kind == STEP_OPEN && open)
			return wrong(path, i + 1, "there is a tab '%s' already", step->tab);
		if (step->kind == STEP_OPEN || open)
			continue;
		if (!process || !names_process(step->tab))
			return wrong(path, i + 1, "no tab '%s' is open", step->tab);
	}
	return true;
}

static bool read_steps(const char *path, struct scenario *s)
{
	const cJSON *steps = cJSON_GetObjectItemCaseSensitive(s->json, "steps"), *step;
	int count = cJSON_GetArraySize(steps);

	if (!cJSON_IsObject(s->json) || !cJSON_IsArray(steps) || count == 0)
		return wrong(path, 0, "a scenario is an object with a list of 'steps'");
	if (count > SCENARIO_MAX_STEPS)
		return wrong(path, 0, "more than %d steps", SCENARIO_MAX_STEPS);
	if (!read_text(s->json, "name", &s->name))
		return wrong(path, 0, "'name' is a string");
	s->steps = calloc((size_t)count, sizeof *s->steps);
	if (!s->steps)
		return wrong(path, 0, "no memory");
	cJSON_ArrayForEach(step, steps)
	{
		if (!read_step(path, s->nsteps + 1, step, &s->steps[s->nsteps]))
			return false;
		s->nsteps++;
	}
	return check_names(path, s);
}

static bool read_file(const char *path, char **text)
{
	FILE *file = fopen(path, "re");
	struct stat status;
	size_t n;

	if (!file)
		return wrong(path, 0, "%s", strerror(errno));
	if (fstat(fileno(file), &status) == 0 && !S_ISREG(status.st_mode)) {
		fclose(file);
		return wrong(path, 0, "it is no regular file");
	}
	*text = calloc(1, SCENARIO_MAX_BYTES + 1);
	n = *text ? fread(*text, 1, SCENARIO_MAX_BYTES + 1, file) : 0;
	fclose(file);
	if (!*text || n > SCENARIO_MAX_BYTES)
		return wrong(path, 0, "it is longer than %d bytes", SCENARIO_MAX_BYTES);
	return true;
}

/* cJSON tells where it stopped: in lines, that is easier to find. */
static bool wrong_json(const char *path, const char *text, const char *at)
{
	unsigned line = 1;

	for (const char *c = text; c < at; c++)
		line += *c == '\n';
	return wrong(path, 0, "line %u: this is no JSON", line);
}

static char *folder_of(const char *path)
{
	char *copy = strdup(path), *folder = copy ? strdup(dirname(copy)) : NULL;

	free(copy);
	return folder;
}

struct scenario *scenario_read(const char *path, const char **why)
{
	struct scenario *s = calloc(1, sizeof *s);
	const char *name = path ? path : "demo scenario", *end = NULL;
	char *text = NULL;
	bool fine = s && (path ? read_file(path, &text) : (text = strdup(demo_scenario)) != NULL);

	*why = error_text;
	if (fine && text) {
		s->folder = folder_of(path ? path : "./demo");
		s->json = cJSON_ParseWithOpts(text, &end, 1);
		fine = s->json ? read_steps(name, s) && s->folder : wrong_json(name, text, end);
	}
	free(text);
	if (fine)
		return s;
	scenario_free(s);
	return NULL;
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
