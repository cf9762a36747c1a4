/*
 * Toxics: what is done on purpose to messages on their way into a channel, by the process that sends them.
 * Placed and removed live. Ids are given when a message leaves its toxic, so that they stay in order; what
 * was done is recorded (RECORD_TOXIC) beside the message's own record. Deterministic under their seed.
 */
#pragma once
#include "common/protocol.h"
#include <stdbool.h>

struct channel;

#define TOXIC_MAX	  16 /* in one process */
#define TOXIC_ANY_MESSAGE 65535

/* Place one on the way from this process into that channel. false: no room. */
bool toxic_place(struct channel *, const struct ipc_place_toxic *);
/* What it holds is sent on. false: there is none of that number. */
bool toxic_remove(uint32_t toxic);
/*
 * The channel is about to be closed: what is held for it is dropped. Calls `ended` for each toxic on it,
 * which in a child reports did_end_toxic.
 */
void toxic_channel_closing(struct channel *);
/* Who hears of toxics that end with their channel. */
extern void (*toxic_ended)(uint32_t toxic, enum toxic_end why);
