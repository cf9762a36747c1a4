/*
 * Toxics as the browser knows them: which act on which channel, what they have done, and which death was
 * their doing. The sending process applies them (common/toxic.c): the browser itself, or a child as told.
 */
#pragma once
#include "browser/fault/order.h"
#include "browser/process/host.h"

struct browser;
struct tab;

#define TOXIC_MARKS 4096
#define TOXIC_ENDED 64 /* that are remembered */

/* For the dialog, completion and the page: one row a kind. */
struct toxic_info {
	const char *usual;     /* amounts and conditions that show something: "200ms ± 50ms" */
	const char *explained; /* what it does, and what to watch for */
};
extern const struct toxic_info toxic_table[TOXIC_COUNT];

/* KIND [AMOUNT [± SPREAD]] [field NAME | byte N] from WHOM to WHOM [on MESSAGE] [with N%] [seed N] */
struct toxic_order {
	enum toxic kind;
	uint64_t amount,
		spread; /* ms, bytes a second, a byte's place (UINT64_MAX: drawn), bytes to cut after */
	char field[33]; /* "": a byte */
	char from[64], to[64]; /* WHOM */
	uint16_t message;      /* TOXIC_ANY_MESSAGE */
	uint32_t ppm;
	uint64_t seed;
};
/* false: *error gets "column N: ..." (CLAUSE_ERROR bytes). Whom is not looked up here. */
bool toxic_order_parse(const char *text, struct toxic_order *, char *error);
/* Parses again to the same. ORDER_TEXT bytes are enough. */
const char *toxic_order_text(const struct toxic_order *, char *buf, size_t capacity);

struct placed_toxic {
	struct placed_toxic *next;
	uint32_t number;
	struct toxic_order order;
	struct endpoint from, to;
	uint64_t acted;	 /* messages it acted on, so far as the recorders tell */
	bool overfilled; /* it held back more than a channel may, which ended the channel */
};

struct toxics {
	struct browser *browser;
	struct placed_toxic *first; /* newest first */
	uint32_t last_number;
	/* Those that have ended, newest first: a death may be named after the end of the toxic it came of. */
	struct placed_toxic *ended;
	struct toxic_mark { /* the last things done */
		uint64_t message;
		uint32_t toxic;
	} marks[TOXIC_MARKS];
	unsigned nmarks; /* ever */
};

void toxics_init(struct toxics *, struct browser *);
void toxics_finish(struct toxics *);
/* false with *why (static text): faults are off, no such process or channel, they are the same... */
bool toxics_place(struct browser *, struct tab *, const struct toxic_order *, uint32_t *number,
		  const char **why);
/* false: there is none of that number. 0: all. */
bool toxics_remove(struct browser *, uint32_t number);
/* By its number, one that has ended, too: what it did may be told late. NULL: nobody remembers it. */
struct placed_toxic *toxics_recall(const struct toxics *, uint32_t number);
/* How many act on what that process sends or receives. */
unsigned toxics_on(const struct toxics *, struct endpoint);
/* From the collector: a RECORD_TOXIC. false: its process has no such toxic, and makes that up. */
bool toxics_acted(struct toxics *, uint64_t message, uint32_t toxic, enum toxic kind);
/*
 * "toxic 2, corrupt field page from renderer:3 to browser": the toxic that this death came of, "" when none
 * did. Returns buf. None is guessed: the message that it was ended for, or died of handling, bears the
 * toxic's mark, or answers one that does; or its channel to the browser was cut or filled by it; or the ping
 * that it left unanswered never came, or its pong.
 */
const char *toxics_blame(const struct toxics *, const struct process_host *dead, char *buf, size_t capacity);
/* News. */
void toxics_died(struct toxics *, const struct process_host *);
