/* What compartment.c and compartment_launch.c share. */
#pragma once
#include "browser/process/compartment.h"
#include <signal.h>

#define COMPARTMENT_STACK_BYTES 16384

/* Of whoever runs in our memory until its exec; one at a time. */
extern char compartment_stack[COMPARTMENT_STACK_BYTES];
extern char *const compartment_environment[]; /* empty */

/* The namespaces among those layers, as flags of clone(2). */
int compartment_flags(uint32_t layers);
void compartment_block_signals(sigset_t *before);
/* dumpable: what PR_GET_DUMPABLE said before. */
void compartment_restore_signals(const sigset_t *before, int dumpable);
/* Become that uid and gid for good, by the kernel's own calls. Returns a negative errno on failure. */
long compartment_become(long id);

/* A child, and the launcher that goes before it, until their exec and exit. */
struct compartment_job {
	int program;
	char *const *argv;
	int fds[3]; /* what becomes CHILD_CHANNEL_FD and the two behind it; -1: none */
	int null;
	int init_pidfd, namespaces; /* to enter */
	bool root, maps;
	pid_t pid;
	int pidfd;
	const char *step;
	long error;
};

/* Start it: program, argv and fds are the caller's, the rest is filled in. As compartment_launch(). */
pid_t compartment_job_start(struct compartment_job *, const struct compartment *, int *pidfd,
			    const char **step);
