/*
 * Debug URLs: bulkhead://crash and its like, which break something instead of showing a page. They come from
 * the user or a scenario only (url_policy.c sees to that) and are no navigations. Each means an order to fail
 * (browser/fault/order.h); what it says is read there.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#define FAULT_URL_ORDER 512

/*
 * Is that a debug URL? order (may be NULL) gets what it orders. Besides the named ones there is
 * bulkhead://inject/ with an order behind it, / or + between its words, - or _ within a name; "" when
 * nothing is behind it.
 */
bool url_fault(const char *url, char *order, size_t capacity);

/* The short debug URLs, ended by one whose url is NULL. */
struct fault_url {
	const char *url;
	const char *order;
};
extern const struct fault_url fault_urls[];
