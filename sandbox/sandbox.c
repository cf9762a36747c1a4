/*
 * The one fixed order in which the layers go on. Each step stands on what comes before: the root and Landlock
 * need the capabilities that the next step drops, seccomp is last because it takes away what the others need.
 */
#include "sandbox/sandbox.h"
#include "sandbox/filter.h"
#include "sandbox/layers.h"
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#ifndef PR_SET_MDWE
#define PR_SET_MDWE		 65
#define PR_MDWE_REFUSE_EXEC_GAIN 1
#endif

static const char *forbid_new_privileges(struct sandbox_run *run)
{
	(void)run;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? "no_new_privs" : NULL;
}

static const char *forbid_new_code(struct sandbox_run *run)
{
	(void)run;
	return prctl(PR_SET_MDWE, PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0) < 0 ? "mdwe" : NULL;
}

static const char *drop_bounding_set(struct sandbox_run *run)
{
	(void)run;
	return capabilities_drop_bounding();
}

/* Without no_new_privs a capability is what allows seccomp: then they go behind it, see enter(). */
static const char *drop_capabilities(struct sandbox_run *run)
{
	return run->wanted & LAYER_BIT(LAYER_NO_NEW_PRIVS) ? capabilities_clear() : NULL;
}

static const struct step {
	enum layer layer;
	const char *(*put_on)(struct sandbox_run *);
} before_identity[] = {
	{ LAYER_NO_NEW_PRIVS, forbid_new_privileges },
	{ LAYER_MOUNT_NS, namespaces_empty_root },
	{ LAYER_LANDLOCK, landlock_enter },
	{ LAYER_CAPABILITIES, drop_bounding_set },
}, after_identity[] = {
	{ LAYER_CAPABILITIES, drop_capabilities },
	{ LAYER_RLIMITS, limits_set },
	{ LAYER_MDWE, forbid_new_code },
};

static void note_missing(struct sandbox_result *result, const char *step)
{
	size_t used = strlen(result->missing);
	int error = errno;

	snprintf(result->missing + used, sizeof(result->missing) - used, "%s%s: %s", used ? "; " : "", step,
		 strerror(error));
}

static void put_on(struct sandbox_run *run, const struct step *steps, size_t count,
		   struct sandbox_result *result)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t bit = LAYER_BIT(steps[i].layer);
		if (!(run->wanted & bit))
			continue;
		const char *failed = steps[i].put_on(run);
		if (failed) {
			result->on &= ~bit;
			note_missing(result, failed);
		}
	}
}

/*
 * Not a layer, and never left out: who we are, that nobody of the same uid may look inside, and that we end
 * with the browser. A change of uid clears the last two, so they come after it.
 */
static const char *settle_identity(const struct sandbox_run *run)
{
	if (!(run->wanted & LAYER_BIT(LAYER_USER_NS)) && geteuid() == 0) {
		const char *failed = capabilities_leave_root();
		if (failed)
			return failed;
	}
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return "dumpable";
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return "parent death signal";
	return NULL;
}

/* Load the plugin's library with the loader's filter on: its constructors are as foreign as the rest of it.
 */
static const char *load_library(struct sandbox_run *run, bool (*load)(const char *, void *), void *arg,
				struct sandbox_result *result)
{
	if (run->wanted & LAYER_BIT(LAYER_SECCOMP)) {
		const char *failed = seccomp_enter_loader(run);
		if (failed)
			note_missing(result, failed);
	}
	errno = 0;
	if (load(run->library_path, arg))
		return NULL;
	if (!errno)
		errno = ELIBBAD;
	return "load library";
}

static const char *lock_calls(struct sandbox_run *run, struct sandbox_result *result)
{
	if (!(run->wanted & LAYER_BIT(LAYER_SECCOMP)))
		return NULL;
	const char *failed = seccomp_enter(run);
	if (failed) {
		result->on &= ~LAYER_BIT(LAYER_SECCOMP);
		note_missing(result, failed);
		return NULL;
	}
	return filter_is_live() ? NULL : "filter does not answer";
}

static const char *enter(struct sandbox_run *run, bool (*load)(const char *, void *), void *arg,
			 struct sandbox_result *result)
{
	bool loads = run->policy->loads_library && run->library_fd >= 0 && load;
	uint32_t late = LAYER_BIT(LAYER_CAPABILITIES);
	const char *failed = NULL;

	put_on(run, before_identity, sizeof(before_identity) / sizeof(*before_identity), result);
	if (loads && !run->library_path[0])
		failed = namespaces_copy_library(run);
	if (!failed)
		failed = settle_identity(run);
	if (failed)
		return failed;
	put_on(run, after_identity, sizeof(after_identity) / sizeof(*after_identity), result);
	if (loads)
		failed = load_library(run, load, arg, result);
	if (!failed)
		failed = lock_calls(run, result);
	if (!failed && run->wanted & late && !(run->wanted & LAYER_BIT(LAYER_NO_NEW_PRIVS)))
		failed = capabilities_clear();
	return failed;
}

bool sandbox_enter(const struct sandbox_policy *policy, uint32_t wanted, int library_fd,
		   bool (*load)(const char *path, void *arg), void *arg, struct sandbox_result *result)
{
	struct sandbox_run run = { .policy = policy, .wanted = wanted, .library_fd = library_fd };

	/* What cannot be put on is taken out again. */
	*result = (struct sandbox_result){ .on = wanted & SANDBOX_ALL_LAYERS };
	run.data_used = limits_data_used();
	const char *failed = enter(&run, load, arg, result);
	if (failed) {
		note_missing(result, failed);
		return false;
	}
	if (library_fd >= 0)
		close(library_fd);
	return true;
}
