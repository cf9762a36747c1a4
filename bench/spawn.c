/*
 * From the wish for a process to its being ready with all layers of the sandbox, against posix_spawn of the
 * same executable until it is ready without any. The two take turns.
 */
#include "bench/bench.h"
#include "bench/ship.h"
#include "common/child.h"
#include "common/loop.h"
#include "common/region.h"
#include "common/transport.h"
#include "sandbox/sandbox.h"
#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define STARTS	80
#define SECONDS 3 /* at most, for each role */

static bool is_ready(void *arg)
{
	const struct process_host *p = arg;

	if (p->state == PROCESS_DEAD)
		bench_fail("a process died before it was ready");
	return p->state == PROCESS_READY;
}

static bool is_dead(void *arg)
{
	return ((const struct process_host *)arg)->state == PROCESS_DEAD;
}

static double start_ours(struct ship *s, enum role role, uint32_t *layers)
{
	const char *why;
	uint64_t began = recorder_now();
	struct process_host *p = process_start(s->browser.processes, role, -1, "", &why);

	if (!p)
		bench_fail("a process cannot be started: %s", why);
	ship_await(is_ready, p, "a process");
	double took = ms_since(began);

	*layers = p->layers;
	process_end(p);
	ship_await(is_dead, p, "the end of a process");
	return took;
}

static pid_t spawn_bare(int program, int channel, int recorder)
{
	char path[32], name[] = "bulkhead-bare", serial[] = "--serial", one[] = "1", layers[] = "--layers",
		       none[] = "0";
	char *const argv[] = { name, serial, one, layers, none, NULL }, *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid;

	snprintf(path, sizeof path, "/proc/self/fd/%d", program);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, channel, CHILD_CHANNEL_FD);
	posix_spawn_file_actions_adddup2(&actions, recorder, CHILD_RECORDER_FD);
	errno = posix_spawn(&pid, path, &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (errno)
		bench_fail("%s: %m", path);
	return pid;
}

/* Until its did_start can be read. The channel and the recorder, which it needs, are there before the clock
 * starts. */
static double start_bare(int program)
{
	int recorder = region_create("recorder", RECORDER_REGION_BYTES), pair[2];
	char packet[4096];

	if (recorder == -1 || !transport_pair(pair))
		bench_fail("no channel: %m");
	uint64_t began = recorder_now();
	pid_t pid = spawn_bare(program, pair[1], recorder);
	struct pollfd readable = { .fd = pair[0], .events = POLLIN };

	close(pair[1]);
	poll(&readable, 1, PATIENCE_MS);
	if (recv(pair[0], packet, sizeof packet, MSG_DONTWAIT) <= 0)
		bench_fail("a bare process never became ready");
	double took = ms_since(began);

	close(pair[0]);
	close(recorder);
	waitpid(pid, NULL, 0);
	return took;
}

static void measure_role(struct ship *s, enum role role, const struct bench_options *o)
{
	struct samples ours = { 0 }, bare = { 0 }, ratio = { 0 };
	struct pace pace = pace_of(o, STARTS, SECONDS);
	struct row r = ROW_EMPTY;
	uint32_t layers = 0;
	char name[40], what[72];

	while (pace_goes_on(&pace)) {
		double with = start_ours(s, role, &layers);
		double without = start_bare(s->browser.processes->programs.role[role]);

		samples_add(&ours, with);
		samples_add(&bare, without);
		samples_add(&ratio, with / without);
	}
	snprintf(r.unit, sizeof r.unit, "ms");
	r.samples = pace.done;
	r.ours = samples_median(&ours);
	r.ours_p99 = samples_p99(&ours);
	r.baseline = samples_median(&bare);
	r.baseline_p99 = samples_p99(&bare);
	r.ratio = samples_median(&ratio);
	r.goal_kind = GOAL_RATIO_AT_MOST;
	r.goal = 3;
	if (layers != SANDBOX_ALL_LAYERS)
		snprintf(r.note, sizeof r.note, "not all layers are on here: %x of %x", layers,
			 SANDBOX_ALL_LAYERS);
	snprintf(name, sizeof name, "spawn_%s", role_names[role]);
	snprintf(what, sizeof what, "%s process until ready, all layers against none", role_names[role]);
	bench_emit(name, what, r);
	samples_finish(&ours);
	samples_finish(&bare);
	samples_finish(&ratio);
}

void spawn_run(const struct bench_options *o)
{
	struct ship ship;

	ship_start(&ship, o);
	ship_calm(&ship);
	measure_role(&ship, ROLE_RENDERER, o);
	measure_role(&ship, ROLE_GPU, o);
	ship_finish(&ship);
}
