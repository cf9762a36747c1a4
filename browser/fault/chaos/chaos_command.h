/* `bulkhead chaos`: faults drawn from the catalogue by a seed, and what must hold whatever they do. */
#pragma once

struct options;

/* argv[0] is "chaos". Returns the exit status: 0, 1 when an invariant was broken, 2 for bad usage. */
int chaos_command(int argc, char **argv, const struct options *);
