/* What `bulkhead log` is asked: the words of its command line, and what log_options.c made of its options. */
#pragma once
#include "browser/traffic/log/log_options.h"

/*
 * The words and the options' clauses (either may be "") become one question, about the log at request->path;
 * it is shown where it is wrong. Returns -1 to go on, or an exit status.
 */
int log_question_make(struct log_request *, const char *words, const char *clauses);
