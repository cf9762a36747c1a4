/* See task.h. Works on common/loop.c's event base. */
#include "common/task.h"
#include "common/loop.h"

static uint64_t current_cause;

uint64_t cause_current(void)
{
	return current_cause;
}

void cause_set(uint64_t id)
{
	current_cause = id;
}

static void task_fire(evutil_socket_t fd, short what, void *arg)
{
	struct task *t = arg;
	uint64_t before = current_cause;

	(void)fd;
	(void)what;
	if (!t->repeats)
		t->pending = false;
	current_cause = t->cause;
	/* The task may be freed by what it runs: nothing of it is touched afterwards. */
	t->run(t->arg);
	current_cause = before;
}

void task_init(struct task *t, void (*run)(void *arg), void *arg)
{
	*t = (struct task){ .run = run, .arg = arg, .fd = -1 };
}

static void task_leave_soon(struct task *);

static void task_start(struct task *t, int fd, short what, const struct timeval *after, uint64_t cause)
{
	if (t->is_soon)
		task_leave_soon(t);
	if (t->event && event_get_fd(t->event) == fd && event_get_events(t->event) == what) {
		event_del(t->event);
	} else {
		if (t->event)
			event_free(t->event);
		t->event = event_new(loop_base(), fd, what, task_fire, t);
	}
	t->fd = fd;
	t->cause = cause;
	t->repeats = what & EV_PERSIST;
	t->pending = t->event && event_add(t->event, after) == 0;
}

/* Those for the next turn, in the order of asking: libevent would run what is due at once in any order. */
static struct task *soon, **soon_end = &soon;

static void task_leave_soon(struct task *t)
{
	for (struct task **at = &soon; *at; at = &(*at)->next_soon) {
		if (*at != t)
			continue;
		*at = t->next_soon;
		if (!*at)
			soon_end = at;
		break;
	}
	t->is_soon = false;
}

static void task_start_soon(struct task *t)
{
	task_cancel(t);
	t->cause = current_cause;
	t->repeats = false;
	t->pending = t->is_soon = true;
	t->next_soon = NULL;
	*soon_end = t;
	soon_end = &t->next_soon;
}

bool task_has_soon(void)
{
	return soon;
}

void task_run_soon(void)
{
	unsigned asked = 0;

	for (const struct task *t = soon; t; t = t->next_soon)
		asked++;
	/* What these ask for is the turn after's. */
	while (soon && asked-- > 0) {
		struct task *t = soon;

		task_leave_soon(t);
		task_fire(-1, 0, t);
	}
}

void task_schedule(struct task *t, unsigned ms)
{
	struct timeval after = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

	if (ms == 0)
		task_start_soon(t);
	else
		task_start(t, -1, EV_TIMEOUT, &after, current_cause);
}

void task_repeat(struct task *t, unsigned ms)
{
	struct timeval every = { ms / 1000, (suseconds_t)(ms % 1000) * 1000 };

	task_start(t, -1, EV_TIMEOUT | EV_PERSIST, &every, 0);
}

void task_watch(struct task *t, int fd, short what)
{
	task_start(t, fd, (short)(what | EV_PERSIST), NULL, current_cause);
}

void task_cancel(struct task *t)
{
	if (t->is_soon)
		task_leave_soon(t);
	if (t->event)
		event_del(t->event);
	t->pending = false;
}

void task_finish(struct task *t)
{
	if (t->is_soon)
		task_leave_soon(t);
	if (t->event)
		event_free(t->event);
	t->event = NULL;
	t->pending = false;
}
