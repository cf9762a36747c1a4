/* Texts with * and ?, parts of texts, and regular expressions; and the names that are known. */
#include "browser/traffic/query/query_internal.h"
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The library's automaton grows with what it has seen, one state a byte at worst: it is made anew after so
 * much, which costs little and bounds its memory. */
#define REGEX_SCANNED (32u << 10)
#define REGEX_REPEATS 1000 /* the counts in braces, multiplied: they are unrolled */

struct query_regex {
	regex_t compiled;
	char *text;
	size_t scanned;
	bool sound;
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool keep_text(struct query_pattern *p, const char *text, size_t length)
{
	p->text = malloc(length + 1);
	if (!p->text)
		return false;
	memcpy(p->text, text, length);
	p->text[length] = '\0';
	p->length = length;
	return true;
}

bool query_pattern_text(struct query_pattern *p, const char *text, size_t length, bool quoted)
{
	p->kind = !quoted && strpbrk(text, "*?") ? PATTERN_GLOB : PATTERN_EXACT;
	return keep_text(p, text, length);
}

bool query_pattern_part(struct query_pattern *p, const char *text, size_t length)
{
	p->kind = PATTERN_PART_NOCASE;
	if (!keep_text(p, text, length))
		return false;
	for (size_t i = 0; i < length; i++)
		p->text[i] = lower(p->text[i]);
	return true;
}

/* Expressions. */

/* Behind the bracket expression that begins at s; NULL: it has no end. */
static const char *skip_bracket(const char *s)
{
	s += s[1] == '^' ? 2 : 1;
	if (*s == ']')
		s++;
	while (*s && *s != ']') {
		if (s[0] == '[' && s[1] && strchr(":.=", s[1])) {
			char close[3] = { s[1], ']', '\0' };

			s = strstr(s + 2, close);
			if (!s)
				return NULL;
			s++;
		}
		s++;
	}
	return *s ? s + 1 : NULL;
}

/* Multiply the larger count in the braces at s into *product. */
static void count_repeats(const char *s, unsigned long *product)
{
	unsigned long most = 0, n;

	for (s++; *s && *s != '}'; s++) {
		if (*s < '0' || *s > '9')
			continue;
		for (n = 0; *s >= '0' && *s <= '9'; s++)
			n = n < 100000 ? n * 10 + (unsigned long)(*s - '0') : n;
		most = n > most ? n : most;
		s--;
	}
	if (most > 1 && *product <= REGEX_REPEATS)
		*product *= most;
}

/* NULL, or why an expression is not even tried. */
static const char *find_trouble(const char *s)
{
	unsigned long repeats = 1;

	while (*s) {
		if (*s == '\\' && s[1] >= '1' && s[1] <= '9')
			return "back-references are not allowed here";
		if (*s == '[') {
			s = skip_bracket(s);
			if (!s)
				return "the closing ] is missing";
			continue;
		}
		if (*s == '{')
			count_repeats(s, &repeats);
		if (repeats > REGEX_REPEATS)
			return "too many repetitions";
		s += *s == '\\' && s[1] ? 2 : 1;
	}
	return NULL;
}

static bool regex_make(struct query_regex *r, char *why)
{
	int error = regcomp(&r->compiled, r->text, REG_EXTENDED | REG_NOSUB);
	char text[100];

	r->sound = !error;
	r->scanned = 0;
	if (error && why) {
		regerror(error, &r->compiled, text, sizeof text);
		snprintf(why, QUERY_WHY, "no regular expression: %c%s", lower(text[0]), text + 1);
	}
	return r->sound;
}

bool query_pattern_regex(struct query_pattern *p, const char *text, size_t length, char *why)
{
	const char *trouble = length > QUERY_PATTERN ? "the expression is too long" : find_trouble(text);

	if (trouble) {
		snprintf(why, QUERY_WHY, "%s", trouble);
		return false;
	}
	snprintf(why, QUERY_WHY, "no memory");
	if (!keep_text(p, text, length))
		return false;
	if (!strpbrk(text, "\\^$.[]|()*+?{}")) {
		p->kind = PATTERN_PART;
		return true;
	}
	p->kind = PATTERN_REGEX;
	p->regex = calloc(1, sizeof *p->regex);
	if (!p->regex)
		return false;
	p->regex->text = p->text;
	return regex_make(p->regex, why);
}

void query_pattern_finish(struct query_pattern *p)
{
	if (p->regex && p->regex->sound)
		regfree(&p->regex->compiled);
	free(p->regex);
	free(p->text);
	*p = (struct query_pattern){ 0 };
}

static bool regex_finds(struct query_regex *r, const char *text, size_t length)
{
	regmatch_t range = { .rm_so = 0, .rm_eo = (regoff_t)length };

	if (r->sound && r->scanned > REGEX_SCANNED) {
		regfree(&r->compiled);
		regex_make(r, NULL);
	}
	r->scanned += length;
	return r->sound && regexec(&r->compiled, text, 0, &range, REG_STARTEND) == 0;
}

/* Matching. */

static bool glob_matches(const char *glob, const char *s, const char *end)
{
	const char *star = NULL, *retry = NULL;

	while (s < end) {
		if (*glob == '*') {
			star = ++glob;
			retry = s;
		} else if (*glob && (*glob == '?' || *glob == *s)) {
			/* A character may have several bytes. */
			for (s++; *glob == '?' && s < end && (*s & 0xc0) == 0x80; s++)
				;
			glob++;
		} else if (star) {
			glob = star;
			s = ++retry;
		} else {
			return false;
		}
	}
	while (*glob == '*')
		glob++;
	return !*glob;
}

static bool finds_nocase(const char *s, size_t length, const char *part, size_t n)
{
	if (!n)
		return true;
	for (; length >= n; s++, length--) {
		size_t i = 0;

		while (i < n && lower(s[i]) == part[i])
			i++;
		if (i == n)
			return true;
	}
	return false;
}

bool query_pattern_matches(const struct query_pattern *p, const char *text, size_t length)
{
	switch (p->kind) {
	case PATTERN_EXACT:
		return length == p->length && !memcmp(text, p->text, length);
	case PATTERN_GLOB:
		return glob_matches(p->text, text, text + length);
	case PATTERN_PART:
		return memmem(text, length, p->text, p->length);
	case PATTERN_PART_NOCASE:
		return finds_nocase(text, length, p->text, p->length);
	default:
		return regex_finds(p->regex, text, length);
	}
}

/* Known names. */

/* Behind the messages; what has no more than one name of its own is last. */
static const struct {
	enum traffic_kind kind;
	unsigned first, count;
	const char *const *names;
} groups[] = {
	{ TRAFFIC_PROCESS, IPC_COUNT, TRAFFIC_PROCESS_EVENT_COUNT, traffic_process_event_names },
	{ TRAFFIC_INPUT, IPC_COUNT + TRAFFIC_PROCESS_EVENT_COUNT, TRAFFIC_INPUT_KIND_COUNT,
	  traffic_input_names },
	{ TRAFFIC_BLAST, IPC_COUNT + TRAFFIC_PROCESS_EVENT_COUNT + TRAFFIC_INPUT_KIND_COUNT,
	  TRAFFIC_BLAST_EVENT_COUNT, traffic_blast_event_names },
};
#define GROUPS (sizeof groups / sizeof *groups)

unsigned query_name_count(void)
{
	return groups[GROUPS - 1].first + groups[GROUPS - 1].count;
}

const char *query_name(unsigned number)
{
	unsigned i = GROUPS - 1;

	if (number < IPC_COUNT)
		return ipc_messages[number].name;
	while (number < groups[i].first)
		i--;
	return groups[i].names[number - groups[i].first];
}

int query_name_of_event(const struct traffic_event *e)
{
	if (e->kind == TRAFFIC_MESSAGE)
		return e->type < IPC_COUNT ? e->type : -1;
	for (unsigned i = 0; i < GROUPS; i++)
		if (e->kind == groups[i].kind && e->type < groups[i].count)
			return (int)(groups[i].first + e->type);
	return -1;
}
