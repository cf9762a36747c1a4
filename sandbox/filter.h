/*
 * What compile_filter.c (at build time) and seccomp.c (in the child) agree on.
 */
#pragma once
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>

/* FILTER_LOADER: while a plugin's library is loaded. FILTER_BEFORE_CAPSET: capset is still to come. */
enum filter_kind { FILTER_FINAL, FILTER_BEFORE_CAPSET, FILTER_LOADER, FILTER_KIND_COUNT };

#define FILTER_MAX 512

/* One instruction, as struct sock_filter has it. */
struct filter_step {
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};

struct filter_code {
	const struct filter_step *steps;
	uint16_t count;
};

/* Stands in the compiled filter where the process's own pid belongs; larger than any pid. */
#define FILTER_OWN_PID 0x7e57ab1eu

/* A call that nobody needs, answered with an errno that it never has: proof that the filter is live. */
#define FILTER_CHECK_CALL  SYS_getpgid
#define FILTER_CHECK_ERRNO EXFULL

bool filter_is_live(void);
