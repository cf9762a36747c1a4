/* See sink.h: the one table of sinks. */
#include "browser/traffic/output/sink.h"
#include "browser/traffic/output/export.h"
#include "browser/traffic/output/print.h"
#include "browser/traffic/output/sequence_sink.h"
#include "browser/traffic/output/statistics_sink.h"
#include <string.h>

const struct sink_type *const sink_types[] = {
	&text_sink,    &json_sink,     &count_sink,	&top_sink,   &time_sink, &sequence_sink,
	&export_trace, &export_pcapng, &export_mermaid, &export_csv, NULL,
};

const struct sink_type *sink_find(const char *name, bool exports)
{
	for (unsigned i = 0; sink_types[i]; i++)
		if (!strcmp(sink_types[i]->name, name) && (exports || !sink_types[i]->exports))
			return sink_types[i];
	return NULL;
}
