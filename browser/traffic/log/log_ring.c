/* See log_ring.h. */
#include "browser/traffic/log/log_ring.h"
#include <string.h>
#include <sys/mman.h>

bool log_ring_init(struct log_ring *r, size_t bytes)
{
	void *data = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (data == MAP_FAILED)
		return false;
	*r = (struct log_ring){ .data = data, .bytes = bytes };
	return true;
}

void log_ring_finish(struct log_ring *r)
{
	if (r->data)
		munmap(r->data, r->bytes);
}

static size_t place(const struct log_ring *r, uint64_t position)
{
	return (position - atomic_load_explicit(&r->base, memory_order_relaxed)) & (r->bytes - 1);
}

static struct log_entry *entry_at(const struct log_ring *r, uint64_t position)
{
	return (struct log_entry *)(r->data + place(r, position));
}

/* Entries are not split: what is left before the ring's end is skipped. */
static void skip_to_start(struct log_ring *r)
{
	struct log_entry *entry = entry_at(r, r->head);

	entry->bytes = (uint32_t)(r->bytes - place(r, r->head));
	entry->empty = true;
	r->head += entry->bytes;
}

size_t log_ring_waiting(struct log_ring *r)
{
	r->known_taken = atomic_load_explicit(&r->taken, memory_order_acquire);
	return r->head - r->known_taken;
}

/*
 * Nothing waits: begin at the start, whose memory is there already. The other thread looks at no entry before
 * it has seen that there is one, and sees this then.
 */
static void rewind_empty(struct log_ring *r)
{
	if (place(r, r->head) && !log_ring_hidden(r) && !log_ring_waiting(r))
		atomic_store_explicit(&r->base, r->head, memory_order_relaxed);
}

bool log_ring_put(struct log_ring *r, const struct traffic_event *e, size_t spare)
{
	const size_t bytes = (sizeof(struct log_entry) + e->payload_bytes + 7) & ~(size_t)7;
	size_t to_end;
	bool wraps;

	rewind_empty(r);
	to_end = r->bytes - place(r, r->head);
	wraps = bytes > to_end;
	uint64_t end = r->head + (wraps ? to_end : 0) + bytes + spare;

	if (end - r->known_taken > r->bytes && (log_ring_waiting(r), end - r->known_taken > r->bytes))
		return false;
	if (wraps)
		skip_to_start(r);
	struct log_entry *entry = entry_at(r, r->head);

	entry->bytes = (uint32_t)bytes;
	entry->empty = false;
	entry->event = *e;
	if (e->payload_bytes)
		memcpy(log_entry_payload(entry), e->payload, e->payload_bytes);
	r->head += bytes;
	return true;
}

void log_ring_show(struct log_ring *r)
{
	atomic_store_explicit(&r->shown, r->head, memory_order_release);
}

size_t log_ring_hidden(const struct log_ring *r)
{
	return r->head - atomic_load_explicit(&r->shown, memory_order_relaxed);
}

struct log_entry *log_ring_next(struct log_ring *r)
{
	uint64_t taken = atomic_load_explicit(&r->taken, memory_order_relaxed);

	for (;;) {
		if (taken == r->known_shown)
			r->known_shown = atomic_load_explicit(&r->shown, memory_order_acquire);
		if (taken == r->known_shown)
			return NULL;
		struct log_entry *entry = entry_at(r, taken);

		if (!entry->empty)
			return entry;
		taken += entry->bytes;
		atomic_store_explicit(&r->taken, taken, memory_order_release);
	}
}

void log_ring_take(struct log_ring *r, const struct log_entry *entry)
{
	/* Its bytes may be overwritten as soon as it is taken. */
	uint64_t taken = atomic_load_explicit(&r->taken, memory_order_relaxed) + entry->bytes;

	atomic_store_explicit(&r->taken, taken, memory_order_release);
}

uint64_t log_ring_count(struct log_ring *r)
{
	uint64_t n = 0;

	for (const struct log_entry *entry; (entry = log_ring_next(r)); n++)
		log_ring_take(r, entry);
	return n;
}
