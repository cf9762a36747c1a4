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
 * first (NULL in the browser itself). One that names a count acts once, one with a chance until disarmed.
 */
void arm_fault(const struct ipc_arm_fault *, struct channel *to_browser);
/* false: there is none of that number. */
bool arm_remove(uint32_t arm);
