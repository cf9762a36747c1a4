/* The plain sinks: a line for people, a line of the log, or only how many there were. See sink.h. */
#pragma once
#include "browser/traffic/output/sink.h"

extern const struct sink_type text_sink, json_sink, count_sink;
