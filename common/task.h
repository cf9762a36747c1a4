/*
 * Causes, and work that is put off. While a message is handled, cause_current() is its id, and what is sent
 * meanwhile names it. A task (timer, descriptor, later turn) saves the cause when it is asked for and
 * restores it when it runs, so that the log knows whole chains. All put-off work goes through here.
 */
#pragma once
#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

uint64_t cause_current(void);
void cause_set(uint64_t id);

struct task {
	struct event *event;
	void (*run)(void *arg);
	void *arg;
	uint64_t cause;
	int fd;
	bool repeats;
	bool pending;
	bool is_soon; /* it runs in the next turn */
	struct task *next_soon;
};

/* A task that is run by time. Does nothing until scheduled. */
void task_init(struct task *, void (*run)(void *arg), void *arg);
/* Run once, after that many ms (0: next turn, in the order of asking). Scheduling again moves it and takes
 * the present cause. */
void task_schedule(struct task *, unsigned ms);
/* Run every so many ms, by no cause. */
void task_repeat(struct task *, unsigned ms);
/* Run whenever fd is readable (EV_READ) or writable (EV_WRITE), by the present cause, until cancelled. */
void task_watch(struct task *, int fd, short what);
void task_cancel(struct task *);
/* Cancels and frees. A zeroed task is fine. */
void task_finish(struct task *);

/* For common/loop.c: run what was put off to this turn; is there some for the next? Then waiting must not
 * block. */
void task_run_soon(void);
bool task_has_soon(void);
