/* Resource limits: the backstop for what the other layers leave open, and the bound on memory. Hard limits,
 * all. */
#include "sandbox/layers.h"
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

/* Nothing of these. NPROC binds any uid but root; SIGPENDING leaves one of each ordinary signal. */
static const int forbidden[] = { RLIMIT_CORE,	    RLIMIT_FSIZE, RLIMIT_MEMLOCK, RLIMIT_MSGQUEUE,
				 RLIMIT_SIGPENDING, RLIMIT_NPROC, RLIMIT_NICE,	  RLIMIT_RTPRIO };

static bool limit_to(int resource, rlim_t most)
{
	struct rlimit limit = { most, most };
	struct rlimit now;

	if (getrlimit(resource, &now) == 0 && now.rlim_max < most)
		limit = (struct rlimit){ now.rlim_max, now.rlim_max };
	return setrlimit(resource, &limit) == 0;
}

/* Private writable memory of this process in bytes; 0 when /proc does not tell. */
size_t limits_data_used(void)
{
	unsigned long total, resident, shared, text, library, data = 0;
	char line[160] = "";
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	if (read(fd, line, sizeof(line) - 1) > 0 &&
	    sscanf(line, "%lu %lu %lu %lu %lu %lu", &total, &resident, &shared, &text, &library, &data) != 6)
		data = 0;
	close(fd);
	return (size_t)data * (size_t)sysconf(_SC_PAGESIZE);
}

const char *limits_set(struct sandbox_run *run)
{
	for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
		if (!limit_to(forbidden[i], 0))
			return "setrlimit";
	if (!limit_to(RLIMIT_NOFILE, run->policy->open_files))
		return "setrlimit files";
	if (!limit_to(RLIMIT_DATA, run->data_used + run->policy->data_bytes))
		return "setrlimit data";
	return NULL;
}
