/* Bringing the plugin in, between the loader's filter and the final one. See host.h. */
#include "plugin/host.h"
#include <dlfcn.h>

static bool type_ok(const struct plugin_type *type)
{
	return type && type->abi == PLUGIN_ABI && type->mime && type->create && type->draw && type->destroy;
}

bool plugin_load(const char *path, void *arg)
{
	struct plugin *plugin = arg;
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return false;
	plugin->type = dlsym(library, PLUGIN_SYMBOL);
	return type_ok(plugin->type);
}
