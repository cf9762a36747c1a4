/* The last messages of a dead process, and the one that it was handling, for its report (crash_facts.c). */
#pragma once
#include "browser/traffic/collect/collector.h"
#include <cjson/cJSON.h>

/* Add "messages", oldest first, each as the log writes it, and "handling" if that message is known. */
void crash_messages_add(cJSON *report, const struct collector *, struct endpoint, uint64_t handling);
