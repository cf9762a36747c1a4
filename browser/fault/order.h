/*
 * An order to fail: which fault, whom, when. One grammar (clause.h) for the F8 menu, `:inject`, debug URLs
 * and scenarios. injection.c carries it out.
 */
#pragma once
#include "browser/fault/catalogue.h"
#include "browser/fault/clause.h"

#define ORDER_WHOM 64
#define ORDER_TEXT 256

enum fault_when { FAULT_NOW, FAULT_AFTER, FAULT_ON_MESSAGE };

struct fault_order {
	const struct fault_info *fault;
	char whom[ORDER_WHOM]; /* as it was written; "": whom the context means, mostly this tab's renderer */
	uint64_t argument;
	enum fault_when when;
	unsigned after_ms;	  /* FAULT_AFTER */
	enum fault_moment moment; /* FAULT_ON_MESSAGE, and what follows */
	bool either;	  /* received or sent, whichever the target does with it; moment is not used */
	uint16_t message; /* enum ipc_id; ARM_ANY_MESSAGE */
	uint32_t count;	  /* the count-th; 0: each, with that chance */
	uint32_t ppm;
	uint64_t seed;
};

/* That fault at once, with its own argument. */
struct fault_order fault_order_of(const struct fault_info *);

/* false: *error gets "column N: ..." (CLAUSE_ERROR bytes). Whom is not looked up here. */
bool fault_order_parse(const char *text, struct fault_order *, char *error);
/* "null dereference into renderer:3 on 3rd commit_navigation received before its handler": parses again to
 * the same. ORDER_TEXT bytes are enough. */
const char *fault_order_text(const struct fault_order *, char *buf, size_t capacity);

/* What must come of it: the fault's own status, with the code that was ordered. */
struct fault_status fault_order_status(const struct fault_order *);
