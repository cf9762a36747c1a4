/* See death.h. */
#include "browser/process/death.h"
#include "browser/process/syscall_names.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* What the crash record claims, where it agrees with what the kernel said: a child may write there what it
 * likes. */
static void death_believe(struct death *d, const struct crash_record *record)
{
	enum crash_kind kind = atomic_load_explicit(&record->kind, memory_order_acquire);
	bool exited = d->signal == 0;

	switch (kind) {
	case CRASH_KIND_SIGNAL:
	case CRASH_KIND_STACK_OVERFLOW:
		if (record->signal != (uint32_t)d->signal)
			return;
		d->address = record->address;
		break;
	case CRASH_KIND_VIOLATION:
		if (d->signal != SIGSYS)
			return;
		d->syscall = record->syscall;
		break;
	case CRASH_KIND_OUT_OF_MEMORY:
		if (d->signal != SIGABRT)
			return;
		d->status = TERMINATION_STATUS_OOM;
		break;
	case CRASH_KIND_BAD_MESSAGE:
		if (!exited || record->reason >= BAD_MESSAGE_COUNT)
			return;
		d->reason = (enum bad_message)record->reason;
		break;
	case CRASH_KIND_START_FAILED:
	case CRASH_KIND_FAULT_EXIT:
		if (!exited)
			return;
		break;
	default:
		return;
	}
	d->kind = kind;
	d->pc = record->pc;
	if (kind == CRASH_KIND_START_FAILED)
		snprintf(d->step, sizeof d->step, "%.*s", (int)sizeof record->what - 1, record->what);
}

struct death death_name(int how, int code, const struct crash_record *record,
			const struct death_context *context)
{
	struct death d = { .code = code, .signal = how == CLD_EXITED ? 0 : code };

	switch (d.signal) {
	case 0:
		d.status = code == 0 && context->asked_to_end ? TERMINATION_STATUS_NORMAL
							      : TERMINATION_STATUS_ABNORMAL;
		break;
	case SIGKILL:
	case SIGTERM:
	case SIGINT:
	case SIGHUP:
		d.status = TERMINATION_STATUS_KILLED;
		break;
	default:
		d.status = TERMINATION_STATUS_CRASHED;
	}
	if (record)
		death_believe(&d, record);
	if (d.signal == SIGKILL && context->kill_reason)
		d.reason = context->kill_reason;
	if (!context->was_ready && !context->asked_to_end)
		d.status = TERMINATION_STATUS_LAUNCH_FAILED;
	return d;
}

const char *death_signal_name(int signal)
{
	static char name[32];
	const char *abbreviation = signal ? sigabbrev_np(signal) : NULL;

	if (abbreviation)
		snprintf(name, sizeof name, "SIG%s", abbreviation);
	else if (signal)
		snprintf(name, sizeof name, "signal %d", signal);
	else
		name[0] = '\0';
	return name;
}

const char *death_syscall_name(uint32_t number, char *buf, size_t capacity)
{
	for (const struct syscall_name *s = syscall_names; s->name; s++) {
		if (s->number == number) {
			snprintf(buf, capacity, "%s", s->name);
			return buf;
		}
	}
	snprintf(buf, capacity, "number %u", number);
	return buf;
}

const char *death_text(const struct death *d, char *buf, size_t capacity)
{
	const char *status = termination_status_names[d->status], *signal = death_signal_name(d->signal);
	char call[64];

	if (d->status == TERMINATION_STATUS_STILL_RUNNING)
		snprintf(buf, capacity, "its process has ended; waiting for the kernel to say how");
	else if (d->status == TERMINATION_STATUS_LAUNCH_FAILED)
		snprintf(buf, capacity, "launch failed (%s%s%s)",
			 d->step[0] ? d->step : "before it was ready", d->signal ? ", " : "", signal);
	else if (d->reason)
		snprintf(buf, capacity, "%s (bad message: %s)", status, bad_message_names[d->reason]);
	else if (d->kind == CRASH_KIND_VIOLATION)
		snprintf(buf, capacity, "%s (%s, forbidden system call %s)", status, signal,
			 death_syscall_name(d->syscall, call, sizeof call));
	else if (d->kind == CRASH_KIND_STACK_OVERFLOW)
		snprintf(buf, capacity, "%s (%s, stack overflow)", status, signal);
	else if (d->status == TERMINATION_STATUS_OOM)
		snprintf(buf, capacity, "oom (out of memory)");
	else if (d->kind == CRASH_KIND_SIGNAL && d->signal != SIGABRT)
		snprintf(buf, capacity, "%s (%s at address 0x%llx)", status, signal,
			 (unsigned long long)d->address);
	else if (d->signal)
		snprintf(buf, capacity, "%s (%s)", status, signal);
	else
		snprintf(buf, capacity, "%s (exit code %d)", status, d->code);
	return buf;
}
