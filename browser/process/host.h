/*
 * Process hosts: the browser's side of each child, and the table of all of them. Starting, pinging, killing,
 * and the news of their lives. compartment.c launches; reaper.c names deaths; hang_monitor.c pings;
 * gpu_host.c, plugin_host.c and spare.c keep the right ones alive. Knows neither tabs nor the screen: news
 * travels by struct process_events.
 */
#pragma once
#include "browser/process/compartment.h"
#include "browser/process/death.h"
#include "browser/process/holdings.h"
#include "browser/process/verify.h"
#include "common/channel.h"
#include "common/task.h"
#include <stdbool.h>
#include <stdint.h>

/*
 * DYING: the kernel has told that it ends, not yet how; the memory of a big one takes a while to be freed.
 * What is no longer up has that or a higher state.
 */
enum process_state { PROCESS_STARTING, PROCESS_READY, PROCESS_UNRESPONSIVE, PROCESS_DYING, PROCESS_DEAD };
extern const char *const process_state_names[]; /* the words of the screen and the log */

/* The layers that are the compartment's namespaces. */
#define NAMESPACE_LAYERS                                                                                     \
	(1u << LAYER_USER_NS | 1u << LAYER_PID_NS | 1u << LAYER_MOUNT_NS | 1u << LAYER_NETWORK_NS |          \
	 1u << LAYER_IPC_NS | 1u << LAYER_UTS_NS | 1u << LAYER_CGROUP_NS)

#define PROCESS_HUES	      8
#define PROCESS_DEAD_SHOWN_MS 30000 /* how long a dead host stays in the table */

struct process_table;

struct process_host {
	struct process_host *next; /* in the table, oldest first */
	struct process_table *table;
	struct endpoint name;
	pid_t pid;
	enum process_state state;
	unsigned hue;		 /* below PROCESS_HUES, kept for life */
	const char *label;	 /* for a plugin process its type's short name ("clock"), else ""; static */
	struct channel *channel; /* NULL once ended */
	struct recorder_region *region;		/* NULL some time after death */
	size_t ring_bytes;			/* of it */
	uint64_t started_ns, ready_ns, died_ns; /* CLOCK_MONOTONIC; 0: not yet. died: first known of */
	uint64_t noticed_ns, reaped_ns;		/* its end told by its futex (0: not at all), by waitid(2) */
	uint32_t layers;			/* of the sandbox, as it reported them */
	char missing[400];			/* why others are not on */
	struct verify_report verified;
	struct death death; /* when DEAD */
	struct process_usage {
		unsigned cpu_percent;  /* of one core, over the last second */
		uint64_t memory_bytes; /* private and resident */
		bool stopped;	       /* by SIGSTOP or its like: it does nothing until SIGCONT */
	} usage;
	bool served;	   /* it was given a page: its owner's word, kept here as long as the process lives */
	const char *fault; /* name of the one injected last (static), and when (ns) */
	uint64_t fault_ns;
	/* When its channel ended: what the browser held for it, and the requests it had not answered, by
	 * type. */
	struct holdings held;
	uint32_t open_requests[IPC_COUNT];
	uint64_t ping_nonce, ping_sent_ns;	 /* of the last ping; ping_sent_ns 0: it was answered */
	uint64_t ping_answered_ns, ping_took_ns; /* the last answer, and how long it took from the ping on */
	uint64_t unresponsive_ns;		 /* since when; 0: it is not */
	bool asked_to_end;			 /* by process_end() */
	bool on_hold; /* a breakpoint holds what it sent or is to get: no wonder that nothing happens */
	enum bad_message kill_reason; /* that process_kill() was given */
	uint64_t refused_id;	      /* of the message that it was ended for, 0: none */
	int wait_how, wait_status;    /* what waitid(2) said */
	/* The rest is process/'s own. */
	struct compartment compartment;
	int pidfd;
	struct task reap, wait_for_death, tell_dying;
	unsigned put_off; /* how often tell_dying was */
	bool reaped, channel_ended;
	unsigned unanswered; /* checks of the hang monitor since its last ping */
	uint64_t cpu_ticks, cpu_at_ns;
};

/* News. All but `started` are called from the loop, never from within a call of this header. */
struct process_events {
	void *arg;
	void (*started)(void *arg, struct process_host *);
	void (*ready)(void *arg, struct process_host *);
	/* It is dying: how will be known when it is dead. Most die too fast for this to come first. */
	void (*dying)(void *arg, struct process_host *);
	/* Dead and named; its channel is gone, its recorder still readable. */
	void (*died)(void *arg, struct process_host *);
	/* It became unresponsive, or answers again: see its state. */
	void (*responded)(void *arg, struct process_host *);
	void (*ponged)(void *arg, struct process_host *);
	/* `one` says that its channel to `other`, another child, has ended. May be NULL. */
	void (*disconnected)(void *arg, struct endpoint one, struct endpoint other);
	/* Such processes died too often: none is started any more until the user asks. why: the step of
	 * starting that failed, "" when they were ready. From wherever a death is told. */
	void (*gave_up)(void *arg, enum role role, const char *label, const char *why);
};

struct process_table {
	struct process_host *first, **end;
	struct death_watch *death_watch; /* NULL: this system has none */
	struct compartment_programs programs;
	uint32_t wanted;     /* layers of the sandbox that are tried */
	uint32_t namespaces; /* that this system can make */
	int namespace_error; /* errno of the first that it cannot, and a hint (static) */
	const char *namespace_hint;
	struct process_events events;
	channel_dispatch_fn *dispatch; /* of messages from ready children, with `self` */
	void *self;
	struct recorder *recorder; /* the browser's own */
	size_t ring_bytes;	   /* of each child's recorder; 0: RECORDER_RING_BYTES */
	uint32_t serials[ROLE_COUNT];
	struct process_doom {	  /* how the next ones of that role are to fail before they are ready */
		enum fault fault; /* FAULT_NONE: they are not */
		unsigned times;	  /* how many of them; 0: all that come */
		const char *name; /* of what was ordered (static): their `fault` */
	} dooms[ROLE_COUNT];
	struct process_link { /* channels between children */
		struct endpoint a, b;
		bool a_lost, b_lost; /* that side says that it has ended */
	} * links;
	unsigned nlinks;
	unsigned died;		/* ever */
	struct process_starts { /* of those that became ready: from launch to that */
		unsigned count;
		uint64_t total_ns, most_ns;
	} starts;
	uint64_t nonce;
	struct task hang_checks, forgetting, usage_reading;
	bool insists;	  /* on a sandbox that is strong enough, of every child that starts */
	bool quiet_hangs; /* tests: no hang monitor */
};

/* Open the executables and see what this system can isolate. false with *why (static or in a static buffer).
 */
bool process_table_init(struct process_table *, uint32_t wanted, const char **why);
/* End every child and wait for their deaths. */
void process_table_finish(struct process_table *);

/*
 * Start a child. library: a plugin's .so (stays the caller's) or -1. NULL with *why when it cannot even be
 * launched. What goes wrong later comes as `died` with status launch_failed.
 */
struct process_host *process_start(struct process_table *, enum role role, int library, const char *label,
				   const char **why);

/*
 * The next `times` processes of that role (0: all, until this is taken back with FAULT_NONE) obey that fault
 * in their sandbox before they are ready: they show as launch_failed. What runs already is not touched.
 * name (static): what was ordered, which they carry as their `fault`.
 */
void process_doom(struct process_table *, enum role role, enum fault, const char *name, unsigned times);

/* SIGKILL, for that reason (BAD_MESSAGE_NONE: the user's wish or a fault). Its death comes as news. */
void process_kill(struct process_host *, enum bad_message reason);
void process_signal(struct process_host *, int signal);
/* Close its channel, so that it ends by itself; killed if it does not within a second. */
void process_end(struct process_host *);

/* Ping unless one is outstanding; the answer comes as `ponged`. */
void process_ping(struct process_host *);

/* Its death is an accident or somebody's doing. One that was told to end is none, however it obeyed: a page
 * that goes from site to site would fill the reports with them. */
static inline bool process_is_casualty(const struct process_host *p)
{
	return p->death.status != TERMINATION_STATUS_NORMAL && (!p->asked_to_end || p->fault);
}

/* Alive, past did_start, and its channel is open: one that has closed it is as good as dead. */
static inline bool process_is_up(const struct process_host *p)
{
	return p && p->channel && (p->state == PROCESS_READY || p->state == PROCESS_UNRESPONSIVE);
}

/* The user's answer to a hang: be patient for another five seconds. One that is stopped is let go on. */
void process_wait_again(struct process_host *);
/* Is it stopped, now? Asks the kernel. */
bool process_is_stopped(const struct process_host *);
/* Let it go on, if it is. */
void process_continue(struct process_host *);

/* How long its ping has been unanswered, in ms and in checks of the hang monitor; 0: it owes no answer. */
unsigned process_silent_ms(const struct process_host *);
unsigned process_silent_checks(const struct process_host *);

struct process_host *process_find(struct process_table *, enum role role, uint32_t serial);
struct process_host *process_of_channel(struct process_table *, const struct channel *);
unsigned process_count(const struct process_table *); /* living ones */

/*
 * See that there is a channel between two children, both up; a learns of it first. Nothing happens when there
 * is one. false: no descriptors left.
 */
bool process_connect(struct process_host *a, struct process_host *b);
/* Is there a channel between those two, one of which may be the browser? */
bool process_are_linked(const struct process_table *, struct endpoint a, struct endpoint b);
/* The channel between those two has ended on one side: the next process_connect() makes another. */
void process_disconnected(struct process_table *, struct endpoint a, struct endpoint b);
