/* Names of this machine's system calls, ended by a NULL name. syscall_names.py makes the table. */
#pragma once
#include <stdint.h>

struct syscall_name {
	uint32_t number;
	const char *name;
};
extern const struct syscall_name syscall_names[];
