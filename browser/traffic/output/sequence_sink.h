/* The sequence diagram as a sink: lines of text. */
#pragma once
#include "browser/traffic/output/sink.h"

extern const struct sink_type sequence_sink;
