/* What the files that read a scenario share. */
#pragma once
#include "browser/fault/scenario/scenario.h"

struct scenario_error {
	const char *path;
	char text[800];
};

/* Note what is wrong with that step (0: with the whole) in that line (0: none). Always false. */
__attribute__((format(printf, 4, 5))) bool scenario_wrong(struct scenario_error *, unsigned line,
							  unsigned step, const char *how, ...);

/* scenario_text.c: the whole file, or NULL with the error. The caller frees it. */
char *scenario_load(const char *path, struct scenario_error *);
/* The line in which step n (from 0) of the text begins, 0: there is none. The text is sound JSON. */
unsigned scenario_line(const char *text, unsigned n);
/* cJSON stopped at `at`. Always false. */
bool scenario_wrong_json(struct scenario_error *, const char *text, const char *at);

/* scenario_check.c: names, and what contradicts what. */
bool scenario_check(const struct scenario *, struct scenario_error *);

/* "renderer:3"; false: it is not of that form. */
bool scenario_names_process(const char *name, enum role *);
