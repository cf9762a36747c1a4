/* See catalogue.h: finding a row by its name, and its end in words. */
#include "browser/fault/catalogue.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool is_gap(char c)
{
	return c == ' ' || c == '-' || c == '_';
}

/* How much of text the name is, up to the end of a word; 0: text does not begin with it. */
static size_t name_length(const char *text, const char *name)
{
	size_t n = 0;

	for (; *name; name++, n++)
		if (is_gap(text[n]) != is_gap(*name) ||
		    (!is_gap(*name) && tolower((unsigned char)text[n]) != tolower((unsigned char)*name)))
			return 0;
	return text[n] && text[n] != ' ' ? 0 : n;
}

static const struct fault_info *find_exactly(const char *name)
{
	for (unsigned i = 0; i < fault_table_count; i++)
		if (!strcmp(fault_table[i].name, name))
			return &fault_table[i];
	return NULL;
}

const struct fault_info *fault_find_prefix(const char *text, size_t *length)
{
	const struct fault_info *found = NULL;

	*length = 0;
	for (unsigned i = 0; i < fault_table_count; i++) {
		size_t n = name_length(text, fault_table[i].name);

		if (n > *length) {
			*length = n;
			found = &fault_table[i];
		}
	}
	for (unsigned i = 0; i < fault_alias_count; i++) {
		size_t n = name_length(text, fault_aliases[i].alias);

		if (n > *length) {
			*length = n;
			found = find_exactly(fault_aliases[i].name);
		}
	}
	return found;
}

const struct fault_info *fault_find(const char *name)
{
	size_t length;
	const struct fault_info *found = fault_find_prefix(name, &length);

	return found && !name[length] ? found : NULL;
}

static const char *signal_words(int signal, char *buf, size_t capacity)
{
	const char *name = sigabbrev_np(signal);

	snprintf(buf, capacity, "%s%s", name ? "SIG" : "", name ? name : "");
	return buf;
}

const char *fault_expected(const struct fault_info *f, char *buf, size_t capacity)
{
	static const char *const alive[] = { [FAULT_END_UNRESPONSIVE] = "unresponsive",
					     [FAULT_END_RECOVERED] = "unresponsive for a while",
					     [FAULT_END_ALIVE] = "alive" };
	const struct fault_status *s = &f->status;
	char signal[16];

	if (f->end != FAULT_END_DEAD)
		snprintf(buf, capacity, "%s", alive[f->end]);
	else if (s->reason)
		snprintf(buf, capacity, "killed, bad message %s", bad_message_names[s->reason]);
	else if (s->status == TERMINATION_STATUS_OOM)
		snprintf(buf, capacity, "oom");
	else if (!s->signal)
		snprintf(buf, capacity, "%s, code %d", termination_status_names[s->status], s->code);
	else
		snprintf(buf, capacity, "%s %s", termination_status_names[s->status],
			 signal_words(s->signal, signal, sizeof signal));
	return buf;
}

bool fault_can_hit(const struct fault_info *f, enum role role)
{
	return f->whom & 1u << role;
}
