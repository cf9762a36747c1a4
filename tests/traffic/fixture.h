/*
 * Three processes in one: a browser, a renderer and a GPU process, each with a flight recorder of its own,
 * joined by real channels, and a collector that reads all three.
 */
#pragma once
#include "browser/traffic/collect/collector.h"
#include "browser/traffic/log/log_reader.h"
#include "common/loop.h"
#include "common/task.h"
#include "common/transport.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

enum { BROWSER, RENDERER, GPU, NODES };

struct node {
	struct endpoint us;
	struct recorder recorder;
	uint64_t ring_bytes;
	struct channel *to[NODES]; /* NULL: closed */
	unsigned handled;
	bool ends_in_handler; /* close the channel within the next handler, as a process that dies in it would
			       */
	enum bad_message refuses; /* refuse the next message in its handler */
	unsigned answers;	  /* send so many messages from within the next handler */
};

struct ship {
	struct node nodes[NODES];
	struct collector *collector;
	struct log_writer *log;
	char path[64]; /* of the log; "" without one */
};

/* ring_bytes: of the children's recorders; 0 for the usual ones. */
void ship_build(struct ship *, uint64_t ring_bytes, const struct collector_config *, bool with_log);
void ship_sink(struct ship *); /* collector first, then log, then the rest */

/* Let everything that was sent arrive and be handled. */
void ship_settle(struct ship *);

/* Close a process's channels, as its death does, and tell the collector. */
void ship_kill(struct ship *, int who);
void ship_close(struct ship *, int who, int other);

/* The newest event of that name, or NULL. */
const struct traffic_event *ship_find(struct ship *, const char *name);
unsigned ship_count(struct ship *, const char *name, enum traffic_status);

/* Write a record as that process would, true or not. */
void ship_forge(struct ship *, int who, enum record_kind, int peer, enum ipc_id, uint64_t id);

/* A fresh path in the temporary folder. */
void make_path(char path[64], const char *name);
char *read_file(const char *path, size_t *length);
void write_file(const char *path, const void *data, size_t length);

/* Does the event match that question? Fails the test if it is none. */
bool event_matches(const char *question, const struct traffic_event *);

/* Is `part` in `text`? Fails the test with both if not. */
void assert_says(const char *text, const char *part);
