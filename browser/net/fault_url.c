/* Debug URLs and the words about faults. browser/fault/ does the breaking; bulkhead://faults shows these
 * tables. */
#include "browser/net/fault_url.h"
#include "browser/net/url.h"
#include <string.h>

const struct fault_url fault_urls[] = {
	{ "bulkhead://crash", ROLE_RENDERER, FAULT_NULL_DEREFERENCE },
	{ "bulkhead://kill", ROLE_RENDERER, FAULT_KILL },
	{ "bulkhead://hang", ROLE_RENDERER, FAULT_HANG },
	{ "bulkhead://memory-exhaust", ROLE_RENDERER, FAULT_OUT_OF_MEMORY },
	{ "bulkhead://gpucrash", ROLE_GPU, FAULT_NULL_DEREFERENCE },
	{ "bulkhead://gpukill", ROLE_GPU, FAULT_KILL },
	{ "bulkhead://gpuhang", ROLE_GPU, FAULT_HANG },
	{ "bulkhead://plugincrash", ROLE_PLUGIN, FAULT_NULL_DEREFERENCE },
	{ "bulkhead://pluginkill", ROLE_PLUGIN, FAULT_KILL },
	{ "bulkhead://pluginhang", ROLE_PLUGIN, FAULT_HANG },
	{ NULL, 0, 0 },
};

/* Does text name that fault, up to a / or its end? Its words may be joined by _ or -. */
static bool is_fault_name(const char *text, const char *name)
{
	for (; *name; name++, text++)
		if (*text != *name && !(*text == '-' && *name == '_'))
			return false;
	return !*text || !strcmp(text, "/");
}

static bool parse_injection(const char *text, enum role *role, enum fault *kind)
{
	static const enum role roles[] = { ROLE_RENDERER, ROLE_GPU, ROLE_PLUGIN };
	*role = ROLE_RENDERER;
	for (size_t i = 0; i < sizeof roles / sizeof *roles; i++) {
		size_t length = strlen(role_names[roles[i]]);
		if (strncmp(text, role_names[roles[i]], length) || text[length] != '/')
			continue;
		*role = roles[i];
		text += length + 1;
		break;
	}
	for (*kind = FAULT_NONE + 1; *kind < FAULT_COUNT; (*kind)++)
		if (is_fault_name(text, fault_names[*kind]))
			return true;
	return false;
}

static bool find(const char *text, enum role *role, enum fault *kind)
{
	static const char inject[] = "bulkhead://inject/";
	if (!strncmp(text, inject, strlen(inject)))
		return parse_injection(text + strlen(inject), role, kind);
	for (const struct fault_url *entry = fault_urls; entry->url; entry++) {
		if (strcmp(text, entry->url))
			continue;
		*role = entry->role;
		*kind = entry->kind;
		return true;
	}
	return false;
}

bool url_fault(const char *url, enum role *role, enum fault *kind)
{
	struct url parsed;
	enum role found_role;
	enum fault found_kind;
	if (!url_parse(&parsed, url, NULL) || parsed.scheme != URL_BUILTIN)
		return false;
	parsed.text[strcspn(parsed.text, "?#")] = 0;
	if (!find(parsed.text, &found_role, &found_kind))
		return false;
	if (role)
		*role = found_role;
	if (kind)
		*kind = found_kind;
	return true;
}
