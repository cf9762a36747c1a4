/* An orderly restart: the browser executes itself again, with its options and the addresses of its tabs. */
#pragma once
struct browser;

/*
 * The command line for it: what was given but the addresses, then those of the tabs. Before the browser is
 * closed. NULL: no memory.
 */
char **again_words(const struct browser *, unsigned nurls, char *const *urls);
/* In the new one, before the screen: the tab that was shown shall be shown again, where it was scrolled to.
 */
void again_resume(struct browser *);
/* When the screen has ended: of that nothing is left to do. */
void again_forget(void);
/* After it was closed. Returns only if that fails, which it says, and with the exit status. */
int again_run(char **words);
