/* See command.h. */
#include "browser/command.h"
#include "browser/browser.h"
#include <stdarg.h>
#include <stdio.h>

int command_fail(int status, const char *how, ...)
{
	va_list args;

	va_start(args, how);
	fputs("bulkhead: ", stderr);
	vfprintf(stderr, how, args);
	fputc('\n', stderr);
	va_end(args);
	return status;
}

/* What the log lacks is said where nobody can have missed it. */
void command_close(struct browser *b)
{
	uint64_t lacks;
	char path[sizeof b->log_path];

	snprintf(path, sizeof path, "%s", b->log_path);
	lacks = browser_finish(b);
	if (lacks)
		command_fail(1, "%s: %llu lines of the log could not be written", path,
			     (unsigned long long)lacks);
}
