/*
 * Launches the probe in a compartment and tells what became of it. Used by test_attempts.c and test_layers.c.
 */
#pragma once
#include "browser/process/compartment.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/probe.h"

struct jail {
	enum role role;
	uint32_t layers;
	int library; /* -1: none */
	struct probe_input input;
};

struct outcome {
	int code;	 /* see probe.h */
	uint32_t call;	 /* that was trapped */
	uint32_t layers; /* as the probe reported */
	bool ready;	 /* it reported them */
	bool loaded;	 /* and had loaded its library */
	char missing[400];
};

/* A probe that waits: its pid, its channel, and what has to be freed by jail_close(). */
struct jailed {
	struct compartment compartment;
	struct recorder_region *region;
	pid_t pid;
	int pidfd, channel;
};

/* Open the programs: PROBE and INIT are paths. Ends the process when they cannot be opened. */
void jail_init(const char *probe, const char *init);
const struct compartment_programs *jail_programs(void);

/* Namespaces that work here. */
uint32_t jail_namespaces(void);

/* Launch, and leave running. Ends the process when launching fails. */
void jail_open(struct jailed *, const struct jail *);
/* Wait for its report of being ready. */
void jail_wait_ready(struct jailed *, struct outcome *);
/* Wait for its end, and say how it came. */
void jail_close(struct jailed *, struct outcome *);

/* All of it: launch, wait, tell. */
struct outcome jail_run(const struct jail *);

/* "EPERM", "trapped", "SIGXFSZ", "success". */
const char *outcome_text(int code, char buf[48]);
