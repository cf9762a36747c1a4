/*
 * Statistics of messages, of a live session or of a log: by name, by pair of processes, by tab and by
 * process, how many, how large, when, how long they waited and were handled, what was lost, refused, and
 * asked without an answer. All of it is bounded, whatever comes: of each sort STATISTICS_ROWS rows are kept;
 * when one more is needed, the one that counts least is folded into the row of the others. Totals are exact
 * always; a row that was folded and comes again counts from then on. histogram.h says how exact times are,
 * open_requests.h how many requests are followed. statistics_sink.c prints, browser/ui/statistics_view.c
 * shows.
 */
#pragma once
#include "browser/traffic/message.h"
#include "browser/traffic/output/histogram.h"

#define STATISTICS_ROWS	   256u
#define STATISTICS_KEY	   64 /* longer names are cut there */
#define STATISTICS_BUCKETS 64 /* of the rate over time */

enum statistics_by { BY_NAME, BY_PAIR, BY_TAB, BY_PROCESS, BY_COUNT };
extern const char *const statistics_by_names[BY_COUNT]; /* name, pair, tab, process */

struct statistics_row {
	char key[STATISTICS_KEY];  /* the name; who sends; "2", the page; the process */
	char peer[STATISTICS_KEY]; /* of a pair: who receives; otherwise "" */
	uint64_t count, bytes;	   /* a process: sent and received */
	uint64_t sent;		   /* by that process; otherwise all */
	uint64_t lost, refused;
	uint64_t asked, answered;		/* requests, and those whose reply came */
	struct histogram *queued, *handled;	/* NULL: none known. A process: of what it received */
	uint32_t over_time[STATISTICS_BUCKETS]; /* counts, see statistics_bucket_us() */
	struct statistics_row *next_in_slot;	/* in its hash table */
	uint32_t hash;
	uint32_t life;				  /* how often this place was given to a new key */
	const struct ipc_message *asks, *replies; /* of a name: a request, or a reply */
};

struct statistics;
/* start_us: what times count from; 0: the first message. NULL: no memory. */
struct statistics *statistics_create(uint64_t start_us);
void statistics_destroy(struct statistics *); /* NULL is fine */

/* What there is to count of a message; a live one's fate comes later, and its handler's time later still. */
enum statistics_part { STATISTICS_SENT = 1, STATISTICS_FATE = 2, STATISTICS_HANDLED = 4, STATISTICS_ALL = 7 };
/*
 * Count those of these parts that are known. Returns those that may become known, to be given once more then;
 * who reads a log need not. What is no message is told of in statistics_total().
 */
unsigned statistics_add(struct statistics *, const struct traffic_event *, unsigned parts);

/* It is not to be counted itself; but if it is the reply to a request that is, that has been answered. */
void statistics_answer(struct statistics *, const struct traffic_event *);

/* The parts that may still become known. */
unsigned statistics_unknown(const struct traffic_event *);

struct statistics_total {
	struct statistics_row all; /* no key */
	uint64_t span_us;	   /* between the first message and the last */
	uint64_t missing;	   /* lines that the log says it lacks */
	uint64_t gaps;		   /* times that a recorder was overwritten before it was read */
	uint64_t forgotten;	   /* requests given up while open: their reply would not be found */
};
const struct statistics_total *statistics_total(struct statistics *);

enum statistics_order {
	ORDER_BY_COUNT,
	ORDER_BY_BYTES,
	ORDER_BY_LOST,
	ORDER_BY_QUEUED,  /* median */
	ORDER_BY_HANDLED, /* median */
	ORDER_BY_LONGEST, /* in its handler */
	ORDER_BY_TOTAL,	  /* in its handler, all together */
	STATISTICS_ORDERS
};
extern const char *const statistics_order_names[STATISTICS_ORDERS];
/* The rows, largest first, at most STATISTICS_ROWS; returns how many. They are valid until the next
 * statistics_add(). */
unsigned statistics_rows(const struct statistics *, enum statistics_by, enum statistics_order,
			 const struct statistics_row **out);
/* What was folded, NULL if nothing was; *distinct: at most so many rows are in it. */
const struct statistics_row *statistics_others(const struct statistics *, enum statistics_by,
					       uint64_t *distinct);

/* How long a bucket of over_time is; it doubles when the session outgrows it. */
uint64_t statistics_bucket_us(const struct statistics *);
/* Its messages over all the time counted, as `columns` steps ▁▂▃▄▅▆▇█ of its own greatest rate (or of
 * _.-=+oO#); 1: none. buf has room for 3 * columns + 1 bytes; returned. */
char *statistics_sparkline(const struct statistics *, const struct statistics_row *, int columns, bool ascii,
			   char *buf);
