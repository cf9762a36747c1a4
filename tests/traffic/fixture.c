/* See fixture.h. */
#include "tests/traffic/fixture.h"
#include "browser/traffic/query/query.h"
#include <fcntl.h>
#include <sys/mman.h>

static const struct endpoint names[NODES] = { { ROLE_BROWSER, 0 }, { ROLE_RENDERER, 1 }, { ROLE_GPU, 1 } };

static struct channel **end_of(struct node *n, struct channel *c)
{
	for (int i = 0; i < NODES; i++)
		if (n->to[i] == c)
			return &n->to[i];
	fail_msg("a channel of nobody's");
	return NULL;
}

static void on_message(void *self, struct channel *c, enum ipc_id id, const void *message)
{
	struct node *n = self;

	(void)message;
	if (id == IPC_PING)
		ipc_send_pong(c, 1);
	n->handled++;
	for (; n->answers; n->answers--)
		ipc_send_did_commit(c, 7, n->answers);
	if (n->refuses)
		channel_refuse(c, n->refuses);
	n->refuses = BAD_MESSAGE_NONE;
	if (n->ends_in_handler) {
		*end_of(n, c) = NULL;
		channel_close(c);
	}
	n->ends_in_handler = false;
}

static void on_ended(void *self, struct channel *c, enum channel_end end)
{
	(void)end;
	*end_of(self, c) = NULL;
	channel_close(c);
}

static void node_init(struct node *n, struct endpoint us, uint64_t ring_bytes, uint32_t payload_max)
{
	size_t bytes = sizeof(struct recorder_region) + ring_bytes;
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(memory, MAP_FAILED);
	*n = (struct node){ .us = us, .ring_bytes = ring_bytes };
	recorder_init(&n->recorder, memory, bytes, payload_max);
}

static void join(struct ship *s, int a, int b)
{
	int fds[2];

	assert_true(transport_pair(fds));
	for (int i = 0; i < 2; i++) {
		struct node *us = &s->nodes[i ? b : a], *peer = &s->nodes[i ? a : b];

		us->to[i ? a : b] = channel_open(fds[i], &(struct channel_config){ .us = us->us,
										   .peer = peer->us,
										   .recorder = &us->recorder,
										   .dispatch = on_message,
										   .ended = on_ended,
										   .self = us });
		assert_non_null(us->to[i ? a : b]);
	}
}

void ship_build(struct ship *s, uint64_t ring_bytes, const struct collector_config *config, bool with_log)
{
	struct collector_config mine = config ? *config : (struct collector_config){ 0 };
	const char *why = "";

	*s = (struct ship){ 0 };
	assert_true(loop_init());
	cause_set(0);
	for (int i = 0; i < NODES; i++)
		node_init(&s->nodes[i], names[i],
			  i == BROWSER ? RECORDER_BROWSER_BYTES
			  : ring_bytes ? ring_bytes
				       : RECORDER_RING_BYTES,
			  i == BROWSER ? CHANNEL_PACKET_BYTES : RECORDER_RECORDED_BYTES);
	if (with_log) {
		make_path(s->path, "ship");
		s->log = log_writer_open(&(struct log_writer_config){ .path = s->path }, &why);
		assert_non_null(s->log);
		mine.log = s->log;
	}
	s->collector = collector_create(&mine);
	assert_non_null(s->collector);
	for (int i = 0; i < NODES; i++)
		assert_true(collector_add_process(s->collector, names[i], s->nodes[i].recorder.region,
						  s->nodes[i].ring_bytes));
	join(s, BROWSER, RENDERER);
	join(s, BROWSER, GPU);
	join(s, RENDERER, GPU);
}

void ship_sink(struct ship *s)
{
	collector_destroy(s->collector);
	log_writer_close(s->log);
	for (int i = 0; i < NODES; i++) {
		for (int j = 0; j < NODES; j++)
			channel_close(s->nodes[i].to[j]);
		munmap(s->nodes[i].recorder.region, sizeof(struct recorder_region) + s->nodes[i].ring_bytes);
	}
	if (s->path[0])
		unlink(s->path);
	loop_finish();
}

void ship_settle(struct ship *s)
{
	unsigned before, after = 0;

	(void)s;
	/* A turn in which nobody handled anything and nothing waits is the last. */
	do {
		before = after;
		loop_turn(0);
		loop_turn(0);
		after = s->nodes[0].handled + s->nodes[1].handled + s->nodes[2].handled;
	} while (before != after || channel_has_backlog());
}

void ship_close(struct ship *s, int who, int other)
{
	channel_close(s->nodes[who].to[other]);
	s->nodes[who].to[other] = NULL;
}

void ship_kill(struct ship *s, int who)
{
	for (int i = 0; i < NODES; i++)
		if (i != who)
			ship_close(s, who, i);
	collector_process_ended(s->collector, s->nodes[who].us);
}

const struct traffic_event *ship_find(struct ship *s, const char *name)
{
	char buf[TRAFFIC_NAME_TEXT];

	for (uint64_t i = collector_end(s->collector); i-- > collector_first(s->collector);)
		if (strcmp(traffic_name(collector_event(s->collector, i), buf), name) == 0)
			return collector_event(s->collector, i);
	return NULL;
}

unsigned ship_count(struct ship *s, const char *name, enum traffic_status status)
{
	char buf[TRAFFIC_NAME_TEXT];
	unsigned n = 0;

	for (uint64_t i = collector_first(s->collector); i < collector_end(s->collector); i++) {
		const struct traffic_event *e = collector_event(s->collector, i);

		n += e->kind == TRAFFIC_MESSAGE && e->status == status &&
		     strcmp(traffic_name(e, buf), name) == 0;
	}
	return n;
}

void ship_forge(struct ship *s, int who, enum record_kind kind, int peer, enum ipc_id type, uint64_t id)
{
	struct record r = { .kind = (uint8_t)kind,
			    .peer_role = (uint8_t)names[peer].role,
			    .peer_serial = names[peer].serial,
			    .type = (uint16_t)type,
			    .id = id };

	recorder_write(&s->nodes[who].recorder, &r, NULL);
}

void make_path(char path[64], const char *name)
{
	static unsigned serial;

	snprintf(path, 64, "/tmp/bulkhead-test-%s-%d-%u", name, (int)getpid(), ++serial);
}

char *read_file(const char *path, size_t *length)
{
	FILE *f = fopen(path, "r");
	size_t n;
	char *text;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	n = (size_t)ftell(f);
	rewind(f);
	text = malloc(n + 1);
	assert_non_null(text);
	n = fread(text, 1, n, f);
	fclose(f);
	text[n] = '\0';
	if (length)
		*length = n;
	return text;
}

void write_file(const char *path, const void *data, size_t length)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, length, f), length);
	assert_int_equal(fclose(f), 0);
}

bool event_matches(const char *question, const struct traffic_event *e)
{
	struct query_error error;
	struct query *q = query_parse(question, &error);
	bool matches = q && query_match(q, e);

	if (!q)
		fail_msg("'%s': %s", question, error.why);
	query_free(q);
	return matches;
}

void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}
