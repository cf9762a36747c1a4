/*
 * See log_reader.h. A line is scanned once (json_scan.c); its members are then parts of it. Lines that the
 * log's writer did not write may be of any other shape: they are brought into that one first
 * (json_canonical.c).
 */
#include "browser/traffic/log/log_reader.h"
#include "browser/traffic/log/json.h"
#include "browser/traffic/log/json_scan.h"
#include "browser/traffic/log/log_words.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* All members of lines that mean something here, in the order in which lines have them. */
#define MEMBERS(M)                                                                                           \
	M(type)                                                                                              \
	M(ts_us)                                                                                             \
	M(id)                                                                                                \
	M(cause)                                                                                             \
	M(event)                                                                                             \
	M(what)                                                                                              \
	M(process)                                                                                           \
	M(from)                                                                                              \
	M(to)                                                                                                \
	M(name)                                                                                              \
	M(bytes)                                                                                             \
	M(fds)                                                                                               \
	M(queued_us)                                                                                         \
	M(handled_us)                                                                                        \
	M(toxic)                                                                                             \
	M(held_us) M(breakpoint) M(marks) M(status) M(where) M(reason) M(args) M(payload) M(data) M(lines)

enum member {
#define MEMBER(name) M_##name,
	MEMBERS(MEMBER)
#undef MEMBER
		M_COUNT
};

static const struct {
	const char *name;
	size_t length;
} members[M_COUNT] = {
#define MEMBER(name) { #name, sizeof #name - 1 },
	MEMBERS(MEMBER)
#undef MEMBER
};

#define BIT(name) (1u << M_##name)

struct log_reader {
	struct log_lines lines;
	struct log_place place; /* of the line that was read last */
	uint64_t events, start_us;
	bool started;
	struct log_session session;
	char *session_line;
	const char *line; /* the present one, in its one shape */
	size_t line_length;
	struct format canonical;	   /* where it is if it had another */
	uint32_t has;			   /* bits of members that it has */
	struct json_slice values[M_COUNT]; /* of those */
	struct word_store text;		   /* all words of the present event that are not said for ever */
	struct traffic_words words;
};

struct log_reader *log_reader_open(const char *path)
{
	struct log_reader *r = calloc(1, sizeof *r);

	if (r && log_lines_open(&r->lines, path))
		return r;
	free(r);
	return NULL;
}

void log_reader_close(struct log_reader *r)
{
	if (!r)
		return;
	log_lines_close(&r->lines);
	word_store_finish(&r->text);
	free(r->canonical.text);
	free(r->session_line);
	free(r);
}

/* Members. */

/* The member of that name; what came last makes a guess at what comes next. */
static unsigned find_member(const struct json_slice *key, unsigned guess)
{
	for (unsigned n = 0; n < M_COUNT; n++) {
		unsigned i = guess + n < M_COUNT ? guess + n : guess + n - M_COUNT;

		if (members[i].length == key->length && memcmp(members[i].name, key->text, key->length) == 0)
			return i;
	}
	return M_COUNT;
}

/* Find all members of a line in its one shape. Of two of the same name the first counts. */
static bool scan_line(struct log_reader *r, const char *line, size_t length)
{
	struct json_members walk = json_members_of(line);
	struct json_slice key, value;
	unsigned next = 0;

	r->has = 0;
	r->line = line;
	r->line_length = length;
	while (json_members_next(&walk, &key, &value)) {
		unsigned i = find_member(&key, next);

		if (i == M_COUNT || r->has & 1u << i)
			continue;
		r->has |= 1u << i;
		r->values[i] = value;
		next = i + 1 < M_COUNT ? i + 1 : 0;
	}
	return !walk.foul && walk.at == line + length;
}

/* Bring a line of any shape into the one. */
static bool scan_foul_line(struct log_reader *r)
{
	size_t capacity = r->lines.length * 6 + 64;
	char *text = r->canonical.text;

	if (r->canonical.capacity < capacity) {
		free(text);
		text = calloc(1, capacity + JSON_SCAN_SLACK);
		r->canonical = (struct format){ .text = text, .capacity = text ? capacity : 0 };
		if (!text)
			return false;
	}
	r->canonical = format_into(text, r->canonical.capacity);
	return json_write_canonical(&r->canonical, r->lines.line, r->lines.length) &&
	       scan_line(r, text, r->canonical.length);
}

static bool has_string(const struct log_reader *r, enum member m)
{
	return r->has & 1u << m && r->values[m].text[0] == '"';
}

/* A string as a word; "" for what is none. */
static const char *word(struct log_reader *r, enum member m)
{
	return has_string(r, m) ? word_store_string(&r->text, &r->values[m]) : "";
}

/* The same, with its place among the words that are known, else `otherwise`. */
static const char *known_word(struct log_reader *r, enum member m, const char *const *names,
			      unsigned otherwise, unsigned *place)
{
	*place = has_string(r, m) ? word_find(&r->values[m], names, otherwise) : otherwise;
	return *place == otherwise ? word(r, m) : names[*place];
}

/* A number as an unsigned one of at most max; what is out of range, or none, becomes 0. */
static uint64_t count(const struct log_reader *r, enum member m, uint64_t max)
{
	uint64_t n;

	if (!(r->has & 1u << m))
		return 0;
	if (json_slice_number(&r->values[m], &n))
		return n <= max ? n : 0;
	return word_count(&r->values[m], max);
}

/* A time in microseconds, as nanoseconds. */
static uint64_t nanoseconds(const struct log_reader *r, enum member m, uint64_t otherwise)
{
	return r->has & 1u << m ? word_nanoseconds(&r->values[m], otherwise) : otherwise;
}

/* An object as it stands. */
static const char *object(struct log_reader *r, enum member m)
{
	return r->has & 1u << m && r->values[m].text[0] == '{'
		       ? word_store_text(&r->text, r->values[m].text, r->values[m].length)
		       : "";
}

/* Everything in the line but what is shown in columns of its own. */
static const char *details(struct log_reader *r, uint32_t shown)
{
	struct json_members walk = json_members_of(r->line);
	struct json_slice key, value;
	char *text = word_store_room(&r->text), *end = text;

	*end++ = '{';
	while (json_members_next(&walk, &key, &value)) {
		unsigned i = find_member(&key, 0);
		size_t length = (size_t)(value.text + value.length - key.text) + 1;

		if (i < M_COUNT && shown & 1u << i)
			continue;
		if (end != text + 1)
			*end++ = ',';
		memcpy(end, key.text - 1, length); /* with its quote */
		end += length;
	}
	*end++ = '}';
	*end++ = '\0';
	word_store_keep(&r->text, end);
	return text;
}

static struct endpoint endpoint(struct log_reader *r, enum member m, const char **name)
{
	*name = word(r, m);
	return has_string(r, m) ? word_endpoint(&r->values[m]) : (struct endpoint){ ROLE_COUNT, 0 };
}

/* Events. */

static void read_toxic(struct log_reader *r, struct traffic_event *e)
{
	unsigned kind;

	r->words.toxic = word(r, M_toxic);
	e->toxic = word_toxic(r->words.toxic, &kind);
	e->toxic_kind = (uint8_t)kind;
}

static void read_fate(struct log_reader *r, struct traffic_event *e)
{
	unsigned status, where, reason;

	r->words.status = known_word(r, M_status, traffic_status_names, TRAFFIC_STATUS_COUNT, &status);
	e->status = (uint8_t)status;
	if (r->has & BIT(where)) {
		r->words.where = known_word(r, M_where, traffic_where_names, TRAFFIC_WHERE_COUNT, &where);
		e->where = where < TRAFFIC_WHERE_COUNT ? (uint8_t)where : TRAFFIC_NOWHERE;
	}
	if (r->has & BIT(reason)) {
		r->words.reason = known_word(r, M_reason, bad_message_names, BAD_MESSAGE_COUNT, &reason);
		e->reason = reason < BAD_MESSAGE_COUNT ? (uint8_t)reason : BAD_MESSAGE_NONE;
	}
}

/* The argument that is called so, if it is a number that a page can have. */
static void read_page(struct traffic_words *words)
{
	struct json_members walk = json_members_of(words->args);
	struct json_slice key, value;
	uint64_t n;

	while (json_members_next(&walk, &key, &value)) {
		if (!json_slice_is(&key, "page"))
			continue;
		words->has_page = json_slice_number(&value, &n) && n <= UINT32_MAX;
		words->page = words->has_page ? (uint32_t)n : 0;
		break;
	}
}

static void read_message(struct log_reader *r, struct traffic_event *e)
{
	e->type = has_string(r, M_name) ? word_message(&r->values[M_name]) : IPC_COUNT;
	r->words.name = e->type < IPC_COUNT ? ipc_messages[e->type].name : word(r, M_name);
	e->from = endpoint(r, M_from, &r->words.from);
	e->to = endpoint(r, M_to, &r->words.to);
	e->bytes = (uint32_t)count(r, M_bytes, UINT32_MAX);
	e->fds = (uint8_t)count(r, M_fds, UINT8_MAX);
	e->queued_ns = nanoseconds(r, M_queued_us, TRAFFIC_NO_TIME);
	e->handled_ns = nanoseconds(r, M_handled_us, TRAFFIC_NO_TIME);
	read_fate(r, e);
	if (r->has & (BIT(toxic) | BIT(held_us) | BIT(breakpoint) | BIT(marks))) {
		read_toxic(r, e);
		e->held_ns = nanoseconds(r, M_held_us, 0);
		e->breakpoint = (uint32_t)count(r, M_breakpoint, UINT32_MAX);
		e->marks = has_string(r, M_marks) ? word_marks(&r->values[M_marks]) : 0;
	}
	r->words.args = object(r, M_args);
	read_page(&r->words);
	if (r->has & BIT(payload))
		r->words.payload = word(r, M_payload);
}

static void read_process(struct log_reader *r, struct traffic_event *e)
{
	unsigned what;

	r->words.name =
		known_word(r, M_event, traffic_process_event_names, TRAFFIC_PROCESS_EVENT_COUNT, &what);
	e->type = (uint16_t)what;
	e->from = endpoint(r, M_process, &r->words.from);
	r->words.args = details(r, BIT(type) | BIT(ts_us) | BIT(cause) | BIT(event) | BIT(process));
}

static void read_input(struct log_reader *r, struct traffic_event *e)
{
	unsigned what;

	r->words.name = known_word(r, M_what, traffic_input_names, TRAFFIC_INPUT_KIND_COUNT, &what);
	e->type = (uint16_t)what;
	r->words.from = role_names[ROLE_BROWSER];
	e->from = (struct endpoint){ ROLE_BROWSER, 0 };
	r->words.args = details(r, BIT(type) | BIT(ts_us) | BIT(id) | BIT(cause) | BIT(what));
}

static void read_blast(struct log_reader *r, struct traffic_event *e)
{
	unsigned what;

	r->words.name = known_word(r, M_type, traffic_blast_event_names, TRAFFIC_BLAST_EVENT_COUNT, &what);
	e->type = (uint16_t)what;
	e->from = endpoint(r, M_process, &r->words.from);
	r->words.args = details(r, BIT(type) | BIT(ts_us) | BIT(cause) | BIT(process));
}

static void read_dropped(struct log_reader *r, struct traffic_event *e)
{
	e->bytes = (uint32_t)count(r, M_lines, UINT32_MAX);
	r->words.name = word(r, M_type);
	r->words.args = details(r, BIT(type) | BIT(ts_us) | BIT(id) | BIT(cause));
}

/* A body or a region's contents: those are long, and no arguments. */
static void read_bulk(struct log_reader *r, struct traffic_event *e)
{
	r->words.name = word(r, M_type);
	e->from = endpoint(r, M_from, &r->words.from);
	e->to = endpoint(r, M_to, &r->words.to);
	e->bytes = (uint32_t)count(r, M_bytes, UINT32_MAX);
	r->words.payload = word(r, M_data);
	r->words.args =
		details(r, BIT(type) | BIT(ts_us) | BIT(id) | BIT(cause) | BIT(from) | BIT(to) | BIT(data));
}

static void read_other(struct log_reader *r, struct traffic_event *e)
{
	(void)e;
	r->words.name = word(r, M_type);
	r->words.args = details(r, BIT(type) | BIT(ts_us) | BIT(id) | BIT(cause));
}

static const struct line_type {
	const char *type; /* with its quotes */
	enum traffic_kind kind;
	void (*read)(struct log_reader *, struct traffic_event *);
} line_types[] = {
	{ "\"message\"", TRAFFIC_MESSAGE, read_message }, { "\"process\"", TRAFFIC_PROCESS, read_process },
	{ "\"input\"", TRAFFIC_INPUT, read_input },	  { "\"blast\"", TRAFFIC_BLAST, read_blast },
	{ "\"recovery\"", TRAFFIC_BLAST, read_blast },	  { "\"dropped\"", TRAFFIC_DROPPED, read_dropped },
	{ "\"body\"", TRAFFIC_BODY, read_bulk },	  { "\"memory\"", TRAFFIC_MEMORY, read_bulk }
};

static const struct line_type *find_line_type(const struct json_slice *type)
{
	static const struct line_type other = { "", TRAFFIC_OTHER, read_other };

	for (size_t i = 0; i < sizeof line_types / sizeof *line_types; i++)
		if (json_slice_is(type, line_types[i].type))
			return &line_types[i];
	return &other;
}

/* false: no memory. */
static bool read_event(struct log_reader *r, uint64_t ts_us, struct traffic_event *e)
{
	static const struct traffic_words no_words = { "", "", "", "", "", "",	  "", "",
						       "", "", "", "", 0,  false, 0 };
	const struct line_type *type = find_line_type(&r->values[M_type]);

	if (!word_store_begin(&r->text, r->line_length))
		return false;
	r->words = no_words;
	r->words.line = r->line;
	r->words.line_length = r->line_length;
	*e = (struct traffic_event){ .sequence = r->events++,
				     .ts_us = ts_us,
				     .kind = (uint8_t)type->kind,
				     .type = UINT16_MAX,
				     .queued_ns = TRAFFIC_NO_TIME,
				     .handled_ns = TRAFFIC_NO_TIME,
				     .from = { ROLE_COUNT, 0 },
				     .to = { ROLE_COUNT, 0 },
				     .words = &r->words };
	if (has_string(r, M_id)) {
		r->words.id = word(r, M_id);
		e->id = word_id(&r->values[M_id]);
	}
	if (has_string(r, M_cause)) {
		r->words.cause = word(r, M_cause);
		e->cause = word_id(&r->values[M_cause]);
	}
	type->read(r, e);
	return true;
}

static enum log_line read_line(struct log_reader *r, struct traffic_event *e)
{
	uint64_t ts_us;

	if ((!scan_line(r, r->lines.line, r->lines.length) && !scan_foul_line(r)) || !has_string(r, M_type))
		return LOG_LINE_BAD;
	ts_us = count(r, M_ts_us, UINT64_C(1) << 53);
	if (!r->started) {
		r->start_us = ts_us;
		r->started = true;
	}
	if (!json_slice_is(&r->values[M_type], "\"session\""))
		return read_event(r, ts_us, e) ? LOG_LINE_EVENT : LOG_LINE_BAD;
	r->start_us = ts_us;
	log_session_parse(r->line, &r->session);
	free(r->session_line);
	r->session_line = calloc(1, r->line_length + 1 + JSON_SCAN_SLACK);
	if (r->session_line)
		memcpy(r->session_line, r->line, r->line_length);
	return LOG_LINE_SESSION;
}

enum log_line log_reader_next(struct log_reader *r, struct traffic_event *e)
{
	struct log_place before = r->lines.next;
	enum line_found found = log_lines_next(&r->lines);
	enum log_line line = LOG_LINE_BAD;

	if (found == LINE_NONE)
		return LOG_LINE_END;
	if (found == LINE_FAILED)
		return LOG_LINE_ERROR;
	/* It may be the first of the next file. */
	r->line = "";
	r->place =
		before.file == r->lines.next.file ? before : (struct log_place){ .file = r->lines.next.file };
	if (found != LINE_LONG)
		line = read_line(r, e);
	/* The last line may lack nothing but its end: then it is whole. */
	return line == LOG_LINE_BAD && found == LINE_UNENDED ? LOG_LINE_CUT : line;
}

uint64_t log_reader_line_number(const struct log_reader *r)
{
	return r->lines.next.number;
}

const char *log_reader_path(const struct log_reader *r)
{
	return r->lines.set.files[r->lines.next.file].path;
}

const char *log_reader_line(struct log_reader *r)
{
	return r->line;
}

uint64_t log_reader_start_us(const struct log_reader *r)
{
	return r->start_us;
}

uint64_t log_reader_protocol(const struct log_reader *r)
{
	return r->session.protocol;
}

const struct log_session *log_reader_session(const struct log_reader *r)
{
	return &r->session;
}

const char *log_reader_session_line(const struct log_reader *r)
{
	static const char none[1 + JSON_SCAN_SLACK];

	return r->session_line ? r->session_line : none;
}

struct log_reader_place log_reader_place(const struct log_reader *r)
{
	return (struct log_reader_place){ r->place, r->events ? r->events - 1 : 0 };
}

bool log_reader_seek(struct log_reader *r, const struct log_reader_place *place)
{
	if (!log_lines_seek(&r->lines, &place->line))
		return false;
	r->events = place->sequence;
	return true;
}

struct log_lines *log_reader_lines(struct log_reader *r)
{
	return &r->lines;
}
