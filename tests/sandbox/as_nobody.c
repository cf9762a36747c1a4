/*
 * Runs a program as nobody: as_nobody PROGRAM FILE... copies them to a folder that nobody can read (a build
 * tree may be closed to it), and starts the copy of PROGRAM with the paths of the other copies.
 */
#include <fcntl.h>
#include <grp.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY	  65534
#define MAX_FILES 16

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t bytes;

	if (in < 0 || out < 0)
		die(from);
	while ((bytes = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	if (bytes < 0 || fchmod(out, 0755) < 0)
		die(to);
	close(in);
	close(out);
}

static void become_nobody(void)
{
	if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
	    setresuid(NOBODY, NOBODY, NOBODY) < 0)
		die("become nobody");
}

int main(int argc, char **argv)
{
	char folder[] = "/tmp/bulkhead-as-nobody-XXXXXX";
	char *copies[MAX_FILES + 1] = { NULL };
	int status;

	if (geteuid() != 0) {
		fprintf(stderr, "skipped: only root can become nobody\n");
		return 77;
	}
	if (argc < 2 || argc > MAX_FILES)
		return 2;
	if (!mkdtemp(folder) || chmod(folder, 0755) < 0)
		die(folder);
	for (int i = 1; i < argc; i++) {
		if (asprintf(&copies[i - 1], "%s/%s", folder, basename(argv[i])) < 0)
			die("asprintf");
		copy(argv[i], copies[i - 1]);
	}
	pid_t pid = fork();
	if (pid == 0) {
		become_nobody();
		execv(copies[0], copies);
		die(copies[0]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("run");
	for (int i = 0; copies[i]; i++)
		unlink(copies[i]);
	rmdir(folder);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
