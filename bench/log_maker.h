/* Makes a log as long as one likes, of what a session is made of, in the lines that the log's writer writes.
 */
#pragma once
#include <stdint.h>

/* The id of an input in the midst of it, and of how many messages its chain consists, the input among them.
 */
struct made_log {
	uint64_t bytes, lines;
	char chain[40];
	unsigned chain_messages;
};

/* Write a log of at least so many bytes to that path; ends the process if that fails. */
struct made_log log_maker_write(const char *path, uint64_t bytes);
