/*
 * Runs at build time: turns the tables below into seccomp programs (by libseccomp, as binary trees) and
 * prints them as C arrays for seccomp.c, or prints the names of all system calls for calls.c. docs/sandbox.md
 * gives the reasons.
 */
#include "sandbox/filter.h"
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RENDERER = 1, GPU = 2, PLUGIN = 4, ALL = 7 };

/* Bits of filter_kind in which a rule stands. */
enum { FINAL = 1 << FILTER_FINAL, CAPSET = 1 << FILTER_BEFORE_CAPSET, LOADER = 1 << FILTER_LOADER };
#define EVER (FINAL | CAPSET | LOADER)

struct rule {
	const char *call;
	unsigned roles, kinds;
	uint32_t action;
	unsigned nargs;
	struct scmp_arg_cmp args[1];
};

#define ARG_IS(n, v)                                                                                         \
	{                                                                                                    \
		.arg = (n), .op = SCMP_CMP_EQ, .datum_a = (v)                                                \
	}
#define ARG_LACKS(n, bits)                                                                                   \
	{                                                                                                    \
		.arg = (n), .op = SCMP_CMP_MASKED_EQ, .datum_a = (bits), .datum_b = 0                        \
	}
#define ALLOW(name)                                                                                          \
	{                                                                                                    \
		name, ALL, EVER, SCMP_ACT_ALLOW, 0,                                                          \
		{                                                                                            \
			{                                                                                    \
				0                                                                            \
			}                                                                                    \
		}                                                                                            \
	}
#define ALLOW_IF(name, ...)                                                                                  \
	{                                                                                                    \
		name, ALL, EVER, SCMP_ACT_ALLOW, 1,                                                          \
		{                                                                                            \
			__VA_ARGS__                                                                          \
		}                                                                                            \
	}
#define ANSWER(name, error)                                                                                  \
	{                                                                                                    \
		name, ALL, EVER, SCMP_ACT_ERRNO(error), 0,                                                   \
		{                                                                                            \
			{                                                                                    \
				0                                                                            \
			}                                                                                    \
		}                                                                                            \
	}
#define LOADING(name)                                                                                        \
	{                                                                                                    \
		name, PLUGIN, LOADER, SCMP_ACT_ALLOW, 0,                                                     \
		{                                                                                            \
			{                                                                                    \
				0                                                                            \
			}                                                                                    \
		}                                                                                            \
	}

static const struct rule rules[] = {
	/* Descriptors that the browser gave: channels, pipes, the loop's own. No address, no descriptors
	   sent. */
	ALLOW("read"),
	ALLOW("write"),
	ALLOW("writev"),
	ALLOW("close"),
	ALLOW("recvmsg"),
	ALLOW_IF("sendto", ARG_IS(4, 0)),
	ALLOW("epoll_wait"),
	ALLOW("epoll_pwait"),
	ALLOW("epoll_ctl"),
	/* Memory, never executable. */
	ALLOW_IF("mmap", ARG_LACKS(2, PROT_EXEC)),
	ALLOW_IF("mprotect", ARG_LACKS(2, PROT_EXEC)),
	ALLOW("mremap"),
	ALLOW("munmap"),
	ALLOW("brk"),
	ALLOW_IF("madvise", ARG_IS(2, MADV_DONTNEED)),
	/* Time and waiting; the vDSO falls back to these calls where the clock source needs it. */
	ALLOW("clock_gettime"),
	ALLOW("gettimeofday"),
	ALLOW("time"),
	ALLOW("clock_nanosleep"),
	ALLOW("futex"),
	ALLOW("restart_syscall"),
	/* Itself: abort() and crash handlers need the signals, qsort() of the C library asks for the memory's
	   size. */
	ALLOW("getrandom"),
	ALLOW("getpid"),
	ALLOW("gettid"),
	ALLOW("sysinfo"),
	ALLOW("rt_sigreturn"),
	ALLOW("rt_sigprocmask"),
	ALLOW_IF("tgkill", ARG_IS(0, FILTER_OWN_PID)),
	ALLOW("exit"),
	ALLOW("exit_group"),
	/* Its flags lie in memory, where no filter can see them; callers fall back to clone, which is
	   refused. */
	ANSWER("clone3", ENOSYS),
	ANSWER("getpgid", FILTER_CHECK_ERRNO),
	/* Only where a test leaves no_new_privs off: the capability that allows the filter is dropped behind
	   it. */
	{ "capset", ALL, CAPSET | LOADER, SCMP_ACT_ALLOW, 0, { { 0 } } },
	/* dlopen() of the plugin's library, and the filter that comes next. */
	LOADING("openat"),
	LOADING("newfstatat"),
	LOADING("pread64"),
	LOADING("lseek"),
	LOADING("seccomp"),
	{ "mmap", PLUGIN, LOADER, SCMP_ACT_ALLOW, 1, { ARG_IS(2, PROT_READ | PROT_EXEC) } },
};

static void die(const char *what, const char *name, int error)
{
	fprintf(stderr, "compile_filter: %s %s: %s\n", what, name, strerror(error < 0 ? -error : error));
	exit(1);
}

static scmp_filter_ctx build(unsigned role, unsigned kind)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_TRAP);

	if (!ctx || seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) ||
	    seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2))
		die("make", "filter", ENOMEM);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		const struct rule *rule = &rules[i];
		int call = seccomp_syscall_resolve_name(rule->call);

		/* Machines differ: newer ones have neither epoll_wait nor time. */
		if (call < 0 || !(rule->roles & role) || !(rule->kinds & kind))
			continue;
		int error = seccomp_rule_add_array(ctx, rule->action, call, rule->nargs, rule->args);
		if (error)
			die("rule for", rule->call, error);
	}
	return ctx;
}

/* The kernel's array for it. Returns the number of instructions. */
static unsigned compile(scmp_filter_ctx ctx, struct filter_step steps[FILTER_MAX])
{
	int fd = memfd_create("filter", MFD_CLOEXEC);

	if (fd < 0 || seccomp_export_bpf(ctx, fd) || lseek(fd, 0, SEEK_SET))
		die("export", "filter", EIO);
	ssize_t bytes = read(fd, steps, FILTER_MAX * sizeof(*steps));
	if (bytes <= 0 || bytes % (ssize_t)sizeof(*steps) || bytes == FILTER_MAX * (ssize_t)sizeof(*steps))
		die("size of", "filter", EFBIG);
	close(fd);
	return (unsigned)bytes / (unsigned)sizeof(*steps);
}

/* A filter in which the own pid were not patched would allow nobody, or anybody. */
static void check_own_pid(const struct filter_step *steps, unsigned count)
{
	unsigned found = 0;

	for (unsigned i = 0; i < count; i++) {
		bool compared = (steps[i].code & 0xf7) == 0x15; /* jump if equal */
		if (steps[i].k == FILTER_OWN_PID && !compared)
			die("own pid in", "an instruction that is no comparison", EINVAL);
		found += steps[i].k == FILTER_OWN_PID;
	}
	if (found != 1)
		die("own pid not exactly once in", "filter", EINVAL);
}

static void print_filter(FILE *out, const char *name, unsigned kind, unsigned role)
{
	struct filter_step steps[FILTER_MAX];
	scmp_filter_ctx ctx = build(role, 1u << kind);
	unsigned count = compile(ctx, steps);

	seccomp_release(ctx);
	check_own_pid(steps, count);
	fprintf(out, "static const struct filter_step %s_%u[] = {\n", name, kind);
	for (unsigned i = 0; i < count; i++)
		fprintf(out, "\t{ 0x%04x, %u, %u, 0x%08x },\n", steps[i].code, steps[i].jt, steps[i].jf,
			steps[i].k);
	fprintf(out, "};\n");
}

static const struct {
	const char *name, *constant;
	unsigned role;
} roles[] = {
	{ "renderer", "ROLE_RENDERER", RENDERER },
	{ "gpu", "ROLE_GPU", GPU },
	{ "plugin", "ROLE_PLUGIN", PLUGIN },
};

#define ROLES (sizeof(roles) / sizeof(*roles))

static void print_filters(FILE *out)
{
	for (size_t i = 0; i < ROLES; i++)
		for (unsigned kind = 0; kind < FILTER_KIND_COUNT; kind++)
			print_filter(out, roles[i].name, kind, roles[i].role);
	fprintf(out, "\nstatic const struct filter_code filters[ROLE_COUNT][FILTER_KIND_COUNT] = {\n");
	for (size_t i = 0; i < ROLES; i++)
		for (unsigned kind = 0; kind < FILTER_KIND_COUNT; kind++)
			fprintf(out, "\t[%s][%u] = { %s_%u, sizeof(%s_%u) / sizeof(struct filter_step) },\n",
				roles[i].constant, kind, roles[i].name, kind, roles[i].name, kind);
	fprintf(out, "};\n");
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: compile_filter FILE\n");
		return 2;
	}
	FILE *out = fopen(argv[1], "w");
	if (!out)
		die("open", argv[1], errno);
	print_filters(out);
	if (fclose(out))
		die("write", argv[1], errno);
	return 0;
}
