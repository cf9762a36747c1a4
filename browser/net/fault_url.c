/* Debug URLs, and what each orders. browser/fault/ does the breaking; bulkhead://faults shows this table. */
#include "browser/net/fault_url.h"
#include "browser/net/url.h"
#include <stdio.h>
#include <string.h>

const struct fault_url fault_urls[] = {
	{ "bulkhead://crash", "null dereference" },
	{ "bulkhead://kill", "SIGKILL" },
	{ "bulkhead://hang", "endless loop" },
	{ "bulkhead://memory-exhaust", "out of memory" },
	{ "bulkhead://gpucrash", "null dereference into gpu" },
	{ "bulkhead://gpukill", "SIGKILL into gpu" },
	{ "bulkhead://gpuhang", "endless loop into gpu" },
	{ "bulkhead://plugincrash", "null dereference into plugin" },
	{ "bulkhead://pluginkill", "SIGKILL into plugin" },
	{ "bulkhead://pluginhang", "endless loop into plugin" },
	{ NULL, NULL },
};

/* What stands behind inject/, with blanks between the words. */
static void read_injection(const char *text, char *order, size_t capacity)
{
	size_t n = 0;
	for (; *text && n + 1 < capacity; text++) {
		bool gap = *text == '/' || *text == '+' || !strncmp(text, "%20", 3);
		order[n++] = gap ? ' ' : *text;
		text += *text == '%' && gap ? 2 : 0;
	}
	while (n && order[n - 1] == ' ')
		n--;
	order[n] = 0;
}

static bool find(const char *text, char *order, size_t capacity)
{
	static const char inject[] = "bulkhead://inject/";
	if (!strncmp(text, inject, strlen(inject))) {
		read_injection(text + strlen(inject), order, capacity);
		return *order;
	}
	for (const struct fault_url *entry = fault_urls; entry->url; entry++) {
		if (strcmp(text, entry->url))
			continue;
		snprintf(order, capacity, "%s", entry->order);
		return true;
	}
	return false;
}

bool url_fault(const char *url, char *order, size_t capacity)
{
	struct url parsed;
	char found[FAULT_URL_ORDER];
	if (!url_parse(&parsed, url, NULL) || parsed.scheme != URL_BUILTIN)
		return false;
	parsed.text[strcspn(parsed.text, "?#")] = 0;
	if (!find(parsed.text, found, sizeof found))
		return false;
	if (order)
		snprintf(order, capacity, "%s", found);
	return true;
}
