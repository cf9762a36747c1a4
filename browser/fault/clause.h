/*
 * Words of the one grammar in which faults and toxics are ordered, wherever they are: in the dialog, after
 * `:inject` and `:toxic`, in debug URLs and in scenarios. order.c and toxic_order.c are made of these.
 *
 *   [WHOM] FAULT [ARGUMENT] [into WHOM] [WHEN], or [WHEN] [into WHOM]
 *   WHEN:   now | after TIME | on [the] [N] MESSAGE [received | sent]
 *           [before its handler | after its handler | after its reply] [with N%] [seed N]
 *   KIND [AMOUNT [± SPREAD]] [field NAME | byte N] from WHOM to WHOM [on MESSAGE] [with N%] [seed N]
 *   WHOM:   tab | renderer | gpu | plugin | browser | ROLE:SERIAL | tab:2, tab 2 (the second in the strip) |
 *           the name of a tab (scenarios)
 *   TIME:   200ms, 3s, 3 s, 2 min    N: 3, 3rd    MESSAGE: a name of the protocol, or any
 *
 * A URL writes / or + for the blanks. Case does not count.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct format;

#define CLAUSE_TEXT  512
#define CLAUSE_WORDS 64
#define CLAUSE_ERROR 240

struct clause {
	char text[CLAUSE_TEXT]; /* blanks between words, lower case */
	struct clause_word {
		const char *text; /* within `text`, ended by 0 */
		unsigned column;  /* in what was given, from 1 */
	} words[CLAUSE_WORDS];
	unsigned count, at;	  /* at: the next word */
	char error[CLAUSE_ERROR]; /* "column 12: there is no message 'comit' ..." ; "" */
};

/* Take the text apart. false with `error`: too long, or nothing in it. */
bool clause_begin(struct clause *, const char *text);
bool clause_at_end(const struct clause *);
const char *clause_peek(const struct clause *); /* "" at the end */
/* Take the next word if it is that one. */
bool clause_take(struct clause *, const char *word);
/* Take the next word whatever it is; "" at the end. */
const char *clause_next(struct clause *);
/* Say what is wrong at the next word: "column N: " and the words. Always false. */
__attribute__((format(printf, 2, 3))) bool clause_wrong(struct clause *, const char *how, ...);

/* Is the next word a number, a time, ...? */
bool clause_is_number(const struct clause *);
/* These take it, or say what was expected instead. */
bool clause_number(struct clause *, uint64_t most, uint64_t *out); /* 3, 3rd, 0x10 */
bool clause_time(struct clause *, uint64_t *ms);		   /* 200ms, 3s, 3 s, 2 min; 0 alone */
bool clause_size(struct clause *, uint64_t *bytes);		   /* 100, 10k, 4M */
bool clause_message(struct clause *, uint16_t *type);		   /* a name of the protocol; any: 65535 */
bool clause_percent(struct clause *, uint32_t *ppm);		   /* 5%, 0.1% of a million */
/* A process or a tab; what has room for it gets "tab:2" for tab 2. */
bool clause_whom(struct clause *, char *whom, size_t capacity);

/* The same as text, which is read again as what it was. */
void clause_write_time(struct format *, uint64_t ms); /* 100s: in the largest unit that leaves no rest */
void clause_write_size(struct format *, uint64_t bytes,
		       const char *plain);		  /* 4KB; 100 and `plain` behind it */
void clause_write_percent(struct format *, uint32_t ppm); /* 0.25% */
