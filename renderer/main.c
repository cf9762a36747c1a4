/* The renderer process's start: one fixed order, the sandbox last before the first byte of input. */
#include "common/child.h"
#include "common/crash.h"
#include "renderer/renderer.h"
#include "sandbox/sandbox.h"

int main(int argc, char **argv)
{
	static struct renderer renderer;
	struct sandbox_result sandbox;

	child_init(&renderer.child, ROLE_RENDERER, argc, argv);
	renderer_init(&renderer);
	if (!sandbox_enter(sandbox_policy(ROLE_RENDERER), renderer.child.layers, -1, NULL, NULL, &sandbox))
		crash_start_failed(sandbox.missing);
	child_start(&renderer.child, sandbox.on, sandbox.missing);
	child_run(&renderer.child, NULL, NULL);
}
