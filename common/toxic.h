/*
 * Toxics: what is done on purpose to messages on their way into a channel, by the process that sends them.
 * Placed and removed live; several on one channel act in the order of their placing. What is done is recorded
 * (RECORD_TOXIC) beside the message's own record, and is the same for the same messages under the same seed.
 *
 * An id is given when a message leaves its toxics, so that ids keep rising; a message that is still held when
 * its process dies never had one. A channel stays in order: what comes behind a held message waits too, and
 * only `reorder` lets one pass. common/lane.c holds what is held; browser/fault/toxics.c tells where.
 */
#pragma once
#include "common/protocol.h"
#include <stdbool.h>
#include <stddef.h>

struct channel;

#define TOXIC_MAX	  64 /* in one process */
#define TOXIC_ANY_MESSAGE 65535
#define TOXIC_ANY_BYTE	  UINT64_MAX
#define TOXIC_REORDER_MS  100 /* a message that nothing follows is held no longer */

/*
 * Place one on the way from this process into that channel. amount and spread: latency ms, bandwidth bytes a
 * second, corrupt the byte's place (TOXIC_ANY_BYTE: drawn), cut bytes that may pass before. false: no room.
 */
bool toxic_place(struct channel *, const struct ipc_place_toxic *);
/* What its channel holds goes on at once. false: there is none of that number. */
bool toxic_remove(uint32_t toxic);

/* Who hears of toxics that end with their channel; NULL: nobody. */
extern void (*toxic_ended)(void *arg, uint32_t toxic, enum toxic_end why);
extern void *toxic_ended_arg;
