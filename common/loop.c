/* See loop.h. common/channel.c is what is flushed; common/task.c what runs. */
#include "common/loop.h"
#include "common/channel.h"
#include "common/task.h"

static struct event_base *base;
static struct event *timeout;
static bool stopped;

static void loop_on_timeout(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
}

bool loop_init(void)
{
	struct event_config *config = event_config_new();

	stopped = false;
	if (!config)
		return false;
	/* One epoll_wait is one turn: timers need no precision below a millisecond. */
	event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
	event_config_set_flag(config, EVENT_BASE_FLAG_IGNORE_ENV);
	base = event_base_new_with_config(config);
	event_config_free(config);
	/* 0: what the browser says; 1: all else. So a child knows what it was granted before its peers use
	 * it. */
	if (base && event_base_priority_init(base, 2) == -1)
		return false;
	timeout = base ? evtimer_new(base, loop_on_timeout, NULL) : NULL;
	return timeout;
}

void loop_finish(void)
{
	if (timeout)
		event_free(timeout);
	if (base)
		event_base_free(base);
	timeout = NULL;
	base = NULL;
}

struct event_base *loop_base(void)
{
	return base;
}

static void loop_wait(void)
{
	/* Handlers that run here come after the drawing, and may have done what the caller waits for. */
	bool worked = channel_has_backlog();

	worked |= task_has_soon();
	task_run_soon();
	channel_work_backlog();
	channel_flush_all();
	worked |= task_has_soon() || channel_has_backlog();
	event_base_loop(base, worked ? EVLOOP_ONCE | EVLOOP_NONBLOCK : EVLOOP_ONCE);
}

void loop_run(void (*before_wait)(void *arg), void *arg)
{
	while (!stopped) {
		channel_flush_all();
		if (before_wait)
			before_wait(arg);
		if (!stopped)
			loop_wait();
	}
	channel_flush_all();
}

void loop_turn(int timeout_ms)
{
	struct timeval after = { timeout_ms / 1000, (suseconds_t)(timeout_ms % 1000) * 1000 };

	if (timeout_ms >= 0)
		event_add(timeout, &after);
	loop_wait();
	event_del(timeout);
	channel_flush_all();
}

void loop_stop(void)
{
	stopped = true;
}
