/*
 * What the tests of this folder and the process they launch (probe.c) agree on. The probe stands in for a
 * role's executable: it enters the sandbox with the role's real policy, makes one attempt, and reports what
 * came of it.
 */
#pragma once
#include "common/protocol.h"
#include "common/recorder.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Outcomes: 0 success, 1.. an errno, and beyond those: */
enum {
	TRAPPED = 1000, /* died of SIGSYS, and the crash record names the call that was tried */
	FENCED,		/* died of SIGSYS without a record: the kernel killed at once */
	ANY,		/* depends on how this kernel is configured */
	DIED = 2000,	/* DIED + signal: died of that signal */
	EXITED = 3000,	/* EXITED + code, without a report */
};

struct attempt {
	const char *name;
	long call;
	int control; /* in the same namespaces, before sandbox_enter */
	int full;    /* with all layers */
	int open;    /* with all layers but seccomp */
	long args[6];
	long (*special)(void); /* instead of the call with args */
	void (*prepare)(void); /* run before the sandbox */
};

extern const struct attempt attempts[];
extern const unsigned attempts_count;

/* The index of an attempt; ends the process when there is none of that name. */
unsigned attempt_index(const char *name);

/* What the test tells the probe, at the start of the recorder's ring. */
struct probe_input {
	uint32_t attempt;
	uint32_t enter;	     /* enter the sandbox, or make the attempt outside */
	uint32_t wait;	     /* report ready and wait for the end of the channel */
	uint32_t hostile;    /* the call that the library's constructor makes, 0: none */
	int32_t browser_pid; /* of the test */
	uint32_t port;	     /* on which the test listens, on loopback */
	int32_t key;	     /* of a shared segment of the test's */
	char path[128];	     /* an executable with the setuid bit */
	uint32_t program_bytes;
	uint8_t program[16384]; /* the init: a program that needs no library */
};

extern struct probe_input probe_input;

enum report_kind { REPORT_READY = 1, REPORT_RESULT, REPORT_FAILED };

struct probe_report {
	uint32_t kind;
	uint32_t layers;
	int32_t result; /* 0, or an errno */
	char missing[400];
};
