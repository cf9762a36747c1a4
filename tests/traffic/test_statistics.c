/* Statistics against a computation by brute force, their bounds, and what of a live message comes late. */
#include "browser/traffic/output/statistics.h"
#include "browser/traffic/output/statistics_json.h"
#include "tests/traffic/fixture.h"
#include <cjson/cJSON.h>
#include <malloc.h>
#include <math.h>
#include <string.h>

#define MIX	 12000
#define START_US UINT64_C(1700000000000000)

static uint64_t seed = 12345;

static uint64_t draw(uint64_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (seed >> 33) % below;
}

/* Times as they come: most are short, some a thousand times as long. */
static uint64_t draw_ns(void)
{
	return draw(100) < 2 ? TRAFFIC_NO_TIME : (draw(1000) + 1) << draw(20);
}

static struct traffic_event mix[MIX];

static void make_mix(void)
{
	static const struct endpoint browser = { ROLE_BROWSER, 0 };

	for (unsigned i = 0; i < MIX; i++) {
		struct traffic_event *e = &mix[i];
		struct endpoint child = { draw(4) ? ROLE_RENDERER : ROLE_GPU, (uint32_t)draw(5) + 1 };
		bool down = draw(2);
		*e = (struct traffic_event){ .kind = TRAFFIC_MESSAGE,
					     .sequence = i,
					     .type = (uint16_t)draw(IPC_COUNT),
					     .id = ipc_make_id(ROLE_RENDERER, 1, i + 1),
					     .from = down ? browser : child,
					     .to = down ? child : browser,
					     .bytes = (uint32_t)draw(5000),
					     .ts_us = START_US + draw(90000000),
					     .queued_ns = draw_ns(),
					     .handled_ns = draw_ns(),
					     .status = (uint8_t)draw(4) };
		if (e->status == TRAFFIC_LOST)
			e->queued_ns = e->handled_ns = TRAFFIC_NO_TIME;
	}
}

/* By brute force. */

struct figures {
	uint64_t count, bytes, lost, refused, queued, handled;
	uint64_t *queued_ns, *handled_ns;
};

static int compare_ns(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool belongs(const struct traffic_event *e, enum statistics_by by, const struct statistics_row *r)
{
	char name[TRAFFIC_NAME_TEXT], from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	traffic_from(e, from);
	traffic_to(e, to);
	if (by == BY_NAME)
		return strcmp(traffic_name(e, name), r->key) == 0;
	if (by == BY_PAIR)
		return strcmp(traffic_from(e, from), r->key) == 0 && strcmp(traffic_to(e, to), r->peer) == 0;
	return strcmp(traffic_from(e, from), r->key) == 0 || strcmp(traffic_to(e, to), r->key) == 0;
}

static struct figures compute(enum statistics_by by, const struct statistics_row *r)
{
	struct figures f = { .queued_ns = malloc(MIX * sizeof(uint64_t)),
			     .handled_ns = malloc(MIX * sizeof(uint64_t)) };
	char to[ENDPOINT_TEXT];

	for (unsigned i = 0; i < MIX; i++) {
		const struct traffic_event *e = &mix[i];
		if (!belongs(e, by, r))
			continue;
		f.count++;
		f.bytes += e->bytes;
		f.lost += e->status == TRAFFIC_LOST;
		f.refused += e->status == TRAFFIC_REFUSED;
		if (by == BY_PROCESS && strcmp(traffic_to(e, to), r->key) != 0)
			continue;
		if (e->queued_ns != TRAFFIC_NO_TIME &&
		    (e->status == TRAFFIC_DELIVERED || e->status == TRAFFIC_REFUSED))
			f.queued_ns[f.queued++] = e->queued_ns;
		if (e->handled_ns != TRAFFIC_NO_TIME)
			f.handled_ns[f.handled++] = e->handled_ns;
	}
	qsort(f.queued_ns, f.queued, sizeof(uint64_t), compare_ns);
	qsort(f.handled_ns, f.handled, sizeof(uint64_t), compare_ns);
	return f;
}

static void check_quantiles(const struct histogram *h, const uint64_t *sorted, uint64_t count)
{
	static const double shares[] = { 0.01, 0.5, 0.9, 0.99, 1 };
	uint64_t total = 0;

	if (!count) {
		assert_null(h);
		return;
	}
	assert_non_null(h);
	assert_int_equal(h->count, count);
	assert_int_equal(h->max_ns, sorted[count - 1]);
	for (uint64_t i = 0; i < count; i++)
		total += sorted[i];
	assert_int_equal(h->total_ns, total);
	for (size_t i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		double exact = (double)sorted[(uint64_t)ceil(shares[i] * (double)count) - 1];
		double told = (double)histogram_quantile(h, shares[i]);
		double off = fabs(told - exact);
		if (off > 0.016 * exact && off > 100)
			fail_msg("quantile %g: %.0f ns, exactly %.0f", shares[i], told, exact);
	}
}

static void check_rows(const struct statistics *s, enum statistics_by by)
{
	const struct statistics_row *rows[STATISTICS_ROWS];
	unsigned count = statistics_rows(s, by, ORDER_BY_COUNT, rows);
	uint64_t folded, messages = 0;

	assert_null(statistics_others(s, by, &folded));
	for (unsigned i = 0; i < count; i++) {
		struct figures f = compute(by, rows[i]);
		uint64_t over_time = 0;
		assert_int_equal(rows[i]->count, f.count);
		assert_int_equal(rows[i]->bytes, f.bytes);
		assert_int_equal(rows[i]->lost, f.lost);
		assert_int_equal(rows[i]->refused, f.refused);
		check_quantiles(rows[i]->queued, f.queued_ns, f.queued);
		check_quantiles(rows[i]->handled, f.handled_ns, f.handled);
		for (unsigned b = 0; b < STATISTICS_BUCKETS; b++)
			over_time += rows[i]->over_time[b];
		assert_int_equal(over_time, f.count);
		assert_true(i == 0 || rows[i - 1]->count >= rows[i]->count);
		messages += rows[i]->count;
		free(f.queued_ns);
		free(f.handled_ns);
	}
	assert_int_equal(messages, by == BY_PROCESS ? 2 * MIX : MIX);
}

static void test_brute_force(void **state)
{
	struct statistics *s = statistics_create(0);

	(void)state;
	make_mix();
	for (unsigned i = 0; i < MIX; i++)
		statistics_add(s, &mix[i], STATISTICS_ALL);
	check_rows(s, BY_NAME);
	check_rows(s, BY_PAIR);
	check_rows(s, BY_PROCESS);
	assert_int_equal(statistics_total(s)->all.count, MIX);
	statistics_destroy(s);
}

/* What is seen in flight first, and its fate and its handler's time later, comes to the same. */
static void test_late_fates(void **state)
{
	struct statistics *s = statistics_create(0);
	unsigned open = 0, unhandled = 0;

	(void)state;
	make_mix();
	for (unsigned i = 0; i < MIX; i++) {
		struct traffic_event early = mix[i];
		unsigned parts = STATISTICS_ALL;
		if (i % 3 == 0) {
			early.status = TRAFFIC_IN_FLIGHT;
			early.queued_ns = early.handled_ns = TRAFFIC_NO_TIME;
			parts = statistics_add(s, &early, parts);
			assert_int_equal(parts, STATISTICS_FATE | STATISTICS_HANDLED);
			open++;
		}
		if (i % 3 != 2 && mix[i].status == TRAFFIC_DELIVERED) {
			early = mix[i];
			early.handled_ns = TRAFFIC_NO_TIME;
			parts = statistics_add(s, &early, parts);
			assert_int_equal(parts, STATISTICS_HANDLED);
			unhandled++;
		}
		statistics_add(s, &mix[i], parts);
	}
	assert_true(open > 1000 && unhandled > 1000);
	check_rows(s, BY_NAME);
	check_rows(s, BY_PROCESS);
	statistics_destroy(s);
}

/* Requests. */

static struct traffic_event message(enum ipc_id type, uint64_t number, uint64_t cause)
{
	struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
				   .type = (uint16_t)type,
				   .id = ipc_make_id(ROLE_BROWSER, 0, number),
				   .cause = cause ? ipc_make_id(ROLE_BROWSER, 0, cause) : 0,
				   .from = { ROLE_BROWSER, 0 },
				   .to = { ROLE_RENDERER, 1 },
				   .ts_us = START_US + number,
				   .queued_ns = TRAFFIC_NO_TIME,
				   .handled_ns = TRAFFIC_NO_TIME };

	if (type == IPC_DID_DESCRIBE_DOCUMENT) {
		e.from = e.to;
		e.to = (struct endpoint){ ROLE_BROWSER, 0 };
	}
	return e;
}

static void add_message(struct statistics *s, enum ipc_id type, uint64_t number, uint64_t cause)
{
	struct traffic_event e = message(type, number, cause);

	statistics_add(s, &e, STATISTICS_ALL);
}

static const struct statistics_row *row_of(const struct statistics *s, enum statistics_by by, const char *key,
					   const char *peer)
{
	static const struct statistics_row *rows[STATISTICS_ROWS];
	unsigned count = statistics_rows(s, by, ORDER_BY_COUNT, rows);

	for (unsigned i = 0; i < count; i++)
		if (strcmp(rows[i]->key, key) == 0 && strcmp(rows[i]->peer, peer) == 0)
			return rows[i];
	fail_msg("there is no row of %s %s", key, peer);
	return NULL;
}

static void test_requests(void **state)
{
	struct statistics *s = statistics_create(START_US);
	const struct statistics_row *r;

	(void)state;
	for (uint64_t i = 1; i <= 1000; i++) {
		uint64_t ask = 10 * i;
		/* Each fourth is told of after its reply, and each fifth has none. */
		if (i % 4 == 0 && i % 5)
			add_message(s, IPC_DID_DESCRIBE_DOCUMENT, ask + 1, ask);
		add_message(s, IPC_DESCRIBE_DOCUMENT, ask, 5);
		/* Something else that it caused is no reply. */
		add_message(s, IPC_SET_VIEWPORT, ask + 2, ask);
		if (i % 4 && i % 5)
			add_message(s, IPC_DID_DESCRIBE_DOCUMENT, ask + 1, ask);
	}
	r = row_of(s, BY_NAME, "describe_document", "");
	assert_int_equal(r->asked, 1000);
	assert_int_equal(r->answered, 800);
	r = row_of(s, BY_PAIR, "browser", "renderer:1");
	assert_int_equal(r->asked, 1000);
	assert_int_equal(r->answered, 800);
	r = row_of(s, BY_PROCESS, "browser", "");
	assert_int_equal(r->asked, 1000);
	assert_int_equal(r->answered, 800);
	assert_int_equal(row_of(s, BY_PROCESS, "renderer:1", "")->asked, 0);
	assert_int_equal(statistics_total(s)->all.asked - statistics_total(s)->all.answered, 200);
	assert_int_equal(statistics_total(s)->forgotten, 0);
	statistics_destroy(s);
}

/* A reply that a filter hides answers all the same, whichever of the two is told of first. */
static void test_hidden_replies(void **state)
{
	struct statistics *s = statistics_create(START_US);
	struct traffic_event reply = message(IPC_DID_DESCRIBE_DOCUMENT, 2, 1);
	struct traffic_event early = message(IPC_DID_DESCRIBE_DOCUMENT, 4, 3);
	struct traffic_event other = message(IPC_SET_VIEWPORT, 6, 5);

	(void)state;
	add_message(s, IPC_DESCRIBE_DOCUMENT, 1, 0);
	statistics_answer(s, &reply);
	statistics_answer(s, &early);
	add_message(s, IPC_DESCRIBE_DOCUMENT, 3, 0);
	add_message(s, IPC_DESCRIBE_DOCUMENT, 5, 0);
	statistics_answer(s, &other);
	assert_int_equal(statistics_total(s)->all.count, 3);
	assert_int_equal(statistics_total(s)->all.answered, 2);
	assert_int_equal(row_of(s, BY_NAME, "describe_document", "")->answered, 2);
	statistics_destroy(s);
}

/* More open requests than are followed: said, and none is answered that was not. */
static void test_too_many_requests(void **state)
{
	struct statistics *s = statistics_create(START_US);

	(void)state;
	for (uint64_t i = 1; i <= 100000; i++)
		add_message(s, IPC_DESCRIBE_DOCUMENT, i, 0);
	assert_int_equal(statistics_total(s)->forgotten, 100000 - 4096);
	for (uint64_t i = 1; i <= 100000; i++)
		add_message(s, IPC_DID_DESCRIBE_DOCUMENT, 200000 + i, 100001 - i);
	assert_int_equal(statistics_total(s)->all.answered, 4096);
	statistics_destroy(s);
}

/* Bounds. */

static void test_a_million_names(void **state)
{
	struct statistics *s = statistics_create(START_US);
	struct traffic_words words = { .name = "",
				       .id = "",
				       .cause = "",
				       .status = "delivered",
				       .where = "",
				       .reason = "",
				       .toxic = "",
				       .args = "" };
	char name[64], from[32], to[32];
	const struct statistics_row *rows[STATISTICS_ROWS], *others;
	uint64_t folded;

	(void)state;
	size_t before = mallinfo2().uordblks;
	for (unsigned i = 0; i < 1000000; i++) {
		struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
					   .ts_us = START_US + i * UINT64_C(1000),
					   .bytes = 3,
					   .queued_ns = i,
					   .handled_ns = 5,
					   .words = &words };
		snprintf(name, sizeof name, "name_%u", i);
		snprintf(from, sizeof from, "renderer:%u", i);
		snprintf(to, sizeof to, "gpu:%u", i);
		words.name = i % 100 ? name : "a_true_name";
		words.from = from;
		words.to = to;
		words.has_page = true;
		words.page = i;
		statistics_add(s, &e, STATISTICS_ALL);
	}
	assert_true(mallinfo2().uordblks - before < (16u << 20));
	for (enum statistics_by by = 0; by < BY_COUNT; by++) {
		unsigned count = statistics_rows(s, by, ORDER_BY_COUNT, rows);
		uint64_t all = 0;
		assert_int_equal(count, STATISTICS_ROWS);
		others = statistics_others(s, by, &folded);
		assert_non_null(others);
		for (unsigned i = 0; i < count; i++)
			all += rows[i]->count;
		assert_int_equal(all + others->count, by == BY_PROCESS ? 2000000 : 1000000);
		assert_true(folded >= 900000);
	}
	/* What is there again and again is not lost among them. */
	assert_int_equal(row_of(s, BY_NAME, "a_true_name", "")->count, 10000);
	others = statistics_others(s, BY_NAME, &folded);
	assert_int_equal(others->queued->count + row_of(s, BY_NAME, "a_true_name", "")->queued->count +
				 STATISTICS_ROWS - 1,
			 1000000);
	statistics_destroy(s);
}

/* Times that make no sense do no harm, nor do names that are long or cut in a character. */
static void test_forged(void **state)
{
	struct statistics *s = statistics_create(0);
	char longest[400], line[3 * STATISTICS_BUCKETS + 1];
	struct traffic_words words = { .name = longest,
				       .id = "",
				       .cause = "",
				       .from = longest,
				       .to = longest,
				       .status = "",
				       .where = "",
				       .reason = "",
				       .toxic = "",
				       .args = "" };
	static const uint64_t times[] = { 0, UINT64_MAX, 1, UINT64_MAX / 2, START_US };

	(void)state;
	for (unsigned i = 0; i < sizeof(longest); i++)
		longest[i] = (char)(i % 2 ? 0xa9 : 0xc3);
	longest[sizeof(longest) - 1] = '\0';
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		struct traffic_event e = { .kind = TRAFFIC_MESSAGE,
					   .ts_us = times[i],
					   .words = &words,
					   .bytes = UINT32_MAX,
					   .queued_ns = UINT64_MAX - 1,
					   .handled_ns = UINT64_MAX - 1 };
		statistics_add(s, &e, STATISTICS_ALL);
	}
	const struct statistics_row *rows[STATISTICS_ROWS];
	assert_int_equal(statistics_rows(s, BY_NAME, ORDER_BY_TOTAL, rows), 1);
	assert_int_equal(strlen(rows[0]->key), 62);
	assert_int_equal(rows[0]->count, 5);
	statistics_sparkline(s, rows[0], 8, true, line);
	assert_int_equal(strlen(line), 8);
	statistics_destroy(s);
}

static void test_sparkline(void **state)
{
	struct statistics *s = statistics_create(START_US);
	char line[3 * STATISTICS_BUCKETS + 1];

	(void)state;
	/* Eight seconds: none in the first, then 1, 2, 3 and so on. */
	for (unsigned second = 0; second < 8; second++)
		for (unsigned i = 0; i < second; i++) {
			struct traffic_event e = message(IPC_PING, i + 1, 0);
			e.ts_us = START_US + second * UINT64_C(1000000) + 10;
			statistics_add(s, &e, STATISTICS_ALL);
		}
	const struct statistics_row *ping = row_of(s, BY_NAME, "ping", "");
	/* 8 s in buckets of 160 ms */
	assert_int_equal(statistics_bucket_us(s), 160000);
	assert_string_equal(statistics_sparkline(s, ping, 8, false, line), "▁▂▃▄▅▆▇█");
	assert_string_equal(statistics_sparkline(s, ping, 8, true, line), "_.-=+oO#");
	assert_string_equal(statistics_sparkline(s, ping, 1, true, line), "#");
	statistics_destroy(s);
}

/* What is printed for machines is what was counted, and JSON. */
static void test_json(void **state)
{
	struct statistics *s = statistics_create(0);
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	(void)state;
	make_mix();
	for (unsigned i = 0; i < MIX; i++)
		statistics_add(s, &mix[i], STATISTICS_ALL);
	statistics_print_json(s, (1u << BY_COUNT) - 1, ORDER_BY_COUNT, 3, out);
	fclose(out);
	cJSON *json = cJSON_Parse(text);
	assert_non_null(json);
	assert_int_equal(cJSON_GetObjectItem(json, "messages")->valuedouble, MIX);
	cJSON *names = cJSON_GetObjectItem(json, "names"), *first = cJSON_GetArrayItem(names, 0);
	assert_int_equal(cJSON_GetArraySize(names), 3);
	const char *name = cJSON_GetObjectItem(first, "name")->valuestring;
	const struct statistics_row *r = row_of(s, BY_NAME, name, "");
	assert_int_equal(cJSON_GetObjectItem(first, "messages")->valuedouble, r->count);
	cJSON *queued = cJSON_GetObjectItem(first, "queued_us");
	assert_true(fabs(cJSON_GetObjectItem(queued, "max")->valuedouble - (double)r->queued->max_ns / 1e3) <
		    0.1);
	cJSON_Delete(json);
	free(text);
	statistics_destroy(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_brute_force),    cmocka_unit_test(test_late_fates),
		cmocka_unit_test(test_requests),       cmocka_unit_test(test_too_many_requests),
		cmocka_unit_test(test_hidden_replies), cmocka_unit_test(test_a_million_names),
		cmocka_unit_test(test_forged),	       cmocka_unit_test(test_sparkline),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
