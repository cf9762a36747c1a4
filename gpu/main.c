/* bulkhead-gpu: starts, locks itself in, and runs gpu.c's loop. */
#include "common/crash.h"
#include "gpu/gpu.h"
#include "sandbox/sandbox.h"

static struct gpu gpu;

int main(int argc, char **argv)
{
	struct sandbox_result sandbox = { 0 };

	child_init(&gpu.child, ROLE_GPU, argc, argv);
	gpu_init(&gpu);
	if (!sandbox_enter(sandbox_policy(ROLE_GPU), gpu.child.layers, -1, NULL, NULL, &sandbox))
		crash_start_failed(sandbox.missing);
	child_start(&gpu.child, sandbox.on, sandbox.missing);
	child_run(&gpu.child, gpu_draw, &gpu);
}
