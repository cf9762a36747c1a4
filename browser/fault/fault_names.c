/* See catalogue.h: finding a row by its name, and its end in words. */
#include "browser/fault/catalogue.h"
#include "browser/fault/spelling.h"
#include "browser/net/fault_url.h"
#include "browser/process/death.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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

void fault_spell(struct spelling *s)
{
	for (unsigned i = 0; i < fault_table_count; i++)
		spelling_try(s, fault_table[i].name);
	for (unsigned i = 0; i < fault_alias_count; i++)
		spelling_try(s, fault_aliases[i].alias);
}

static bool is_letter(char c)
{
	return isalnum((unsigned char)c) || c == '\'';
}

/* Does a word of text begin with that? */
static bool begins_word(const char *text, const char *start, size_t length)
{
	for (const char *at = text; *at; at++)
		if ((at == text || !is_letter(at[-1])) && !strncasecmp(at, start, length))
			return true;
	return false;
}

static bool word_matches(const struct fault_info *f, const char *start, size_t length)
{
	char words[80];

	if (begins_word(f->name, start, length) || begins_word(fault_group_names[f->group], start, length) ||
	    begins_word(fault_expected(f, words, sizeof words), start, length))
		return true;
	if (f->kind == FAULT_VIOLATION &&
	    begins_word(death_syscall_name((uint32_t)f->argument, words, sizeof words), start, length))
		return true;
	for (unsigned i = 0; i < fault_alias_count; i++)
		if (!strcmp(fault_aliases[i].name, f->name) &&
		    begins_word(fault_aliases[i].alias, start, length))
			return true;
	for (const struct fault_url *entry = fault_urls; entry->url; entry++)
		if (fault_find_prefix(entry->order, &(size_t){ 0 }) == f &&
		    begins_word(strstr(entry->url, "://") + 3, start, length))
			return true;
	return false;
}

bool fault_matches(const struct fault_info *f, const char *typed)
{
	for (const char *at = typed; *at;) {
		size_t length = 0;

		while (is_letter(at[length]))
			length++;
		if (length && !word_matches(f, at, length))
			return false;
		at += length + !length;
	}
	return true;
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
