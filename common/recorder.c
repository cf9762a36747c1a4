/* See recorder.h. */
#include "common/recorder.h"
#include "common/task.h"
#include <string.h>
#include <time.h>

#define RECORDER_SKIP_TRIES 1000

static_assert(sizeof(struct record) % 8 == 0, "records are kept aligned");

const char *const region_kind_names[] = { "staging", "surface", "frame", NULL };

void recorder_init(struct recorder *r, struct recorder_region *region, size_t bytes, uint32_t payload_max)
{
	*r = (struct recorder){ .region = region,
				.payload_max = payload_max,
				.keeps_memory = bytes > RECORDER_REGION_BYTES };
	if (!region->ring_bytes) {
		region->ring_bytes = (bytes - sizeof *region) & ~(size_t)7;
		atomic_store_explicit(&region->enabled, 1, memory_order_relaxed);
	}
}

uint64_t recorder_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void recorder_check_half(struct recorder *r, uint64_t committed)
{
	uint64_t drained = atomic_load_explicit(&r->region->drained, memory_order_relaxed);
	uint64_t half = r->region->ring_bytes / 2;

	if (committed - drained > half && committed - r->told > half) {
		r->told = committed;
		r->on_half(r->arg);
	}
}

static void recorder_append(struct recorder *r, struct record *header, const void *payload, uint32_t most)
{
	struct recorder_region *region = r->region;
	uint64_t position = atomic_load_explicit(&region->committed, memory_order_relaxed);
	uint64_t offset = position % region->ring_bytes, left = region->ring_bytes - offset;

	if (!atomic_load_explicit(&region->enabled, memory_order_relaxed))
		return;
	header->payload_bytes = (uint16_t)(header->message_bytes < most ? header->message_bytes : most);
	header->bytes = (uint32_t)((sizeof *header + header->payload_bytes + 7) & ~(size_t)7);
	header->time_ns = recorder_now();
	/* Claim before writing: a reader whose place lies in what is claimed knows that it is too late. */
	atomic_store_explicit(&region->reserved, position + header->bytes + (left < header->bytes ? left : 0),
			      memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	if (left < header->bytes) {
		struct {
			uint32_t bytes;
			uint8_t kind, unused[3];
		} pad = { (uint32_t)left, RECORD_PAD, { 0 } };

		memcpy(region->ring + offset, &pad, sizeof pad);
		position += left;
		offset = 0;
	}
	memcpy(region->ring + offset, header, sizeof *header);
	if (header->payload_bytes)
		memcpy(region->ring + offset + sizeof *header, payload, header->payload_bytes);
	atomic_store_explicit(&region->records,
			      atomic_load_explicit(&region->records, memory_order_relaxed) + 1,
			      memory_order_relaxed);
	atomic_store_explicit(&region->committed, position + header->bytes, memory_order_release);
	if (r->on_half)
		recorder_check_half(r, position + header->bytes);
}

void recorder_write(struct recorder *r, struct record *header, const void *payload)
{
	recorder_append(r, header, payload, r->payload_max);
}

void recorder_write_memory(struct recorder *r, const struct record_memory *memory, const void *bytes)
{
	static uint8_t payload[sizeof *memory + RECORD_MEMORY_MAX];

	for (uint32_t done = 0; r->keeps_memory && done < memory->bytes;) {
		struct record_memory part = *memory;
		struct record header = { .kind = RECORD_MEMORY,
					 .peer_role = ROLE_BROWSER,
					 .cause = cause_current() };

		part.offset += done;
		part.bytes =
			memory->bytes - done < RECORD_MEMORY_MAX ? memory->bytes - done : RECORD_MEMORY_MAX;
		memcpy(payload, &part, sizeof part);
		memcpy(payload + sizeof part, (const uint8_t *)bytes + done, part.bytes);
		header.message_bytes = (uint32_t)sizeof part + part.bytes;
		recorder_append(r, &header, payload, UINT16_MAX);
		done += part.bytes;
	}
}

struct recorder_peer *recorder_open_peer(struct recorder *r, enum role role, uint32_t serial)
{
	struct recorder_peer *free = NULL;

	/* A slot never used is better than a closed one, whose counters someone may still want to read. */
	for (unsigned i = 0; i < RECORDER_PEERS; i++) {
		struct recorder_peer *p = &r->region->peers[i];

		if (!p->open && (!free || p->closed_at < free->closed_at))
			free = p;
	}
	if (!free)
		return NULL;
	*free = (struct recorder_peer){ .role = role, .serial = serial };
	atomic_thread_fence(memory_order_release);
	free->open = 1;
	return free;
}

void recorder_close_peer(struct recorder_peer *p)
{
	if (p) {
		p->open = 0;
		p->closed_at = recorder_now();
	}
}

void recorder_reader_init(struct recorder_reader *r, const struct recorder_region *region,
			  uint64_t ring_bytes)
{
	*r = (struct recorder_reader){ .region = region, .ring_bytes = ring_bytes };
}

/*
 * Everything up to now is lost: go on with what comes next. While a record is being written, it may be one of
 * those counted or not: count the fewer, and settle it later.
 */
static int recorder_skip(struct recorder_reader *r, uint64_t committed)
{
	uint64_t now, records, reserved;
	unsigned tries = 0;

	do {
		now = atomic_load_explicit(&r->region->committed, memory_order_acquire);
		records = atomic_load_explicit(&r->region->records, memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		reserved = atomic_load_explicit(&r->region->reserved, memory_order_relaxed);
	} while (now != atomic_load_explicit(&r->region->committed, memory_order_acquire) &&
		 ++tries < RECORDER_SKIP_TRIES);
	r->unsettled = reserved != now;
	if (r->unsettled && records > 0)
		records--;
	r->gaps += records > r->read + r->gaps ? records - r->read - r->gaps : 1;
	r->position = now >= committed && now % 8 == 0 ? now : committed;
	return -1;
}

/* All has been read: if no record is being written, then what is missing was lost. */
static int recorder_settle(struct recorder_reader *r)
{
	uint64_t records = atomic_load_explicit(&r->region->records, memory_order_relaxed);

	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&r->region->reserved, memory_order_relaxed) != r->position)
		return 0;
	r->unsettled = false;
	if (records <= r->read + r->gaps)
		return 0;
	r->gaps = records - r->read;
	return -1;
}

static bool record_is_sound(const struct record *r, uint64_t left, uint64_t ring_bytes)
{
	/* None stands at the start of the ring: a forger must not lead the reader round and round. */
	if (r->kind == RECORD_PAD)
		return r->bytes == left && left < ring_bytes;
	return r->kind < RECORD_KIND_COUNT && r->bytes >= sizeof *r && r->bytes % 8 == 0 &&
	       r->bytes <= left && r->payload_bytes <= r->bytes - sizeof *r &&
	       r->payload_bytes <= r->message_bytes && r->peer_role < ROLE_COUNT &&
	       (r->type < IPC_COUNT || r->kind != RECORD_RECEIVED) && r->fds <= 1 &&
	       r->reason < BAD_MESSAGE_COUNT;
}

int recorder_read(struct recorder_reader *r, struct record *out, uint8_t *payload, size_t capacity)
{
	for (;;) {
		uint64_t committed = atomic_load_explicit(&r->region->committed, memory_order_acquire);
		uint64_t offset = r->position % r->ring_bytes, left = r->ring_bytes - offset;
		struct record record = { 0 };

		if (r->forged || (committed == r->position && !r->unsettled))
			return 0;
		if (committed == r->position)
			return recorder_settle(r);
		if (committed < r->position || committed % 8) {
			r->forged = true;
			return 0;
		}
		if (committed - r->position > r->ring_bytes)
			return recorder_skip(r, committed);
		memcpy(&record, r->region->ring + offset, left < sizeof record ? 8 : sizeof record);
		bool sound = record_is_sound(&record, left, r->ring_bytes);

		if (sound && record.kind != RECORD_PAD && record.payload_bytes)
			memcpy(payload, r->region->ring + offset + sizeof record,
			       record.payload_bytes < capacity ? record.payload_bytes : capacity);
		atomic_thread_fence(memory_order_acquire);
		if (atomic_load_explicit(&r->region->reserved, memory_order_relaxed) - r->position >
		    r->ring_bytes)
			return recorder_skip(r, committed);
		if (!sound) {
			r->forged = true;
			return 0;
		}
		r->position += record.bytes;
		if (record.kind == RECORD_PAD)
			continue;
		if (record.payload_bytes > capacity)
			record.payload_bytes = (uint16_t)capacity;
		r->read++;
		*out = record;
		return 1;
	}
}
