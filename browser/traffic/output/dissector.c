/* See dissector.h. */
#include "browser/traffic/output/dissector.h"
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Wireshark asks for no XDG folder here: `tshark -G folders` tells. */
#define FOLDER ".local/lib/wireshark/plugins"

static const char *home(void)
{
	const char *folder = getenv("HOME");
	const struct passwd *user = folder && folder[0] ? NULL : getpwuid(getuid());

	return user ? user->pw_dir : folder;
}

/* All folders that the path goes through. */
static bool make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		bool made;

		*slash = '\0';
		made = mkdir(path, 0777) == 0 || errno == EEXIST;
		*slash = '/';
		if (!made)
			return false;
	}
	return true;
}

static bool write_file(const char *path)
{
	FILE *f = fopen(path, "we");
	bool good;

	if (!f)
		return false;
	good = fputs(dissector_protocol, f) != EOF && fputs("\n", f) != EOF &&
	       fputs(dissector_script, f) != EOF;
	return fclose(f) == 0 && good;
}

bool dissector_install(char *path, size_t capacity)
{
	const char *folder = home();
	char fresh[4096];
	int n;

	path[0] = '\0';
	if (!folder || folder[0] != '/') {
		errno = ENOENT;
		return false;
	}
	n = snprintf(path, capacity, "%s/" FOLDER "/bulkhead.lua", folder);
	if (n < 0 || (size_t)n >= capacity ||
	    snprintf(fresh, sizeof fresh, "%s.new", path) >= (int)sizeof fresh) {
		errno = ENAMETOOLONG;
		return false;
	}
	/* Wireshark loads what ends in .lua: it never finds half a file. */
	if (!make_folders(path) || !write_file(fresh) || rename(fresh, path) == -1) {
		int why = errno;

		unlink(fresh);
		errno = why;
		return false;
	}
	return true;
}
