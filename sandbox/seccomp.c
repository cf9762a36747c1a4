/*
 * The system call filters: arrays that compile_filter.c made at build time, so that a child neither links a
 * compiler nor waits for one. What is known only at run time, the own pid, is patched in.
 */
#include "sandbox/filter.h"
#include "sandbox/layers.h"
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Generated: filters[role][kind]. */
#include "sandbox/filters.inc"

static const char *install(enum role role, enum filter_kind kind)
{
	const struct filter_code *code = &filters[role][kind];
	struct sock_filter program[FILTER_MAX];
	struct sock_fprog prog = { .len = code->count, .filter = program };
	uint32_t self = (uint32_t)getpid();

	if (!code->count || code->count > FILTER_MAX) {
		errno = EINVAL;
		return "filter";
	}
	for (unsigned i = 0; i < code->count; i++) {
		struct filter_step step = code->steps[i];
		program[i] = (struct sock_filter){ step.code, step.jt, step.jf, step.k };
		if (step.k == FILTER_OWN_PID && BPF_CLASS(step.code) == BPF_JMP)
			program[i].k = self;
	}
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0 ? "seccomp" : NULL;
}

const char *seccomp_enter_loader(struct sandbox_run *run)
{
	return install(run->policy->role, FILTER_LOADER);
}

/* Without no_new_privs only a capability allows a filter, so that it has to be dropped behind it. */
const char *seccomp_enter(struct sandbox_run *run)
{
	bool early = !(run->wanted & LAYER_BIT(LAYER_NO_NEW_PRIVS));

	return install(run->policy->role, early ? FILTER_BEFORE_CAPSET : FILTER_FINAL);
}

bool filter_is_live(void)
{
	errno = 0;
	return syscall(FILTER_CHECK_CALL, 0) == -1 && errno == FILTER_CHECK_ERRNO;
}
