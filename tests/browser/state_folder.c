/* The state folder of a test: a fresh one, gone when the test ends, so that nothing is left at the user's. */
#include "tests/browser/harness.h"
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/bulkhead-test-state-XXXXXX";
static pid_t owner;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_folder(void)
{
	if (getpid() == owner)
		nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *harness_state_folder(void)
{
	if (!owner) {
		owner = getpid();
		assert_non_null(mkdtemp(folder));
		assert_int_equal(atexit(remove_folder), 0);
		assert_int_equal(setenv("XDG_STATE_HOME", folder, 1), 0);
	}
	return folder;
}
