/* See verify.h. host.c calls this once per process start, so it opens one folder and reads one file. */
#include "browser/process/verify.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#define TMPFS_MAGIC	0x01021994
#define STATFS_RDONLY	1
#define FILE_BYTES	4096
#define MOST_OPEN_FILES 1024

static const struct {
	enum layer layer;
	const char *link;
} namespaces[] = {
	{ LAYER_USER_NS, "ns/user" },	  { LAYER_PID_NS, "ns/pid" }, { LAYER_MOUNT_NS, "ns/mnt" },
	{ LAYER_NETWORK_NS, "ns/net" },	  { LAYER_IPC_NS, "ns/ipc" }, { LAYER_UTS_NS, "ns/uts" },
	{ LAYER_CGROUP_NS, "ns/cgroup" },
};

#define NAMESPACES (sizeof(namespaces) / sizeof(*namespaces))

/* Resources of which a sandboxed child may use nothing, as /proc/PID/limits calls them. */
static const char *const forbidden[] = { "core file size", "file size",	      "locked memory",
					 "msgqueue size",  "pending signals", "processes" };

/* The numbers of /proc/PID/status that count. */
struct status {
	unsigned uid[4], gid[4];
	uint64_t inherited, permitted, effective, bounding, ambient;
	unsigned no_new_privs, seccomp, filters;
};

static int open_process(pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* The value of a line "Name:\t..." of status, or "". */
static const char *status_line(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	return at ? at + strlen(name) : "";
}

static uint64_t status_number(const char *text, const char *name, int base)
{
	return strtoull(status_line(text, name), NULL, base);
}

static void status_four(const char *text, const char *name, unsigned four[4])
{
	const char *at = status_line(text, name);
	char *end;

	for (int i = 0; i < 4; i++, at = end)
		four[i] = (unsigned)strtoul(at, &end, 10);
}

static bool read_file(int process, const char *name, char text[FILE_BYTES])
{
	int fd = openat(process, name, O_RDONLY | O_CLOEXEC);
	ssize_t bytes = fd < 0 ? -1 : read(fd, text, FILE_BYTES - 1);

	if (fd >= 0)
		close(fd);
	text[bytes > 0 ? bytes : 0] = 0;
	return bytes > 0;
}

/* The first line is the process's name, which it could choose: the rest begins behind it. */
static bool read_status(int process, struct status *status)
{
	char text[FILE_BYTES];

	if (!read_file(process, "status", text))
		return false;
	const char *rest = strchr(text, '\n');
	if (!rest)
		return false;
	status_four(rest, "\nUid:\t", status->uid);
	status_four(rest, "\nGid:\t", status->gid);
	status->inherited = status_number(rest, "\nCapInh:\t", 16);
	status->permitted = status_number(rest, "\nCapPrm:\t", 16);
	status->effective = status_number(rest, "\nCapEff:\t", 16);
	status->bounding = status_number(rest, "\nCapBnd:\t", 16);
	status->ambient = status_number(rest, "\nCapAmb:\t", 16);
	status->no_new_privs = (unsigned)status_number(rest, "\nNoNewPrivs:\t", 10);
	status->seccomp = (unsigned)status_number(rest, "\nSeccomp:\t", 10);
	status->filters = (unsigned)status_number(rest, "\nSeccomp_filters:\t", 10);
	return true;
}

/* Our own namespaces do not change: looked up once. 0 where it cannot be read. */
static ino_t own_namespace(size_t which)
{
	static ino_t own[NAMESPACES];
	struct stat st;
	char path[40];

	if (!own[which]) {
		snprintf(path, sizeof(path), "/proc/self/%s", namespaces[which].link);
		if (stat(path, &st) == 0)
			own[which] = st.st_ino;
	}
	return own[which];
}

static uint32_t verify_namespaces(int process)
{
	uint32_t on = 0;
	struct stat st;

	for (size_t i = 0; i < NAMESPACES; i++) {
		ino_t own = own_namespace(i);
		if (own && fstatat(process, namespaces[i].link, &st, 0) == 0 && st.st_ino != own)
			on |= 1u << namespaces[i].layer;
	}
	return on;
}

/* Is its root a read-only tmpfs that holds nothing, or one name? */
static bool verify_root(int process, struct verify_report *report)
{
	int fd = openat(process, "root", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (fd < 0)
		return false;
	if (fstatfs(fd, &fs) < 0 || fs.f_type != TMPFS_MAGIC || !(fs.f_flags & STATFS_RDONLY)) {
		close(fd);
		return false;
	}
	report->root_read_only = true;
	DIR *root = fdopendir(fd);
	if (!root) {
		close(fd);
		return false;
	}
	for (struct dirent *entry; (entry = readdir(root));)
		report->root_entries += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(root);
	return report->root_entries <= 1;
}

/* The hard limit behind "Max NAME" and the soft one. "unlimited" and what is not there count as UINT64_MAX.
 */
static uint64_t hard_limit(const char *text, const char *name)
{
	unsigned long long hard;
	char key[32];

	snprintf(key, sizeof(key), "\nMax %s ", name);
	const char *at = strstr(text, key);
	return at && sscanf(at + strlen(key), "%*s %llu", &hard) == 1 ? hard : UINT64_MAX;
}

static bool verify_limits(int process, struct verify_report *report)
{
	char text[FILE_BYTES];
	bool good = read_file(process, "limits", text);

	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		good = good && hard_limit(text, forbidden[i]) == 0;
	report->open_files = hard_limit(text, "open files");
	report->data_bytes = hard_limit(text, "data size");
	return good && report->open_files <= MOST_OPEN_FILES && report->data_bytes != UINT64_MAX;
}

static bool one_id(const unsigned four[4])
{
	return four[0] == four[1] && four[1] == four[2] && four[2] == four[3];
}

/* A bounding set can be left whole where exec grants nothing: an ordinary user may not drop it. */
static uint32_t verify_status(const struct status *status, struct verify_report *report)
{
	uint32_t on = 0;

	report->uid = status->uid[0];
	report->one_uid = one_id(status->uid) && one_id(status->gid);
	report->bounding = status->bounding;
	report->capabilities = status->inherited | status->permitted | status->effective | status->ambient;
	report->filters = status->filters;
	bool bounded = !status->bounding || (status->no_new_privs && geteuid() != 0);
	if (!report->capabilities && bounded && status->uid[0] != 0 && report->one_uid)
		on |= 1u << LAYER_CAPABILITIES;
	if (status->no_new_privs == 1)
		on |= 1u << LAYER_NO_NEW_PRIVS;
	if (status->seccomp == 2 && status->filters > 0)
		on |= 1u << LAYER_SECCOMP;
	return on;
}

static void settle(struct verify_report *report, uint32_t verified, uint32_t reported)
{
	for (int layer = 0; layer < LAYER_COUNT; layer++) {
		bool unseen = layer == LAYER_MDWE || layer == LAYER_LANDLOCK;
		if (verified & 1u << layer)
			report->state[layer] = VERIFY_VERIFIED;
		else if (unseen && reported & 1u << layer)
			report->state[layer] = VERIFY_REPORTED;
		if (report->state[layer] != VERIFY_OFF)
			report->shield |= 1u << layer;
	}
}

bool verify_process(pid_t pid, uint32_t reported_layers, struct verify_report *report)
{
	struct status status = { 0 };
	int process = open_process(pid);

	*report = (struct verify_report){ 0 };
	if (process < 0)
		return false;
	if (!read_status(process, &status)) {
		close(process);
		return false;
	}
	uint32_t verified = verify_status(&status, report) | verify_namespaces(process);
	if (verified & 1u << LAYER_MOUNT_NS && !verify_root(process, report))
		verified &= ~(1u << LAYER_MOUNT_NS);
	if (verify_limits(process, report))
		verified |= 1u << LAYER_RLIMITS;
	close(process);
	settle(report, verified, reported_layers);
	return true;
}

static void words_of_mount(const struct verify_report *report, char *buf)
{
	if (!report->root_read_only)
		snprintf(buf, VERIFY_WORDS, "its root is not an empty one");
	else if (report->root_entries)
		snprintf(buf, VERIFY_WORDS, "read-only root with %u file", report->root_entries);
	else
		snprintf(buf, VERIFY_WORDS, "empty read-only root");
}

static void words_of_capabilities(const struct verify_report *report, char *buf)
{
	if (report->capabilities)
		snprintf(buf, VERIFY_WORDS, "uid %u holds %016llx", report->uid,
			 (unsigned long long)report->capabilities);
	else
		snprintf(buf, VERIFY_WORDS, "none, uid %u%s", report->uid,
			 report->bounding ? ", bounding set cut off by no_new_privs"
					  : ", bounding set empty");
}

static void words_of_limits(const struct verify_report *report, char *buf)
{
	snprintf(buf, VERIFY_WORDS, "%llu MiB of data, %llu descriptors, no files, no processes",
		 (unsigned long long)report->data_bytes >> 20, (unsigned long long)report->open_files);
}

static void words_of_seccomp(const struct verify_report *report, char *buf)
{
	snprintf(buf, VERIFY_WORDS, "mode 2, %u filter%s", report->filters, report->filters == 1 ? "" : "s");
}

const char *verify_words(const struct verify_report *report, enum layer layer, char buf[VERIFY_WORDS])
{
	static void (*const special[LAYER_COUNT])(const struct verify_report *, char *) = {
		[LAYER_MOUNT_NS] = words_of_mount,
		[LAYER_CAPABILITIES] = words_of_capabilities,
		[LAYER_RLIMITS] = words_of_limits,
		[LAYER_SECCOMP] = words_of_seccomp,
	};
	static const char *const plain[LAYER_COUNT] = {
		[LAYER_USER_NS] = "ids of its own",
		[LAYER_PID_NS] = "sees no other process",
		[LAYER_NETWORK_NS] = "no network interface",
		[LAYER_IPC_NS] = "no shared queues or segments",
		[LAYER_UTS_NS] = "host name of its own",
		[LAYER_CGROUP_NS] = "control groups of its own",
		[LAYER_NO_NEW_PRIVS] = "exec grants nothing",
		[LAYER_MDWE] = "memory never becomes executable",
		[LAYER_LANDLOCK] = "no file, port or signal outside",
	};

	buf[0] = 0;
	if (report->state[layer] == VERIFY_OFF)
		snprintf(buf, VERIFY_WORDS, "off");
	else if (special[layer])
		special[layer](report, buf);
	else
		snprintf(buf, VERIFY_WORDS, "%s", plain[layer]);
	return buf;
}

const char *verify_state_name(enum verify_state state)
{
	static const char *const names[] = { "off", "verified", "reported" };

	return names[state];
}

bool verify_is_enough(uint32_t layers)
{
	uint32_t walls = 1u << LAYER_PID_NS | 1u << LAYER_MOUNT_NS | 1u << LAYER_NETWORK_NS;
	bool walled = (layers & walls) == walls || layers & 1u << LAYER_LANDLOCK;

	return layers & 1u << LAYER_SECCOMP && walled;
}

int verify_list_fds(pid_t pid, void (*found)(int fd, const char *what, void *arg), void *arg)
{
	char path[32], what[PATH_MAX];
	int count = 0;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	DIR *fds = opendir(path);
	if (!fds)
		return -1;
	for (struct dirent *entry; (entry = readdir(fds));) {
		if (entry->d_name[0] == '.')
			continue;
		ssize_t length = readlinkat(dirfd(fds), entry->d_name, what, sizeof(what) - 1);
		what[length > 0 ? length : 0] = 0;
		found(atoi(entry->d_name), what, arg);
		count++;
	}
	closedir(fds);
	return count;
}
