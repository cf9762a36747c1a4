/* See player.h: the one process, in its compartment and sandbox, as the browser starts it. */
#include "browser/process/plugin_host.h"
#include "browser/process/verify.h"
#include "browser/traffic/replay/player.h"
#include "common/child.h"
#include "common/region.h"
#include "common/transport.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define END_MS 2000 /* from the end of its channel to SIGKILL */

/* The library of a plugin of that label; -1: none is needed, or *why. */
static int open_library(const struct tape *tape, const char **why)
{
	struct plugin_hosts types;
	char path[PATH_MAX];
	int library = -1;

	*why = NULL;
	if (tape->process.role != ROLE_PLUGIN)
		return -1;
	plugin_hosts_init(&types, NULL);
	*why = "there is no plugin of that type here";
	for (const struct plugin_host *h = types.first; h && library == -1; h = h->next) {
		if (strcmp(h->label, tape->label))
			continue;
		library = compartment_find_file("plugin", h->file, path);
		*why = library == -1 ? "the plugin's library cannot be opened" : NULL;
	}
	plugin_hosts_finish(&types);
	return library;
}

static bool launch(struct player *p, const struct launch *launch, uint32_t namespaces, const char **why)
{
	if (!compartment_create(&p->compartment, &p->programs, launch->wanted & namespaces)) {
		*why = "compartment";
		return false;
	}
	p->pid = compartment_launch(&p->compartment, &p->programs, launch, &p->pidfd, why);
	return p->pid != -1;
}

static bool prepare(struct player *p, struct launch *l, const char **why)
{
	int pair[2];

	l->library = open_library(p->tape, why);
	if (*why)
		return false;
	*why = "flight recorder";
	l->recorder = region_create("recorder", RECORDER_REGION_BYTES);
	if (l->recorder == -1 || !(p->region = region_map(l->recorder, RECORDER_REGION_BYTES, true)))
		return false;
	*why = "channel";
	if (!transport_pair(pair))
		return false;
	l->channel = pair[1];
	if (link_add(p, (struct endpoint){ ROLE_BROWSER, 0 }, pair[0]))
		return true;
	close(pair[0]);
	return false;
}

bool process_begin(struct player *p, const char **why)
{
	static char words[200];
	struct launch l = { .role = p->tape->process.role,
			    .serial = p->tape->process.serial,
			    .channel = -1,
			    .recorder = -1,
			    .library = -1 };
	const char *hint, *what = NULL;
	uint32_t wanted = p->options->no_sandbox ? 0 : SANDBOX_ALL_LAYERS & ~p->options->without, namespaces;
	int error = 0;

	p->pidfd = p->compartment.init_pidfd = p->compartment.lifeline = -1;
	if (!compartment_open_programs(&p->programs, why))
		return false;
	namespaces = compartment_probe(&p->programs, &error, &hint);
	l.wanted = wanted & (namespaces | ~SANDBOX_NAMESPACES);
	errno = 0;
	bool fine = prepare(p, &l, &what) && launch(p, &l, namespaces, &what);

	snprintf(words, sizeof words, "%s%s%s", what ? what : "", errno ? ": " : "",
		 errno ? strerror(errno) : "");
	*why = words;
	for (const int *fd = (const int[]){ l.channel, l.recorder, l.library, -2 }; *fd != -2; fd++)
		if (*fd != -1)
			close(*fd);
	return fine;
}

void process_check_start(struct player *p, const struct ipc_did_start *m)
{
	struct verify_report verified;

	if (p->ready)
		return;
	p->ready = true;
	verify_process(p->pid, m->layers, &verified);
	if (!p->options->no_sandbox && !verify_is_enough(verified.shield))
		snprintf(p->weakness, sizeof p->weakness,
			 "the sandbox is too weak here; --no-sandbox replays all the same");
}

/* Its state, as /proc has it: R, S ...; 0: unknown. */
static char process_state(pid_t pid)
{
	char path[32], line[128] = "";
	const char *end;
	FILE *file;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	end = fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
	fclose(file);
	return end && end[1] == ' ' ? end[2] : 0;
}

bool process_is_idle(const struct player *p)
{
	int unread;

	for (const struct link *l = p->links; l; l = l->next)
		if (ioctl(l->fd, TIOCOUTQ, &unread) == 0 && unread > 0)
			return false;
	for (const struct pipe_end *e = p->pipes; e; e = e->next)
		if (e->fd != -1 && ioctl(e->fd, FIONREAD, &unread) == 0 && unread > 0)
			return false;
	return process_state(p->pid) == 'S';
}

void process_reap(struct player *p)
{
	struct death_context context = { .was_ready = p->ready,
					 .asked_to_end = p->asked_to_end,
					 .kill_reason = p->tape->reason };
	siginfo_t info = { 0 };

	if (p->dead || waitid(P_PIDFD, (id_t)p->pidfd, &info, WEXITED | WNOHANG) == -1 || !info.si_pid)
		return;
	p->dead = true;
	p->death = death_name(info.si_code, info.si_status, &p->region->crash, &context);
	p->death.handling = atomic_load_explicit(&p->region->handling, memory_order_relaxed);
}

/* Wait so long for its end. */
static bool process_ends(struct player *p, int ms)
{
	struct pollfd end = { .fd = p->pidfd, .events = POLLIN };

	if (poll(&end, 1, ms) > 0)
		process_reap(p);
	return p->dead;
}

void process_finish(struct player *p)
{
	while (p->links)
		link_close(p, p->links);
	if (p->pidfd != -1 && !p->dead && !process_ends(p, END_MS)) {
		syscall(SYS_pidfd_send_signal, p->pidfd, SIGKILL, NULL, 0);
		process_ends(p, -1);
	}
	if (p->pidfd != -1)
		close(p->pidfd);
	p->pidfd = -1;
	compartment_finish(&p->compartment);
	region_unmap(p->region, RECORDER_REGION_BYTES);
	p->region = NULL;
}
