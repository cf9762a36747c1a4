/*
 * Landlock: no file may be opened or changed, no TCP port bound or connected, no signal and no abstract
 * socket reach outside. What a rule may name depends on the kernel, so the rights are masked by the ABI that
 * it reports. The constants are written here because the system's header may be older than the kernel.
 */
#include "sandbox/layers.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH      1
#define ACCESS_FS_READ_FILE    (UINT64_C(1) << 2)

struct ruleset {
	uint64_t access_fs;  /* ABI 1: 13 rights; 2: refer; 3: truncate; 5: ioctl of devices */
	uint64_t access_net; /* ABI 4: bind and connect of TCP */
	uint64_t scoped;     /* ABI 6: abstract unix sockets, signals */
};

struct path_beneath {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

static const struct abi {
	long since;
	unsigned fs_rights, net_rights, scopes;
	size_t ruleset_bytes;
} abis[] = {
	{ 6, 16, 2, 2, 24 }, { 5, 16, 2, 0, 16 }, { 4, 15, 2, 0, 16 },
	{ 3, 15, 0, 0, 8 },  { 2, 14, 0, 0, 8 },  { 1, 13, 0, 0, 8 },
};

static const struct abi *abi_at_run_time(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);

	for (size_t i = 0; version > 0 && i < sizeof(abis) / sizeof(*abis); i++)
		if (version >= abis[i].since)
			return &abis[i];
	return NULL;
}

static uint64_t lowest_bits(unsigned count)
{
	return (UINT64_C(1) << count) - 1;
}

/* The one exception: a plugin may read its own library, until the final filter takes open away altogether. */
static bool allow_library(int ruleset, const char *path)
{
	struct path_beneath rule = { .allowed = ACCESS_FS_READ_FILE };

	rule.parent = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent < 0)
		return false;
	bool allowed = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) == 0;
	int saved = errno;

	close(rule.parent);
	errno = saved;
	return allowed;
}

/* A copy in memory (see namespaces_copy_library) lies in no folder: Landlock leaves it alone. */
static const char *restrict_self(int ruleset, const struct sandbox_run *run)
{
	bool in_root = run->library_path[0] && run->wanted & LAYER_BIT(LAYER_MOUNT_NS);

	if (in_root && !allow_library(ruleset, run->library_path))
		return "landlock_add_rule";
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		return "landlock_restrict_self";
	return NULL;
}

const char *landlock_enter(struct sandbox_run *run)
{
	const struct abi *abi = abi_at_run_time();

	if (!abi)
		return "landlock";
	struct ruleset attr = { lowest_bits(abi->fs_rights), lowest_bits(abi->net_rights),
				lowest_bits(abi->scopes) };
	long ruleset = syscall(SYS_landlock_create_ruleset, &attr, abi->ruleset_bytes, 0);
	if (ruleset < 0)
		return "landlock_create_ruleset";
	const char *failed = restrict_self((int)ruleset, run);
	int saved = errno;

	close((int)ruleset);
	errno = saved;
	return failed;
}
