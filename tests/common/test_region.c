/* Regions: sealed in size, shared, and read-only for readers. */
#include "common/region.h"
#include "tests/common/unit.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define BYTES 16384u

static void a_region_is_zero_and_of_its_size(void **state)
{
	int fd = region_create("test", BYTES);
	struct stat status;

	(void)state;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_size, BYTES);
	uint8_t *memory = region_map(fd, BYTES, true);
	assert_non_null(memory);
	for (unsigned i = 0; i < BYTES; i++)
		assert_int_equal(memory[i], 0);
	region_unmap(memory, BYTES);
	close(fd);
}

static void its_size_is_sealed(void **state)
{
	int fd = region_create("test", BYTES);

	(void)state;
	assert_int_equal(fcntl(fd, F_GET_SEALS), F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	errno = 0;
	assert_int_equal(ftruncate(fd, BYTES / 2), -1);
	assert_int_equal(errno, EPERM);
	errno = 0;
	assert_int_equal(ftruncate(fd, BYTES * 2), -1);
	assert_int_equal(errno, EPERM);
	errno = 0;
	assert_int_equal(pwrite(fd, "x", 1, BYTES), -1);
	assert_int_equal(errno, EPERM);
	/* Nobody may seal away what others write. */
	errno = 0;
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), -1);
	assert_int_equal(errno, EPERM);
	close(fd);
}

static void both_ends_see_the_same_memory(void **state)
{
	int fd = region_create("test", BYTES), reader = region_reopen_read_only(fd);
	char *writable = region_map(fd, BYTES, true);
	const char *readable = region_map(reader, BYTES, false);

	(void)state;
	assert_true(reader >= 0);
	assert_non_null(writable);
	assert_non_null(readable);
	strcpy(writable + BYTES / 2, "seen");
	assert_string_equal(readable + BYTES / 2, "seen");
	region_unmap(writable, BYTES);
	region_unmap((void *)readable, BYTES);
	close(fd);
	close(reader);
}

static void a_reader_cannot_write(void **state)
{
	int fd = region_create("test", BYTES), reader = region_reopen_read_only(fd);
	void *memory;

	(void)state;
	assert_true(fcntl(reader, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(fcntl(reader, F_GETFL) & O_ACCMODE, O_RDONLY);
	errno = 0;
	assert_null(region_map(reader, BYTES, true));
	assert_int_equal(errno, EACCES);
	memory = region_map(reader, BYTES, false);
	assert_non_null(memory);
	assert_int_equal(mprotect(memory, BYTES, PROT_READ | PROT_WRITE), -1);
	assert_int_equal(write(reader, "x", 1), -1);
	assert_int_equal(ftruncate(reader, 1), -1);
	region_unmap(memory, BYTES);
	close(fd);
	close(reader);
}

static void what_cannot_be_made_says_why(void **state)
{
	(void)state;
	errno = 0;
	assert_int_equal(region_create("test", SIZE_MAX), -1);
	assert_int_not_equal(errno, 0);
	errno = 0;
	assert_int_equal(region_reopen_read_only(-1), -1);
	assert_int_not_equal(errno, 0);
	errno = 0;
	assert_null(region_map(-1, BYTES, false));
	assert_int_equal(errno, EBADF);
	region_unmap(NULL, BYTES);
}

static void nothing_leaks(void **state)
{
	unsigned before = open_fds();

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		assert_int_equal(region_create("test", SIZE_MAX), -1);
		int fd = region_create("test", BYTES);
		void *memory = region_map(fd, BYTES, true);
		close(fd);
		memset(memory, 1, BYTES);
		region_unmap(memory, BYTES);
	}
	assert_int_equal(open_fds(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_region_is_zero_and_of_its_size), cmocka_unit_test(its_size_is_sealed),
		cmocka_unit_test(both_ends_see_the_same_memory),    cmocka_unit_test(a_reader_cannot_write),
		cmocka_unit_test(what_cannot_be_made_says_why),	    cmocka_unit_test(nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
