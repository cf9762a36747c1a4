/* An orderly restart: the browser executes itself again, with its options and the addresses of its tabs. */
#pragma once
struct browser;

/*
 * The command line for it: what was given but the addresses, then those of the tabs. Before the browser is
 * closed. NULL: no memory.
 */
char **again_words(const struct browser *, unsigned nurls, char *const *urls);
/* After it was closed. Returns only if that fails, which it says, and with the exit status. */
int again_run(char **words);
