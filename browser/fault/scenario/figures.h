/* What there is at one moment of a play: processes, and the memory that each takes. For comparing models. */
#pragma once
#include "browser/process/host.h"

struct browser;

struct process_figures {
	struct endpoint process;
	pid_t pid;
	uint64_t private_bytes; /* private and resident */
	uint64_t pss_bytes;	/* 0: the kernel does not tell */
	double start_ms;	/* from launch to ready */
};

struct figures {
	unsigned tabs, processes, renderers, spares, gpus, plugins;
	struct process_figures browser;
	struct process_figures *each; /* children that are up */
};

/* Copies all that it finds. */
void figures_take(struct browser *, struct figures *);
void figures_finish(struct figures *);
