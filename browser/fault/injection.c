/* See injection.h. */
#include "browser/fault/injection.h"
#include "browser/browser.h"
#include "browser/net/fault_url.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/tab/tab.h"
#include <stdlib.h>
#include <string.h>

bool fault_inject(struct browser *b, struct process_host *p, const struct fault_order *o, uint32_t *number,
		  const char **why)
{
	const char *unused;

	why = why ? why : &unused;
	if (number)
		*number = 0;
	*why = "faults are off (--no-faults)";
	if (b->options.no_faults)
		return false;
	*why = "it is not up";
	if (!process_is_up(p) || !p->channel)
		return false;
	*why = "such a process cannot fail so";
	if (!fault_can_hit(o->fault, p->name.role))
		return false;
	p->fault = o->fault->name;
	p->fault_ns = recorder_now();
	if (o->fault->from_outside)
		process_signal(p, o->fault->from_outside);
	else
		ipc_send_obey_fault(p->channel, o->fault->kind, o->argument);
	return true;
}

bool fault_inject_named(struct browser *b, struct process_host *p, const char *name, const char **why)
{
	struct fault_order o = { .fault = fault_find(name) };

	if (!o.fault) {
		if (why)
			*why = "there is no such fault";
		return false;
	}
	o.argument = o.fault->argument;
	return fault_inject(b, p, &o, NULL, why);
}

static struct process_host *fault_first_plugin(struct browser *b)
{
	for (struct process_host *p = b->processes->first; p; p = p->next)
		if (p->name.role == ROLE_PLUGIN && process_is_up(p))
			return p;
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
		return fault_first_plugin(b);
	for (unsigned role = ROLE_RENDERER; colon && role < ROLE_COUNT; role++)
		if (strlen(role_names[role]) == (size_t)(colon - whom) &&
		    !strncmp(whom, role_names[role], (size_t)(colon - whom)))
			return process_find(b->processes, role, (uint32_t)strtoul(colon + 1, NULL, 10));
	return NULL;
}

bool fault_open_url(struct browser *b, struct tab *tab, const char *url)
{
	char text[FAULT_URL_ORDER], *whom;
	struct process_host *p;
	const char *why = "there is no such process";
	bool is_browser;

	if (!url_fault(url, text, sizeof text))
		return false;
	whom = strstr(text, " into ");
	if (whom)
		*whom = '\0';
	p = fault_target(b, tab, whom ? whom + strlen(" into ") : "renderer", &is_browser);
	if (!p || !fault_inject_named(b, p, text, &why))
		browser_say(b, "%s", why);
	return true;
}

bool injections_init(struct injections *list, struct browser *b)
{
	*list = (struct injections){ .browser = b };
	return true;
}

void injections_finish(struct injections *list)
{
	(void)list;
}

bool fault_disarm(struct browser *b, uint32_t number)
{
	(void)b;
	(void)number;
	return false;
}

void injections_died(struct injections *list, const struct process_host *p)
{
	(void)list;
	(void)p;
}

void browser_on_did_fire_fault(struct browser *b, struct channel *c, const struct ipc_did_fire_fault *m)
{
	(void)b;
	(void)c;
	(void)m;
}

void browser_on_did_end_toxic(struct browser *b, struct channel *c, const struct ipc_did_end_toxic *m)
{
	(void)b;
	(void)c;
	(void)m;
}
