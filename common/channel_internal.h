/* What the files of a channel share: channel.c opens, closes and lists them, channel_send.c and
 * channel_receive.c do the rest. */
#pragma once
#include "common/channel.h"
#include <event2/event.h>

/* A packet that the peer's socket would not take yet. */
struct packet {
	struct packet *next;
	size_t bytes;
	int fd;
	uint64_t last; /* number of its last message */
	uint8_t data[];
};

struct hold;
struct hold_view;

struct channel {
	int fd;
	struct channel_config config;
	struct event *readable, *writable;
	struct recorder_peer *counters;
	struct channel *next, *previous; /* all channels of the process */

	uint8_t *out; /* the packet being filled, CHANNEL_PACKET_BYTES */
	size_t out_bytes;
	int out_fd;
	uint64_t out_last;
	struct packet *queue, **queue_end;
	size_t queued;
	unsigned queued_fds; /* descriptors among them */
	unsigned max_fds;    /* that may be */
	bool peer_gone;

	uint8_t *left; /* received and not yet handled */
	size_t left_bytes, left_done;
	int left_fd;
	uint64_t last_received;
	uint32_t requests[IPC_COUNT]; /* sent and awaiting their reply */

	struct channel_refused refused;
	enum channel_end end;
	bool ending; /* `ended` is to be called */
	bool ended;
	bool yielded; /* what is left waits for the next turn */
	bool busy;    /* a handler runs: freeing must wait */
	bool closed;
	bool deaf;	   /* on purpose: it never reads again */
	struct hold *hold; /* common/hold.c: what breakpoints hold of it; NULL: nobody looks */
};

extern struct channel *channels; /* of this process */

/*
 * Who looks on, or meddles, on purpose: armed faults (common/arm.c) and toxics (common/toxic.c). NULL, as all
 * of them mostly are, costs one test of a pointer a message.
 */
struct channel_hooks {
	/* A message was found sound and recorded: its handler comes next; has returned. */
	void (*before_handler)(struct channel *, uint16_t type);
	void (*after_handler)(struct channel *, uint16_t type);
	/* A message was queued, counted and recorded. */
	void (*after_send)(struct channel *, uint16_t type);
	/*
	 * A message is about to be queued. True: it was taken over, with a copy of its fields, and its
	 * descriptor (-1: none), which is the hook's from then on.
	 */
	bool (*before_send)(struct channel *, uint16_t type, const uint8_t *fields, size_t bytes, int fd);
	/* It is about to be closed. */
	void (*closing)(struct channel *);
};
extern struct channel_hooks channel_hooks;

/* Stop sending and receiving; the next turn tells whoever opened it. */
void channel_end(struct channel *, enum channel_end why);
void channel_free(struct channel *);

/*
 * Count up a counter that only this process writes. Others only read: no locked instruction is needed, which
 * would cost as much as decoding a message.
 */
static inline void channel_count(_Atomic uint64_t *counter)
{
	atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + 1,
			      memory_order_relaxed);
}

void channel_record(struct channel *, enum record_kind, const struct ipc_header *, int fd,
		    enum bad_message reason, const uint8_t *payload);
/* The same, with bits of enum record_mark. */
void channel_record_marked(struct channel *, enum record_kind, const struct ipc_header *, int fd,
			   enum bad_message reason, const uint8_t *payload, uint32_t marks);

/* A message that the hook took over and lets go again. Its fields and marks are borrowed. */
struct channel_parcel {
	const uint8_t *fields;
	size_t bytes;
	uint16_t type;
	int fd;				  /* -1: none */
	bool dropped;			  /* it gets an id and its record, and never leaves */
	const struct record_toxic *marks; /* recorded right behind it, whatever comes of it */
	unsigned nmarks;
	uint32_t hand;			/* bits of enum record_mark */
	const struct record_held *hold; /* NULL: no breakpoint held it */
};

/* What a breakpoint or a person did to the message that is being sent, for a hook that takes it over. */
struct channel_history {
	uint32_t hand;
	struct record_held hold; /* breakpoint 0: none */
};
struct channel_history channel_history(void);

/*
 * Queue it, past the hook, by the present cause. Takes the descriptor if it succeeds, unless it is dropped.
 * false: the channel takes nothing more.
 */
bool channel_emit(struct channel *, const struct channel_parcel *);
/* It was held until the channel ended: it gets an id and its records, and goes nowhere. */
void channel_record_unsent(struct channel *, const struct channel_parcel *);
/* The same for one that was held: not past the hook, unless it is dropped. */
bool channel_resume(struct channel *, const struct channel_parcel *);

/*
 * Check the fields of a received message once more and hand it to the dispatcher, recorded with these marks.
 * Takes the descriptor. false: the channel is to end.
 */
bool channel_deliver(struct channel *, const struct hold_view *, uint32_t marks);

/* Handlers of libevent's. */
void channel_on_writable(evutil_socket_t, short what, void *channel);
void channel_on_readable(evutil_socket_t, short what, void *channel);

/* The buffer that all channels receive into. false: no memory. */
bool channel_prepare_receiving(void);
/* Handle a turn's worth of what is left of the last packet. */
void channel_work_left(struct channel *);
