/*
 * The flight recorder: one region per process, written by it, read by the browser even after its death.
 * A crash record, the counters of every channel, then a ring of message events. No system call per record.
 * common/channel.c writes events; common/crash.c the crash record; browser/traffic/ reads. The reader trusts
 * nothing: it copies first and checks the copy.
 */
#pragma once
#include "common/protocol.h"
#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORDER_RECORDED_BYTES 256 /* of a message's fields, kept by a child; ipcgen.py knows it too */
#define RECORDER_PEERS		1024
#define RECORDER_RING_BYTES	(512u << 10)
#define RECORDER_BROWSER_BYTES	(4u << 20) /* the browser's own ring keeps messages whole */
/* With a ring of more than RECORDER_RING_BYTES, which the browser makes for that, memory is recorded too. */
#define RECORDER_MEMORY_BYTES (8u << 20)

enum record_kind {
	RECORD_PAD, /* skip to the start of the ring */
	RECORD_SENT,
	RECORD_RECEIVED, /* checked, about to be handled */
	RECORD_REFUSED,	 /* a bad message; reason says why */
	RECORD_HANDLED,	 /* the handler of the message of that id has returned; nothing else of it is said */
	RECORD_HELD,	 /* sound, and held: struct record_held behind it */
	RECORD_DROPPED,	 /* it was held, and is not handled: likewise */
	RECORD_MEMORY,	 /* what was written into a region: struct record_memory and the bytes behind it */
	RECORD_TOXIC,	/* what a toxic did to the message sent with this id: struct record_toxic behind it */
	RECORD_WAITING, /* its sender holds it back, and it has no id yet */
	RECORD_KIND_COUNT
};

/* One event, and behind it payload_bytes of the message's fields as they were encoded. */
struct record {
	uint32_t bytes; /* with payload, a multiple of 8 */
	uint8_t kind;	/* enum record_kind */
	uint8_t peer_role;
	uint16_t type;	  /* enum ipc_id */
	uint64_t time_ns; /* CLOCK_MONOTONIC */
	uint64_t id, cause;
	uint32_t peer_serial;
	uint32_t message_bytes; /* of its fields */
	uint16_t payload_bytes; /* kept here: at most message_bytes */
	uint8_t fds;
	uint8_t reason; /* enum bad_message, for RECORD_REFUSED */
	uint32_t marks; /* bits of enum record_mark */
};

/* What was done to a message by hand. */
enum record_mark {
	RECORD_BY_HAND = 1, /* SENT: it was composed, or sent again */
	RECORD_EDITED =
		2, /* RECEIVED, REFUSED: its fields are other than those that were sent; SENT: it was held */
	RECORD_DUPLICATED =
		4,	   /* RECEIVED, REFUSED: a second time; SENT: it is another one of the same fields */
	RECORD_WAITED = 8, /* SENT: the WAITING one of that type that came first has left, or never will */
};

/*
 * The payload of a RECORD_HELD or RECORD_DROPPED. HELD: as soon as a message is held, without an id if it has
 * not left yet; of one that its sender held back, or that waited there behind another, once more right behind
 * its SENT. DROPPED: when it was; of one that never left, likewise.
 */
struct record_held {
	uint32_t breakpoint, reserved; /* breakpoint 0: it waited behind another */
	uint64_t held_ns;	       /* since it came, or was to leave */
};

/* The payload of a RECORD_TOXIC. */
struct record_toxic {
	uint32_t toxic; /* its number */
	uint32_t kind;	/* enum toxic */
	uint64_t held_ns;
};

/* The regions whose contents are recorded. */
enum region_kind { REGION_STAGING, REGION_SURFACE, REGION_FRAME, REGION_KIND_COUNT };
extern const char *const region_kind_names[];

/*
 * The start of the payload of a RECORD_MEMORY; behind it the bytes that were written there. Those of one
 * writing may come in several records, one behind the other, and the message that announces it after them.
 */
struct record_memory {
	uint32_t kind; /* enum region_kind */
	uint32_t page;
	uint32_t number; /* the generation of a staging or frame region, the number of a surface */
	uint32_t half;	 /* that was written to */
	uint32_t offset; /* within it */
	uint32_t bytes;
};
#define RECORD_MEMORY_MAX 49152u /* bytes in one record; a multiple of 3 for base64, and of 8 */

/* What the process knows of one of its channels; sent and received count messages. */
struct recorder_peer {
	uint32_t role, serial;
	uint32_t open; /* 0: the channel is closed, or there never was one */
	uint32_t reserved;
	uint64_t closed_at; /* ns; 0: never */
	_Atomic uint64_t sent, received;
	_Atomic uint64_t flushed; /* number of the last message that left the process */
	_Atomic uint64_t arrived; /* number of the peer's last message that came into the process */
};

#define CRASH_REGISTERS 23
#define CRASH_FRAMES	64

/* Written by signal handlers: plain stores, and `kind` last; then the backtrace, `nframes` last. */
struct crash_record {
	_Atomic uint32_t kind; /* enum crash_kind; 0: none */
	uint32_t signal;
	int32_t code;	  /* si_code, or exit code */
	uint32_t syscall; /* for CRASH_KIND_VIOLATION: its number */
	uint64_t address, pc;
	uint64_t time_ns;
	uint32_t reason;  /* enum bad_message, for CRASH_KIND_BAD_MESSAGE */
	uint32_t nframes; /* of the backtrace */
	uint64_t message; /* id of the bad message */
	char what[60];	  /* for CRASH_KIND_START_FAILED: the step */
	uint32_t nregisters;
	uint64_t registers[CRASH_REGISTERS]; /* in the order of ucontext's gregs */
	uint64_t frames[CRASH_FRAMES];	     /* return addresses, innermost first */
};

/* A file of code, as the process itself says: its name without folders ("" for the program), and where. */
#define CRASH_MODULES	  24
#define CRASH_MODULE_NAME 48
struct crash_module {
	uint64_t base, end; /* base: what is added to the addresses in the file */
	char name[CRASH_MODULE_NAME];
};

struct recorder_region {
	uint64_t ring_bytes;
	_Atomic uint64_t reserved;  /* bytes ever claimed by the writer */
	_Atomic uint64_t committed; /* bytes ever written whole */
	_Atomic uint64_t records;   /* number of records ever written */
	_Atomic uint64_t drained; /* where the browser has read to; the writer's own copy of it is advisory */
	_Atomic uint64_t handling; /* id of the message whose handler is running, 0: none */
	_Atomic uint32_t enabled;  /* 0: nothing is recorded (bench) */
	/* A robust futex that the process holds: its owner's death is told before its memory is freed. */
	_Atomic uint32_t owner;
	struct crash_record crash;
	struct crash_module modules[CRASH_MODULES]; /* those with an end */
	struct recorder_peer peers[RECORDER_PEERS];
	_Alignas(64) uint8_t ring[];
};

#define RECORDER_REGION_BYTES (sizeof(struct recorder_region) + RECORDER_RING_BYTES)

/* The writing side, one a process. */
struct recorder {
	struct recorder_region *region;
	uint32_t payload_max;	    /* bytes kept of each message */
	bool keeps_memory;	    /* recorder_write_memory() does something */
	void (*on_half)(void *arg); /* called once each time the writer is half a ring ahead of the reader */
	void *arg;
	uint64_t told; /* `committed` when on_half was last called */
};

/* Initialise a fresh region (zeroed, RECORDER_REGION_BYTES or bigger) or attach to one that the browser made.
 */
void recorder_init(struct recorder *, struct recorder_region *, size_t bytes, uint32_t payload_max);

/* CLOCK_MONOTONIC in ns. */
uint64_t recorder_now(void);

/* Append one event; header describes it, payload (payload_max bytes of it at most) is copied. Never blocks.
 */
void recorder_write(struct recorder *, struct record *header, const void *payload);

/* Append what has just been written into a region; `memory` says where, its bytes from `bytes` on are copied.
 */
void recorder_write_memory(struct recorder *, const struct record_memory *memory, const void *bytes);

/* Claim the counters of a channel to that peer; the oldest closed slot is used again. NULL when all are open.
 */
struct recorder_peer *recorder_open_peer(struct recorder *, enum role role, uint32_t serial);
void recorder_close_peer(struct recorder_peer *);

/* The reading side: a place in another process's ring. */
struct recorder_reader {
	const struct recorder_region *region;
	uint64_t ring_bytes; /* the browser's own knowledge, never the region's */
	uint64_t position;   /* bytes read so far */
	uint64_t read;	     /* records read so far */
	uint64_t gaps;	     /* records that were overwritten before they could be read */
	bool unsettled;	     /* the last gap may have been one record longer than is known */
	bool forged;	     /* the ring held what no recorder writes; reading stopped for good */
};

void recorder_reader_init(struct recorder_reader *, const struct recorder_region *, uint64_t ring_bytes);

/*
 * Copy the next record into *out and up to `capacity` bytes of its payload into `payload`. Returns 1, 0 when
 * there is none now, or -1 when records were lost before this one (`gaps` tells; *out is not set; call
 * again). All fields of *out are in range.
 */
int recorder_read(struct recorder_reader *, struct record *out, uint8_t *payload, size_t capacity);
