/* See action.h. */
#include "browser/ui/action.h"
#include <stdio.h>
#include <string.h>

const char *action_hint(const struct ui *ui, const struct action *a)
{
	if (a->run == do_leave)
		return do_leave_hint(ui);
	/* On the page there are other things to do, and where it is full already nothing is. */
	if (a->run == do_traffic && (ui->focus != IN_TRAFFIC || ui->traffic_full))
		return NULL;
	return a->hint;
}

const struct action *action_find(const char *name, size_t length, const char **why)
{
	const struct action *found = NULL;

	*why = "there is no such command";
	for (unsigned i = 0; i < action_count; i++) {
		if (strncmp(actions[i].name, name, length) != 0)
			continue;
		if (actions[i].name[length] == '\0')
			return &actions[i];
		*why = found ? "more than one command begins so" : *why;
		if (found)
			return NULL;
		found = &actions[i];
	}
	return length ? found : NULL;
}

static bool same_key(const struct stroke *s, uint32_t code, unsigned modifiers)
{
	uint32_t typed = s->code;

	if (s->modifiers & (STROKE_CTRL | STROKE_ALT) && typed >= 'A' && typed <= 'Z')
		typed += 32;
	return s->kind == STROKE_KEY && typed == code && s->modifiers == modifiers;
}

/* How many strokes one name of keys needs, if those given are how it begins; 0: they are not. */
static unsigned keys_needed(const char *name, size_t length, const struct stroke *strokes, unsigned count)
{
	uint32_t code;
	unsigned modifiers;

	if (stroke_parse_name(name, length, &code, &modifiers))
		return count == 1 && same_key(&strokes[0], code, modifiers) ? 1 : 0;
	/* Letters that are typed one after the other. */
	for (unsigned i = 0; i < count; i++)
		if (i >= length || !same_key(&strokes[i], (unsigned char)name[i], 0))
			return 0;
	return (unsigned)length;
}

const struct action *action_of_keys(const struct stroke *strokes, unsigned count, unsigned places,
				    bool *prefix)
{
	const struct action *found = NULL;

	*prefix = false;
	for (unsigned i = 0; i < action_count; i++) {
		if (!(actions[i].where & places))
			continue;
		for (const char *at = actions[i].keys; *at;) {
			size_t length = strcspn(at, " ");
			unsigned needed = keys_needed(at, length, strokes, count);
			if (needed == count && !found)
				found = &actions[i];
			*prefix |= needed > count;
			at += length + (at[length] == ' ');
		}
	}
	return found;
}

void action_run(struct ui *ui, const struct action *a, const char *argument, const char *what,
		const char *value)
{
	browser_input(ui->browser, what, value);
	a->run(ui, argument);
	browser_input_done(ui->browser);
	ui_redraw(ui);
}

/* What people type who come from elsewhere. */
static const char *const other_names[][2] = {
	{ "q", "quit" },      { "open", "address" },	{ "go", "address" },
	{ "tabopen", "tab" }, { "processes", "tasks" },
};

void action_run_command(struct ui *ui, const char *typed)
{
	char value[300], text[LINE_EDIT_BYTES + 1];
	const char *why, *line = text;

	snprintf(text, sizeof(text), "%s", typed + strspn(typed, " :"));
	/* Completion leaves a blank behind its word. */
	for (size_t end = strlen(text); end && text[end - 1] == ' '; end--)
		text[end - 1] = '\0';
	size_t length = strcspn(line, " ");
	const char *argument = line + length + strspn(line + length, " ");
	const struct action *a = NULL;

	if (length == 0)
		return;
	for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]) && !a; i++)
		if (strlen(other_names[i][0]) == length && strncmp(other_names[i][0], line, length) == 0)
			a = action_find(other_names[i][1], strlen(other_names[i][1]), &why);
	if (!a)
		a = action_find(line, length, &why);
	if (!a) {
		ui_say(ui, "%.*s: %s; ? shows them all", (int)(length < 40 ? length : 40), line, why);
		return;
	}
	snprintf(value, sizeof(value), "%.290s", line);
	action_run(ui, a, argument, "command", value);
}
