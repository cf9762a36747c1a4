/* See log_reader.h. */
#include "browser/traffic/log/log_reader.h"
#include "browser/traffic/log/json.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_BYTES (256u << 10)

struct log_reader {
	int fd;
	char *data; /* read and not yet used: from `at` to `end` */
	size_t at, end, room;
	bool eof, skipping; /* skipping: within a line that was too long */
	uint64_t lines, events, start_us;
	bool started;
	char *line; /* the present one, within data */
	size_t line_length;
	cJSON *json;
	struct format text; /* all words of the present event */
	char *raw;
	struct traffic_words words;
};

struct log_reader *log_reader_open(const char *path)
{
	struct log_reader *r = calloc(1, sizeof *r);

	if (!r)
		return NULL;
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (r->fd == -1) {
		free(r);
		return NULL;
	}
	return r;
}

void log_reader_close(struct log_reader *r)
{
	if (!r)
		return;
	close(r->fd);
	cJSON_Delete(r->json);
	free(r->text.text);
	free(r->raw);
	free(r->data);
	free(r);
}

/* Lines. */

/* Read more behind what is there. False with errno on failure; at the end of the file `eof` is set. */
static bool reader_fill(struct log_reader *r)
{
	ssize_t n;

	if (r->at) {
		memmove(r->data, r->data + r->at, r->end - r->at);
		r->end -= r->at;
		r->at = 0;
	}
	if (r->room - r->end < READ_BYTES) {
		size_t room = r->room ? r->room * 2 : READ_BYTES * 2;
		char *data = realloc(r->data, room);

		if (!data)
			return false;
		r->data = data;
		r->room = room;
	}
	do
		n = read(r->fd, r->data + r->end, READ_BYTES);
	while (n == -1 && errno == EINTR);
	if (n < 0)
		return false;
	r->eof = n == 0;
	r->end += (size_t)n;
	return true;
}

/* Find the next line: LOG_LINE_EVENT stands for any whole one, LOG_LINE_CUT for one without its end. */
static enum log_line reader_find_line(struct log_reader *r)
{
	size_t searched = 0;

	for (;;) {
		char *newline = r->end > r->at + searched
					? memchr(r->data + r->at + searched, '\n', r->end - r->at - searched)
					: NULL;

		if (newline) {
			r->line = r->data + r->at;
			r->line_length = (size_t)(newline - r->line);
			r->at += r->line_length + 1;
			return LOG_LINE_EVENT;
		}
		searched = r->end - r->at;
		if (searched > LOG_READER_LINE_BYTES) {
			r->skipping = true;
			r->at = r->end;
			searched = 0;
		}
		if (r->eof) {
			r->line = r->data + r->at;
			r->line_length = searched;
			r->at = r->end;
			return searched || r->skipping ? LOG_LINE_CUT : LOG_LINE_END;
		}
		if (!reader_fill(r))
			return LOG_LINE_ERROR;
	}
}

/* Words. */

/* Begin the text of an event: room for all of the line, however much of it needs escaping. */
static bool text_begin(struct log_reader *r)
{
	size_t capacity = r->line_length * 7 + 1024;

	if (r->text.capacity < capacity) {
		char *text = realloc(r->text.text, capacity);

		if (!text)
			return false;
		r->text = (struct format){ .text = text, .capacity = capacity };
	}
	r->text = format_into(r->text.text, r->text.capacity);
	return true;
}

/* End a word that was written from `start` on, and begin the next. */
static const char *text_end(struct log_reader *r, size_t start)
{
	if (r->text.full || r->text.length + 1 >= r->text.capacity) {
		r->text.text[start] = '\0';
		return r->text.text + start;
	}
	r->text.text[++r->text.length] = '\0';
	return r->text.text + start;
}

/* The string member of that name, clean; "" when there is none. */
static const char *word(struct log_reader *r, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->json, name);
	size_t start = r->text.length;

	if (!cJSON_IsString(item) || !item->valuestring[0])
		return "";
	json_write_clean(&r->text, item->valuestring, strlen(item->valuestring));
	return text_end(r, start);
}

static double number(const struct log_reader *r, const char *name, double otherwise)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->json, name);

	return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

/* A number of the log as an unsigned one of at most max; what is out of range becomes 0. */
static uint64_t count(const struct log_reader *r, const char *name, uint64_t max)
{
	double n = number(r, name, 0);

	return n >= 0 && n <= (double)max ? (uint64_t)n : 0;
}

/* The place of a word among names, or `otherwise`. */
static unsigned look_up(const char *const *names, const char *text, unsigned otherwise)
{
	for (unsigned i = 0; names[i]; i++)
		if (strcmp(names[i], text) == 0)
			return i;
	return otherwise;
}

/* "renderer:3", up to `end`. An unknown role becomes ROLE_COUNT. */
static struct endpoint parse_endpoint(const char *text, const char *end)
{
	char role[ENDPOINT_TEXT];
	const char *colon = memchr(text, ':', (size_t)(end - text));
	size_t length = (size_t)((colon ? colon : end) - text);
	struct endpoint e = { ROLE_COUNT, 0 };

	if (length >= sizeof role)
		return e;
	memcpy(role, text, length);
	role[length] = '\0';
	e.role = look_up(role_names, role, ROLE_COUNT);
	for (const char *s = colon ? colon + 1 : end; s < end && *s >= '0' && *s <= '9'; s++)
		e.serial = e.serial * 10 + (uint32_t)(*s - '0');
	return e;
}

/* "renderer:3/1042"; 0 when it is none that this version could make. */
static uint64_t parse_id(const char *text)
{
	const char *slash = strchr(text, '/');
	struct endpoint e;
	uint64_t n = 0;

	if (!slash)
		return 0;
	e = parse_endpoint(text, slash);
	for (const char *s = slash + 1; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + (uint64_t)(*s - '0');
	return e.role < ROLE_COUNT ? ipc_make_id(e.role, e.serial, n) : 0;
}

/* Events. */

static void read_page(struct log_reader *r, const cJSON *args)
{
	const cJSON *page = cJSON_GetObjectItemCaseSensitive(args, "page");

	r->words.has_page = cJSON_IsNumber(page) && page->valuedouble >= 0 && page->valuedouble <= UINT32_MAX;
	r->words.page = r->words.has_page ? (uint32_t)page->valuedouble : 0;
}

static void read_message(struct log_reader *r, struct traffic_event *e)
{
	const cJSON *args = cJSON_GetObjectItemCaseSensitive(r->json, "args");
	double queued = number(r, "queued_us", -1);
	size_t start;

	e->kind = TRAFFIC_MESSAGE;
	r->words.name = word(r, "name");
	r->words.from = word(r, "from");
	r->words.to = word(r, "to");
	r->words.status = word(r, "status");
	r->words.where = word(r, "where");
	r->words.toxic = word(r, "toxic");
	r->words.reason = word(r, "reason");
	e->bytes = (uint32_t)count(r, "bytes", UINT32_MAX);
	e->fds = (uint8_t)count(r, "fds", UINT8_MAX);
	e->status = (uint8_t)look_up(traffic_status_names, r->words.status, TRAFFIC_STATUS_COUNT);
	e->where = (uint8_t)look_up(traffic_where_names, r->words.where, TRAFFIC_NOWHERE);
	if (queued >= 0 && queued < 1e15)
		e->queued_ns = (uint64_t)(queued * 1000 + 0.5);
	e->from = parse_endpoint(r->words.from, r->words.from + strlen(r->words.from));
	e->to = parse_endpoint(r->words.to, r->words.to + strlen(r->words.to));
	read_page(r, args);
	start = r->text.length;
	if (cJSON_IsObject(args)) {
		json_write(&r->text, args);
		r->words.args = text_end(r, start);
	}
}

/* Everything in the line but what is shown in columns of its own. */
static void read_details(struct log_reader *r, const char *const *shown)
{
	size_t start = r->text.length;
	bool first = true;

	format_char(&r->text, '{');
	for (const cJSON *item = r->json->child; item; item = item->next) {
		const char *name = item->string ? item->string : "";

		if (look_up(shown, name, UINT_MAX) != UINT_MAX)
			continue;
		if (!first)
			format_char(&r->text, ',');
		first = false;
		format_json_string(&r->text, name, strlen(name));
		format_char(&r->text, ':');
		json_write(&r->text, item);
	}
	format_char(&r->text, '}');
	r->words.args = text_end(r, start);
}

static void read_process(struct log_reader *r, struct traffic_event *e)
{
	static const char *const shown[] = { "type", "ts_us", "cause", "event", "process", NULL };

	e->kind = TRAFFIC_PROCESS;
	r->words.name = word(r, "event");
	r->words.from = word(r, "process");
	e->from = parse_endpoint(r->words.from, r->words.from + strlen(r->words.from));
	read_details(r, shown);
}

static void read_input(struct log_reader *r, struct traffic_event *e)
{
	static const char *const shown[] = { "type", "ts_us", "id", "cause", "what", NULL };

	e->kind = TRAFFIC_INPUT;
	r->words.name = word(r, "what");
	r->words.from = role_names[ROLE_BROWSER];
	e->from = (struct endpoint){ ROLE_BROWSER, 0 };
	read_details(r, shown);
}

static void read_blast(struct log_reader *r, struct traffic_event *e)
{
	static const char *const shown[] = { "type", "ts_us", "cause", "process", NULL };

	e->kind = TRAFFIC_BLAST;
	r->words.name = word(r, "type");
	r->words.from = word(r, "process");
	e->from = parse_endpoint(r->words.from, r->words.from + strlen(r->words.from));
	read_details(r, shown);
}

static void read_other(struct log_reader *r, struct traffic_event *e)
{
	static const char *const shown[] = { "type", "ts_us", "id", "cause", NULL };

	r->words.name = word(r, "type");
	e->kind = strcmp(r->words.name, "dropped") == 0 ? TRAFFIC_DROPPED : TRAFFIC_OTHER;
	if (e->kind == TRAFFIC_DROPPED)
		e->bytes = (uint32_t)count(r, "lines", UINT32_MAX);
	read_details(r, shown);
}

static enum log_line read_event(struct log_reader *r, struct traffic_event *e)
{
	static const struct {
		const char *type;
		void (*read)(struct log_reader *, struct traffic_event *);
	} types[] = { { "message", read_message },
		      { "process", read_process },
		      { "input", read_input },
		      { "blast", read_blast },
		      { "recovery", read_blast } };
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(r->json, "type");
	void (*read_it)(struct log_reader *, struct traffic_event *) = read_other;
	uint64_t ts_us = count(r, "ts_us", UINT64_C(1) << 53);

	if (!cJSON_IsString(type) || !text_begin(r))
		return LOG_LINE_BAD;
	if (!r->started) {
		r->start_us = ts_us;
		r->started = true;
	}
	if (strcmp(type->valuestring, "session") == 0) {
		r->start_us = ts_us;
		return LOG_LINE_SESSION;
	}
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strcmp(type->valuestring, types[i].type) == 0)
			read_it = types[i].read;
	r->words = (struct traffic_words){ "", "", "", "", "", "", "", "", "", "", false, 0 };
	*e = (struct traffic_event){ .sequence = r->events++,
				     .ts_us = ts_us,
				     .queued_ns = TRAFFIC_NO_TIME,
				     .handled_ns = TRAFFIC_NO_TIME,
				     .from = { ROLE_COUNT, 0 },
				     .to = { ROLE_COUNT, 0 },
				     .words = &r->words };
	r->words.id = word(r, "id");
	r->words.cause = word(r, "cause");
	e->id = parse_id(r->words.id);
	e->cause = parse_id(r->words.cause);
	read_it(r, e);
	return LOG_LINE_EVENT;
}

enum log_line log_reader_next(struct log_reader *r, struct traffic_event *e)
{
	enum log_line found = reader_find_line(r), read_as;
	bool skipped = r->skipping;

	if (found == LOG_LINE_END || found == LOG_LINE_ERROR)
		return found;
	r->lines++;
	r->skipping = false;
	if (skipped)
		return LOG_LINE_BAD;
	cJSON_Delete(r->json);
	r->json = json_parse_line(r->line, r->line_length);
	read_as = r->json ? read_event(r, e) : LOG_LINE_BAD;
	/* The last line may lack nothing but its end: then it is whole. */
	return read_as == LOG_LINE_BAD && found == LOG_LINE_CUT ? LOG_LINE_CUT : read_as;
}

uint64_t log_reader_line_number(const struct log_reader *r)
{
	return r->lines;
}

const char *log_reader_line(struct log_reader *r)
{
	size_t capacity = r->line_length * 7 + 1024;
	bool clean = json_is_clean(r->line, r->line_length);
	struct format out;

	free(r->raw);
	r->raw = malloc(capacity);
	if (!r->raw)
		return "";
	out = format_into(r->raw, capacity);
	if (clean)
		format_bytes(&out, r->line, r->line_length);
	else
		json_write(&out, r->json);
	return r->raw;
}

uint64_t log_reader_start_us(const struct log_reader *r)
{
	return r->start_us;
}
