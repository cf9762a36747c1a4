/* Putting a compromised child (evil.h) in the place of a real one, and taking it away again. */
#pragma once
#include "common/protocol.h"

/*
 * From now on processes of that role are compromised in that way. For a renderer: the spare is, and so is the
 * next tab's. For the GPU process: the one that is up is replaced. A plugin process: the next that starts.
 */
void compromise(enum role role, const char *way);
/* The same, but those that run stay as they are. */
void compromise_next(enum role role, const char *way);

/* From now on they are real again; those that run stay as they are. */
void cure(enum role role);
