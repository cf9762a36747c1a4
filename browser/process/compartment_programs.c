/* Finds and opens the executables of the children, for compartment.c to exec by descriptor. */
#include "browser/process/compartment.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the build tree each lies in its role's folder; installed, all lie together. */
static const struct program {
	const char *folder, *name;
} init_program = { "sandbox", "bulkhead-init" }, role_programs[ROLE_COUNT] = {
	[ROLE_RENDERER] = { "renderer", "bulkhead-renderer" },
	[ROLE_GPU] = { "gpu", "bulkhead-gpu" },
	[ROLE_PLUGIN] = { "plugin", "bulkhead-plugin" },
};

static bool own_folder(char folder[PATH_MAX])
{
	ssize_t length = readlink("/proc/self/exe", folder, PATH_MAX - 1);

	if (length <= 0)
		return false;
	folder[length] = 0;
	*strrchr(folder, '/') = 0;
	return true;
}

/* A copy in memory of a program that only root may execute: root's children are nobody. */
static int open_copy(int from, off_t bytes, const char *name)
{
	int copy = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	off_t at = 0;

	while (copy >= 0 && at < bytes && sendfile(copy, from, &at, (size_t)(bytes - at)) > 0)
		;
	if (copy < 0 || at < bytes || fchmod(copy, 0755) < 0 ||
	    fcntl(copy, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
		if (copy >= 0)
			close(copy);
		return -1;
	}
	return copy;
}

/* Takes fd over. */
static int open_executable(int fd, const char *name)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fd;
	if (geteuid() != 0 || st.st_mode & S_IXOTH)
		return fd;
	int copy = open_copy(fd, st.st_size, name);
	close(fd);
	return copy;
}

/* Where a file of that role's folder may lie, seen from this executable's folder: the build tree, a test in
 * it, installed. */
static const struct {
	const char *up;
	bool has_folder;
} places[] = { { "/..", true }, { "/../..", true }, { "", false }, { "/../lib/bulkhead", false } };

int compartment_find_file(const char *folder, const char *name, char *path)
{
	char own[PATH_MAX];

	if (!own_folder(own))
		return -1;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		int n = snprintf(path, PATH_MAX, "%s%s/%s%s%s", own, places[i].up,
				 places[i].has_folder ? folder : "", places[i].has_folder ? "/" : "", name);

		if (n > 0 && n < PATH_MAX && access(path, F_OK) == 0)
			return open(path, O_RDONLY | O_CLOEXEC);
	}
	snprintf(path, PATH_MAX, "%s", name);
	errno = ENOENT;
	return -1;
}

static int open_program(const struct program *program, const char **why)
{
	static char reason[PATH_MAX + 96];
	char path[PATH_MAX];
	int fd = open_executable(compartment_find_file(program->folder, program->name, path), program->name);

	if (fd < 0) {
		snprintf(reason, sizeof reason, "%s: cannot be opened: %s", path, strerror(errno));
		*why = reason;
	}
	return fd;
}

static void close_programs(struct compartment_programs *programs)
{
	if (programs->init >= 0)
		close(programs->init);
	for (int role = 0; role < ROLE_COUNT; role++)
		if (programs->role[role] >= 0)
			close(programs->role[role]);
}

bool compartment_open_programs(struct compartment_programs *programs, const char **why)
{
	bool complete;

	programs->init = open_program(&init_program, why);
	complete = programs->init >= 0;
	for (int role = 0; role < ROLE_COUNT; role++) {
		programs->role[role] = -1;
		if (!role_programs[role].name || !complete)
			continue;
		programs->role[role] = open_program(&role_programs[role], why);
		complete = programs->role[role] >= 0;
	}
	if (!complete)
		close_programs(programs);
	return complete;
}
