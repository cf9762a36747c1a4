/*
 * Exports: what other programs read. trace for ui.perfetto.dev, pcapng for Wireshark, mermaid for documents,
 * csv for spreadsheets; each is a sink in the table of sink.c. Here is what they share: text in columns.
 */
#pragma once
#include "browser/traffic/output/sink.h"

extern const struct sink_type export_trace, export_pcapng, export_mermaid, export_csv;

/* A line of the log's word for its kind: "message", "process", "input", "blast"... */
const char *export_kind(enum traffic_kind);

/* The arguments or details as one JSON object; "" when they are not known. It lives in the event or in *room,
 * which is grown as needed and is to be freed by the caller. */
struct export_room {
	char *text;
	size_t bytes;
};
const char *export_args(const struct traffic_event *, struct export_room *room);

/* "by_hand edited" */
#define EXPORT_MARKS_TEXT 40
const char *export_marks(const struct traffic_event *, char buf[EXPORT_MARKS_TEXT]);

/* What is unusual about a message, in words: "lost in channel, toxic drop 2, held 3.1 us"; "" if nothing is.
 */
#define EXPORT_FATE_TEXT 256
const char *export_fate(const struct traffic_event *, char buf[EXPORT_FATE_TEXT]);

/* The first string of those members that the details have, for the name of an event: an exit's "detail", a
 * key's "value". false: none. */
bool export_detail(const struct traffic_event *, struct export_room *, char *buf, size_t capacity);

/* The number member of that name in what export_args() returned, or a copy with JSON_SCAN_SLACK behind it;
 * false: none. */
bool export_number(const char *json, const char *name, uint32_t *number);

/* Since the session began, in ns. What was before it happened at 0. */
uint64_t export_since(const struct sink_options *, const struct traffic_event *);
