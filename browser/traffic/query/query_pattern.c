/* Texts with * and ?, parts of texts; and the names that are known. query_regex.c has the expressions. */
#include "browser/traffic/query/query_internal.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

bool query_pattern_regex(struct query_pattern *p, const char *text, size_t length, char *why)
{
	snprintf(why, QUERY_WHY, "no memory");
	if (!keep_text(p, text, length))
		return false;
	p->kind = PATTERN_PART;
	if (!strpbrk(text, "\\^$.[]|()*+?{}"))
		return true;
	p->kind = PATTERN_REGEX;
	p->regex = query_regex_make(text, length, why);
	return p->regex;
}

void query_pattern_finish(struct query_pattern *p)
{
	query_regex_free(p->regex);
	free(p->text);
	*p = (struct query_pattern){ 0 };
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
		return query_regex_finds(p->regex, text, length);
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
