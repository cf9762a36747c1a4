/*
 * Which file of code lies where in a child: seen by the browser in /proc while the child lived, or, where
 * that was too late or is not allowed, as the child itself wrote down when it started.
 */
#pragma once
#include "common/recorder.h"
#include <sys/types.h>

#define MODULE_NAME 64

struct module {
	char name[MODULE_NAME]; /* of the file, without folders; "": the program */
	uint64_t base, end;	/* base: what is added to the addresses in the file */
	uint64_t inode;		/* 0: not known */
};

struct module_map {
	struct module modules[CRASH_MODULES];
	unsigned count;
	bool claimed; /* by the process itself */
};

/* Look. false: it cannot be seen, or holds no code. */
bool module_map_read(pid_t, struct module_map *);
/* Believe it, for want of anything better. */
void module_map_claimed(const struct crash_module[CRASH_MODULES], struct module_map *);
/* NULL: there is no code at that address. */
const struct module *module_map_find(const struct module_map *, uint64_t address);
