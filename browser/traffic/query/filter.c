/* See filter.h. The cheap questions come first. */
#include "browser/traffic/query/filter.h"
#include <fnmatch.h>
#include <string.h>

#define ARGS_BYTES 8192 /* of arguments that are searched */

static bool matches_process(const char *wanted, const char *process)
{
	size_t length = strlen(wanted);

	return strncmp(process, wanted, length) == 0 && (!process[length] || process[length] == ':');
}

static bool involves(const struct traffic_event *e, const char *process)
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	return matches_process(process, traffic_from(e, from)) || matches_process(process, traffic_to(e, to));
}

static bool says(const struct traffic_event *e, const char *text)
{
	char name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT], id[IPC_ID_TEXT],
		toxic[TRAFFIC_TOXIC_TEXT], args[ARGS_BYTES];
	const char *const words[] = { traffic_name(e, name), traffic_from(e, from),  traffic_to(e, to),
				      traffic_status(e),     traffic_where(e),	     traffic_reason(e),
				      traffic_id(e, id),     traffic_toxic(e, toxic) };
	struct format out = format_into(args, sizeof args);

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasestr(words[i], text))
			return true;
	if (e->words)
		return strcasestr(e->words->args, text);
	traffic_args_text(e, &out);
	return strcasestr(args, text);
}

bool traffic_filter_match(const struct traffic_filter *f, const struct traffic_event *e)
{
	char name[TRAFFIC_NAME_TEXT];
	uint32_t page;

	if (!f->pings && traffic_is_ping(e))
		return false;
	if (f->status && strcmp(traffic_status(e), f->status) != 0)
		return false;
	if (f->name && fnmatch(f->name, traffic_name(e, name), 0) != 0)
		return false;
	if (f->process && !involves(e, f->process))
		return false;
	if (f->has_tab && !(traffic_page(e, &page) && page == f->tab))
		return false;
	return !f->text || !f->text[0] || says(e, f->text);
}

bool traffic_filter_knows_status(const char *word)
{
	for (unsigned i = 0; i < TRAFFIC_STATUS_COUNT; i++)
		if (strcmp(traffic_status_names[i], word) == 0)
			return true;
	return false;
}
