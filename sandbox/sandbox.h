/*
 * The sandbox: one door. A child calls sandbox_enter() once, single-threaded, before the first byte of input.
 * Behind it one file per layer: namespaces.c (the empty root; the namespaces themselves are the compartment
 * that browser/process/ made), capabilities.c, limits.c, landlock.c, seccomp.c. docs/sandbox.md gives every
 * reason.
 */
#pragma once
#include "common/protocol.h"
#include <stdbool.h>
#include <stdint.h>

#define SANDBOX_ALL_LAYERS ((1u << LAYER_COUNT) - 1)

/* Layers that are namespaces: made by the browser before the child exists. */
#define SANDBOX_NAMESPACES                                                                                   \
	(1u << LAYER_USER_NS | 1u << LAYER_PID_NS | 1u << LAYER_MOUNT_NS | 1u << LAYER_NETWORK_NS |          \
	 1u << LAYER_IPC_NS | 1u << LAYER_UTS_NS | 1u << LAYER_CGROUP_NS)

/* What a role may do; one constant per role, in policy.c. */
struct sandbox_policy {
	enum role role;
	uint64_t data_bytes; /* RLIMIT_DATA: so much more than at the start */
	uint32_t open_files; /* RLIMIT_NOFILE */
	bool loads_library;  /* a plugin's .so is loaded between two filters */
};

/* The policy of a child's role. */
const struct sandbox_policy *sandbox_policy(enum role role);

/* What came of it. `on` is a bit set of enum layer; missing names, for the others, the step and its errno. */
struct sandbox_result {
	uint32_t on;
	char missing[400];
};

/*
 * Put on every layer of `wanted` (a bit set of enum layer: those that the browser says this compartment has
 * or can have; the test option leaves some out) in the one fixed order. load (may be NULL) is called for a
 * policy with loads_library, with the loader's filter on and the final one not yet; library_fd is its .so,
 * and the path it can be dlopen'ed from is passed to it. library_fd is closed.
 *
 * A layer that this kernel does not have is left off and named in `missing`; whether the rest is enough is
 * the browser's decision. Returns false, and the process must end, when going on would be a lie: root could
 * not be given up, the library could not be loaded, or the filter that was put on does not answer.
 */
bool sandbox_enter(const struct sandbox_policy *, uint32_t wanted, int library_fd,
		   bool (*load)(const char *path, void *arg), void *arg, struct sandbox_result *);
