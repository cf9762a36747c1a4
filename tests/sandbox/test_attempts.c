/*
 * Every attempt of attempts.c by every role: outside the sandbox (the control: the attempt is a real one),
 * with all layers, and with all but seccomp. Arguments: PROBE INIT LIBRARY.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/sandbox/jail.h"

static uint32_t namespaces;
static int library;

static bool as_expected(const struct attempt *a, const char *where, int expected, const struct outcome *got)
{
	char want[48], had[48];

	if (expected == ANY)
		return true;
	if (got->code == expected && (expected != TRAPPED || got->call == (uint32_t)a->call))
		return true;
	print_error("%s, %s: %s (call %u) instead of %s %s\n", a->name, where, outcome_text(got->code, had),
		    got->call, outcome_text(expected, want), got->missing);
	return false;
}

/* Attempts of which the control shows that this kernel does not know the ABI cannot be fenced off either. */
static bool exists(const struct attempt *a, const struct outcome *control)
{
	return a->control != ANY || control->code < DIED;
}

static unsigned try_everywhere(enum role role)
{
	unsigned wrong = 0, counted = 0;

	for (unsigned i = 0; i < attempts_count; i++) {
		const struct attempt *a = &attempts[i];
		struct jail jail = { .role = role,
				     .layers = namespaces,
				     .library = role == ROLE_PLUGIN ? library : -1,
				     .input = { .attempt = i, .browser_pid = getpid(), .key = 0x62756c6b } };
		struct outcome control = jail_run(&jail);

		jail.input.enter = 1;
		jail.layers = namespaces | (SANDBOX_ALL_LAYERS & ~SANDBOX_NAMESPACES);
		struct outcome full = jail_run(&jail);
		jail.layers &= ~(1u << LAYER_SECCOMP);
		struct outcome open = jail_run(&jail);
		wrong += !as_expected(a, "control", a->control, &control);
		if (exists(a, &control))
			wrong += !as_expected(a, "sandboxed", a->full, &full);
		wrong += !as_expected(a, "without seccomp", a->open, &open);
		counted += a->full != 0 && a->full < DIED;
	}
	print_message("%s: %u attempts, %u of them stopped\n", role_names[role], attempts_count, counted);
	assert_true(counted >= 60);
	return wrong;
}

static void test_renderer(void **state)
{
	(void)state;
	assert_int_equal(try_everywhere(ROLE_RENDERER), 0);
}

static void test_gpu(void **state)
{
	(void)state;
	assert_int_equal(try_everywhere(ROLE_GPU), 0);
}

static void test_plugin(void **state)
{
	(void)state;
	assert_int_equal(try_everywhere(ROLE_PLUGIN), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_renderer),
		cmocka_unit_test(test_gpu),
		cmocka_unit_test(test_plugin),
	};

	if (argc < 4) {
		fprintf(stderr, "usage: %s PROBE INIT LIBRARY\n", argv[0]);
		return 2;
	}
	jail_init(argv[1], argv[2]);
	library = open(argv[3], O_RDONLY | O_CLOEXEC);
	namespaces = jail_namespaces();
	if (namespaces != SANDBOX_NAMESPACES) {
		fprintf(stderr, "skipped: not all namespaces can be made here\n");
		return 77;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
