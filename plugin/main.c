/* bulkhead-plugin: starts, loads its one plugin while it locks itself in, and runs host.c's loop. */
#include "common/crash.h"
#include "plugin/host.h"
#include "sandbox/sandbox.h"

static struct plugin plugin;

int main(int argc, char **argv)
{
	struct sandbox_result sandbox = { 0 };

	child_init(&plugin.child, ROLE_PLUGIN, argc, argv);
	plugin_init(&plugin);
	if (!sandbox_enter(sandbox_policy(ROLE_PLUGIN), plugin.child.layers, CHILD_PLUGIN_FD, plugin_load,
			   &plugin, &sandbox))
		crash_start_failed(sandbox.missing);
	child_start(&plugin.child, sandbox.on, sandbox.missing);
	child_run(&plugin.child, NULL, NULL);
}
