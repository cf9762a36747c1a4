/* Failing on purpose, in the process that is to fail. browser/fault/ says when; common/child.c obeys it. */
#pragma once
#include "common/protocol.h"

struct channel;

/*
 * Do it. argument: ms, bytes, an exit code, a signal's or a system call's number, as the kind needs. Returns
 * for those that end nobody at once, and for those that the browser does from outside. to_browser: NULL in
 * the browser itself.
 */
void fault_obey(enum fault, uint64_t argument, struct channel *to_browser);
