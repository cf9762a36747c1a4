/* `bulkhead replay LOG --process P`: one process of a log alone, in its sandbox, fed with what it was fed. */
#pragma once

struct options;

/* argv[0] is "replay". Returns the exit status: 0 it did the same again, 1 it did not, or could not be
 * played, 2 bad usage. */
int replay_command(int argc, char **argv, const struct options *);
