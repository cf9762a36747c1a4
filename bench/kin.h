/* A process and its descendants, as /proc tells of them: who they are, and what memory they take. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define KIN_MAX 1024

struct kin {
	pid_t pid;
	char name[32];	 /* argv[0] without its folder */
	uint32_t serial; /* of a child of the browser; 0: none */
};

/* The descendants of a process, at most KIN_MAX; returns how many. Needs a kernel that lists children. */
unsigned kin_list(pid_t, struct kin *);
/* How many of them have that name. */
unsigned kin_count(const struct kin *, unsigned count, const char *name);

/* Proportional set size in KiB; -1 when this user may not ask (the children are not dumpable: only root may).
 */
long kin_pss(pid_t);
/* Its private resident memory in KiB, which anybody may ask for; -1: it is gone. */
long kin_private(pid_t);
