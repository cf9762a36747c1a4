/*
 * The catalogue: every way to fail on purpose, one row each. The dialog, `:inject`, debug URLs, scenarios,
 * chaos, bulkhead://faults and the tests all read this table. order.c is the grammar around its names.
 */
#pragma once
#include "common/protocol.h"
#include <stdbool.h>
#include <stddef.h>

enum fault_group {
	FAULT_GROUP_MEMORY,
	FAULT_GROUP_SIGNAL,
	FAULT_GROUP_TIME,
	FAULT_GROUP_PROTOCOL,
	FAULT_GROUP_SANDBOX,
	FAULT_GROUP_PROCESS,
	FAULT_GROUP_BROWSER, /* for it alone */
	FAULT_GROUP_COUNT
};
extern const char *const fault_group_names[FAULT_GROUP_COUNT];

/* What must come of it. */
enum fault_end {
	FAULT_END_DEAD,		/* with that status */
	FAULT_END_UNRESPONSIVE, /* until it is ended, or let go on */
	FAULT_END_RECOVERED,	/* unresponsive for a while, if that is long enough, and then as before */
	FAULT_END_ALIVE,	/* slow, or a nuisance, but it answers */
};

struct fault_info {
	const char *name; /* "null dereference" */
	enum fault kind;
	enum fault_group group;
	uint64_t argument; /* for the child; what the user may give instead is counted in `unit` */
	const char *unit;  /* "ms", "messages", NULL: the argument is fixed */
	unsigned whom;	   /* bits 1 << enum role */
	int from_outside;  /* a signal that the browser sends; 0: the process does it to itself */
	enum fault_end end;
	struct fault_status { /* for FAULT_END_DEAD */
		enum termination_status status;
		int signal;		 /* 0: it exits */
		int code;		 /* of the exit */
		enum crash_kind kind;	 /* what its crash record says, CRASH_KIND_NONE: nothing */
		enum bad_message reason; /* that it is killed for */
	} status;
	const char *explained; /* two sentences: what the kernel does, and what to watch for */
};
extern const struct fault_info fault_table[];
extern const unsigned fault_table_count;

/* Other words for some of them. */
struct fault_alias {
	const char *alias, *name;
};
extern const struct fault_alias fault_aliases[];
extern const unsigned fault_alias_count;

/* By name; case, and what stands between its words (blank, - or _), do not count. NULL: there is none. */
const struct fault_info *fault_find(const char *name);
/* The longest name that text (blanks between words) begins with; *length gets how much of it that is. */
const struct fault_info *fault_find_prefix(const char *text, size_t *length);

/* Which name or alias is near to that? */
struct spelling;
void fault_spell(struct spelling *);
/*
 * For searching: does each word that was typed begin a word of its name, aliases, group, expected end, debug
 * URLs, or of the system call that it makes? Case does not count; "": all match.
 */
bool fault_matches(const struct fault_info *, const char *typed);

/* "crashed SIGSEGV", "killed, bad message unknown_type", "unresponsive". Returns buf. */
const char *fault_expected(const struct fault_info *, char *buf, size_t capacity);
bool fault_can_hit(const struct fault_info *, enum role);
