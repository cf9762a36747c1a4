/* A ring that its process forged neither crashes its reader nor leads it in circles. */
#include "tests/common/ring.h"
#include "tests/common/unit.h"
#include <pthread.h>

/* Every field of a record that a reader might use as an index or a size. */
static void spoil(struct record *r, unsigned how)
{
	switch (how) {
	case 0:
		r->kind = RECORD_KIND_COUNT;
		break;
	case 1:
		r->bytes = 8;
		break;
	case 2:
		r->bytes += 4;
		break;
	case 3:
		r->bytes = SMALL_RING + 8;
		break;
	case 4:
		r->payload_bytes = (uint16_t)(r->bytes - sizeof *r + 1);
		r->message_bytes = r->payload_bytes;
		break;
	case 5:
		r->payload_bytes = (uint16_t)(r->message_bytes + 1);
		break;
	case 6:
		r->peer_role = ROLE_COUNT;
		break;
	case 7:
		r->kind = RECORD_RECEIVED;
		r->type = IPC_COUNT;
		break;
	case 8:
		r->fds = 2;
		break;
	case 9:
		r->reason = BAD_MESSAGE_COUNT;
		break;
	case 10:
		r->kind = RECORD_PAD;
		break;
	case 11:
		r->kind = RECORD_PAD;
		r->bytes = SMALL_RING;
		break;
	case 12:
		r->bytes = 0;
		break;
	}
}

static void a_forged_record_ends_the_reading(void **state)
{
	(void)state;
	for (unsigned how = 0; how <= 12; how++) {
		struct fixture f;
		struct record record, out;
		uint8_t payload[PAYLOAD];

		open_ring(&f, SMALL_RING);
		write_number(&f.recorder, 1, 12);
		memcpy(&record, f.region->ring, sizeof record);
		spoil(&record, how);
		memcpy(f.region->ring, &record, sizeof record);
		assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
		assert_true(f.reader.forged);
		/* For good: what comes later is not believed either. */
		f.reader.position = f.region->committed;
		write_number(&f.recorder, 2, 12);
		assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
		close_ring(&f);
	}
}

static void counters_that_go_back_are_forged(void **state)
{
	struct fixture f;
	struct record out;
	uint8_t payload[PAYLOAD];

	(void)state;
	open_ring(&f, SMALL_RING);
	write_number(&f.recorder, 1, 12);
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 1);
	f.region->committed -= 8;
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
	assert_true(f.reader.forged);
	close_ring(&f);
	/* A place that no record can stand at, near and beyond what can still be read. */
	for (uint64_t place = 44; place < 4 * SMALL_RING; place += SMALL_RING) {
		open_ring(&f, SMALL_RING);
		f.region->committed = f.region->reserved = place;
		assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
		assert_true(f.reader.forged);
		close_ring(&f);
	}
}

/* A pad as long as the ring leads back to where it stands: round and round, for as long as a forger likes. */
static void a_pad_around_the_ring_is_forged(void **state)
{
	struct fixture f;
	struct record out, pad = { .kind = RECORD_PAD, .bytes = SMALL_RING };
	uint8_t payload[PAYLOAD];

	(void)state;
	open_ring(&f, SMALL_RING);
	memcpy(f.region->ring, &pad, sizeof pad);
	f.region->committed = f.region->reserved = SMALL_RING;
	assert_int_equal(recorder_read(&f.reader, &out, payload, sizeof payload), 0);
	assert_true(f.reader.forged);
	close_ring(&f);
}

/* One region full of noise: reading it ends, and what it yields is in range. */
static void read_noise(struct fixture *f, uint64_t *random, bool plausible)
{
	struct record out;
	uint8_t payload[PAYLOAD];
	unsigned reads = 0;
	int got;

	for (size_t i = 0; i < SMALL_RING; i += 8) {
		uint64_t word = next_random(random);
		struct {
			uint32_t bytes;
			uint8_t kind, role;
			uint16_t type;
		} head = { 56, (uint8_t)(word % RECORD_KIND_COUNT), (uint8_t)(word >> 8 & 3),
			   (uint16_t)(word >> 16 & 63) };

		if (plausible && word >> 40 & 1)
			memcpy(&word, &head, sizeof word);
		else if (plausible && word >> 41 & 1)
			word = word & 15;
		memcpy(f->region->ring + i, &word, sizeof word);
	}
	while ((got = recorder_read(&f->reader, &out, payload, sizeof payload)) != 0) {
		assert_true(++reads <= SMALL_RING / sizeof out + 2);
		if (got < 0)
			continue;
		assert_true(out.kind > RECORD_PAD && out.kind < RECORD_KIND_COUNT);
		assert_true(out.peer_role < ROLE_COUNT && out.reason < BAD_MESSAGE_COUNT && out.fds <= 1);
		assert_true(out.payload_bytes <= sizeof payload && out.payload_bytes <= out.message_bytes);
		assert_true(out.kind != RECORD_RECEIVED || out.type < IPC_COUNT);
	}
}

static void noise_is_survived(void **state)
{
	struct fixture f;
	uint64_t random = 4711;
	uint64_t forged = 0, read = 0, gaps = 0;

	(void)state;
	open_ring(&f, SMALL_RING);
	for (unsigned round = 0; round < 20000; round++) {
		recorder_reader_init(&f.reader, f.region, SMALL_RING);
		f.reader.position = next_random(&random) % 64 * 8;
		f.region->records = next_random(&random);
		f.region->committed = f.reader.position +
				      (round % 3 ? next_random(&random) % 200 * 8 : next_random(&random));
		f.region->reserved = f.region->committed + (round % 5 ? 0 : next_random(&random) % 4096);
		read_noise(&f, &random, round % 2);
		forged += f.reader.forged;
		read += f.reader.read != 0;
		gaps += f.reader.gaps != 0;
	}
	close_ring(&f);
	/* All three ends were seen. */
	assert_true(forged > 100 && read > 100 && gaps > 100);
}

/* Counters that change under the reader's eyes, to places where no record stands. */
static void *forge_until_stopped(void *arg)
{
	struct race *race = arg;
	uint64_t random = 5;

	for (uint64_t base = 0; !race->stop; base += SMALL_RING) {
		race->f.region->committed = base;
		race->f.region->records = next_random(&random);
		race->f.region->reserved = base + next_random(&random) % (2 * SMALL_RING);
		race->f.region->committed = base + next_random(&random) % (2 * SMALL_RING);
		for (unsigned i = 0; i < 8; i++)
			race->f.region->ring[next_random(&random) % SMALL_RING] = (uint8_t)random;
	}
	return NULL;
}

static void a_reader_beside_a_forger(void **state)
{
	static struct race race;
	pthread_t forger;
	struct record out;
	uint8_t payload[PAYLOAD];
	unsigned forged = 0, gaps = 0;

	(void)state;
	open_ring(&race.f, SMALL_RING);
	race.stop = false;
	assert_int_equal(pthread_create(&forger, NULL, forge_until_stopped, &race), 0);
	while (forged < 2000 || gaps < 2000) {
		int got = recorder_read(&race.f.reader, &out, payload, sizeof payload);

		gaps += got < 0;
		assert_int_equal(race.f.reader.position % 8, 0);
		if (got > 0)
			assert_true(out.kind < RECORD_KIND_COUNT && out.payload_bytes <= sizeof payload);
		if (!race.f.reader.forged)
			continue;
		forged++;
		recorder_reader_init(&race.f.reader, race.f.region, SMALL_RING);
		race.f.reader.position = race.f.region->committed & ~UINT64_C(7);
	}
	race.stop = true;
	pthread_join(forger, NULL);
	close_ring(&race.f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_forged_record_ends_the_reading),
		cmocka_unit_test(counters_that_go_back_are_forged),
		cmocka_unit_test(a_pad_around_the_ring_is_forged),
		cmocka_unit_test(noise_is_survived),
		cmocka_unit_test(a_reader_beside_a_forger),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
