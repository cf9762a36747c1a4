/*
 * Debug URLs: bulkhead://crash and its like, which break something instead of showing a page. They come from
 * the user or a scenario only (url_policy.c sees to that) and are no navigations. Also what each fault does,
 * in words.
 */
#pragma once
#include "common/protocol.h"
#include <stdbool.h>

/*
 * Is that a debug URL? *role and *kind (each may be NULL) get which process it breaks, and how. Besides the
 * named ones there are bulkhead://inject/FAULT, bulkhead://inject/gpu/FAULT and
 * bulkhead://inject/plugin/FAULT, with FAULT as in common/protocol.ipc, _ or - between its words.
 */
bool url_fault(const char *url, enum role *role, enum fault *kind);

/* The short debug URLs, ended by one whose url is NULL. */
struct fault_url {
	const char *url;
	enum role role;
	enum fault kind;
};
extern const struct fault_url fault_urls[];
