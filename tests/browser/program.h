/* The real program, started by a test as a person would: bulkhead with arguments, its output read. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

#include <cmocka.h>

struct ran {
	int status; /* exit status, or 128 + signal */
	char out[65536], err[8192];
};

/* Run it to its end, at most 60 s; arguments end with NULL. No terminal. */
const struct ran *program_run(const char *argument, ...);

/* Start it, its output thrown away; returns its pid. */
pid_t program_start(const char *argument, ...);

/* A file in /tmp with that content, and the name of one that is not there. Removed by program_clean(). */
const char *program_file(const char *content);
const char *program_no_file(void);
int program_clean(void **state);
