/*
 * What of a child's sandbox the browser can see for itself, from outside, through /proc. What the kernel
 * shows nowhere (Landlock, MDWE) stays what the child reported, and is marked so. docs/sandbox.md has the
 * table.
 */
#pragma once
#include "common/protocol.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum verify_state {
	VERIFY_OFF,	 /* not on, or not what it should be */
	VERIFY_VERIFIED, /* seen from outside */
	VERIFY_REPORTED, /* the child says so, and nobody else can */
};

/* What was seen; verify_words() turns it into words when somebody looks. */
struct verify_report {
	uint32_t shield; /* bits of enum layer that are verified or, where nothing else is possible, reported
			  */
	uint8_t state[LAYER_COUNT]; /* enum verify_state */
	uid_t uid;		    /* as the browser sees it; all four of the child's are the same */
	bool one_uid;		    /* they are */
	bool root_read_only;
	unsigned root_entries; /* names in its root: 0, or 1 for a plugin's library */
	uint64_t capabilities; /* all sets of the process together */
	uint64_t bounding;
	unsigned filters;    /* seccomp filters */
	uint64_t data_bytes; /* RLIMIT_DATA */
	uint64_t open_files; /* RLIMIT_NOFILE */
};

/* Look at a live process. false: it cannot be read (it is gone); the report then shows nothing as on. */
bool verify_process(pid_t, uint32_t reported_layers, struct verify_report *);

/* One layer of a report in a few words, such as "mode 2, 1 filter". Returns buf. */
#define VERIFY_WORDS 96
const char *verify_words(const struct verify_report *, enum layer, char buf[VERIFY_WORDS]);

/* "verified", "reported" or "off". */
const char *verify_state_name(enum verify_state);

/* Are these layers enough to open pages with: seccomp, and namespaces (pid, mount, network) or Landlock? */
bool verify_is_enough(uint32_t layers);

/*
 * The descriptors that a process has open, as /proc names them: "3 socket:[4711]". Not part of
 * verify_process(), since it costs a call per descriptor; for who wants to look. Calls found for each;
 * returns how many, or -1 with errno.
 */
int verify_list_fds(pid_t, void (*found)(int fd, const char *what, void *arg), void *arg);
