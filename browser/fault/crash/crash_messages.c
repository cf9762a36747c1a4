/* See crash_messages.h. */
#include "browser/fault/crash/crash_messages.h"
#include "browser/fault/crash/crash_facts.h"
#include "browser/traffic/log/secrets.h"
#include <stdlib.h>

static bool is_of(const struct traffic_event *e, struct endpoint who)
{
	return e->kind == TRAFFIC_MESSAGE && !traffic_is_ping(e) &&
	       ((e->from.role == who.role && e->from.serial == who.serial) ||
		(e->to.role == who.role && e->to.serial == who.serial));
}

/* What the history still has, newest first. */
static unsigned find_in_history(const struct collector *c, struct endpoint who,
				const struct traffic_event *found[REPORT_MESSAGES])
{
	uint64_t first = collector_first(c), sequence = collector_end(c);
	unsigned n = 0;

	while (n < REPORT_MESSAGES && sequence > first) {
		const struct traffic_event *e = collector_event(c, --sequence);

		if (e && is_of(e, who))
			found[n++] = e;
	}
	return n;
}

/* What is remembered of the process for longer than that. */
static unsigned find_older(const struct collector *c, struct endpoint who, enum collector_direction direction,
			   unsigned n, const struct traffic_event *found[REPORT_MESSAGES])
{
	const struct traffic_event *last[COLLECTOR_LAST];
	unsigned count = collector_last(c, who, direction, COLLECTOR_LAST, last);

	for (unsigned i = 0; i < count && n < REPORT_MESSAGES; i++)
		if (last[i]->sequence < collector_first(c))
			found[n++] = last[i];
	return n;
}

static int by_sequence(const void *a, const void *b)
{
	const struct traffic_event *one = *(const struct traffic_event *const *)a;
	const struct traffic_event *other = *(const struct traffic_event *const *)b;

	return one->sequence < other->sequence ? -1 : one->sequence > other->sequence;
}

/* Its bytes may be told as digits, in which nobody would find a secret afterwards. */
static cJSON *message_json(const struct traffic_event *e, char *line, size_t capacity)
{
	struct format out = format_into(line, capacity);
	struct traffic_event masked;
	cJSON *json = NULL;

	if (secrets_copy(e, &masked)) {
		traffic_format_json(&masked, &out);
		json = out.full ? NULL : cJSON_Parse(line);
		secrets_copy_free(&masked);
	}
	return json ? json : cJSON_CreateObject();
}

void crash_messages_add(cJSON *report, const struct collector *c, struct endpoint who, uint64_t handling)
{
	const struct traffic_event *found[REPORT_MESSAGES];
	unsigned n = find_in_history(c, who, found);
	size_t capacity = traffic_line_bytes() + 1;
	char *line = malloc(capacity);
	cJSON *messages = cJSON_AddArrayToObject(report, "messages");

	for (unsigned direction = COLLECTOR_SENT; direction <= COLLECTOR_RECEIVED; direction++)
		n = find_older(c, who, direction, n, found);
	qsort(found, n, sizeof *found, by_sequence);
	for (unsigned i = 0; line && i < n; i++) {
		cJSON_AddItemToArray(messages, message_json(found[i], line, capacity));
		if (found[i]->id == handling && found[i]->to.role == who.role &&
		    found[i]->to.serial == who.serial)
			cJSON_AddItemToObject(report, "handling", message_json(found[i], line, capacity));
	}
	free(line);
}
