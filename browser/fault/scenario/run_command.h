/* `bulkhead run`: a scenario is played without a screen; compare.c plays it under each process model. */
#pragma once
#include <stdbool.h>

struct options;

/* argv[0] is "run". Returns the exit status. */
int run_command(int argc, char **argv, const struct options *);

/* Play one; path NULL: the demo. Returns the exit status. */
int run_scenario(const struct options *, const char *path, bool json);
