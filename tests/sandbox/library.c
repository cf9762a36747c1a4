/* A plugin's library for the tests. Its constructor makes the call that the probe names, as a hostile one
 * might. */
#include <sys/syscall.h>
#include <unistd.h>

extern long probe_hostile_call;
int library_answer(void);

int library_answer(void)
{
	return 42;
}

__attribute__((constructor)) static void on_load(void)
{
	if (probe_hostile_call)
		syscall(probe_hostile_call, 0, 0, 0, 0, 0, 0);
}
