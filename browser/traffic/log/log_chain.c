/*
 * See log_chain.h. What came of a message is found downwards: whatever names a member as its cause is one.
 * Its own causes are found upwards: a window of the newest messages and their causes is kept, so that one
 * read is mostly enough however long the way up. Lines stand in the log nearly, not exactly, in the order of
 * their causes; when one may have been passed too early, the log is read again.
 */
#include "browser/traffic/log/log_chain.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW	    (1u << 19) /* messages, a power of 2 */
#define PASSED_BITS (1u << 26) /* 8 MiB: few of the causes in a log of 1 GB share a bit */

struct link {
	uint64_t id, cause;
};

/* One read of the log. */
struct pass {
	struct link *window; /* by the id; newer ones overwrite */
	uint64_t *passed;    /* bits: this cause was named, and was no member then */
	bool again;
};

static uint64_t hash(uint64_t id)
{
	return id * UINT64_C(0x9e3779b97f4a7c15);
}

static struct link *link_of(const struct pass *p, uint64_t id)
{
	return &p->window[hash(id) >> 40 & (WINDOW - 1)];
}

static uint64_t passed_place(uint64_t id)
{
	return hash(id) >> 36 & (PASSED_BITS - 1);
}

static void pass_cause(struct pass *p, uint64_t id)
{
	p->passed[passed_place(id) / 64] |= UINT64_C(1) << (passed_place(id) % 64);
}

static bool has_passed(const struct pass *p, uint64_t id)
{
	return p->passed[passed_place(id) / 64] >> (passed_place(id) % 64) & 1;
}

/* Go up from what is wanted, as far as the window reaches. */
static void climb(struct log_chain *c, struct pass *p)
{
	while (c->wanted) {
		const struct link *link = link_of(p, c->wanted);

		if (link->id != c->wanted)
			return;
		/* The first, or a circle, or full. */
		if (!id_set_add(&c->causes, link->cause))
			c->wanted = 0;
		else
			c->wanted = link->cause;
	}
}

/* Does the message belong to it for what caused it? */
static void take_descendant(struct log_chain *c, struct pass *p, const struct traffic_event *e)
{
	if (id_set_has(&c->members, e->cause) && id_set_add(&c->members, e->id) && has_passed(p, e->id))
		p->again = true;
}

static void take(struct log_chains *chains, struct pass *p, const struct traffic_event *e)
{
	*link_of(p, e->id) = (struct link){ e->id, e->cause };
	for (unsigned i = 0; i < chains->count; i++) {
		struct log_chain *c = &chains->chains[i];

		if (e->id == c->wanted)
			climb(c, p);
		if (e->cause)
			take_descendant(c, p, e);
	}
	if (e->cause)
		pass_cause(p, e->cause);
}

/* Returns 0 or an errno. */
static int read_once(struct log_chains *chains, struct log_reader *reader, struct pass *p)
{
	uint64_t wanted[QUERY_CHAINS];
	struct traffic_event e;
	enum log_line line;

	if (!log_reader_seek(reader, &(struct log_reader_place){ 0 }))
		return ESPIPE;
	for (unsigned i = 0; i < chains->count; i++)
		wanted[i] = chains->chains[i].wanted;
	memset(p->passed, 0, PASSED_BITS / 8);
	p->again = false;
	while ((line = log_reader_next(reader, &e)) != LOG_LINE_END) {
		if (line == LOG_LINE_ERROR)
			return errno;
		if (line == LOG_LINE_EVENT && e.id)
			take(chains, p, &e);
	}
	for (unsigned i = 0; i < chains->count; i++)
		p->again |= chains->chains[i].wanted && chains->chains[i].wanted != wanted[i];
	return 0;
}

static int read_all(struct log_chains *chains, struct log_reader *reader)
{
	struct pass p = { .window = calloc(WINDOW, sizeof *p.window), .passed = malloc(PASSED_BITS / 8) };
	int error = p.window && p.passed ? 0 : ENOMEM;

	for (unsigned reads = 0; !error && !chains->unfinished; reads++) {
		error = read_once(chains, reader, &p);
		if (!p.again)
			break;
		chains->unfinished = reads + 1 == LOG_CHAIN_READS;
	}
	free(p.window);
	free(p.passed);
	if (!error && !log_reader_seek(reader, &(struct log_reader_place){ 0 }))
		error = ESPIPE;
	return error;
}

static void finish_one(struct log_chains *chains, struct log_chain *c)
{
	for (size_t i = 0; i < c->causes.capacity; i++)
		id_set_add(&c->members, c->causes.slots[i]);
	chains->full |= c->members.full || c->causes.full;
	id_set_finish(&c->causes);
}

int log_chains_collect(struct log_chains *chains, struct log_reader *reader, struct query *query)
{
	uint64_t ids[QUERY_CHAINS];
	int error;

	*chains = (struct log_chains){ .count = query_chains(query, ids) };
	if (!chains->count)
		return 0;
	for (unsigned i = 0; i < chains->count; i++) {
		struct log_chain *c = &chains->chains[i];

		c->wanted = ids[i];
		id_set_init(&c->members, LOG_CHAIN_IDS / chains->count);
		id_set_init(&c->causes, LOG_CHAIN_CAUSES);
		id_set_add(&c->members, ids[i]);
		query_set_chain(query, i, &c->members);
	}
	error = read_all(chains, reader);
	for (unsigned i = 0; i < chains->count; i++)
		finish_one(chains, &chains->chains[i]);
	return error;
}

void log_chains_finish(struct log_chains *chains)
{
	for (unsigned i = 0; i < chains->count; i++)
		id_set_finish(&chains->chains[i].members);
	chains->count = 0;
}
