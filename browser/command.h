/* What the commands share: how they complain, and how they end a browser. main.c has the table of them. */
#pragma once
struct browser;

/* "bulkhead: ..." on standard error. Returns status: 2 for bad usage, 1 for failure. */
__attribute__((format(printf, 2, 3))) int command_fail(int status, const char *how, ...);

/* End it (also after a browser_init() that failed), and say what its log lacks. */
void command_close(struct browser *);
