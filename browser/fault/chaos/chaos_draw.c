/* See chaos_draw.h. */
#include "browser/fault/chaos/chaos_draw.h"
#include "common/arm.h"
#include "common/toxic.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOXIC_PERCENT 12 /* of the draws */

/* Begun anew at each step, so that no step depends on another. */
struct dice {
	uint64_t state;
};

static uint64_t dice_next(struct dice *d)
{
	return arm_draw(&d->state);
}

static struct dice dice_of(uint64_t seed, unsigned step)
{
	struct dice d = { .state = seed };

	d.state = dice_next(&d) + step;
	dice_next(&d);
	return d;
}

static unsigned dice_below(struct dice *d, unsigned sides)
{
	return (unsigned)(dice_next(d) % sides);
}

static unsigned dice_between(struct dice *d, unsigned least, unsigned most)
{
	return least + dice_below(d, most - least + 1);
}

static bool dice_percent(struct dice *d, unsigned percent)
{
	return dice_below(d, 100) < percent;
}

bool chaos_may_draw(const struct fault_info *f, enum role role)
{
	return role != ROLE_BROWSER && f->kind != FAULT_NONE && f->kind != FAULT_RESTART &&
	       fault_can_hit(f, role);
}

static bool may_draw_any(const struct fault_info *f)
{
	for (unsigned role = ROLE_RENDERER; role < ROLE_COUNT; role++)
		if (chaos_may_draw(f, (enum role)role))
			return true;
	return false;
}

/* Groups evenly, and their rows evenly: a group with many rows is not hit more often for that. */
static const struct fault_info *draw_fault(struct dice *d)
{
	unsigned rows[FAULT_GROUP_COUNT] = { 0 }, group, row;

	for (unsigned i = 0; i < fault_table_count; i++)
		rows[fault_table[i].group] += may_draw_any(&fault_table[i]);
	do
		group = dice_below(d, FAULT_GROUP_COUNT);
	while (!rows[group]);
	row = dice_below(d, rows[group]);
	for (unsigned i = 0;; i++)
		if (fault_table[i].group == group && may_draw_any(&fault_table[i]) && !row--)
			return &fault_table[i];
}

static enum role draw_role(struct dice *d, const struct fault_info *f)
{
	/* Of ten, six are renderers. */
	static const enum role roles[] = { ROLE_RENDERER, ROLE_RENDERER, ROLE_RENDERER, ROLE_RENDERER,
					   ROLE_RENDERER, ROLE_RENDERER, ROLE_GPU,	ROLE_GPU,
					   ROLE_PLUGIN,	  ROLE_PLUGIN };
	enum role role;

	do
		role = roles[dice_below(d, sizeof roles / sizeof *roles)];
	while (!chaos_may_draw(f, role));
	return role;
}

/* What lasts, lasts shortly, so that the run goes on. */
static uint64_t draw_argument(struct dice *d, const struct fault_info *f)
{
	if (!f->unit)
		return f->argument;
	if (f->kind == FAULT_SHORT_HANG)
		return dice_between(d, 1, 20) * 100;
	if (f->kind == FAULT_SLOW_HANDLER)
		return dice_between(d, 1, 10) * 10;
	if (f->kind == FAULT_FLOOD)
		return dice_between(d, 1, 20) * 500;
	if (f->kind == FAULT_EXIT)
		return dice_between(d, 1, 120);
	return f->argument;
}

/* Those that come in every life; the rest of the protocol is drawn as well, and may never come. */
static const char *const frequent[ROLE_COUNT][6] = {
	[ROLE_RENDERER] = { "ping", "commit_navigation", "end_body", "describe_document", "did_take_frame",
			    "press_key" },
	[ROLE_GPU] = { "ping", "submit_frame", "show_page", "release_frame", "attach_staging",
		       "did_present" },
	[ROLE_PLUGIN] = { "ping", "pong", "create_instance", "open_surface", "close_surface",
			  "did_update_surface" },
};

/* Only those of the browser's work: how faults are ordered and told of is not to be broken by one. */
static bool is_work(unsigned message, enum role role)
{
	static const enum ipc_id not [] = { IPC_OBEY_FAULT,	IPC_ARM_FAULT,	  IPC_DISARM_FAULT,
					    IPC_PLACE_TOXIC,	IPC_REMOVE_TOXIC, IPC_DID_START,
					    IPC_DID_FIRE_FAULT, IPC_DID_END_TOXIC };

	for (size_t i = 0; i < sizeof not / sizeof *not ; i++)
		if (message == not [i])
			return false;
	return (ipc_messages[message].from | ipc_messages[message].to) & 1u << role;
}

static uint16_t draw_message(struct dice *d, enum role role)
{
	unsigned message;

	if (dice_percent(d, 70)) {
		const char *name = frequent[role][dice_below(d, 6)];

		for (message = 0; message < IPC_COUNT; message++)
			if (!strcmp(ipc_messages[message].name, name))
				return (uint16_t)message;
	}
	do
		message = dice_below(d, IPC_COUNT);
	while (!is_work(message, role));
	return (uint16_t)message;
}

static enum fault_moment draw_moment(struct dice *d, uint16_t message, enum role role)
{
	if (!(ipc_messages[message].to & 1u << role))
		return FAULT_MOMENT_AFTER_SEND;
	if (ipc_messages[message].reply >= 0 && dice_percent(d, 40))
		return FAULT_MOMENT_AFTER_REPLY;
	return dice_percent(d, 50) ? FAULT_MOMENT_BEFORE_HANDLER : FAULT_MOMENT_AFTER_HANDLER;
}

static void draw_on_message(struct dice *d, struct fault_order *o, enum role role)
{
	o->when = FAULT_ON_MESSAGE;
	o->message = draw_message(d, role);
	o->moment = draw_moment(d, o->message, role);
	if (dice_percent(d, 80)) {
		o->count = dice_between(d, 1, 3);
		return;
	}
	o->ppm = dice_between(d, 5, 50) * 10000;
	o->seed = dice_between(d, 1, 1000000);
}

/* What the browser does from outside waits for no message, and dooms are for now: they wait themselves. */
static bool may_wait(const struct fault_info *f)
{
	return f->kind != FAULT_CRASH_BEFORE_READY && f->kind != FAULT_CRASH_LOOP &&
	       f->kind != FAULT_HALF_CLOSE;
}

static void draw_when(struct dice *d, struct fault_order *o, enum role role)
{
	unsigned percent = dice_below(d, 100);

	if (percent < 60 || !may_wait(o->fault))
		return;
	if (percent < 70) {
		o->when = FAULT_AFTER;
		o->after_ms = dice_between(d, 1, 16) * 50;
	} else {
		draw_on_message(d, o, role);
	}
}

static void write_whom(struct dice *d, char *whom, size_t capacity, unsigned tabs, enum role role)
{
	if (role == ROLE_RENDERER)
		snprintf(whom, capacity, "tab%u", dice_below(d, tabs));
	else
		snprintf(whom, capacity, "%s", role_names[role]);
}

static void draw_order(struct dice *d, unsigned tabs, struct fault_order *o)
{
	const struct fault_info *fault = draw_fault(d);
	enum role role = draw_role(d, fault);

	*o = fault_order_of(fault);
	write_whom(d, o->whom, sizeof o->whom, tabs, role);
	o->argument = draw_argument(d, fault);
	draw_when(d, o, role);
}

/* Toxics. */

static uint64_t draw_amount(struct dice *d, enum toxic kind)
{
	switch (kind) {
	case TOXIC_LATENCY:
		return dice_between(d, 2, 30) * 10;
	case TOXIC_BANDWIDTH:
		return dice_between(d, 10, 200) * 1000;
	case TOXIC_CUT:
		return dice_between(d, 1, 20) * 500;
	case TOXIC_CORRUPT:
		return dice_percent(d, 50) ? TOXIC_ANY_BYTE : dice_below(d, 24);
	default:
		return 0;
	}
}

/* Between a renderer and the GPU process, or between one of them and the browser, either way. */
static void draw_ends(struct dice *d, unsigned tabs, struct toxic_order *o)
{
	char *from = o->from, *to = o->to;
	unsigned way = dice_below(d, 10);
	bool gpu = way < 2, peers = way >= 7;

	if (dice_percent(d, 50)) {
		from = o->to;
		to = o->from;
	}
	write_whom(d, from, sizeof o->from, tabs, gpu ? ROLE_GPU : ROLE_RENDERER);
	snprintf(to, sizeof o->to, "%s", peers ? "gpu" : "browser");
}

static void draw_toxic(struct dice *d, unsigned tabs, struct toxic_order *o)
{
	*o = (struct toxic_order){ .kind = (enum toxic)dice_below(d, TOXIC_COUNT),
				   .message = TOXIC_ANY_MESSAGE,
				   .ppm = 1000000 };
	o->amount = draw_amount(d, o->kind);
	if (o->kind == TOXIC_LATENCY)
		o->spread = o->amount / 10 * dice_below(d, 6);
	draw_ends(d, tabs, o);
	if (o->kind != TOXIC_LATENCY && o->kind != TOXIC_BANDWIDTH && o->kind != TOXIC_CUT)
		o->ppm = dice_between(d, 1, 20) * 10000;
	o->seed = dice_between(d, 1, 1000000);
}

void chaos_draw(uint64_t seed, unsigned tabs, unsigned step, struct chaos_draw *draw)
{
	struct dice d = dice_of(seed, step);

	*draw = (struct chaos_draw){ .step = step, .is_toxic = dice_percent(&d, TOXIC_PERCENT) };
	if (draw->is_toxic) {
		draw_toxic(&d, tabs, &draw->toxic);
		draw->lasts_ms = dice_between(&d, 5, 40) * 50;
		toxic_order_text(&draw->toxic, draw->text, sizeof draw->text);
	} else {
		draw_order(&d, tabs, &draw->fault);
		fault_order_text(&draw->fault, draw->text, sizeof draw->text);
	}
}

bool chaos_draw_parse(const char *text, unsigned lasts_ms, unsigned step, struct chaos_draw *draw,
		      char *error)
{
	*draw = (struct chaos_draw){ .step = step, .lasts_ms = lasts_ms, .is_toxic = lasts_ms > 0 };
	if (draw->is_toxic) {
		if (!toxic_order_parse(text, &draw->toxic, error))
			return false;
		toxic_order_text(&draw->toxic, draw->text, sizeof draw->text);
	} else {
		if (!fault_order_parse(text, &draw->fault, error))
			return false;
		fault_order_text(&draw->fault, draw->text, sizeof draw->text);
	}
	return true;
}

bool chaos_tab_number(const char *whom, unsigned *number)
{
	size_t digits;

	if (strncmp(whom, "tab", 3))
		return false;
	digits = strspn(whom + 3, "0123456789");
	if (!digits || digits > 6 || whom[3 + digits])
		return false;
	*number = (unsigned)strtoul(whom + 3, NULL, 10);
	return true;
}
