/* Failing on purpose, in the process that is to fail. browser/fault/ says when; common/child.c obeys it. */
#pragma once
#include "common/protocol.h"

struct channel;

/*
 * Do it. Returns only for FAULT_NONE, FAULT_BAD_MESSAGE (which sends one over `to_browser`), and the two
 * kinds that the browser itself does from outside.
 */
void fault_obey(enum fault, struct channel *to_browser);
