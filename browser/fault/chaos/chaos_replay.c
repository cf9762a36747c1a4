/* See chaos.h: a report is read for its settings and its draws. It is a file like any other: all is checked.
 */
#include "browser/browser.h"
#include "browser/fault/chaos/chaos.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REPORT_BYTES (64 << 20)
#define DRAWS_MAX    1000000

static char words[600];

__attribute__((format(printf, 1, 2))) static bool wrong(const char *how, ...)
{
	va_list args;

	va_start(args, how);
	vsnprintf(words, sizeof words, how, args);
	va_end(args);
	return false;
}

static cJSON *parse_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat st;
	char *text = NULL;
	ssize_t n = 0;
	cJSON *json = NULL;

	if (fd == -1 || fstat(fd, &st) == -1)
		wrong("%.400s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode) || st.st_size > REPORT_BYTES)
		wrong("%.400s: it is no chaos report (chaos-….json)", path);
	else if (!(text = calloc(1, (size_t)st.st_size + 1)) || (n = read(fd, text, (size_t)st.st_size)) < 0)
		wrong("%.400s: %s", path, strerror(errno));
	else if (!(json = cJSON_ParseWithLength(text, (size_t)n)))
		wrong("%.400s: it is no JSON", path);
	free(text);
	if (fd != -1)
		close(fd);
	return json;
}

static bool read_number(const cJSON *json, const char *name, double least, double most, unsigned *out)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

	if (!cJSON_IsNumber(item) || item->valuedouble < least || item->valuedouble > most)
		return wrong("'%s' is to be a number from %.0f to %.0f", name, least, most);
	*out = (unsigned)item->valuedouble;
	return true;
}

static bool read_model(const cJSON *json, enum process_model *model)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "process_model");

	for (unsigned i = 0; cJSON_IsString(item) && i < PROCESS_MODEL_COUNT; i++) {
		if (!strcmp(item->valuestring, process_model_names[i])) {
			*model = (enum process_model)i;
			return true;
		}
	}
	return wrong("'process_model' is none");
}

static bool read_seed(const cJSON *json, uint64_t *seed)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, "seed");
	char *end = NULL;

	errno = 0;
	if (cJSON_IsString(item) && item->valuestring[0] >= '0' && item->valuestring[0] <= '9')
		*seed = strtoull(item->valuestring, &end, 10);
	return (end && !*end && !errno) || wrong("'seed' is to be a number, as a string");
}

/* They stay the JSON's, which the script keeps. */
static bool read_urls(const cJSON *json, struct chaos_settings *set, struct chaos_script *script)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "urls"), *item;

	if (!list)
		return true;
	script->urls = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *script->urls);
	if (!script->urls)
		return wrong("memory: none is left");
	for (item = list->child; item; item = item->next) {
		if (!cJSON_IsString(item))
			return wrong("'urls' are to be strings");
		script->urls[set->nurls++] = item->valuestring;
	}
	set->urls = script->urls;
	return true;
}

static bool read_settings(const cJSON *json, struct chaos_settings *set, struct chaos_script *script)
{
	const cJSON *options = cJSON_GetObjectItemCaseSensitive(json, "options");
	unsigned version = 0;

	if (!cJSON_HasObjectItem(json, "chaos"))
		return wrong("this is no chaos report (chaos-….json)%s",
			     cJSON_HasObjectItem(json, "steps") ? ", but a scenario: bulkhead run plays it"
								: "");
	return read_number(json, "chaos", CHAOS_REPORT_VERSION, CHAOS_REPORT_VERSION, &version) &&
	       read_seed(json, &set->seed) && read_number(options, "tabs", 1, CHAOS_MAX_TABS, &set->tabs) &&
	       read_number(options, "for_ms", 0, CHAOS_MAX_MS, &set->for_ms) &&
	       read_number(options, "bound_ms", 0, CHAOS_MAX_MS, &set->bound_ms) &&
	       read_number(options, "pace_ms", 0, CHAOS_MAX_MS, &set->pace_ms) &&
	       read_model(options, &set->process_model) && read_urls(options, set, script);
}

static bool read_draw(const cJSON *json, struct chaos_draw *draw)
{
	const cJSON *order = cJSON_GetObjectItemCaseSensitive(json, "order");
	unsigned step = 0, lasts = 0;
	char error[CLAUSE_ERROR];

	if (!read_number(json, "step", 1, DRAWS_MAX, &step))
		return false;
	if (cJSON_HasObjectItem(json, "lasts_ms") && !read_number(json, "lasts_ms", 0, CHAOS_MAX_MS, &lasts))
		return false;
	if (!cJSON_IsString(order))
		return wrong("step %u: 'order' is to be a string", step);
	if (!chaos_draw_parse(order->valuestring, lasts, step, draw, error))
		return wrong("step %u: %s", step, error);
	return true;
}

static bool read_draws(const cJSON *json, struct chaos_script *script)
{
	const cJSON *draws = cJSON_GetObjectItemCaseSensitive(json, "draws"), *item;
	int count = cJSON_GetArraySize(draws);

	if (!cJSON_IsArray(draws) || count < 1 || count > DRAWS_MAX)
		return wrong("'draws' are to be a list of at least one");
	script->draws = calloc((size_t)count, sizeof *script->draws);
	if (!script->draws)
		return wrong("memory: none is left");
	for (item = draws->child; item; item = item->next) {
		if (!read_draw(item, &script->draws[script->count]))
			return false;
		script->count++;
	}
	return true;
}

bool chaos_read(const char *path, struct chaos_settings *set, struct chaos_script *script, const char **why)
{
	char what[sizeof words];

	*script = (struct chaos_script){ .json = parse_file(path) };
	snprintf(script->from, sizeof script->from, "%s", path);
	*why = words;
	if (!script->json)
		return false;
	if (read_settings(script->json, set, script) && read_draws(script->json, script))
		return true;
	snprintf(what, sizeof what, "%s", words);
	return wrong("%.200s: %.380s", path, what);
}

void chaos_script_free(struct chaos_script *script)
{
	free(script->draws);
	free(script->urls);
	cJSON_Delete(script->json);
	*script = (struct chaos_script){ 0 };
}
