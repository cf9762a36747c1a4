/*
 * Debug URLs, and what each orders. browser/fault/ does the breaking; bulkhead://faults shows this table.
 * The names are Chromium's where it has one: what leads there to some crash leads here to its nearest kin.
 */
#include "browser/net/fault_url.h"
#include "browser/net/url.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct fault_url fault_urls[] = {
	{ "bulkhead://crash", "null dereference" },
	{ "bulkhead://crashdump", "SIGABRT" },
	{ "bulkhead://checkcrash", "breakpoint" },
	{ "bulkhead://badcastcrash", "illegal instruction" },
	{ "bulkhead://crash/rust", "abort" },
	{ "bulkhead://kill", "SIGTERM" },
	{ "bulkhead://hang", "endless loop" },
	{ "bulkhead://shorthang", "short hang" },
	{ "bulkhead://memory-exhaust", "out of memory" },
	{ "bulkhead://blink-oom", "huge allocation" },
	{ "bulkhead://v8-oom", "leak" },
	{ "bulkhead://crash/renderer/heap-overflow", "heap overflow" },
	{ "bulkhead://crash/renderer/use-after-free", "use after free" },
	{ "bulkhead://crash/renderer/double-free", "double free" },
	{ "bulkhead://crash/renderer/wild-write", "wild write" },
	{ "bulkhead://crash/renderer/stack-overflow", "stack overflow" },
	{ "bulkhead://gpucrash", "null dereference into gpu" },
	{ "bulkhead://gpuhang", "endless loop into gpu" },
	{ "bulkhead://gpukill", "SIGKILL into gpu" },
	{ "bulkhead://gpuclean", "exit 0 into gpu" },
	{ "bulkhead://crash/gpu/heap-overflow", "heap overflow into gpu" },
	{ "bulkhead://crash/gpu/use-after-free", "use after free into gpu" },
	{ "bulkhead://crash/gpu/double-free", "double free into gpu" },
	{ "bulkhead://plugincrash", "null dereference into plugin" },
	{ "bulkhead://pluginhang", "endless loop into plugin" },
	{ "bulkhead://pluginkill", "SIGKILL into plugin" },
	{ "bulkhead://ppapiflashcrash", "null dereference into plugin" },
	{ "bulkhead://ppapiflashhang", "endless loop into plugin" },
	{ "bulkhead://inducebrowsercrashforrealz", "null dereference into browser" },
	{ "bulkhead://crash/browser/heap-overflow", "heap overflow into browser" },
	{ "bulkhead://crash/browser/use-after-free", "use after free into browser" },
	{ "bulkhead://uithreadhang", "short hang into browser" },
	{ "bulkhead://quit", "quit into browser" },
	{ "bulkhead://restart", "restart into browser" },
	{ NULL, NULL },
};

/* What stands behind inject, as it was typed: the grammar takes / and + for blanks. */
static bool read_injection(const char *text, char *order, size_t capacity)
{
	size_t n = 0;
	for (text += strspn(text, "/"); *text; text++) {
		char c = *text;
		if (c == '%' && isxdigit((unsigned char)text[1]) && isxdigit((unsigned char)text[2])) {
			c = (char)strtol((const char[]){ text[1], text[2], 0 }, NULL, 16);
			text += 2;
		}
		if (n + 1 == capacity || !isprint((unsigned char)c))
			return false;
		order[n++] = c == '/' || c == '+' ? ' ' : c;
	}
	while (n && order[n - 1] == ' ')
		n--;
	order[n] = 0;
	return true;
}

static bool find(char *text, char *order, size_t capacity)
{
	static const char inject[] = "bulkhead://inject";
	size_t length = strlen(text);
	if (!strncmp(text, inject, strlen(inject)) && strchr("/", text[strlen(inject)]))
		return read_injection(text + strlen(inject), order, capacity);
	if (length && text[length - 1] == '/')
		text[length - 1] = 0;
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
