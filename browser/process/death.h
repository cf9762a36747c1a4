/*
 * Naming a death: from what waitid(2) said and the crash record of the flight recorder to a termination
 * status. reaper.c asks; tab/, fault/ and traffic/ show it.
 */
#pragma once
#include "common/recorder.h"
#include <stddef.h>
#include <stdint.h>

struct death {
	enum termination_status status;
	int signal; /* 0: it exited */
	int code;   /* exit code; for a signal its number */
	enum crash_kind kind;
	uint64_t address;	 /* faulting, for SEGV and its like */
	uint32_t syscall;	 /* the forbidden one, for a violation */
	enum bad_message reason; /* that the browser, or it itself, ended it for */
	uint64_t handling;	 /* id of the message whose handler was running, 0: none; its claim */
	uint64_t pc;
	char step[60]; /* of starting, that failed; "" otherwise */
};

/* What the browser knows besides: why it sent SIGKILL itself, if it did. */
struct death_context {
	bool was_ready;
	bool asked_to_end;	      /* the browser closed the channel */
	enum bad_message kill_reason; /* BAD_MESSAGE_NONE: none */
};

/* `code` and `how` are siginfo's si_status and si_code (CLD_EXITED …). The record is the dead's word; it is
 * checked. */
struct death death_name(int how, int code, const struct crash_record *, const struct death_context *);

/* "crashed (SIGSEGV at address 0x0)", "killed (bad message: invalid_frame)", "oom"… Returns buf. */
const char *death_text(const struct death *, char *buf, size_t capacity);

/* "SIGSEGV", or "" for 0. */
const char *death_signal_name(int signal);
/* "ptrace", or "number 999". Returns buf. */
const char *death_syscall_name(uint32_t number, char *buf, size_t capacity);
