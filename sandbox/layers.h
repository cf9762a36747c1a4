/*
 * What stands behind sandbox_enter(): one function or two per layer, called by sandbox.c in its fixed order.
 * Each returns NULL, or the name of the step that failed, with errno set.
 */
#pragma once
#include "sandbox/sandbox.h"
#include <stddef.h>

#define LAYER_BIT(layer) (1u << (layer))

/* Uid and gid of nobody, what a root browser's children run as. */
#define SANDBOX_NOBODY 65534

/* One sandbox_enter() under way. */
struct sandbox_run {
	const struct sandbox_policy *policy;
	uint32_t wanted;
	int library_fd;
	size_t data_used;      /* bytes that counted against RLIMIT_DATA at the start */
	char library_path[32]; /* where the library can be loaded from; "" when there is none */
};

/* namespaces.c: an empty read-only root that holds at most the library; without one, a path to a copy of it.
 */
const char *namespaces_empty_root(struct sandbox_run *);
const char *namespaces_copy_library(struct sandbox_run *);

/* capabilities.c: root becomes nobody; the bounding set and what depends on it; the sets of the process
 * itself. */
const char *capabilities_leave_root(void);
const char *capabilities_drop_bounding(void);
const char *capabilities_clear(void);

/* limits.c */
size_t limits_data_used(void);
const char *limits_set(struct sandbox_run *);

/* landlock.c */
const char *landlock_enter(struct sandbox_run *);

/* seccomp.c: the filter of the loader, the final one, and proof that it is live. */
const char *seccomp_enter_loader(struct sandbox_run *);
const char *seccomp_enter(struct sandbox_run *);
