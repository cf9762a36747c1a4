/* What a process does wrong to its channel, and the system calls it may not make: see fault.h. */
#include "common/channel_internal.h"
#include "common/fault_internal.h"
#include "common/task.h"
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FLOOD_SLICE 1000 /* messages in one turn of the loop */

/* From now on nothing that the browser says is read; all else goes on. */
void fault_deaf(uint64_t argument, struct channel *c)
{
	(void)argument;
	c->deaf = true;
	event_del(c->readable);
}

/* The fields of a message that every child may send, too few of them. */
void fault_wrong_length(uint64_t argument, struct channel *c)
{
	static const char half = 0;

	(void)argument;
	channel_send_raw(c, IPC_DID_LOSE_PEER, &half, sizeof half);
}

void fault_bad_message(uint64_t argument, struct channel *c)
{
	static const char junk[] = "not a message";

	(void)argument;
	channel_send_raw(c, UINT16_MAX, junk, sizeof junk);
}

/* There are not that many roles. */
void fault_out_of_range(uint64_t argument, struct channel *c)
{
	static const uint8_t fields[] = { 200, 1, 0, 0, 0 };

	(void)argument;
	channel_send_raw(c, IPC_DID_LOSE_PEER, fields, sizeof fields);
}

/* One starts once. */
void fault_wrong_state(uint64_t argument, struct channel *c)
{
	(void)argument;
	ipc_send_did_start(c, IPC_PROTOCOL_HASH, 0, ipc_text("again"));
}

void fault_unasked_reply(uint64_t argument, struct channel *c)
{
	(void)argument;
	ipc_send_pong(c, UINT64_MAX);
}

/* argument: a page that another renderer serves. */
void fault_foreign_page(uint64_t argument, struct channel *c)
{
	ipc_send_did_change_title(c, (uint32_t)argument, 1, ipc_text("yours"));
}

static struct flood {
	struct task task;
	struct channel *channel;
	uint64_t left;
} flood;

/* No more than the browser takes: a queue that overflows would be the sender's end. */
static void flood_more(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < FLOOD_SLICE && flood.left && !flood.channel->queued; i++, flood.left--)
		ipc_send_did_fill_recorder(flood.channel);
	if (flood.left)
		task_schedule(&flood.task, 0);
}

void fault_flood(uint64_t argument, struct channel *c)
{
	flood.channel = c;
	flood.left = argument;
	if (!flood.task.event)
		task_init(&flood.task, flood_more, NULL);
	task_schedule(&flood.task, 0);
}

/* The descriptor only: who keeps the channel goes on sending into it, and nothing comes of that. */
void fault_close_channel(uint64_t argument, struct channel *c)
{
	(void)argument;
	c->deaf = c->peer_gone = true;
	event_del(c->readable);
	event_del(c->writable);
	close(c->fd);
	c->fd = -1;
}

/* Were a call ever let through, it would do no harm with these. A number that is not listed is called with
 * zeros. */
void fault_violation(uint64_t argument, struct channel *c)
{
	static _Alignas(4096) char page[4096];
	static struct sockaddr address = { .sa_family = AF_UNIX };
	struct msghdr message = { .msg_control = page, .msg_controllen = CMSG_SPACE(sizeof(int)) };
	const struct {
		long call;
		long arguments[6];
	} calls[] = {
		{ SYS_openat, { AT_FDCWD, (long)"/etc/passwd", O_RDONLY } },
		{ SYS_getdents64, { 0, (long)page, sizeof page } },
		{ SYS_newfstatat, { AT_FDCWD, (long)"/", (long)page } },
		{ SYS_socket, { AF_INET, SOCK_STREAM } },
		{ SYS_connect, { 0, (long)&address, sizeof address } },
		{ SYS_sendmsg, { 0, (long)&message } },
		{ SYS_clone, { CLONE_THREAD } }, /* not without CLONE_SIGHAND */
		{ SYS_execve, { (long)"" } },
		{ SYS_kill, { 1, 0 } },
		{ SYS_ptrace, { PTRACE_TRACEME } },
		{ SYS_mprotect, { (long)page, sizeof page, PROT_READ | PROT_EXEC } },
		{ SYS_process_vm_readv, { 1 } },
		{ SYS_unshare, { CLONE_NEWNS } },
		{ SYS_setns, { -1 } },
		{ SYS_chroot, { (long)"/" } },
		{ SYS_memfd_create, { (long)"forbidden" } },
		{ SYS_setresuid, { -1, -1, -1 } },
		{ SYS_clock_settime, { -1 } },
	};
	long none[6] = { 0 };
	const long *with = none;

	(void)c;
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
		if ((uint64_t)calls[i].call == argument)
			with = calls[i].arguments;
	syscall((long)argument, with[0], with[1], with[2], with[3], with[4], with[5]);
}
