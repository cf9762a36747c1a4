/*
 * What the tests of faults share: carrying out a row of the catalogue and comparing the death with it, tabs
 * that look on, and the log, which must tell each of these deaths in the same words.
 */
#pragma once
#include "tests/browser/harness.h"

/* Under the process model that FAULT_TEST_MODEL in the environment names, with a log. */
int fault_check_open(void **state);
/* Closes the browser, and reads the log: every death that was checked must be in it. */
int fault_check_close(void **state);

/* Does the row end whom it hits, by itself? */
bool fault_check_kills(const struct fault_info *);

/* Inject it and compare the death with the row. Returns the dead. */
struct process_host *fault_check_sink(struct process_host *, const struct fault_info *);
/* It must have died, or must be about to die, as the row says. */
void fault_check_death(struct process_host *, const struct fault_info *);

/* Tabs that look on: two that read and a clock that ticks. */
#define BYSTANDERS 3
struct bystanders {
	struct witness witnesses[BYSTANDERS];
};
struct bystanders bystanders_open(void);
/*
 * Nobody was harmed but those whose renderer it was: their tabs are sad and are loaded again, which gives
 * them a new renderer.
 */
void bystanders_check(struct bystanders *, const struct process_host *dead);

/* Processes that answer. */
unsigned fault_check_up(void);
