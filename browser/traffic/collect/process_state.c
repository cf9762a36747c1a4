/* See process_state.h. */
#include "browser/traffic/collect/process_state.h"
#include <stdlib.h>

struct traffic_process_state *process_state_create(struct endpoint endpoint, struct recorder_region *region,
						   uint64_t ring_bytes)
{
	struct traffic_process_state *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	/* The browser's own recorder keeps messages whole; a big ring is made for memory as well. */
	p->keeps_memory = endpoint.role != ROLE_BROWSER && ring_bytes > RECORDER_RING_BYTES;
	p->payload_room =
		endpoint.role == ROLE_BROWSER || p->keeps_memory ? UINT16_MAX : RECORDER_RECORDED_BYTES;
	p->payload = malloc(p->payload_room);
	if (!p->payload) {
		free(p);
		return NULL;
	}
	p->key.role = endpoint.role;
	p->key.serial = endpoint.serial;
	p->endpoint = endpoint;
	p->region = region;
	recorder_reader_init(&p->reader, region, ring_bytes);
	return p;
}

void process_state_end(struct traffic_process_state *p)
{
	p->region = NULL;
	p->reader.region = NULL;
	p->ended = true;
	p->has_next = false;
	free(p->payload);
	p->payload = NULL;
}

void process_state_destroy(struct traffic_process_state *p)
{
	for (unsigned d = 0; d < 2; d++)
		for (unsigned i = 0; i < COLLECTOR_LAST; i++)
			stored_release(p->last[d][i]);
	free(p->payload);
	free(p);
}

/* Times are the writer's claim: they must not go back, nor be later than now. */
static void process_state_set_time(struct traffic_process_state *p, uint64_t cutoff_ns)
{
	uint64_t t = p->next.time_ns;

	if (t > cutoff_ns) {
		uint64_t now = recorder_now();

		t = t < now ? t : now;
	}
	if (t < p->last_time)
		t = p->last_time;
	p->next.time_ns = p->last_time = t;
}

enum process_state_read process_state_read(struct traffic_process_state *p, uint64_t cutoff_ns)
{
	int got = 0;

	if (!p->has_next && !p->forged && p->reader.position < p->stop)
		got = recorder_read(&p->reader, &p->next, p->payload, p->payload_room);
	if (p->reader.forged && !p->forged) {
		p->forged = true;
		return PROCESS_READ_FORGED;
	}
	if (got < 0) {
		p->gap_ns = recorder_now();
		return PROCESS_READ_GAP;
	}
	if (got > 0) {
		p->has_next = true;
		process_state_set_time(p, cutoff_ns);
	}
	return p->has_next && p->next.time_ns <= cutoff_ns ? PROCESS_READ_RECORD : PROCESS_READ_NOTHING;
}

bool process_state_peer(const struct traffic_process_state *p, struct endpoint peer,
			struct peer_counters *out)
{
	bool found = false;

	if (!p->region)
		return false;
	for (unsigned i = 0; i < RECORDER_PEERS; i++) {
		/* The process may write while we read: each field is read once. */
		const volatile struct recorder_peer *slot = &p->region->peers[i];
		uint32_t open = slot->open;

		if (slot->role != (uint32_t)peer.role || slot->serial != peer.serial ||
		    (!open && (!slot->closed_at || found)))
			continue;
		*out = (struct peer_counters){ .open = open,
					       .flushed = slot->flushed,
					       .arrived = slot->arrived };
		found = true;
		if (open)
			return true;
	}
	return found;
}

void process_state_remember(struct traffic_process_state *p, enum collector_direction direction,
			    struct stored *s)
{
	struct stored **slot = &p->last[direction][p->nlast[direction]++ % COLLECTOR_LAST];

	stored_hold(s);
	stored_release(*slot);
	*slot = s;
}

/* Forget the buckets that time has passed by. */
static void beat_advance(struct beat *b, uint64_t bucket)
{
	uint64_t steps = bucket - b->bucket;

	for (uint64_t i = 1; i <= steps && i <= COLLECTOR_BEATS; i++)
		b->counts[(b->bucket + i) % COLLECTOR_BEATS] = 0;
	b->bucket = bucket;
}

void beat_count(struct beat *b, uint64_t time_ns)
{
	uint64_t bucket = time_ns / BEAT_NS;

	if (bucket > b->bucket)
		beat_advance(b, bucket);
	if (b->bucket - bucket < COLLECTOR_BEATS)
		b->counts[bucket % COLLECTOR_BEATS]++;
}

void beat_show(const struct beat *b, uint64_t now_ns, unsigned out[COLLECTOR_BEATS])
{
	struct beat copy = *b;
	uint64_t bucket = now_ns / BEAT_NS;

	if (bucket > copy.bucket)
		beat_advance(&copy, bucket);
	for (unsigned i = 0; i < COLLECTOR_BEATS; i++)
		out[i] = copy.counts[(copy.bucket + 1 + i) % COLLECTOR_BEATS];
}

double beat_rate(const struct beat *b, uint64_t now_ns)
{
	unsigned counts[COLLECTOR_BEATS];
	double seconds = (double)(BEAT_NS + now_ns % BEAT_NS) / 1e9;

	beat_show(b, now_ns, counts);
	return (counts[COLLECTOR_BEATS - 1] + counts[COLLECTOR_BEATS - 2]) / seconds;
}
