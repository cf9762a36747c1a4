/* See arm.h. The hooks stand in the channels only as long as somebody needs them. */
#include "common/arm.h"
#include "common/channel_internal.h"
#include "common/fault.h"
#include <time.h>

struct arm {
	struct ipc_arm_fault order;
	struct channel *to_browser;
	uint32_t seen; /* messages it was meant for */
	uint64_t state;
};

void (*arm_fired)(uint32_t arm);

static struct arm arms[ARM_MAX]; /* oldest first */
static unsigned count, slow_ms;
static bool acting;

uint64_t arm_draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Messages about faults: were they counted, an order would meet itself. */
static bool is_about_faults(uint16_t type)
{
	return type == IPC_OBEY_FAULT || type == IPC_ARM_FAULT || type == IPC_DISARM_FAULT ||
	       type == IPC_DID_FIRE_FAULT;
}

static bool arm_means(const struct arm *a, enum fault_moment moment, uint16_t type)
{
	if (a->order.moment != moment)
		return false;
	if (a->order.message == ARM_ANY_MESSAGE)
		return true;
	if (moment == FAULT_MOMENT_AFTER_REPLY)
		return a->order.message < IPC_COUNT && ipc_messages[a->order.message].reply == type;
	return a->order.message == type;
}

static bool arm_is_due(struct arm *a)
{
	a->seen++;
	if (a->order.count)
		return a->seen == a->order.count;
	return arm_draw(&a->state) % 1000000 < a->order.ppm;
}

static bool is_reply(uint16_t type)
{
	for (unsigned i = 0; i < IPC_COUNT; i++)
		if (ipc_messages[i].reply == type)
			return true;
	return false;
}

static void arm_act(struct arm *a)
{
	struct arm acted = *a;

	if (acted.order.count)
		arm_remove(acted.order.arm);
	if (acted.to_browser)
		ipc_send_did_fire_fault(acted.to_browser, acted.order.arm);
	else if (arm_fired)
		arm_fired(acted.order.arm);
	fault_obey(acted.order.kind, acted.order.argument, acted.to_browser);
}

static void arms_look(enum fault_moment moment, uint16_t type)
{
	struct arm due[ARM_MAX];
	unsigned ndue = 0;

	if (acting || type >= IPC_COUNT || is_about_faults(type))
		return;
	for (unsigned i = 0; i < count; i++)
		if (arm_means(&arms[i], moment, type) && arm_is_due(&arms[i]))
			due[ndue++] = arms[i];
	/* What it sends while it acts is no occasion for the others. */
	acting = true;
	for (unsigned i = 0; i < ndue; i++)
		arm_act(&due[i]);
	acting = false;
}

static void arm_before_handler(struct channel *c, uint16_t type)
{
	struct timespec pause = { slow_ms / 1000, (long)(slow_ms % 1000) * 1000000 };

	(void)c;
	if (slow_ms)
		clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
	arms_look(FAULT_MOMENT_BEFORE_HANDLER, type);
}

static void arm_after_handler(struct channel *c, uint16_t type)
{
	(void)c;
	arms_look(FAULT_MOMENT_AFTER_HANDLER, type);
}

/* fault_obey() flushes first: the message and the reply leave, whatever happens next. */
static void arm_after_send(struct channel *c, uint16_t type)
{
	(void)c;
	arms_look(FAULT_MOMENT_AFTER_SEND, type);
	if (type < IPC_COUNT && is_reply(type))
		arms_look(FAULT_MOMENT_AFTER_REPLY, type);
}

static void arms_hook(void)
{
	bool wanted[FAULT_MOMENT_COUNT] = { [FAULT_MOMENT_BEFORE_HANDLER] = slow_ms != 0 };

	for (unsigned i = 0; i < count; i++)
		wanted[arms[i].order.moment] = true;
	channel_hooks.before_handler = wanted[FAULT_MOMENT_BEFORE_HANDLER] ? arm_before_handler : NULL;
	channel_hooks.after_handler = wanted[FAULT_MOMENT_AFTER_HANDLER] ? arm_after_handler : NULL;
	channel_hooks.after_send =
		wanted[FAULT_MOMENT_AFTER_SEND] || wanted[FAULT_MOMENT_AFTER_REPLY] ? arm_after_send : NULL;
}

static void arm_drop(unsigned at)
{
	count--;
	for (unsigned i = at; i < count; i++)
		arms[i] = arms[i + 1];
}

void arm_fault(const struct ipc_arm_fault *m, struct channel *to_browser)
{
	if (count == ARM_MAX)
		arm_drop(0);
	arms[count++] = (struct arm){ .order = *m, .to_browser = to_browser, .state = m->seed };
	arms_hook();
}

bool arm_remove(uint32_t arm)
{
	for (unsigned i = 0; i < count; i++) {
		if (arms[i].order.arm != arm)
			continue;
		arm_drop(i);
		arms_hook();
		return true;
	}
	return false;
}

void arm_slow(unsigned ms)
{
	slow_ms = ms;
	arms_hook();
}
