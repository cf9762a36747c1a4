/* Statistics as sinks: `top`, who talks most, and `time`, how long messages wait and are handled. */
#pragma once
#include "browser/traffic/output/sink.h"

extern const struct sink_type top_sink, time_sink;
