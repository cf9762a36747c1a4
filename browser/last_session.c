/* See last_session.h. */
#include "browser/last_session.h"
#include "browser/browser.h"
#include "browser/traffic/log/log_file.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define PREFIX "running-"

/* Of this session; held until it ends. Children are executed, and do not keep it. */
static int held = -1;
static char held_path[700];

/* A file whose lock is free has lost its browser. */
static void look_at(struct browser *b, int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char log[sizeof b->log_path];
	ssize_t n;

	if (fd == -1)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		n = read(fd, log, sizeof log - 1);
		log[n > 0 ? n : 0] = '\0';
		unlinkat(folder, name, 0);
		browser_say(b, "the last browser process did not end in order; %s%.180s",
			    *log ? "its log: " : "it kept no log", log);
	}
	close(fd);
}

static void look_for_broken(struct browser *b, const char *path)
{
	DIR *dir = opendir(path);

	for (struct dirent *entry; dir && (entry = readdir(dir));)
		if (!strncmp(entry->d_name, PREFIX, strlen(PREFIX)))
			look_at(b, dirfd(dir), entry->d_name);
	if (dir)
		closedir(dir);
}

/* Locked before it has its name, so that nobody finds it free. */
static void mark(const struct browser *b, const char *folder)
{
	char beside[sizeof held_path + 1];
	size_t length = strlen(b->log_path);

	snprintf(held_path, sizeof held_path, "%s/" PREFIX "%d", folder, (int)getpid());
	snprintf(beside, sizeof beside, "%s/." PREFIX "%d", folder, (int)getpid());
	unlink(beside);
	held = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (held == -1)
		return;
	if (flock(held, LOCK_EX | LOCK_NB) == 0 && write(held, b->log_path, length) == (ssize_t)length &&
	    rename(beside, held_path) == 0)
		return;
	unlink(beside);
	close(held);
	held = -1;
}

void last_session_begin(struct browser *b)
{
	char folder[600];
	const char *why;

	if (!log_file_folder(folder, sizeof folder, &why) || !log_file_make_folder(folder))
		return; /* there is no place to remember it: the log and the reports have said so */
	look_for_broken(b, folder);
	mark(b, folder);
}

void last_session_end(void)
{
	if (held == -1)
		return;
	unlink(held_path);
	close(held);
	held = -1;
}
