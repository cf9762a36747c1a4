/*
 * Two processes with a real channel between them: this one plays the browser, a forked one plays renderer:1.
 * Each has its flight recorder in shared memory, so that it can be switched off and on from here. For
 * round_trip.c and one_way.c; no executable of the roles is involved.
 */
#pragma once
#include "common/channel.h"
#include <sys/types.h>

/* Bytes of the fields of a message as it is measured here, and of the packet that carries one. */
#define MESSAGE_BYTES 64
#define PACKET_BYTES  (sizeof(struct ipc_header) + MESSAGE_BYTES)

struct duo {
	pid_t peer;
	struct channel *channel;	    /* this process's end */
	struct recorder recorder;	    /* this process's own */
	struct recorder_region *regions[2]; /* ours, the peer's */
};

/*
 * Fork the peer. In it, dispatch handles messages, `self` is handed to it, and before_wait (may be NULL) runs
 * each turn; it lives until this process's end of the channel closes. Here, ours handles what it sends.
 */
void duo_start(struct duo *, channel_dispatch_fn *ours, channel_dispatch_fn *peers, void *self,
	       void (*peer_before_wait)(void *));
void duo_finish(struct duo *);
/* In the peer: its channel. */
struct channel *duo_peer_channel(void);

/* Record, or do not, in both processes. */
void duo_record(struct duo *, bool on);

/* A message of MESSAGE_BYTES from the browser to the renderer, and one the other way. */
void duo_send_to_peer(struct channel *, uint32_t number);
void duo_send_to_us(struct channel *, uint32_t number);

/* Bind a process (0: this one) to one of the processors it may use, counted from 0. false: there is none
 * such. */
bool duo_pin(pid_t, unsigned processor);
