/* The loop: what it flushes, in which order it handles, when it waits and when it stops. */
#include "common/loop.h"
#include "common/task.h"
#include "common/transport.h"
#include "tests/common/ends.h"
#include "tests/common/unit.h"

#define SECOND_NS UINT64_C(1000000000)

static uint8_t buf[CHANNEL_PACKET_BYTES];

static size_t pings(unsigned count, uint64_t from)
{
	size_t length = 0;

	for (uint64_t n = from; n < from + count; n++)
		length += frame(buf + length, BROWSER, n, IPC_PING, &n, sizeof n);
	return length;
}

static size_t creations(unsigned count, uint64_t from)
{
	uint8_t fields[16] = { 0 };
	size_t length = 0;

	for (uint64_t n = from; n < from + count; n++)
		length += frame(buf + length, RENDERER, n, IPC_CREATE_INSTANCE, fields, sizeof fields);
	return length;
}

static const struct endpoint PLUGIN = { ROLE_PLUGIN, 2 };

/* A plugin process with a renderer, whose channel is opened first, and the browser. */
static void open_plugin(struct end **renderer, int *renderer_socket, struct end **browser,
			int *browser_socket)
{
	*renderer = end_to_socket(PLUGIN, RENDERER, renderer_socket);
	*browser = end_to_socket(PLUGIN, BROWSER, browser_socket);
}

/* A child knows what the browser granted before its peers use it. */
static void the_browser_comes_first(void **state)
{
	int renderer_socket, browser_socket;
	struct end *renderer, *browser;

	(void)state;
	for (unsigned round = 0; round < 10; round++) {
		open_plugin(&renderer, &renderer_socket, &browser, &browser_socket);
		/* The browser's was sent first, but the kernel tells of both at once, in any order. */
		send_bytes(browser_socket, buf, pings(1, 1), -1);
		send_bytes(renderer_socket, buf, creations(1, 1), -1);
		end_expect(renderer, 1);
		assert_int_equal(browser->nkept, 1);
		assert_true(browser->turn < renderer->turn);
		end_close(renderer);
		end_close(browser);
		close(renderer_socket);
		close(browser_socket);
	}
}

static struct end *watched;
static unsigned watched_messages;

static void note_watched(struct end *end, enum ipc_id id, const void *message)
{
	(void)id;
	(void)message;
	if (end->nkept == 1)
		watched_messages = watched->nkept;
}

/* However much the browser said. */
static void all_of_the_browsers_packet_comes_first(void **state)
{
	enum { MANY = 1500 };
	int renderer_socket, browser_socket;
	struct end *renderer, *browser;

	(void)state;
	open_plugin(&renderer, &renderer_socket, &browser, &browser_socket);
	watched = browser;
	renderer->on_message = note_watched;
	send_bytes(browser_socket, buf, pings(MANY, 1), -1);
	send_bytes(browser_socket, buf, pings(MANY, MANY + 1), -1);
	send_bytes(renderer_socket, buf, creations(1, 1), -1);
	end_expect(renderer, 1);
	assert_int_equal(watched_messages, 2 * MANY);
	close(renderer_socket);
	close(browser_socket);
}

/* One peer's flood does not keep another waiting for more than its turns. */
static void a_flood_starves_nobody(void **state)
{
	enum { MANY = 1500 };
	int flood_socket, calm_socket;
	struct end *flood = end_to_socket(BROWSER, RENDERER, &flood_socket);
	struct end *calm = end_to_socket(BROWSER, GPU, &calm_socket);
	size_t length = 0;

	(void)state;
	for (uint32_t n = 1; n <= MANY; n++)
		length += frame(buf + length, RENDERER, n, IPC_DID_COMMIT, (uint32_t[2]){ n, n }, 8);
	send_bytes(flood_socket, buf, length, -1);
	watched = flood;
	calm->on_message = note_watched;
	send_bytes(calm_socket, buf, frame(buf, GPU, 1, IPC_DID_PRESENT, (uint8_t[17]){ 0 }, 17), -1);
	end_expect(calm, 1);
	assert_true(watched_messages <= CHANNEL_TURN_MESSAGES);
	close(flood_socket);
	close(calm_socket);
}

static struct end *answering;

static void answer(struct end *end, enum ipc_id id, const void *message)
{
	(void)message;
	if (id == IPC_PING)
		ipc_send_pong(end->channel, 1);
}

static unsigned packets_at(int socket)
{
	static uint8_t packet[CHANNEL_PACKET_BYTES];
	unsigned count = 0;
	size_t bytes;
	int fd;

	while (transport_receive(socket, packet, sizeof packet, &bytes, &fd) == TRANSPORT_PACKET)
		count++;
	return count;
}

/* What a turn's handlers send leaves in one packet, at the turn's end. */
static void a_turn_ends_with_a_flush(void **state)
{
	int socket;

	(void)state;
	answering = end_to_socket(RENDERER, BROWSER, &socket);
	answering->on_message = answer;
	send_bytes(socket, buf, pings(50, 1), -1);
	loop_turn(1000);
	assert_int_equal(answering->nkept, 50);
	assert_int_equal(packets_at(socket), 1);
	close(socket);
}

static void stop_it(struct end *end, enum ipc_id id, const void *message)
{
	(void)end;
	(void)id;
	(void)message;
	ipc_send_pong(end->channel, 7);
	loop_stop();
}

static void stop_at_end(struct end *end)
{
	(void)end;
	loop_stop();
}

static unsigned draws;

static void draw(void *arg)
{
	(void)arg;
	draws++;
}

/* The last words are flushed. */
static void stopping_in_a_handler(void **state)
{
	int socket;
	struct end *renderer = end_to_socket(RENDERER, BROWSER, &socket);

	(void)state;
	draws = 0;
	renderer->on_message = stop_it;
	send_ping(socket, 1);
	loop_run(draw, NULL);
	assert_int_equal(draws, 1);
	assert_int_equal(packets_at(socket), 1);
	close(socket);
}

static void cry(void *arg)
{
	*(bool *)arg = true;
	loop_stop();
}

/* An end is told of between turns: when that stops the loop, the loop must not wait once more. */
static void stopping_when_a_channel_ends(void **state)
{
	int socket;
	struct end *renderer = end_to_socket(RENDERER, BROWSER, &socket);
	struct task late;
	bool was_late = false;

	(void)state;
	renderer->on_ended = stop_at_end;
	task_init(&late, cry, &was_late);
	task_schedule(&late, 3000);
	close(socket);
	loop_run(NULL, NULL);
	assert_true(renderer->has_ended);
	assert_false(was_late);
	task_finish(&late);
}

static struct end *flooded;
static unsigned seen_at_draw;

static void see(void *arg)
{
	(void)arg;
	seen_at_draw = flooded->nkept;
	if (seen_at_draw == 1500)
		loop_stop();
}

/* What a backlog changed is drawn before the loop waits. */
static void a_backlog_is_drawn(void **state)
{
	int socket;
	struct task late;
	bool was_late = false;
	size_t length = 0;

	(void)state;
	flooded = end_to_socket(BROWSER, RENDERER, &socket);
	for (uint32_t n = 1; n <= 1500; n++)
		length += frame(buf + length, RENDERER, n, IPC_DID_COMMIT, (uint32_t[2]){ n, n }, 8);
	send_bytes(socket, buf, length, -1);
	task_init(&late, cry, &was_late);
	task_schedule(&late, 3000);
	loop_run(see, NULL);
	assert_false(was_late);
	assert_int_equal(seen_at_draw, 1500);
	task_finish(&late);
	close(socket);
}

static void a_turn_waits_no_longer_than_asked(void **state)
{
	uint64_t before = recorder_now();

	(void)state;
	loop_turn(30);
	assert_true(recorder_now() - before >= SECOND_NS * 25 / 1000);
	before = recorder_now();
	loop_turn(0);
	assert_true(recorder_now() - before < SECOND_NS);
}

static void the_loop_can_be_made_again(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		loop_finish();
		assert_null(loop_base());
		assert_true(loop_init());
		assert_non_null(loop_base());
		loop_turn(0);
	}
}

#define test(function) cmocka_unit_test_setup_teardown(function, ends_setup, ends_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		test(the_browser_comes_first),	  test(all_of_the_browsers_packet_comes_first),
		test(a_flood_starves_nobody),	  test(a_turn_ends_with_a_flush),
		test(stopping_in_a_handler),	  test(stopping_when_a_channel_ends),
		test(a_backlog_is_drawn),	  test(a_turn_waits_no_longer_than_asked),
		test(the_loop_can_be_made_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
