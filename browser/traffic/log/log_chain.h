/*
 * Finds what belongs to the chain of a message in a log: the message, all that led to it, and all that came
 * of it. The log is read as often as it takes, in bounded memory. For chain=ID of the query.
 */
#pragma once
#include "browser/traffic/log/log_reader.h"
#include "browser/traffic/query/id_set.h"
#include "browser/traffic/query/query.h"

#define LOG_CHAIN_IDS	 (1u << 20) /* in all chains of a question together */
#define LOG_CHAIN_CAUSES (1u << 16) /* that led to one message */
#define LOG_CHAIN_READS	 64	    /* of the whole log */

struct log_chain {
	struct id_set members;
	struct id_set causes; /* while it is read: that led to the message */
	uint64_t wanted;      /* while it is read: whose own cause is not known yet; 0: the first is found */
};

struct log_chains {
	struct log_chain chains[QUERY_CHAINS];
	unsigned count;
	bool full;	 /* one has more members than are remembered */
	bool unfinished; /* after so many reads there was still more to be found */
};

/*
 * For the chains that the query asks for, which then has them until log_chains_finish(); with none, nothing
 * is read. Then the log is at its beginning. Returns 0 or an errno: ESPIPE when it cannot be read more than
 * once.
 */
int log_chains_collect(struct log_chains *, struct log_reader *, struct query *);
void log_chains_finish(struct log_chains *);
