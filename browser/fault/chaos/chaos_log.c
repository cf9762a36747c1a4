/*
 * See chaos.h: the log, read back when all is over. Every line is one, ids are given once each and in order,
 * every death that was seen is there with its status, and what could not be kept is said.
 */
#include "browser/fault/chaos/chaos.h"
#include "browser/traffic/log/log_reader.h"
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct log_flow { /* from one process to another */
	struct log_flow_key {
		uint32_t from_role, from_serial, to_role, to_serial;
	} key;
	uint64_t last;
	UT_hash_handle hh;
};

struct log_check {
	struct chaos *chaos;
	struct log_reader *reader;
	struct log_flow *flows;
	uint64_t *ids;
	size_t nids, room;
	uint64_t starts, exits;
};

static void log_fail(struct log_check *l, const char *what)
{
	chaos_fail(l->chaos, CHAOS_LOG, 0, "line %llu: %s",
		   (unsigned long long)log_reader_line_number(l->reader), what);
}

static void keep_id(struct log_check *l, uint64_t id)
{
	if (l->nids == l->room) {
		size_t room = l->room ? l->room * 2 : 65536;
		uint64_t *more = realloc(l->ids, room * sizeof *more);

		if (!more)
			return;
		l->ids = more;
		l->room = room;
	}
	l->ids[l->nids++] = id;
}

static struct log_flow *flow_of(struct log_check *l, const struct traffic_event *e)
{
	struct log_flow_key key = { e->from.role, e->from.serial, e->to.role, e->to.serial };
	struct log_flow *f;

	/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
	HASH_FIND(hh, l->flows, &key, sizeof key, f);
	if (f)
		return f;
	f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->key = key;
	HASH_ADD(hh, l->flows, key, sizeof f->key, f);
	return f;
}

/* A refused message may claim any id. */
static void check_message(struct log_check *l, const struct traffic_event *e)
{
	struct log_flow *f;
	uint64_t number = ipc_id_number(e->id);

	l->chaos->log.messages++;
	if (e->status >= TRAFFIC_STATUS_COUNT)
		log_fail(l, "a message without a status");
	if (e->status == TRAFFIC_REFUSED)
		return;
	if (!number || ipc_id_role(e->id) != (unsigned)e->from.role ||
	    ipc_id_serial(e->id) != e->from.serial) {
		log_fail(l, "a message whose id is not its sender's");
		return;
	}
	keep_id(l, e->id);
	/* What a toxic dropped is known to be lost before the fate of those ahead of it is. */
	if (e->where == TRAFFIC_IN_TOXIC)
		return;
	f = flow_of(l, e);
	if (f && number <= f->last)
		log_fail(l, "a message out of order");
	if (f)
		f->last = number;
}

static struct chaos_process *process_of(struct chaos *c, struct endpoint e)
{
	uint64_t key = (uint64_t)e.role << 32 | e.serial;
	struct chaos_process *cp;

	HASH_FIND(hh, c->processes, &key, sizeof key, cp);
	return cp;
}

static bool says(const cJSON *details, const char *name, const char *text)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(details, name);

	return item ? cJSON_IsString(item) && !strcmp(item->valuestring, text) : !*text;
}

static void check_exit(struct log_check *l, const struct traffic_event *e)
{
	struct chaos_process *cp = process_of(l->chaos, e->from);
	cJSON *details = cJSON_Parse(e->words->args);
	const struct death *d = cp ? &cp->death : NULL;

	l->exits++;
	if (!cp || !cp->dead)
		log_fail(l, "the exit of a process that is not known to be dead");
	else if (cp->exits++)
		log_fail(l, "a second exit of the same process");
	else if (!says(details, "status", termination_status_names[d->status]) ||
		 !says(details, "signal", death_signal_name(d->signal)) ||
		 !says(details, "reason", d->reason ? bad_message_names[d->reason] : ""))
		log_fail(l, "an exit with another status than was seen");
	cJSON_Delete(details);
}

static void check_process(struct log_check *l, const struct traffic_event *e)
{
	const struct chaos_process *cp = process_of(l->chaos, e->from);
	const char *event = e->words->name;

	if (!strcmp(event, traffic_process_event_names[TRAFFIC_PROCESS_START])) {
		l->starts++;
	} else if (!strcmp(event, traffic_process_event_names[TRAFFIC_PROCESS_EXIT])) {
		check_exit(l, e);
	} else if (!strcmp(event, traffic_process_event_names[TRAFFIC_PROCESS_GAP])) {
		l->chaos->log.gaps++;
		if (!cp || !cp->may_flood)
			log_fail(l, "a gap in the record of a process that did not flood");
	} else if (!strcmp(event, traffic_process_event_names[TRAFFIC_PROCESS_FORGED])) {
		log_fail(l, "a record is said to be forged, and nobody forged one");
	}
}

/* false: the log is at its end. */
static bool check_line(struct log_check *l)
{
	struct traffic_event e;
	enum log_line line = log_reader_next(l->reader, &e);

	l->chaos->log.lines += line != LOG_LINE_END;
	if (line == LOG_LINE_BAD)
		log_fail(l, "no line of a log");
	if (line == LOG_LINE_CUT)
		log_fail(l, "the last line is cut");
	if (line == LOG_LINE_ERROR)
		log_fail(l, strerror(errno));
	if (line == LOG_LINE_EVENT && e.kind == TRAFFIC_MESSAGE)
		check_message(l, &e);
	if (line == LOG_LINE_EVENT && e.kind == TRAFFIC_PROCESS)
		check_process(l, &e);
	if (line == LOG_LINE_EVENT && e.kind == TRAFFIC_DROPPED)
		log_fail(l, "lines were dropped here");
	return line != LOG_LINE_END && line != LOG_LINE_ERROR;
}

static int compare_ids(const void *a, const void *b)
{
	const uint64_t *one = a, *other = b;

	return (*one > *other) - (*one < *other);
}

static void check_ids(struct log_check *l)
{
	size_t twice = 0;

	if (l->nids)
		qsort(l->ids, l->nids, sizeof *l->ids, compare_ids);
	for (size_t i = 1; i < l->nids; i++)
		twice += l->ids[i] == l->ids[i - 1];
	if (twice)
		chaos_fail(l->chaos, CHAOS_LOG, 0, "%zu ids were given twice", twice);
}

/* Those that were alive at the end have no exit: the log ends before they do. */
static void check_counts(struct log_check *l)
{
	struct chaos *c = l->chaos;
	unsigned dead = 0, known = HASH_COUNT(c->processes);

	for (struct chaos_process *cp = c->processes; cp; cp = cp->hh.next)
		dead += cp->dead;
	c->log.exits = l->exits;
	if (l->exits != dead)
		chaos_fail(c, CHAOS_LOG, 0, "%llu exits, but %u deaths were seen",
			   (unsigned long long)l->exits, dead);
	if (l->starts != known)
		chaos_fail(c, CHAOS_LOG, 0, "%llu starts, but %u processes were seen",
			   (unsigned long long)l->starts, known);
}

static void log_check_finish(struct log_check *l)
{
	struct log_flow *f = l->flows, *next;

	HASH_CLEAR(hh, l->flows);
	for (; f; f = next) {
		next = f->hh.next;
		free(f);
	}
	free(l->ids);
	log_reader_close(l->reader);
}

void chaos_check_log(struct chaos *c, const char *path, uint64_t lacks)
{
	struct log_check l = { .chaos = c, .reader = log_reader_open(path) };

	if (!l.reader) {
		chaos_fail(c, CHAOS_LOG, 0, "%.180s: %s", path, strerror(errno));
		return;
	}
	while (check_line(&l))
		continue;
	check_ids(&l);
	check_counts(&l);
	if (lacks)
		chaos_fail(c, CHAOS_LOG, 0, "%llu lines could not be written", (unsigned long long)lacks);
	c->log.read = true;
	log_check_finish(&l);
}
