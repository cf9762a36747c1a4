/* The flight recorder: what is written comes back in order, and what was overwritten is counted. */
#include "tests/common/ring.h"
#include "tests/common/unit.h"
#include <pthread.h>
#include <sched.h>

static void what_is_written_is_read(void **state)
{
	struct fixture f;
	struct record out;
	uint8_t payload[PAYLOAD];

	(void)state;
	open_ring(&f, SMALL_RING);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
	uint64_t before = recorder_now();
	write_number(&f.recorder, 5, 20);
	write_number(&f.recorder, 6, 0);
	write_number(&f.recorder, 7, PAYLOAD + 40);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 1);
	assert_int_equal(out.id, 5);
	assert_true(out.time_ns >= before && out.time_ns <= recorder_now());
	check_record(&out, payload);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 1);
	assert_int_equal(out.id, 6);
	check_record(&out, payload);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 1);
	assert_int_equal(out.message_bytes, PAYLOAD + 40);
	check_record(&out, payload);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
	assert_int_equal(f.reader.read, 3);
	assert_int_equal(f.reader.gaps, 0);
	close_ring(&f);
}

static void a_small_buffer_gets_the_first_bytes(void **state)
{
	struct fixture f;
	struct record out;
	uint8_t payload[8];

	(void)state;
	open_ring(&f, SMALL_RING);
	write_number(&f.recorder, 3, 40);
	memset(payload, 0xee, sizeof payload);
	assert_int_equal(recorder_read(&f.reader, &out, payload, 5), 1);
	assert_int_equal(out.payload_bytes, 5);
	assert_int_equal(out.message_bytes, 40);
	assert_int_equal(payload[4], 3);
	assert_int_equal(payload[5], 0xee);
	close_ring(&f);
}

/* Rings of many sizes, so that a record ends exactly at the end, or leaves 8, 16, ... bytes to skip. */
static void the_ring_wraps(void **state)
{
	uint64_t random = 77;

	(void)state;
	for (size_t ring = 512; ring < 512 + 256; ring += 8) {
		struct fixture f;

		open_ring(&f, ring);
		for (uint64_t n = 1; n <= 400; n++) {
			struct record out;
			uint8_t payload[PAYLOAD];

			write_number(&f.recorder, n, (uint32_t)(next_random(&random) % 90));
			assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 1);
			assert_int_equal(out.id, n);
			check_record(&out, payload);
			assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
		}
		assert_int_equal(f.reader.gaps, 0);
		assert_false(f.reader.forged);
		close_ring(&f);
	}
}

static void what_was_overwritten_is_counted(void **state)
{
	struct fixture f;
	struct record out;
	uint8_t payload[PAYLOAD];
	uint64_t last = 0;
	int got, gaps = 0;

	(void)state;
	open_ring(&f, SMALL_RING);
	for (uint64_t n = 1; n <= 5000; n++) {
		write_number(&f.recorder, n, (uint32_t)(n % 90));
		if (n % 37)
			continue;
		while ((got = recorder_read(&f.reader, &out, payload, sizeof payload)) != 0) {
			gaps += got < 0;
			if (got < 0)
				continue;
			check_record(&out, payload);
			assert_true(out.id > last);
			last = out.id;
		}
		write_number(&f.recorder, ++n, 10);
		assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 1);
		last = out.id;
	}
	assert_true(gaps > 0);
	while ((got = recorder_read(&f.reader, &out, payload, sizeof payload)) != 0)
		;
	assert_int_equal(f.reader.read + f.reader.gaps, f.region->records);
	assert_true(f.reader.gaps > 0 && f.reader.gaps < f.region->records);
	close_ring(&f);
}

/* The reader must not trust what the writer is just overwriting, though `committed` says nothing of it yet.
 */
static void a_record_being_overwritten_is_a_gap(void **state)
{
	struct fixture f;
	struct record out;
	uint8_t payload[PAYLOAD];

	(void)state;
	open_ring(&f, SMALL_RING);
	while (f.region->committed + sizeof(struct record) + 40 <= SMALL_RING)
		write_number(&f.recorder, 1, 40);
	f.region->reserved = SMALL_RING + 8;
	memset(f.region->ring, 0xff, 8);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), -1);
	/* Has the record that is being written been counted already? That is known once it is there. */
	assert_int_equal(f.reader.gaps, f.region->records - 1);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
	assert_int_equal(f.reader.gaps, f.region->records - 1);
	f.region->reserved = f.region->committed;
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), -1);
	assert_int_equal(f.reader.gaps, f.region->records);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
	assert_false(f.reader.forged);
	close_ring(&f);
}

static void count_half(void *arg)
{
	((struct fixture *)arg)->halves++;
}

static void half_a_ring_is_told_once(void **state)
{
	struct fixture f;

	(void)state;
	open_ring(&f, SMALL_RING);
	f.recorder.on_half = count_half;
	f.recorder.arg = &f;
	while (f.region->committed <= SMALL_RING / 2) {
		assert_int_equal(f.halves, 0);
		write_number(&f.recorder, 1, 10);
	}
	assert_int_equal(f.halves, 1);
	while (f.region->committed < SMALL_RING)
		write_number(&f.recorder, 1, 10);
	assert_int_equal(f.halves, 1);
	/* The reader has caught up: told again at the next half only. */
	f.region->drained = f.region->committed;
	uint64_t from = f.region->committed;
	while (f.region->committed - from <= SMALL_RING / 2) {
		assert_int_equal(f.halves, 1);
		write_number(&f.recorder, 1, 10);
	}
	assert_int_equal(f.halves, 2);
	close_ring(&f);
}

/* A reader that keeps up is never disturbed. */
static void a_drained_ring_is_never_half_full(void **state)
{
	struct fixture f;

	(void)state;
	open_ring(&f, SMALL_RING);
	f.recorder.on_half = count_half;
	f.recorder.arg = &f;
	for (uint64_t n = 1; n <= 1000; n++) {
		write_number(&f.recorder, n, 30);
		f.region->drained = f.region->committed;
	}
	assert_int_equal(f.halves, 0);
	close_ring(&f);
}

static void a_recorder_that_is_off_writes_nothing(void **state)
{
	struct fixture f;

	(void)state;
	open_ring(&f, SMALL_RING);
	f.region->enabled = 0;
	write_number(&f.recorder, 1, 10);
	assert_int_equal(f.region->records, 0);
	assert_int_equal(f.region->committed, 0);
	close_ring(&f);
}

static void the_oldest_closed_counters_are_used_again(void **state)
{
	struct fixture f;
	struct recorder_peer *peers[RECORDER_PEERS];

	(void)state;
	open_ring(&f, SMALL_RING);
	for (unsigned i = 0; i < RECORDER_PEERS; i++) {
		peers[i] = recorder_open_peer(&f.recorder, ROLE_RENDERER, i + 1);
		assert_non_null(peers[i]);
		for (unsigned k = 0; k < i; k++)
			assert_ptr_not_equal(peers[i], peers[k]);
		peers[i]->sent = i;
		assert_true(peers[i]->open && peers[i]->role == ROLE_RENDERER && peers[i]->serial == i + 1);
	}
	assert_null(recorder_open_peer(&f.recorder, ROLE_GPU, 1));
	recorder_close_peer(peers[7]);
	recorder_close_peer(peers[3]);
	recorder_close_peer(NULL);
	/* What a closed channel counted can still be read. */
	assert_int_equal(peers[7]->sent, 7);
	assert_int_equal(peers[7]->open, 0);
	peers[3]->closed_at = peers[7]->closed_at + 1;
	assert_ptr_equal(recorder_open_peer(&f.recorder, ROLE_GPU, 2), peers[7]);
	assert_int_equal(peers[7]->sent, 0);
	assert_int_equal(peers[7]->serial, 2);
	assert_ptr_equal(recorder_open_peer(&f.recorder, ROLE_GPU, 3), peers[3]);
	assert_null(recorder_open_peer(&f.recorder, ROLE_GPU, 4));
	close_ring(&f);
}

#define CONCURRENT_RECORDS 50000u

static void *write_until_stopped(void *arg)
{
	struct race *race = arg;

	for (uint64_t n = 1; !race->stop; n++) {
		write_number(&race->f.recorder, n, (uint32_t)(n % 90));
		/* Bursts, so that the reader now keeps up and now does not. */
		if (n % 1024 == 0)
			sched_yield();
	}
	return NULL;
}

/* Read what there is now; returns whether anything was. */
static bool read_some(struct race *race, uint64_t *last, uint64_t *read)
{
	struct record out;
	uint8_t payload[PAYLOAD];
	int got = recorder_read(&race->f.reader, &out, payload, sizeof payload);

	if (got > 0) {
		check_record(&out, payload);
		assert_true(out.id > *last);
		*last = out.id;
		++*read;
	}
	return got != 0;
}

/* A fast writer in a small ring: the reader sees whole records only, in order, and loses none uncounted. */
static void a_reader_beside_a_writer(void **state)
{
	static struct race race;
	pthread_t writer;
	uint64_t last = 0, read = 0;

	(void)state;
	open_ring(&race.f, 4 * SMALL_RING);
	assert_int_equal(pthread_create(&writer, NULL, write_until_stopped, &race), 0);
	for (uint64_t away = 4096; read < CONCURRENT_RECORDS || race.f.reader.gaps == 0;) {
		read_some(&race, &last, &read);
		assert_false(race.f.reader.forged);
		if (read < away)
			continue;
		/* Stay away for longer than the ring lasts. */
		for (uint64_t from = race.f.region->records; race.f.region->records < from + 200;)
			sched_yield();
		away = read + 4096;
	}
	race.stop = true;
	pthread_join(writer, NULL);
	while (read_some(&race, &last, &read))
		;
	assert_false(race.f.reader.forged);
	assert_int_equal(race.f.reader.read, read);
	assert_int_equal(read + race.f.reader.gaps, race.f.region->records);
	close_ring(&race.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_small_buffer_gets_the_first_bytes),
		cmocka_unit_test(the_ring_wraps),
		cmocka_unit_test(what_was_overwritten_is_counted),
		cmocka_unit_test(a_record_being_overwritten_is_a_gap),
		cmocka_unit_test(half_a_ring_is_told_once),
		cmocka_unit_test(a_drained_ring_is_never_half_full),
		cmocka_unit_test(a_recorder_that_is_off_writes_nothing),
		cmocka_unit_test(the_oldest_closed_counters_are_used_again),
		cmocka_unit_test(a_reader_beside_a_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
