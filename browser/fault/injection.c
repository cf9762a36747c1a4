/* See injection.h. */
#include "browser/fault/injection.h"
#include "browser/browser.h"
#include "browser/net/fault_url.h"
#include "browser/process/gpu_host.h"
#include "browser/process/plugin_host.h"
#include "browser/tab/tab.h"
#include <ctype.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const struct fault_info fault_table[] = {
	{ FAULT_NULL_DEREFERENCE, "null dereference", "crashed SIGSEGV",
	  "Writes to address 0; the kernel finds no mapping there and signals the process. Watch: only its tabs." },
	{ FAULT_ABORT, "abort", "crashed SIGABRT",
	  "Calls abort, as a failed assertion does: the process gives itself up." },
	{ FAULT_ILLEGAL_INSTRUCTION, "illegal instruction", "crashed SIGILL",
	  "Executes an instruction that the processor does not know." },
	{ FAULT_STACK_OVERFLOW, "stack overflow", "crashed SIGSEGV",
	  "Calls itself until the stack meets its guard page. The crash record names it." },
	{ FAULT_OUT_OF_MEMORY, "out of memory", "oom",
	  "Takes memory until its limit (RLIMIT_DATA) refuses more. The others have their own limits." },
	{ FAULT_KILL, "SIGKILL", "killed SIGKILL",
	  "The browser kills it from outside. No handler runs, nothing is said; the kernel alone tells." },
	{ FAULT_TERMINATE, "SIGTERM", "killed SIGTERM",
	  "The browser asks it to end, and it does not refuse." },
	{ FAULT_EXIT, "clean exit", "abnormal, code 0",
	  "Leaves by exit(0) without having been asked to: no signal, and yet a death." },
	{ FAULT_HANG, "endless loop", "unresponsive",
	  "Computes for ever. It can still be scrolled; after 5 s it is called unresponsive: wait, or end it." },
	{ FAULT_VIOLATION, "system call it may not make", "crashed SIGSYS",
	  "Calls ptrace. The seccomp filter traps it; the call is named in its record." },
	{ FAULT_BAD_MESSAGE, "bad message", "killed, with the reason",
	  "Sends the browser what no such process may send. The browser ends it for that." },
};
const unsigned fault_table_count = sizeof fault_table / sizeof *fault_table;

/* Are they the same but for what stands between the words, and case? */
static bool fault_same_name(const char *a, const char *b)
{
	for (; *a && *b; a++, b++) {
		bool gap_a = *a == ' ' || *a == '-' || *a == '_', gap_b = *b == ' ' || *b == '-' || *b == '_';

		if (gap_a != gap_b || (!gap_a && tolower((unsigned char)*a) != tolower((unsigned char)*b)))
			return false;
	}
	return *a == *b;
}

const struct fault_info *fault_find(const char *name)
{
	for (unsigned i = 0; i < fault_table_count; i++)
		if (fault_same_name(name, fault_table[i].name) ||
		    fault_same_name(name, fault_names[fault_table[i].kind]))
			return &fault_table[i];
	return NULL;
}

bool fault_inject(struct browser *b, struct process_host *p, enum fault kind)
{
	if (!process_is_up(p) || !p->channel)
		return false;
	p->fault = kind;
	p->fault_ns = recorder_now();
	if (kind == FAULT_KILL || kind == FAULT_TERMINATE)
		process_signal(p, kind == FAULT_KILL ? SIGKILL : SIGTERM);
	else
		ipc_send_obey_fault(p->channel, kind);
	(void)b;
	return true;
}

static struct process_host *fault_first_plugin(struct browser *b)
{
	for (struct process_host *p = b->processes->first; p; p = p->next)
		if (p->name.role == ROLE_PLUGIN && process_is_up(p))
			return p;
	return NULL;
}

struct process_host *fault_target(struct browser *b, struct tab *tab, const char *whom)
{
	const char *colon = strchr(whom, ':');

	if (!strcmp(whom, "renderer") || !strcmp(whom, "tab"))
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
	enum role role;
	enum fault kind;
	struct process_host *p;

	if (!url_fault(url, &role, &kind))
		return false;
	p = fault_target(b, tab, role_names[role]);
	if (!p || !fault_inject(b, p, kind))
		browser_say(b, "there is no %s process to break here", role_names[role]);
	return true;
}
