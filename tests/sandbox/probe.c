/* See probe.h. Launched by compartment_launch() as a child is; attempts.c holds what it may try. */
#include "tests/sandbox/probe.h"
#include "common/child.h"
#include "common/crash.h"
#include "sandbox/sandbox.h"
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Read by the constructor of a plugin's library. */
long probe_hostile_call;

static enum role role_of(const char *name)
{
	if (strcmp(name, "bulkhead-gpu") == 0)
		return ROLE_GPU;
	return strcmp(name, "bulkhead-plugin") == 0 ? ROLE_PLUGIN : ROLE_RENDERER;
}

static void report(enum report_kind kind, int result, const struct sandbox_result *sandbox)
{
	struct probe_report r = { .kind = kind, .result = result };

	if (sandbox) {
		r.layers = sandbox->on;
		memcpy(r.missing, sandbox->missing, sizeof(r.missing));
	}
	if (write(CHILD_CHANNEL_FD, &r, sizeof(r)) != sizeof(r))
		_exit(99);
}

static bool load(const char *path, void *arg)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	*(void **)arg = library;
	return library && dlsym(library, "library_answer");
}

static void start(void)
{
	sigset_t none;
	struct recorder_region *region =
		mmap(NULL, RECORDER_REGION_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, CHILD_RECORDER_FD, 0);

	if (region == MAP_FAILED || !crash_init(region))
		_exit(98);
	memcpy(&probe_input, region->ring, sizeof(probe_input));
	probe_hostile_call = probe_input.hostile;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int make_attempt(const struct attempt *a)
{
	const long *args = a->args;

	errno = 0;
	long result = a->special ? a->special()
				 : syscall(a->call, args[0], args[1], args[2], args[3], args[4], args[5]);
	return result == -1 ? errno : 0;
}

int main(int argc, char **argv)
{
	struct sandbox_result sandbox = { 0 };
	void *library = NULL;
	char byte;

	/* As a program with the setuid bit: who are we now? */
	if (argc == 1) {
		struct probe_report r = { .kind = REPORT_RESULT, .result = (int)geteuid() };
		return write(CHILD_CHANNEL_FD, &r, sizeof(r)) == sizeof(r) ? 0 : 1;
	}
	if (argc != 5)
		return 97;
	enum role role = role_of(argv[0]);
	start();
	const struct attempt *a = &attempts[probe_input.attempt];
	if (a->prepare)
		a->prepare();
	if (probe_input.enter &&
	    !sandbox_enter(sandbox_policy(role), (uint32_t)strtoul(argv[4], NULL, 16),
			   role == ROLE_PLUGIN ? CHILD_PLUGIN_FD : -1, load, &library, &sandbox)) {
		report(REPORT_FAILED, 0, &sandbox);
		return 96;
	}
	report(REPORT_READY, library != NULL, &sandbox);
	if (probe_input.wait)
		while (read(CHILD_CHANNEL_FD, &byte, 1) > 0)
			;
	else
		report(REPORT_RESULT, make_attempt(a), NULL);
	_exit(0);
}
