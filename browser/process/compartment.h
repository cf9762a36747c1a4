/*
 * A compartment: a child's own namespaces, held by a tiny init that is PID 1 of them, and the launching of
 * the child into it. browser/process/host.c decides what is started; this file is the clone, setns and exec
 * of it.
 */
#pragma once
#include "common/protocol.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The executables, opened once at start-up, since a folder may be closed to the uid that children run as. */
struct compartment_programs {
	int init; /* bulkhead-init */
	int role[ROLE_COUNT];
};

struct compartment {
	pid_t init_pid;
	int init_pidfd;
	int lifeline;	 /* closing it ends the init, and with it every process inside */
	uint32_t layers; /* namespaces it has, as bits of enum layer */
};

struct launch {
	enum role role;
	uint32_t serial;
	uint32_t wanted; /* layers, bits of enum layer */
	int channel;	 /* becomes CHILD_CHANNEL_FD; stays the caller's */
	int recorder;	 /* becomes CHILD_RECORDER_FD */
	int library;	 /* becomes CHILD_PLUGIN_FD; -1: none */
	size_t ring;	 /* bytes of the recorder's ring; 0: RECORDER_RING_BYTES */
	enum fault doom; /* that it obeys before it is ready, FAULT_NONE: none */
};

/* Open the executables next to this one (../renderer/bulkhead-renderer …, or all in one folder). Sets *why.
 */
bool compartment_open_programs(struct compartment_programs *, const char **why);

/*
 * Open a file of the program for reading: of that folder in the build tree, or beside this executable where
 * all are installed. path (PATH_MAX bytes) gets where it is. Returns a descriptor (CLOEXEC), or -1 with
 * errno.
 */
int compartment_find_file(const char *folder, const char *name, char *path);

/*
 * Which namespaces can be made here, tried in a throwaway child: bits of enum layer; *error_number is that of
 * the first that cannot (0: all can), *hint what may be done about it.
 */
uint32_t compartment_probe(const struct compartment_programs *, int *error_number, const char **hint);

/* Make the namespaces of `wanted`; with none of them nothing is started. false with errno. */
bool compartment_create(struct compartment *, const struct compartment_programs *, uint32_t wanted);

/*
 * Start a process inside. Its parent is this process. Returns its pid and *pidfd, or -1 with errno and *step.
 * launch->wanted is handed to the child, less the namespaces that the compartment lacks.
 */
pid_t compartment_launch(const struct compartment *, const struct compartment_programs *,
			 const struct launch *, int *pidfd, const char **step);

/*
 * End everything inside and reap the init. A zeroed or finished one is fine. A process inside that has not
 * been reaped yet holds its init back: then this does not wait, and a later call (of this or
 * compartment_create) reaps it.
 */
void compartment_finish(struct compartment *);
