/*
 * CPU and memory of each child, for the process tree. Read from /proc/PID/stat and statm, which an ordinary
 * user's browser may read of its undumpable children too (smaps, and with it PSS, it may not).
 */
#include "browser/process/host_internal.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define READ_MS	       1000
#define KERNEL_EXITING 0x4 /* PF_EXITING, among the flags of /proc/PID/stat; older than this program */

static bool usage_read_file(pid_t pid, const char *name, char *buf, size_t capacity)
{
	char path[48];
	FILE *file;
	size_t n;

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(buf, 1, capacity - 1, file);
	buf[n] = '\0';
	fclose(file);
	return n > 0;
}

/* What /proc/PID/stat says, as far as it is of use here. */
struct usage_stat {
	char state;
	unsigned flags;
	unsigned long user, system; /* ticks */
};

static bool usage_read_stat(pid_t pid, struct usage_stat *s)
{
	char buf[1024], *fields;

	return usage_read_file(pid, "stat", buf, sizeof buf) && (fields = strrchr(buf, ')')) &&
	       sscanf(fields + 1, " %c %*d %*d %*d %*d %*d %u %*u %*u %*u %*u %lu %lu", &s->state, &s->flags,
		      &s->user, &s->system) == 4;
}

bool usage_is_exiting(pid_t pid)
{
	struct usage_stat s;

	return !usage_read_stat(pid, &s) || s.flags & KERNEL_EXITING || s.state == 'Z' || s.state == 'X';
}

bool process_is_stopped(const struct process_host *p)
{
	struct usage_stat s;

	return p->pid > 0 && !p->reaped && usage_read_stat(p->pid, &s) && s.state == 'T';
}

static void usage_read_cpu(struct process_host *p, uint64_t now)
{
	struct usage_stat s;

	if (!usage_read_stat(p->pid, &s))
		return;
	uint64_t ticks = s.user + s.system, hz = (uint64_t)sysconf(_SC_CLK_TCK);

	if (p->cpu_at_ns && now > p->cpu_at_ns)
		p->usage.cpu_percent =
			(unsigned)((ticks - p->cpu_ticks) * 100 * 1000000000u / hz / (now - p->cpu_at_ns));
	p->cpu_ticks = ticks;
	p->cpu_at_ns = now;
	p->usage.stopped = s.state == 'T';
}

static void usage_read_memory(struct process_host *p)
{
	char buf[128];
	unsigned long resident, shared;

	if (usage_read_file(p->pid, "statm", buf, sizeof buf) &&
	    sscanf(buf, "%*u %lu %lu", &resident, &shared) == 2 && resident >= shared)
		p->usage.memory_bytes = (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void usage_read_all(void *arg)
{
	struct process_table *t = arg;
	uint64_t now = recorder_now();

	for (struct process_host *p = t->first; p; p = p->next) {
		if (process_is_up(p)) {
			usage_read_cpu(p, now);
			usage_read_memory(p);
		}
	}
}

void usage_start(struct process_table *t)
{
	task_init(&t->usage_reading, usage_read_all, t);
	task_repeat(&t->usage_reading, READ_MS);
}
