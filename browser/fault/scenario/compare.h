/*
 * `bulkhead run --compare`: one scenario under each process model, each played by a process of its own, one
 * after another so that none disturbs another's times. compare.c runs them, compare_report.c prints what they
 * reported side by side; nothing is told of a model but what its own run said.
 */
#pragma once
#include "browser/browser.h"

struct cJSON;

/* One model's run. */
struct comparison {
	enum process_model model;
	struct cJSON *report; /* as `bulkhead run --json` printed it; NULL: none came */
	bool finished;	      /* all steps were played, whether expectations held or not */
	char why[300];	      /* it did not: why */
	char log[600];	      /* its own; "": the default place, or none */
};

/* path: of the scenario; json: the report for machines. Returns the exit status: 0 when all three finished.
 */
int compare_command(const struct options *, const char *path, bool json);

/* compare_report.c */
void compare_print(const struct comparison *, unsigned count);
void compare_print_json(const struct comparison *, unsigned count);
