/*
 * Armed faults: told to wait for a message. Lives in the process that is to fail, the browser among them.
 * common/fault.c is what they do; the hooks of common/channel_internal.h are where they look on.
 */
#pragma once
#include "common/protocol.h"
#include <stdbool.h>

struct channel;

#define ARM_MAX		16
#define ARM_ANY_MESSAGE 65535

/*
 * Arm one; the oldest gives way when there are ARM_MAX. When it acts, did_fire_fault goes to `to_browser`
 * first (NULL in the browser itself: arm_fired is called). One that names a count acts once, one with a
 * chance until disarmed. Messages about faults count for none of them.
 */
void arm_fault(const struct ipc_arm_fault *, struct channel *to_browser);
/* false: there is none of that number. */
bool arm_remove(uint32_t arm);
/* Who hears, in the browser, that one of its own acts. */
extern void (*arm_fired)(uint32_t arm);

/* From now on wait that long before each message is handled; 0: no more. */
void arm_slow(unsigned ms);

/* The next of a row of numbers that the seed alone decides (splitmix64). */
uint64_t arm_draw(uint64_t *state);
