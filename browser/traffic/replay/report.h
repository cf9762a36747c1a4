/* What came of a replay, for people and as JSON: a line a difference, and a summary. */
#pragma once
#include "browser/traffic/replay/tape.h"

struct report {
	const struct tape *tape;
	bool json;
	unsigned fed, bodies, answers, same, differences;
	unsigned rhythm[2][IPC_COUNT]; /* those that come as often as time has it: in the log, and now */
	unsigned after_end;	       /* that came when the log was over */
	unsigned compared;	       /* how often contents were */
	unsigned hung;		       /* how often it did not answer, as in the log */
	const char *not_compared;      /* why contents were never compared, static */
	uint64_t body_bytes, skipped;
	unsigned made_up; /* messages of the player's own */
	uint64_t took_ns, recorded_ns;
};

/* An answer, of the log or (line 0) only of the replay. what: in words. */
__attribute__((format(printf, 6, 7))) void report_answer(struct report *, uint64_t id, uint64_t line,
							 struct endpoint to, const char *name,
							 const char *how, ...);
/* Anything else that is other; what is a word for it: "contents", "end". */
__attribute__((format(printf, 3, 4))) void report_other(struct report *, const char *what, const char *how,
							...);
/* What the reader should know, and is no difference. */
__attribute__((format(printf, 2, 3))) void report_note(struct report *, const char *how, ...);
void report_begin(struct report *);
void report_end(struct report *, const char *ended);
