/* See catalogue.h. */
#include "browser/fault/catalogue.h"
#include <ctype.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define RENDERER (1u << ROLE_RENDERER)
#define CHILDREN (RENDERER | 1u << ROLE_GPU | 1u << ROLE_PLUGIN)

const char *const fault_group_names[FAULT_GROUP_COUNT] = { "memory",   "signal",  "time",
							   "protocol", "sandbox", "process" };

#define CRASHED(signal, kind)                                                                                \
	FAULT_END_DEAD,                                                                                      \
	{                                                                                                    \
		TERMINATION_STATUS_CRASHED, signal, signal, kind, BAD_MESSAGE_NONE                           \
	}
#define KILLED(signal, reason)                                                                               \
	FAULT_END_DEAD,                                                                                      \
	{                                                                                                    \
		TERMINATION_STATUS_KILLED, signal, signal, CRASH_KIND_NONE, reason                           \
	}

const struct fault_info fault_table[] = {
	{ "null dereference", FAULT_NULL_DEREFERENCE, FAULT_GROUP_MEMORY, 0, NULL, CHILDREN, 0,
	  CRASHED(SIGSEGV, CRASH_KIND_SIGNAL),
	  "Writes to address 0; the kernel finds no mapping there and signals the process. Watch: only its tabs." },
	{ "abort", FAULT_ABORT, FAULT_GROUP_MEMORY, 0, NULL, CHILDREN, 0, CRASHED(SIGABRT, CRASH_KIND_SIGNAL),
	  "Calls abort, as a failed assertion does: the process gives itself up." },
	{ "illegal instruction", FAULT_ILLEGAL_INSTRUCTION, FAULT_GROUP_MEMORY, 0, NULL, CHILDREN, 0,
	  CRASHED(SIGILL, CRASH_KIND_SIGNAL), "Executes an instruction that the processor does not know." },
	{ "stack overflow", FAULT_STACK_OVERFLOW, FAULT_GROUP_MEMORY, 0, NULL, CHILDREN, 0,
	  CRASHED(SIGSEGV, CRASH_KIND_STACK_OVERFLOW),
	  "Calls itself until the stack meets its guard page. The crash record names it." },
	{ "out of memory",
	  FAULT_OUT_OF_MEMORY,
	  FAULT_GROUP_MEMORY,
	  0,
	  NULL,
	  CHILDREN,
	  0,
	  FAULT_END_DEAD,
	  { TERMINATION_STATUS_OOM, SIGABRT, SIGABRT, CRASH_KIND_OUT_OF_MEMORY, BAD_MESSAGE_NONE },
	  "Takes memory until its limit (RLIMIT_DATA) refuses more. The others have their own limits." },
	{ "SIGKILL", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGKILL, NULL, CHILDREN, SIGKILL,
	  KILLED(SIGKILL, BAD_MESSAGE_NONE),
	  "The browser kills it from outside. No handler runs, nothing is said; the kernel alone tells." },
	{ "SIGTERM", FAULT_RAISE, FAULT_GROUP_SIGNAL, SIGTERM, NULL, CHILDREN, SIGTERM,
	  KILLED(SIGTERM, BAD_MESSAGE_NONE), "The browser asks it to end, and it does not refuse." },
	{ "exit 0",
	  FAULT_EXIT,
	  FAULT_GROUP_PROCESS,
	  0,
	  NULL,
	  CHILDREN,
	  0,
	  FAULT_END_DEAD,
	  { TERMINATION_STATUS_ABNORMAL, 0, 0, CRASH_KIND_FAULT_EXIT, BAD_MESSAGE_NONE },
	  "Leaves by exit(0) without having been asked to: no signal, and yet a death." },
	{ "endless loop",
	  FAULT_HANG,
	  FAULT_GROUP_TIME,
	  0,
	  NULL,
	  CHILDREN,
	  0,
	  FAULT_END_UNRESPONSIVE,
	  { 0 },
	  "Computes for ever. It can still be scrolled; after 5 s it is called unresponsive: wait, or end it." },
	{ "violation", FAULT_VIOLATION, FAULT_GROUP_SANDBOX, 0, NULL, CHILDREN, 0,
	  CRASHED(SIGSYS, CRASH_KIND_VIOLATION),
	  "Calls ptrace. The seccomp filter traps it; the call is named in its record." },
	{ "bad message", FAULT_BAD_MESSAGE, FAULT_GROUP_PROTOCOL, 0, NULL, CHILDREN, 0,
	  KILLED(SIGKILL, BAD_MESSAGE_UNKNOWN_TYPE),
	  "Sends the browser what no such process may send. The browser ends it for that." },
};
const unsigned fault_table_count = sizeof fault_table / sizeof *fault_table;

/* Other words for some of them. */
static const char *const aliases[][2] = {
	{ "kill", "SIGKILL" }, { "terminate", "SIGTERM" }, { "clean exit", "exit 0" },
	{ "exit", "exit 0" },  { "hang", "endless loop" }, { "system call it may not make", "violation" },
};

static bool is_gap(char c)
{
	return c == ' ' || c == '-' || c == '_';
}

/* How much of text the name is, up to the end of a word; 0: text does not begin with it. */
static size_t name_length(const char *text, const char *name)
{
	size_t n = 0;

	for (; *name; name++, n++)
		if (is_gap(text[n]) != is_gap(*name) ||
		    (!is_gap(*name) && tolower((unsigned char)text[n]) != tolower((unsigned char)*name)))
			return 0;
	return text[n] && text[n] != ' ' ? 0 : n;
}

static const struct fault_info *find_exactly(const char *name)
{
	for (unsigned i = 0; i < fault_table_count; i++)
		if (!strcmp(fault_table[i].name, name))
			return &fault_table[i];
	return NULL;
}

const struct fault_info *fault_find_prefix(const char *text, size_t *length)
{
	const struct fault_info *found = NULL;

	*length = 0;
	for (unsigned i = 0; i < fault_table_count; i++) {
		size_t n = name_length(text, fault_table[i].name);

		if (n > *length) {
			*length = n;
			found = &fault_table[i];
		}
	}
	for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
		size_t n = name_length(text, aliases[i][0]);

		if (n > *length) {
			*length = n;
			found = find_exactly(aliases[i][1]);
		}
	}
	return found;
}

const struct fault_info *fault_find(const char *name)
{
	size_t length;
	const struct fault_info *found = fault_find_prefix(name, &length);

	return found && !name[length] ? found : NULL;
}

static const char *signal_words(int signal, char *buf, size_t capacity)
{
	const char *name = sigabbrev_np(signal);

	snprintf(buf, capacity, name ? "SIG%s" : "", name);
	return buf;
}

const char *fault_expected(const struct fault_info *f, char *buf, size_t capacity)
{
	static const char *const alive[] = { [FAULT_END_UNRESPONSIVE] = "unresponsive",
					     [FAULT_END_RECOVERED] = "unresponsive for a while",
					     [FAULT_END_ALIVE] = "alive" };
	const struct fault_status *s = &f->status;
	char signal[16];

	if (f->end != FAULT_END_DEAD)
		snprintf(buf, capacity, "%s", alive[f->end]);
	else if (s->reason)
		snprintf(buf, capacity, "killed, bad message %s", bad_message_names[s->reason]);
	else if (s->status == TERMINATION_STATUS_OOM)
		snprintf(buf, capacity, "oom");
	else if (!s->signal)
		snprintf(buf, capacity, "%s, code %d", termination_status_names[s->status], s->code);
	else
		snprintf(buf, capacity, "%s %s", termination_status_names[s->status],
			 signal_words(s->signal, signal, sizeof signal));
	return buf;
}

bool fault_can_hit(const struct fault_info *f, enum role role)
{
	return f->whom & 1u << role;
}
