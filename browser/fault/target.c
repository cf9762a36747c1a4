/* Whom an order means, and debug URLs: see injection.h. */
#include "browser/browser.h"
#include "browser/fault/injection.h"
#include "browser/net/fault_url.h"
#include "browser/process/gpu_host.h"
#include "browser/tab/tab.h"
#include <stdlib.h>
#include <string.h>

static struct process_host *first_plugin(struct browser *b)
{
	for (struct process_host *p = b->processes->first; p; p = p->next)
		if (p->name.role == ROLE_PLUGIN && process_is_up(p))
			return p;
	return NULL;
}

/* tab:2, the second in the strip. */
static struct process_host *find_by_place(struct browser *b, const char *place)
{
	char *end;
	unsigned long n = strtoul(place, &end, 10);
	struct tab *tab = n && !*end && n <= UINT32_MAX ? tab_at(b->tabs, (unsigned)n - 1) : NULL;

	return tab ? tab->renderer : NULL;
}

static struct process_host *find_by_name(struct browser *b, const char *whom, const char *colon)
{
	char *end;
	unsigned long serial = strtoul(colon + 1, &end, 10);

	if (end == colon + 1 || *end || serial > UINT32_MAX)
		return NULL;
	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++)
		if (strlen(role_names[role]) == (size_t)(colon - whom) &&
		    !strncmp(whom, role_names[role], (size_t)(colon - whom)))
			return process_find(b->processes, role, (uint32_t)serial);
	return NULL;
}

struct process_host *fault_target(struct browser *b, struct tab *tab, const char *whom, bool *is_browser)
{
	const char *colon = strchr(whom, ':');

	*is_browser = !strcmp(whom, "browser");
	if (!*whom || !strcmp(whom, "renderer") || !strcmp(whom, "tab"))
		return tab ? tab->renderer : NULL;
	if (!strcmp(whom, "gpu"))
		return gpu_host_up(b->gpu);
	if (!strcmp(whom, "plugin"))
		return first_plugin(b);
	if (!strncmp(whom, "tab:", 4))
		return find_by_place(b, whom + 4);
	return colon ? find_by_name(b, whom, colon) : NULL;
}

bool fault_open_url(struct browser *b, struct tab *tab, const char *url)
{
	char text[FAULT_URL_ORDER], error[CLAUSE_ERROR], words[ORDER_TEXT];
	struct fault_order o;
	struct process_host *p;
	const char *why;
	uint32_t number;
	bool is_browser;

	if (!url_fault(url, text, sizeof text))
		return false;
	if (!*text) {
		browser_say(b, "say what to break, such as bulkhead://inject/gpu/abort/after/3s; "
			       "bulkhead://faults has all the words");
		return true;
	}
	if (!fault_order_parse(text, &o, error)) {
		browser_say(b, "%s: %s", text, error);
		return true;
	}
	p = fault_target(b, tab, o.whom, &is_browser);
	if (!p && !is_browser)
		browser_say(b, "there is no process %s to break here", *o.whom ? o.whom : "of this tab");
	else if (!fault_inject(b, p, &o, &number, &why))
		browser_say(b, "%s: %s", o.fault->name, why);
	else if (number)
		browser_say(b, "order %u waits: %s", number, fault_order_text(&o, words, sizeof words));
	return true;
}
