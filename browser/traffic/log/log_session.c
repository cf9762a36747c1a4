/* See log_session.h. */
#include "browser/traffic/log/log_session.h"
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/json_scan.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_BYTES 4096 /* no session line is longer */

/* The text of a string, if it is short and has nothing to escape; else "". */
static const char *short_text(const struct json_slice *value, char *text, size_t capacity)
{
	text[0] = '\0';
	if (value->text[0] == '"' && value->length - 2 < capacity &&
	    !memchr(value->text, '\\', value->length)) {
		memcpy(text, value->text + 1, value->length - 2);
		text[value->length - 2] = '\0';
	}
	return text;
}

static void parse_protocol(struct log_session *session, const char *text)
{
	if (text[0] && strspn(text, "0123456789abcdef") == strlen(text) && strlen(text) <= 16)
		session->protocol = strtoull(text, NULL, 16);
}

static void parse_payload(struct log_session *session, const char *text)
{
	for (unsigned i = 0; i < LOG_PAYLOAD_COUNT; i++)
		if (!strcmp(log_payload_names[i], text))
			session->payload = (enum log_payload)i;
}

static void parse_member(struct log_session *session, const struct json_slice *key,
			 const struct json_slice *value)
{
	char text[32];
	uint64_t n;

	if (json_slice_is(key, "protocol"))
		parse_protocol(session, short_text(value, text, sizeof text));
	else if (json_slice_is(key, "version"))
		short_text(value, session->version, sizeof session->version);
	else if (json_slice_is(key, "payload"))
		parse_payload(session, short_text(value, text, sizeof text));
	else if (!json_slice_number(value, &n))
		return;
	else if (json_slice_is(key, "ts_us"))
		session->ts_us = n;
	else if (json_slice_is(key, "pid") && n <= INT_MAX)
		session->pid = (int)n;
	else if (json_slice_is(key, "part") && n <= UINT_MAX)
		session->part = (unsigned)n;
}

bool log_session_parse(const char *line, struct log_session *session)
{
	struct json_members members = json_members_of(line);
	struct json_slice key, value;
	bool is_session = false;

	*session = (struct log_session){ .payload = LOG_PAYLOAD_COUNT };
	while (json_members_next(&members, &key, &value)) {
		if (json_slice_is(&key, "type"))
			is_session = json_slice_is(&value, "\"session\"");
		parse_member(session, &key, &value);
	}
	return is_session && !members.foul;
}

bool log_session_read(int fd, struct log_session *session)
{
	char line[LINE_BYTES], text[LINE_BYTES * 6 + JSON_SCAN_SLACK] = { 0 };
	struct format out = format_into(text, sizeof text - JSON_SCAN_SLACK);
	ssize_t n = pread(fd, line, sizeof line, 0);
	const char *end = n > 0 ? memchr(line, '\n', (size_t)n) : NULL;

	return end && json_write_canonical(&out, line, (size_t)(end - line)) &&
	       log_session_parse(text, session);
}
