/*
 * No capabilities: none held, none that could come back. Inside a user namespace those dropped here are the
 * ones that the child needed to make its root; as root without one, they are the machine's, and the uid is
 * dropped too.
 */
#include "sandbox/layers.h"
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECUREBITS_LOCKED                                                                                    \
	(SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP | SECBIT_NO_SETUID_FIXUP_LOCKED |     \
	 SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED)

const char *capabilities_leave_root(void)
{
	if (setgroups(0, NULL) < 0)
		return "setgroups";
	if (setresgid(SANDBOX_NOBODY, SANDBOX_NOBODY, SANDBOX_NOBODY) < 0)
		return "setresgid";
	if (setresuid(SANDBOX_NOBODY, SANDBOX_NOBODY, SANDBOX_NOBODY) < 0)
		return "setresuid";
	return NULL;
}

/*
 * An ordinary user outside a user namespace may not drop its bounding set. That is no gap: the set bounds
 * what an exec can grant, and no_new_privs lets it grant nothing.
 */
const char *capabilities_drop_bounding(void)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++) {
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EPERM && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1)
			return NULL;
		return "drop bounding set";
	}
	if (prctl(PR_SET_SECUREBITS, SECUREBITS_LOCKED, 0, 0, 0) < 0)
		return "lock securebits";
	return NULL;
}

/* Also takes away the ambient set, which cannot be more than the permitted one. */
const char *capabilities_clear(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	return syscall(SYS_capset, &header, none) < 0 ? "capset" : NULL;
}
