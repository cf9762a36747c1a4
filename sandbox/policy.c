/*
 * What each role may do, one constant per role. Which system calls it may make stands in compile_filter.c;
 * what all roles have in common stands in the layers themselves.
 */
#include "sandbox/sandbox.h"
#include <stddef.h>

/*
 * The GPU process and a plugin process hold a descriptor per renderer that they serve; a renderer one per
 * page whose body is coming, and under --process-model=one it has all pages.
 */
static const struct sandbox_policy policies[ROLE_COUNT] = {
	[ROLE_RENDERER] = { .role = ROLE_RENDERER, .data_bytes = 512u << 20, .open_files = 1024 },
	[ROLE_GPU] = { .role = ROLE_GPU, .data_bytes = 512u << 20, .open_files = 1024 },
	[ROLE_PLUGIN] = { .role = ROLE_PLUGIN,
			  .data_bytes = 64u << 20,
			  .open_files = 1024,
			  .loads_library = true },
};

const struct sandbox_policy *sandbox_policy(enum role role)
{
	return role == ROLE_BROWSER || role >= ROLE_COUNT ? NULL : &policies[role];
}
