/*
 * The empty root: a tmpfs of the child's own takes the place of the file system, and becomes read-only. For a
 * plugin it holds the one library that it may load. browser/process/compartment.c made the namespaces
 * themselves.
 */
#include "sandbox/layers.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LIBRARY_NAME	  "/plugin.so"
#define LIBRARY_MAX_BYTES (64 << 20)

/* Some folder that every system has, to be mounted over for a moment. */
#define MOUNT_POINT "/proc"

static bool library_bytes(int fd, off_t *bytes)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size > LIBRARY_MAX_BYTES) {
		errno = EINVAL;
		return false;
	}
	*bytes = st.st_size;
	return true;
}

static bool copy_bytes(int from, int to, off_t bytes)
{
	off_t at = 0;

	while (at < bytes) {
		ssize_t n = sendfile(to, from, &at, (size_t)(bytes - at));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = EIO;
			return false;
		}
	}
	return true;
}

static const char *copy_library_into_root(struct sandbox_run *run, off_t bytes)
{
	int fd = open(LIBRARY_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);

	if (fd < 0)
		return "create library";
	bool copied = copy_bytes(run->library_fd, fd, bytes);
	int saved = errno;

	close(fd);
	errno = saved;
	if (!copied)
		return "copy library";
	snprintf(run->library_path, sizeof(run->library_path), "%s", LIBRARY_NAME);
	return NULL;
}

/* Swap the root for the mount that is the current folder, and let go of the old one. */
static const char *enter_mounted_root(void)
{
	if (chdir(MOUNT_POINT) < 0)
		return "chdir to root";
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return "pivot_root";
	if (umount2(".", MNT_DETACH) < 0)
		return "detach old root";
	if (chdir("/") < 0)
		return "chdir into root";
	return NULL;
}

const char *namespaces_empty_root(struct sandbox_run *run)
{
	bool library = run->policy->loads_library && run->library_fd >= 0;
	unsigned long flags = MS_NOSUID | MS_NODEV | (library ? 0 : MS_NOEXEC);
	const char *failed;
	char options[64];
	off_t bytes = 0;

	if (library && !library_bytes(run->library_fd, &bytes))
		return "library";
	snprintf(options, sizeof(options), "size=%lld,nr_inodes=4,mode=0755", (long long)bytes + 4096);
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "make mounts private";
	if (mount("none", MOUNT_POINT, "tmpfs", flags, options) < 0)
		return "mount root";
	failed = enter_mounted_root();
	if (!failed && library)
		failed = copy_library_into_root(run, bytes);
	if (failed)
		return failed;
	if (mount("none", "/", NULL, MS_REMOUNT | MS_RDONLY | flags, NULL) < 0)
		return "make root read-only";
	return NULL;
}

/* Without a root of its own a plugin loads a sealed copy: the file's own folder may be closed to this uid. */
const char *namespaces_copy_library(struct sandbox_run *run)
{
	off_t bytes;

	if (!library_bytes(run->library_fd, &bytes))
		return "library";
	int fd = memfd_create("plugin.so", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return "create library";
	if (!copy_bytes(run->library_fd, fd, bytes))
		return "copy library";
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return "seal library";
	if (dup3(fd, run->library_fd, O_CLOEXEC) < 0)
		return "move library";
	close(fd);
	snprintf(run->library_path, sizeof(run->library_path), "/proc/self/fd/%d", run->library_fd);
	return NULL;
}
