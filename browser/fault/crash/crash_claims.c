/* See crash_claims.h. */
#include "browser/fault/crash/crash_claims.h"
#include "browser/process/death.h"
#include "common/codec.h"
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#ifdef __x86_64__
/* In the order of the C library's gregs. */
static const char *const register_names[] = { "r8",	  "r9",	   "r10",  "r11",  "r12", "r13",
					      "r14",	  "r15",   "rdi",  "rsi",  "rbp", "rbx",
					      "rdx",	  "rax",   "rcx",  "rsp",  "rip", "eflags",
					      "segments", "error", "trap", "mask", "cr2" };
#define REGISTERS (sizeof register_names / sizeof *register_names)
#else
static const char *const *const register_names;
#define REGISTERS 0
#endif

void report_add_text(cJSON *object, const char *name, const char *text)
{
	if (text && *text)
		cJSON_AddStringToObject(object, name, text);
}

void report_add_hex(cJSON *object, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "0x%llx", (unsigned long long)value);
	cJSON_AddStringToObject(object, name, text);
}

void report_add_id(cJSON *object, const char *name, uint64_t id)
{
	char text[IPC_ID_TEXT];

	if (id)
		cJSON_AddStringToObject(object, name, ipc_id_text(id, text));
}

void report_add_us(cJSON *object, const char *name, uint64_t ns)
{
	uint64_t us = ns / 1000;

	cJSON_AddNumberToObject(object, name, (double)us);
}

static uint32_t claims_kind(const struct crash_claims *c)
{
	return atomic_load_explicit(&c->record.kind, memory_order_relaxed);
}

static bool is_by_signal(uint32_t kind)
{
	return kind == CRASH_KIND_SIGNAL || kind == CRASH_KIND_STACK_OVERFLOW || kind == CRASH_KIND_VIOLATION;
}

unsigned crash_claims_frames(const struct crash_claims *c, uint64_t frames[CRASH_FRAMES])
{
	unsigned n = c->record.nframes < CRASH_FRAMES ? c->record.nframes : CRASH_FRAMES;

	memcpy(frames, c->record.frames, n * sizeof *frames);
	return n;
}

bool crash_claims_first_is_exact(const struct crash_claims *c)
{
	/* A breakpoint stops behind itself, as a call does. */
	return is_by_signal(claims_kind(c)) && c->record.signal != SIGTRAP &&
	       c->record.frames[0] == c->record.pc;
}

/* What si_code says, as the manual names it. */
static const char *code_name(uint32_t signal, int32_t code)
{
	static const struct {
		uint32_t signal; /* 0: any */
		int32_t code;
		const char *name;
	} names[] = {
		{ 0, SI_USER, "SI_USER" },
		{ 0, SI_TKILL, "SI_TKILL" },
		{ 0, SI_QUEUE, "SI_QUEUE" },
		{ 0, SI_KERNEL, "SI_KERNEL" },
		{ SIGSEGV, SEGV_MAPERR, "SEGV_MAPERR" },
		{ SIGSEGV, SEGV_ACCERR, "SEGV_ACCERR" },
		{ SIGBUS, BUS_ADRALN, "BUS_ADRALN" },
		{ SIGBUS, BUS_ADRERR, "BUS_ADRERR" },
		{ SIGBUS, BUS_OBJERR, "BUS_OBJERR" },
		{ SIGILL, ILL_ILLOPC, "ILL_ILLOPC" },
		{ SIGILL, ILL_ILLOPN, "ILL_ILLOPN" },
		{ SIGFPE, FPE_INTDIV, "FPE_INTDIV" },
		{ SIGTRAP, TRAP_BRKPT, "TRAP_BRKPT" },
		{ SIGSYS, 1, "SYS_SECCOMP" },
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if ((!names[i].signal || names[i].signal == signal) && names[i].code == code)
			return names[i].name;
	return "";
}

static void add_registers(cJSON *object, const struct crash_record *r)
{
	unsigned n = r->nregisters < REGISTERS ? r->nregisters : REGISTERS;
	cJSON *registers = n ? cJSON_AddObjectToObject(object, "registers") : NULL;

	for (unsigned i = 0; registers && i < n; i++)
		report_add_hex(registers, register_names[i], r->registers[i]);
}

static void add_signal(cJSON *object, const struct crash_record *r, uint32_t kind)
{
	char call[64];

	report_add_text(object, "signal", r->signal < NSIG ? death_signal_name((int)r->signal) : "");
	cJSON_AddNumberToObject(object, "number", r->signal);
	cJSON_AddNumberToObject(object, "code", r->code);
	report_add_text(object, "code_name", code_name(r->signal, r->code));
	if (kind == CRASH_KIND_VIOLATION)
		report_add_text(object, "syscall", death_syscall_name(r->syscall, call, sizeof call));
	else if (r->code > 0)
		report_add_hex(object, "address", r->address);
	report_add_hex(object, "pc", r->pc);
}

cJSON *crash_claims_json(const struct crash_claims *c)
{
	const struct crash_record *r = &c->record;
	uint32_t kind = claims_kind(c);
	cJSON *object;
	char step[sizeof r->what];

	if (!kind && !c->handling)
		return NULL;
	object = cJSON_CreateObject();
	if (kind < CRASH_KIND_COUNT)
		report_add_text(object, "kind", crash_kind_names[kind]);
	else
		cJSON_AddNumberToObject(object, "kind", kind);
	if (is_by_signal(kind))
		add_signal(object, r, kind);
	if (kind == CRASH_KIND_FAULT_EXIT)
		cJSON_AddNumberToObject(object, "code", r->code);
	if (kind == CRASH_KIND_BAD_MESSAGE) {
		report_add_text(object, "reason",
				r->reason < BAD_MESSAGE_COUNT ? bad_message_names[r->reason] : "?");
		report_add_id(object, "message", r->message);
	}
	snprintf(step, sizeof step, "%.*s", (int)sizeof step - 1, r->what);
	if (kind == CRASH_KIND_START_FAILED)
		report_add_text(object, "step", step);
	report_add_id(object, "handling", c->handling);
	if (kind && r->time_ns >= c->started_ns)
		report_add_us(object, "after_us", r->time_ns - c->started_ns);
	add_registers(object, r);
	return object;
}

/* Contradictions. */

__attribute__((format(printf, 2, 3))) static void say(cJSON *array, const char *how, ...)
{
	char text[240];
	va_list args;

	va_start(args, how);
	vsnprintf(text, sizeof text, how, args);
	va_end(args);
	cJSON_AddItemToArray(array, cJSON_CreateString(text));
}

static const char *ended(const struct crash_claims *c, char buf[48])
{
	if (c->how == CLD_EXITED)
		snprintf(buf, 48, "it exited with code %d", c->status);
	else
		snprintf(buf, 48, "it was ended by %s", death_signal_name(c->status));
	return buf;
}

/* The signal that a record of that kind means; 0: an exit. */
static uint32_t claimed_signal(const struct crash_record *r, uint32_t kind)
{
	if (kind == CRASH_KIND_OUT_OF_MEMORY)
		return SIGABRT;
	return is_by_signal(kind) ? r->signal : 0;
}

static void check_end(cJSON *array, const struct crash_claims *c, uint32_t kind)
{
	uint32_t claimed = claimed_signal(&c->record, kind);
	uint32_t truly = c->how == CLD_EXITED ? 0 : (uint32_t)c->status;
	char name[40], end[48];

	if (claimed == truly) {
		if (kind == CRASH_KIND_FAULT_EXIT && c->record.code != c->status)
			say(array, "Its record says that it exits with code %d; the kernel says: %s.",
			    c->record.code, ended(c, end));
		return;
	}
	snprintf(name, sizeof name, "%s",
		 !claimed	  ? "an exit"
		 : claimed < NSIG ? death_signal_name((int)claimed)
				  : "a signal that there is not");
	say(array, "Its record says %s (%s); the kernel says: %s. The kernel is right.",
	    crash_kind_names[kind], name, ended(c, end));
}

static void check_values(cJSON *array, const struct crash_claims *c, uint32_t kind)
{
	const struct crash_record *r = &c->record;

	if (kind == CRASH_KIND_VIOLATION && r->signal != SIGSYS)
		say(array, "Its record tells of a violation without its signal.");
	if (kind == CRASH_KIND_BAD_MESSAGE && r->reason >= BAD_MESSAGE_COUNT)
		say(array, "Its record gives reason %u for a bad message, and there is none of that number.",
		    r->reason);
	if (kind == CRASH_KIND_START_FAILED && c->was_ready)
		say(array, "Its record says that it failed to start, but it had reported that it was ready.");
	if (r->nframes > CRASH_FRAMES || r->nregisters > CRASH_REGISTERS)
		say(array, "Its record counts %u frames and %u registers, more than there is room for.",
		    r->nframes, r->nregisters);
	if (r->time_ns < c->started_ns || r->time_ns > c->died_ns)
		say(array, "Its record was written %s, as it says.",
		    r->time_ns < c->started_ns ? "before the process was started"
					       : "after the process was known to be dead");
}

cJSON *crash_claims_contradictions(const struct crash_claims *c)
{
	uint32_t kind = claims_kind(c);
	cJSON *array = cJSON_CreateArray();

	if (kind >= CRASH_KIND_COUNT)
		say(array, "Its record is of kind %u, which there is not.", kind);
	else if (kind)
		check_end(array, c, kind);
	if (kind && kind < CRASH_KIND_COUNT)
		check_values(array, c, kind);
	if (cJSON_GetArraySize(array))
		return array;
	cJSON_Delete(array);
	return NULL;
}
