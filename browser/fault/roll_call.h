/* The roll call after a death: every other process is pinged, and how many answered, how fast, is told. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct browser;
struct process_host;

struct roll_call {
	struct browser *browser;
	uint32_t number; /* of the last call */
	unsigned asked, answered;
	uint64_t began_ns, ended_ns; /* ended_ns 0: still waiting */
};

void roll_call_begin(struct roll_call *);
/* For process events. */
void roll_call_ponged(struct roll_call *, struct process_host *);
void roll_call_died(struct roll_call *, struct process_host *);
