/*
 * What the files of the query language share: tokens, patterns, fields and the compiled form. query_lex.c
 * cuts text into tokens, query_parse.c reads the grammar, query_value.c makes a test of FIELD OP VALUE,
 * query_pattern.c has texts, query_regex.c expressions, query_fields.c the table of fields, query_match.c
 * runs the tests, query_complete.c proposes, query_without.c takes comparisons out, query_guess.c finds what
 * was meant.
 */
#pragma once
#include "browser/traffic/args.h"
#include "browser/traffic/query/id_set.h"
#include "browser/traffic/query/query.h"

#define QUERY_TESTS   128 /* in one question */
#define QUERY_DEPTH   32  /* of ( ) and not */
#define QUERY_PATTERN 256 /* bytes of a regular expression */

/* Tokens. */

enum token_kind {
	TOKEN_END,
	TOKEN_WORD,
	TOKEN_STRING, /* with its quotes */
	TOKEN_OP,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_NOT,
	TOKEN_BAD, /* `why` says what is wrong */
};

/* Which of smaller, equal, larger an operator accepts, as bits; the last two look into a text instead. */
enum query_op {
	OP_LESS = 1,
	OP_EQUAL = 2,
	OP_LESS_EQUAL = 3,
	OP_MORE = 4,
	OP_NOT_EQUAL = 5,
	OP_MORE_EQUAL = 6,
	OP_FINDS = 8,
	OP_FINDS_NOT = 16,
};

struct token {
	enum token_kind kind;
	unsigned at, length;
	enum query_op op;
	const char *why;
};

/* The token at `at` or behind the blanks there; all operators are accepted anywhere. */
struct token query_lex(const char *text, unsigned length, unsigned at);
/* The same where a value must stand: WORD, STRING, END (there is none) or BAD. */
struct token query_lex_value(const char *text, unsigned length, unsigned at);
/* A WORD's or STRING's content, without quotes and escapes, 0-terminated. Returns its length. */
unsigned query_token_text(const char *text, const struct token *, char out[QUERY_TEXT]);
/* Is the string not ended? (Then the token is BAD.) */
extern const char query_why_unended[];

/* Patterns. */

/* A regular expression. NULL: `why` says what is wrong with it. */
struct query_regex;
struct query_regex *query_regex_make(const char *text, size_t length, char why[QUERY_WHY]);
void query_regex_free(struct query_regex *); /* NULL is fine */
/* Is it found anywhere in the text? Takes a time that grows with the text's length only. */
bool query_regex_finds(const struct query_regex *, const char *text, size_t length);

struct query_pattern {
	enum { PATTERN_EXACT, PATTERN_GLOB, PATTERN_PART, PATTERN_PART_NOCASE, PATTERN_REGEX } kind;
	char *text; /* owned; in lower case for NOCASE */
	size_t length;
	struct query_regex *regex; /* owned */
};

/* false: no memory. */
bool query_pattern_text(struct query_pattern *, const char *text, size_t length, bool quoted);
bool query_pattern_part(struct query_pattern *, const char *text, size_t length);
/* false: *why (QUERY_WHY bytes) says what is wrong with the expression. */
bool query_pattern_regex(struct query_pattern *, const char *text, size_t length, char *why);
void query_pattern_finish(struct query_pattern *);
bool query_pattern_matches(const struct query_pattern *, const char *text, size_t length);

/* Names that this version knows, of messages, process events, inputs and blasts, in one list. */
unsigned query_name_count(void);
const char *query_name(unsigned number);
int query_name_of_event(const struct traffic_event *); /* -1: none of them */

/* Tests. */

enum { QUERY_YES = -1, QUERY_NO = -2 };

struct query_test;
struct query_context {
	const struct query *query;
	const struct traffic_event *event;
	struct arg_reader args;
};

struct query_test {
	bool (*run)(const struct query_test *, struct query_context *);
	int yes, no; /* which test is next, or QUERY_YES, QUERY_NO */
	const struct query_field *field;
	uint8_t op;	 /* enum query_op */
	bool has_number; /* the value is one: `whole`, or `real` alone */
	bool is_whole;
	bool has_serial;
	bool across; /* a text that may reach over name=value */
	bool digits; /* a text that a number may have in it */
	enum role role;
	uint32_t serial;
	uint64_t whole; /* or an id, or a bit set */
	double real;
	struct query_pattern pattern;
	char *arg;   /* owned: the name of the argument */
	bool *names; /* owned: which of the known names match; a text: and behind them, which messages have an
			argument whose name does */
	unsigned chain;
	unsigned at, length, value_at; /* in the text: its field, its value */
};

struct query {
	char text[QUERY_TEXT];
	struct query_test tests[QUERY_TESTS];
	int count, start;
	uint64_t start_us;
	bool reads_args, names_pings, names_bulk;
	unsigned chains;
	uint64_t chain_ids[QUERY_CHAINS];
	const struct id_set *chain_sets[QUERY_CHAINS];
};

/* Fields. */

struct query_literal {
	const char *text; /* without quotes and escapes */
	unsigned length;
	struct token token;
};

struct query_parser {
	const char *text;
	unsigned length, at;
	struct query *query;
	struct query_error *error;
	bool any_words; /* closed sets take those of another version */
	bool failed;
};

/* The kinds of fields: what may be asked, how a value is read. */
struct query_type {
	unsigned ops; /* bits of enum query_op that may be used */
	const char *which;
	/* Make the test; false: query_fail() was called. */
	bool (*compile)(struct query_parser *, struct query_test *, const struct query_literal *);
};

struct query_unit {
	const char *name;
	uint64_t factor;
};

struct query_field {
	const struct query_type *type;
	unsigned cost; /* of a comparison, roughly in ns */
	bool reads_args;
	/* What of it applies to the type. */
	bool (*number)(struct query_context *, uint64_t *);
	const struct query_unit *units; /* {NULL} ends them; NULL: none */
	bool needs_unit;
	const char *const *words;			/* a closed set; NULL ends it */
	uint64_t (*bits)(const struct traffic_event *); /* which of them the event has */
	const char *(*word)(
		const struct traffic_event *); /* when it has one that is none of them: the 63rd bit */
	bool from, to;			       /* which side */
	uint64_t (*id)(const struct traffic_event *);
	const char *(*text)(const struct traffic_event *, char buf[ENDPOINT_TEXT]);
};

extern const struct query_type query_process, query_name_type, query_set, query_number, query_id, query_chain,
	query_toxic, query_arg, query_any;

/* Note the first thing that is wrong; always false. */
__attribute__((format(printf, 4, 5))) bool query_fail(struct query_parser *, unsigned at, unsigned length,
						      const char *how, ...);
/* The field of that name; "arg." stands for arguments. NULL: none. */
const struct query_field_info *query_find_field(const char *name, size_t length);

/* Does a message of this version have an argument of that name? */
bool query_knows_arg(const char *name);

/* How a test of that type is run. */
bool query_run_process(const struct query_test *, struct query_context *);
bool query_run_name(const struct query_test *, struct query_context *);
bool query_run_set(const struct query_test *, struct query_context *);
bool query_run_number(const struct query_test *, struct query_context *);
bool query_run_id(const struct query_test *, struct query_context *);
bool query_run_chain(const struct query_test *, struct query_context *);
bool query_run_toxic(const struct query_test *, struct query_context *);
bool query_run_arg(const struct query_test *, struct query_context *);
bool query_run_any(const struct query_test *, struct query_context *);

/* "renderer:3/1042" as an id; 0: it is none that this version could make. */
uint64_t query_read_id(const char *text);

/* Of the words offered one after another, the one that was most likely meant. */
struct query_guess {
	const char *wanted, *best;
	unsigned distance; /* of the best */
};
struct query_guess query_guess(const char *wanted);
void query_guess_try(struct query_guess *, const char *word);
