/*
 * The loop of every process: flush, draw, then wait. One a process.
 * A turn ends by flushing every channel, so that what was sent in it leaves in one packet; while a channel
 * has received messages left over, waiting does not block.
 */
#pragma once
#include <event2/event.h>
#include <stdbool.h>

/* Make the event base. false: no memory or no epoll. */
bool loop_init(void);
void loop_finish(void);
struct event_base *loop_base(void);

/* Run turns until loop_stop(). before_wait (may be NULL) is called once a turn, after handlers, before the
 * flush. */
void loop_run(void (*before_wait)(void *arg), void *arg);

/* Run one turn; wait for at most timeout_ms (-1: for ever). For tests and for waiting requests. */
void loop_turn(int timeout_ms);
void loop_stop(void);
