/* See jail.h. */
#include "tests/sandbox/jail.h"
#include "common/region.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static struct compartment_programs programs;

static void die(const char *what)
{
	perror(what);
	abort();
}

void jail_init(const char *probe, const char *init)
{
	programs.init = open(init, O_RDONLY | O_CLOEXEC);
	int fd = open(probe, O_RDONLY | O_CLOEXEC);
	if (programs.init < 0 || fd < 0)
		die("open probe and init");
	for (int role = 0; role < ROLE_COUNT; role++)
		programs.role[role] = fd;
}

const struct compartment_programs *jail_programs(void)
{
	return &programs;
}

uint32_t jail_namespaces(void)
{
	const char *hint;
	int error;
	uint32_t layers = compartment_probe(&programs, &error, &hint);

	if (error)
		fprintf(stderr, "namespaces: %s: %s\n", strerror(error), hint);
	return layers;
}

static int make_region(struct jailed *jailed, const struct jail *jail)
{
	int fd = region_create("recorder", RECORDER_REGION_BYTES);

	jailed->region = fd < 0 ? NULL : region_map(fd, RECORDER_REGION_BYTES, true);
	if (!jailed->region)
		die("region");
	struct probe_input *input = (struct probe_input *)jailed->region->ring;
	*input = jail->input;
	ssize_t bytes = pread(programs.init, input->program, sizeof(input->program), 0);
	if (bytes <= 0 || bytes == sizeof(input->program))
		die("init");
	input->program_bytes = (uint32_t)bytes;
	return fd;
}

void jail_open(struct jailed *jailed, const struct jail *jail)
{
	struct launch launch = {
		.role = jail->role, .serial = 1, .wanted = jail->layers, .library = jail->library
	};
	const char *step;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		die("socketpair");
	jailed->channel = pair[0];
	launch.channel = pair[1];
	launch.recorder = make_region(jailed, jail);
	if (!compartment_create(&jailed->compartment, &programs, jail->layers))
		die("compartment_create");
	jailed->pid = compartment_launch(&jailed->compartment, &programs, &launch, &jailed->pidfd, &step);
	if (jailed->pid < 0)
		die(step);
	close(launch.channel);
	close(launch.recorder);
}

/* The next report; other packets, such as one with a descriptor, are none. false at the end. */
static bool receive(struct jailed *jailed, struct probe_report *report)
{
	ssize_t bytes;

	do
		bytes = read(jailed->channel, report, sizeof(*report));
	while (bytes > 0 && bytes != (ssize_t)sizeof(*report));
	return bytes > 0;
}

void jail_wait_ready(struct jailed *jailed, struct outcome *outcome)
{
	struct probe_report report;

	*outcome = (struct outcome){ .code = -1 };
	if (!receive(jailed, &report))
		return;
	outcome->ready = report.kind == REPORT_READY;
	outcome->loaded = report.result;
	outcome->layers = report.layers;
	memcpy(outcome->missing, report.missing, sizeof(outcome->missing));
	outcome->missing[sizeof(outcome->missing) - 1] = 0;
}

static int code_of_death(struct outcome *outcome, const siginfo_t *info, const struct crash_record *crash)
{
	if (info->si_code == CLD_EXITED)
		return EXITED + info->si_status;
	if (info->si_status != SIGSYS)
		return DIED + info->si_status;
	outcome->call = crash->syscall;
	return crash->kind == CRASH_KIND_VIOLATION ? TRAPPED : FENCED;
}

void jail_close(struct jailed *jailed, struct outcome *outcome)
{
	struct probe_report report = { 0 };
	siginfo_t info;
	bool reported = false;

	shutdown(jailed->channel, SHUT_WR);
	while (receive(jailed, &report))
		reported |= report.kind == REPORT_RESULT;
	while (waitid(P_PIDFD, (id_t)jailed->pidfd, &info, WEXITED) < 0)
		if (errno != EINTR)
			die("waitid");
	if (reported && info.si_code == CLD_EXITED)
		outcome->code = report.result;
	else
		outcome->code = code_of_death(outcome, &info, &jailed->region->crash);
	close(jailed->pidfd);
	close(jailed->channel);
	region_unmap(jailed->region, RECORDER_REGION_BYTES);
	compartment_finish(&jailed->compartment);
}

struct outcome jail_run(const struct jail *jail)
{
	struct jailed jailed;
	struct outcome outcome;

	jail_open(&jailed, jail);
	jail_wait_ready(&jailed, &outcome);
	jail_close(&jailed, &outcome);
	return outcome;
}

const char *outcome_text(int code, char buf[48])
{
	if (code == 0)
		return "success";
	if (code == TRAPPED)
		return "trapped";
	if (code == FENCED)
		return "killed by the filter";
	if (code >= EXITED)
		snprintf(buf, 48, "exited with %d", code - EXITED);
	else if (code >= DIED)
		snprintf(buf, 48, "SIG%s", sigabbrev_np(code - DIED));
	else if (strerrorname_np(code))
		return strerrorname_np(code);
	else
		snprintf(buf, 48, "code %d", code);
	return buf;
}
