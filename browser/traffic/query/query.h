/*
 * The one language of questions about traffic, for the filter of the live view, `bulkhead log`, breakpoints:
 *
 *     from=renderer:3 and name~^did_ and bytes>1k        tab=2        not (status=lost or latency>5ms)
 *
 * FIELD OP VALUE with and, or, not, ( ); side by side means and; a word alone is a text to be found anywhere.
 * query_field_infos[] is the one table of fields, which help and completion read too.
 *
 * =  !=        equal. In names and texts * and ? stand for anything, as in a shell, unless quoted; `renderer`
 *              stands for all renderers.
 *
 * ~  !~        a POSIX extended regular expression is found in it; case matters. It has \w \s \d and no
 *              back-references, and at most 256 bytes and places: so its time is bounded on any text.
 *
 * < <= > >=    of numbers 10 0x1f 1.5k 2M 1G (powers of 1024), of times 500ns 20us 5ms 2s.
 *
 * Letter case matters neither in fields, and, or, not (also && || !), nor in a text alone. "Quoted", with \"
 * and \\ in it, any value is taken as it is. Words of this version's closed sets (status, kind, ...) are
 * checked; names of messages and arguments are not, since a log of another version has others. Depth and
 * number of comparisons are bounded.
 */
#pragma once
#include "browser/traffic/message.h"

#define QUERY_TEXT   1024 /* no question is longer, with its 0 */
#define QUERY_CHAINS 8	  /* of chain=ID, in one question */
#define QUERY_WHY    160

struct query;

/* Where it went wrong, in bytes of the text from 0, and why, in words: "there is no field 'form'; did you
 * mean 'from'?" */
struct query_error {
	unsigned column, length;
	char why[QUERY_WHY];
};

/* Empty text asks nothing: everything matches. NULL: *error is set. The text is copied. */
struct query *query_parse(const char *text, struct query_error *error);
/* The same for a log of another version, whose statuses, kinds, roles may be any words. */
struct query *query_parse_foreign(const char *text, struct query_error *error);
void query_free(struct query *); /* NULL is fine */

/*
 * What an event does not have (a key has no status) matches no comparison, not even !=. Live events and the
 * same ones read from a log match alike: times count in tenths of a microsecond, as the log has them.
 */
bool query_match(const struct query *, const struct traffic_event *);

/* When the session began, in us since the epoch: what `time` counts from. Until then it is 0. */
void query_set_start(struct query *, uint64_t start_us);

/* Does it look into arguments (arg.X, tab, a text)? A reader need not read them otherwise. */
bool query_reads_args(const struct query *);
/* Does it name pings or pongs itself, or what is said about breakpoints? Otherwise readers hide them until
 * asked. */
bool query_names_pings(const struct query *);

/* Does it name bodies or memory itself? They are hidden likewise. */
bool query_names_bulk(const struct query *);

/*
 * The ids whose chains it asks for, QUERY_CHAINS at most. Before matching, each must be given the set of what
 * belongs to it: the message itself, all that led to it, and all that came of it.
 */
struct id_set;
unsigned query_chains(const struct query *, uint64_t ids[QUERY_CHAINS]);
void query_set_chain(struct query *, unsigned number, const struct id_set *); /* borrowed */

/*
 * The text without those of its comparisons with that field that stand at the top, joined by and, with not
 * before them or without: all of them, or those only that say FIELD=value. false: it has none, is joined by
 * or, or makes no sense; then it is copied as it is. `text` is shorter than QUERY_TEXT.
 */
bool query_without(const char *text, const char *field, const char *value, char out[QUERY_TEXT]);

/* For completion, after `length` bytes of the text: what could stand from *start on. At most `max`
 * candidates, best first; their text is static or lives in the completion. */
struct query_completion {
	unsigned start; /* of the word that would be replaced, in bytes */
	unsigned count;
	struct {
		char text[64];
		const char *about; /* static; what it is */
	} items[16];
};
void query_complete(const char *text, unsigned length, struct query_completion *);

/* What lives now, to be proposed as well: processes ("renderer:3") and tabs ("2"). */
#define QUERY_LIVING 24
struct query_living {
	struct query_living_word {
		char text[24];
		const char *about; /* stays as long as the completion is used */
	} processes[QUERY_LIVING], tabs[QUERY_LIVING];
	unsigned process_count, tab_count;
};
void query_complete_living(const char *text, unsigned length, const struct query_living *,
			   struct query_completion *);

/* The fields, for help: name, what it is, an example; `field` is how it is read (query_internal.h). */
struct query_field;
struct query_field_info {
	const char *name, *about, *example;
	const struct query_field *field;
};
extern const struct query_field_info query_field_infos[];
extern const unsigned query_field_count;
