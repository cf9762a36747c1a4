/* See death_watch.h. The loop changes the sets, a thread each waits; both look at them under a mutex only. */
#include "browser/process/death_watch.h"
#include "browser/process/host.h"
#include "common/owner.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define GROUP_MAX   (FUTEX_WAITV_MAX - 1) /* the first place is for what wakes the thread itself */
#define STACK_BYTES 65536

struct watched {
	struct process_host *process; /* the loop's alone */
	const _Atomic uint32_t *word;
	uint32_t held;
	uint64_t changed_ns; /* 0: not yet */
};

struct watch_group {
	struct watch_group *next;
	struct death_watch *watch;
	pthread_t thread;
	pthread_mutex_t mutex;	  /* for what follows */
	_Atomic uint32_t edition; /* of the set; a futex too */
	bool over;
	unsigned count;
	struct watched watched[GROUP_MAX];
};

struct death_watch {
	void (*noticed)(struct process_host *, uint64_t at_ns);
	struct watch_group *groups;
	int wake_fd; /* eventfd: some word has changed */
	struct task on_wake;
};

/*
 * What to wait for next, into `waits`; 0: nothing, ever. The words belong to processes that may write what
 * they like: they are compared, no more. A changed one is left to the loop.
 */
static unsigned group_prepare(struct watch_group *g, struct futex_waitv *waits)
{
	unsigned n = 0;
	bool tell = false;

	pthread_mutex_lock(&g->mutex);
	waits[n++] = (struct futex_waitv){ .val = atomic_load(&g->edition),
					   .uaddr = (uintptr_t)&g->edition,
					   .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG };
	for (unsigned i = 0; i < g->count; i++) {
		struct watched *w = &g->watched[i];

		if (w->changed_ns)
			continue;
		if (atomic_load(w->word) == w->held) {
			waits[n++] = (struct futex_waitv){ .val = w->held,
							   .uaddr = (uintptr_t)w->word,
							   .flags = FUTEX_32 };
		} else {
			w->changed_ns = recorder_now();
			tell = true;
		}
	}
	n = g->over ? 0 : n;
	pthread_mutex_unlock(&g->mutex);
	if (tell)
		eventfd_write(g->watch->wake_fd, 1);
	return n;
}

/*
 * A word that is unmapped between the look and the wait was taken from the set first: EFAULT, or the new
 * edition, and the next look knows it no more.
 */
static void *group_run(void *arg)
{
	struct watch_group *g = arg;
	struct futex_waitv waits[FUTEX_WAITV_MAX];
	unsigned n;

	while ((n = group_prepare(g, waits)) > 0)
		if (syscall(SYS_futex_waitv, waits, n, 0, NULL, 0) == -1 && errno != EAGAIN &&
		    errno != EINTR && errno != EFAULT)
			break;
	return NULL;
}

/* With the mutex held: the thread shall look again. */
static void group_wake(struct watch_group *g)
{
	atomic_fetch_add(&g->edition, 1);
	syscall(SYS_futex, &g->edition, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static bool group_start_thread(struct watch_group *g)
{
	pthread_attr_t attributes;
	sigset_t all, before;
	int error;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(&g->thread, &attributes, group_run, g);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return !error;
}

/* One with room. NULL: there is none, nor memory for one. */
static struct watch_group *watch_find_group(struct death_watch *watch)
{
	struct watch_group *g = watch->groups;

	while (g && g->count == GROUP_MAX)
		g = g->next;
	if (g || !(g = calloc(1, sizeof *g)))
		return g;
	g->watch = watch;
	pthread_mutex_init(&g->mutex, NULL);
	if (!group_start_thread(g)) {
		pthread_mutex_destroy(&g->mutex);
		free(g);
		return NULL;
	}
	g->next = watch->groups;
	watch->groups = g;
	return g;
}

/* Take out those that have changed; returns how many, in out. */
static unsigned group_take_changed(struct watch_group *g, struct watched *out)
{
	unsigned n = 0;

	pthread_mutex_lock(&g->mutex);
	for (unsigned i = 0; i < g->count;) {
		if (g->watched[i].changed_ns) {
			out[n++] = g->watched[i];
			g->watched[i] = g->watched[--g->count];
		} else {
			i++;
		}
	}
	pthread_mutex_unlock(&g->mutex);
	return n;
}

static void watch_on_wake(void *arg)
{
	struct death_watch *watch = arg;
	struct watched changed[GROUP_MAX];
	eventfd_t times;

	eventfd_read(watch->wake_fd, &times);
	for (struct watch_group *g = watch->groups; g; g = g->next) {
		unsigned n = group_take_changed(g, changed);

		for (unsigned i = 0; i < n; i++)
			watch->noticed(changed[i].process, changed[i].changed_ns);
	}
}

struct death_watch *death_watch_create(void (*noticed)(struct process_host *, uint64_t at_ns))
{
	struct death_watch *watch;

	/* Nothing to wait for: EINVAL where there is such a call. */
	if (syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) != -1 || errno != EINVAL)
		return NULL;
	watch = calloc(1, sizeof *watch);
	if (!watch)
		return NULL;
	watch->noticed = noticed;
	watch->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watch->wake_fd == -1) {
		free(watch);
		return NULL;
	}
	task_init(&watch->on_wake, watch_on_wake, watch);
	task_watch(&watch->on_wake, watch->wake_fd, EV_READ);
	return watch;
}

static void group_destroy(struct watch_group *g)
{
	pthread_mutex_lock(&g->mutex);
	g->over = true;
	group_wake(g);
	pthread_mutex_unlock(&g->mutex);
	pthread_join(g->thread, NULL);
	pthread_mutex_destroy(&g->mutex);
	free(g);
}

void death_watch_destroy(struct death_watch *watch)
{
	if (!watch)
		return;
	while (watch->groups) {
		struct watch_group *g = watch->groups;

		watch->groups = g->next;
		group_destroy(g);
	}
	task_finish(&watch->on_wake);
	close(watch->wake_fd);
	free(watch);
}

void death_watch_add(struct death_watch *watch, struct process_host *p)
{
	uint32_t held = p->region ? atomic_load(&p->region->owner) : 0;
	struct watch_group *g = watch && owner_is_held(held) ? watch_find_group(watch) : NULL;

	if (!g)
		return;
	pthread_mutex_lock(&g->mutex);
	g->watched[g->count++] = (struct watched){ .process = p, .word = &p->region->owner, .held = held };
	group_wake(g);
	pthread_mutex_unlock(&g->mutex);
}

static bool group_remove(struct watch_group *g, const struct process_host *p)
{
	unsigned i = 0;

	pthread_mutex_lock(&g->mutex);
	while (i < g->count && g->watched[i].process != p)
		i++;
	bool found = i < g->count;

	if (found) {
		g->watched[i] = g->watched[--g->count];
		group_wake(g);
	}
	pthread_mutex_unlock(&g->mutex);
	return found;
}

void death_watch_remove(struct death_watch *watch, struct process_host *p)
{
	for (struct watch_group *g = watch ? watch->groups : NULL; g; g = g->next)
		if (group_remove(g, p))
			return;
}
