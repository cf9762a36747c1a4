/* See compromise.h. */
#include "tests/browser/compromise.h"
#include "tests/browser/harness.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "bulkhead-evil-way:"

static int real[ROLE_COUNT]; /* 0: in its place */

/* A copy in memory of the evil program that knows its way; executable for nobody too. */
static int make_program(const char *way)
{
	char path[PATH_MAX], *image, *mark;
	int fd = compartment_find_file("tests/browser", "evil", path), copy;
	struct stat st;

	assert_true(fd != -1 && fstat(fd, &st) == 0);
	image = malloc((size_t)st.st_size);
	assert_non_null(image);
	assert_int_equal(read(fd, image, (size_t)st.st_size), st.st_size);
	close(fd);
	mark = memmem(image, (size_t)st.st_size, MARK, strlen(MARK));
	assert_non_null(mark);
	assert_true(strlen(way) < 40);
	strcpy(mark + strlen(MARK), way);
	copy = memfd_create("evil", MFD_CLOEXEC);
	assert_true(copy != -1);
	assert_int_equal(write(copy, image, (size_t)st.st_size), st.st_size);
	assert_int_equal(fchmod(copy, 0755), 0);
	free(image);
	/* What is open for writing cannot be executed. */
	snprintf(path, sizeof path, "/proc/self/fd/%d", copy);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd != -1);
	close(copy);
	return fd;
}

static void replace_running(enum role role)
{
	struct process_host *old = role == ROLE_RENDERER ? browser.spare->process : browser.gpu->process;

	if (role == ROLE_PLUGIN)
		return;
	if (old) {
		process_kill(old, BAD_MESSAGE_NONE);
		AWAIT(old->state == PROCESS_DEAD);
	}
	restart_forgive(&browser.gpu->restart);
	restart_forgive(&browser.spare->restart);
	if (role == ROLE_GPU)
		AWAIT(process_is_up(browser.gpu->process) || browser.gpu->given_up);
	else
		AWAIT(process_is_up(browser.spare->process) || browser.spare->given_up);
}

void compromise_next(enum role role, const char *way)
{
	int *place = &browser.processes->programs.role[role];

	if (real[role])
		close(*place);
	else
		real[role] = *place;
	*place = make_program(way);
}

void compromise(enum role role, const char *way)
{
	compromise_next(role, way);
	replace_running(role);
}

void cure(enum role role)
{
	int *place = &browser.processes->programs.role[role];

	if (!real[role])
		return;
	close(*place);
	*place = real[role];
	real[role] = 0;
}
