/* See player.h: what is fed to the process. Descriptors are made anew, of the sizes that the log tells. */
#include "browser/traffic/replay/player.h"
#include "browser/traffic/replay/report.h"
#include "common/cell.h"
#include "common/display_list.h"
#include "common/region.h"
#include "common/transport.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REGIONS_MAX_BYTES (512ull << 20)
#define LINKS_MAX	  1024
#define PIPES_MAX	  1024
#define PIPE_BYTES	  (256 << 10)
#define OWED_MAX	  4096 /* none waits for so many answers */

/* A region that the process was handed; the player has it mapped. */
struct region {
	struct region *next;
	enum region_kind kind;
	uint32_t page, number, half_bytes;
	uint8_t *memory; /* two halves */
};

/* Regions. */

static struct region **find_region(struct player *p, enum region_kind kind, uint32_t page)
{
	struct region **at = &p->regions;

	while (*at && ((*at)->kind != kind || (*at)->page != page))
		at = &(*at)->next;
	return at;
}

static void drop_region(struct player *p, struct region **at)
{
	struct region *r = *at;

	*at = r->next;
	p->region_bytes -= 2 * (uint64_t)r->half_bytes;
	region_unmap(r->memory, 2 * (size_t)r->half_bytes);
	free(r);
}

const uint8_t *feed_region(const struct player *p, enum region_kind kind, uint32_t page, uint32_t number,
			   uint32_t half, uint32_t *half_bytes)
{
	for (const struct region *r = p->regions; r; r = r->next) {
		if (r->kind != kind || r->page != page || r->number != number || half > 1)
			continue;
		*half_bytes = r->half_bytes;
		return r->memory + half * (size_t)r->half_bytes;
	}
	return NULL;
}

/* What others wrote there before the process was told of it. */
static void fill_region(struct player *p, struct region *r)
{
	for (uint32_t half = 0; half < 2; half++) {
		uint32_t bytes;
		const uint8_t *known = contents_half(p->contents, r->kind, r->page, r->number, half, &bytes);

		if (known)
			memcpy(r->memory + half * (size_t)r->half_bytes, known,
			       bytes < r->half_bytes ? bytes : r->half_bytes);
	}
}

/* The surfaces of a page are many; of the other kinds there is one, and a new one takes its place. */
static int make_region(struct player *p, enum region_kind kind, uint32_t page, uint32_t number,
		       uint32_t half_bytes, bool read_only)
{
	struct region *r = calloc(1, sizeof *r), **old = find_region(p, kind, page);
	int fd, given;

	if (kind != REGION_SURFACE && *old)
		drop_region(p, old);
	if (!r || !half_bytes || p->region_bytes + 2 * (uint64_t)half_bytes > REGIONS_MAX_BYTES) {
		free(r);
		return -1;
	}
	fd = region_create("replay", 2 * (size_t)half_bytes);
	*r = (struct region){ p->regions, kind, page, number, half_bytes, NULL };
	r->memory = fd == -1 ? NULL : region_map(fd, 2 * (size_t)half_bytes, true);
	if (!r->memory) {
		if (fd != -1)
			close(fd);
		free(r);
		return -1;
	}
	p->regions = r;
	p->region_bytes += 2 * (uint64_t)half_bytes;
	if (!read_only)
		return fd;
	fill_region(p, r);
	given = region_reopen_read_only(fd);
	close(fd);
	return given;
}

static void feed_memory(struct player *p, const struct tape_event *e)
{
	const struct record_memory *m = &e->memory;

	for (struct region *r = p->regions; r; r = r->next)
		if (r->kind == (enum region_kind)m->kind && r->page == m->page && r->number == m->number &&
		    m->half < 2 && m->offset <= r->half_bytes && e->length <= r->half_bytes - m->offset)
			memcpy(r->memory + m->half * (size_t)r->half_bytes + m->offset, e->bytes, e->length);
}

/* Bodies. */

static struct pipe_end *get_pipe(struct player *p, struct traffic_body body)
{
	struct pipe_end *e = p->pipes;
	unsigned n = 0;

	while (e && (e->body.page != body.page || e->body.navigation != body.navigation)) {
		e = e->next;
		n++;
	}
	if (e || n >= PIPES_MAX || !(e = calloc(1, sizeof *e)))
		return e;
	*e = (struct pipe_end){ .next = p->pipes, .body = body, .fd = -1 };
	return p->pipes = e;
}

static void drop_pipe(struct player *p, struct pipe_end *gone)
{
	for (struct pipe_end **at = &p->pipes; *at; at = &(*at)->next) {
		if (*at != gone)
			continue;
		*at = gone->next;
		if (gone->fd != -1)
			close(gone->fd);
		free(gone->bytes);
		free(gone);
		return;
	}
}

static bool pipe_waits(const struct pipe_end *e)
{
	return e->fd != -1 && e->done < e->length;
}

bool feed_has_waiting(const struct player *p)
{
	for (const struct pipe_end *e = p->pipes; e; e = e->next)
		if (pipe_waits(e))
			return true;
	return false;
}

void feed_pipes(struct player *p)
{
	for (struct pipe_end *e = p->pipes, *next; e; e = next) {
		ssize_t n = 0;

		next = e->next;
		while (pipe_waits(e) && (n = write(e->fd, e->bytes + e->done, e->length - e->done)) > 0)
			e->done += (size_t)n;
		/* Nobody reads it: as in the log, that is not the writer's to mend. */
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			e->done = e->length;
	}
}

static void feed_body(struct player *p, const struct tape_event *e)
{
	struct pipe_end *end = get_pipe(p, e->body);
	uint8_t *bytes = end ? realloc(end->bytes, end->length + e->length + 1) : NULL;

	if (!bytes)
		return;
	memcpy(bytes + end->length, e->bytes, e->length);
	end->bytes = bytes;
	end->length += e->length;
	p->report->bodies++;
	p->report->body_bytes += e->length;
	feed_pipes(p);
}

/* Messages that bring a descriptor: each makes one, for the message as it will be sent. -1: it cannot be. */

static int make_peer(struct player *p, union ipc_any *any)
{
	const struct ipc_connect_peer *m = (void *)any;
	struct endpoint peer = { m->role, m->serial };
	struct link *old = link_find(p, peer);
	int pair[2];

	if (old && peer.role != ROLE_BROWSER)
		link_close(p, old);
	if (p->nlinks >= LINKS_MAX || peer.role == ROLE_BROWSER || !transport_pair(pair))
		return -1;
	if (link_add(p, peer, pair[0]))
		return pair[1];
	close(pair[0]);
	close(pair[1]);
	return -1;
}

static int make_body(struct player *p, union ipc_any *any)
{
	const struct ipc_commit_navigation *m = (void *)any;
	struct pipe_end *end = get_pipe(p, (struct traffic_body){ m->page, m->navigation });
	int fds[2];

	if (!end || end->fd != -1 || pipe2(fds, O_CLOEXEC | O_NONBLOCK) == -1)
		return -1;
	fcntl(fds[1], F_SETPIPE_SZ, PIPE_BYTES);
	end->fd = fds[1];
	return fds[0];
}

/* The player grants regions of its own as well: generations must grow. */
static int make_staging(struct player *p, union ipc_any *any)
{
	struct ipc_grant_staging *m = (void *)any;

	if (m->half_bytes > STAGING_MAX_BYTES || m->generation > UINT32_MAX / PLAYER_ID_SCALE)
		return -1;
	m->generation *= PLAYER_ID_SCALE;
	if (m->generation <= p->last_generation)
		m->generation = (uint32_t)++p->last_generation;
	p->last_generation = m->generation;
	return make_region(p, REGION_STAGING, m->page, m->generation, m->half_bytes, false);
}

static int make_read_staging(struct player *p, union ipc_any *any)
{
	const struct ipc_attach_staging *m = (void *)any;

	return m->half_bytes > STAGING_MAX_BYTES
		       ? -1
		       : make_region(p, REGION_STAGING, m->page, m->generation, m->half_bytes, true);
}

static int make_grid(struct player *p, enum region_kind kind, uint32_t page, uint32_t number,
		     unsigned columns, unsigned rows, bool read_only)
{
	if (columns > GRID_MAX_COLUMNS || rows > GRID_MAX_ROWS)
		return -1;
	return make_region(p, kind, page, number, grid_bytes(columns, rows), read_only);
}

static int make_frame(struct player *p, union ipc_any *any)
{
	const struct ipc_attach_frame *m = (void *)any;

	return make_grid(p, REGION_FRAME, 0, m->generation, m->columns, m->rows, false);
}

static int make_read_surface(struct player *p, union ipc_any *any)
{
	const struct ipc_attach_surface *m = (void *)any;

	return make_grid(p, REGION_SURFACE, m->page, m->surface, m->columns, m->rows, true);
}

static int make_surface(struct player *p, union ipc_any *any)
{
	const struct ipc_open_surface *m = (void *)any;

	return make_grid(p, REGION_SURFACE, m->page, m->surface, m->columns, m->rows, false);
}

static const struct {
	enum ipc_id type;
	int (*make)(struct player *, union ipc_any *);
	size_t fd; /* where it stands in the message */
} makers[] = {
	{ IPC_CONNECT_PEER, make_peer, offsetof(struct ipc_connect_peer, channel) },
	{ IPC_COMMIT_NAVIGATION, make_body, offsetof(struct ipc_commit_navigation, body) },
	{ IPC_GRANT_STAGING, make_staging, offsetof(struct ipc_grant_staging, region) },
	{ IPC_ATTACH_STAGING, make_read_staging, offsetof(struct ipc_attach_staging, region) },
	{ IPC_ATTACH_FRAME, make_frame, offsetof(struct ipc_attach_frame, region) },
	{ IPC_ATTACH_SURFACE, make_read_surface, offsetof(struct ipc_attach_surface, region) },
	{ IPC_OPEN_SURFACE, make_surface, offsetof(struct ipc_open_surface, region) },
};

/* Make the descriptor of that message and set it there. */
static int make_descriptor(struct player *p, uint16_t type, union ipc_any *m)
{
	int fd = -1;

	for (size_t i = 0; i < sizeof makers / sizeof *makers; i++) {
		if (makers[i].type != (enum ipc_id)type)
			continue;
		fd = makers[i].make(p, m);
		memcpy((char *)m + makers[i].fd, &fd, sizeof fd);
	}
	return fd;
}

/*
 * A submission is answered by did_take_frame, a picture by release_frame; and how many there are is a matter
 * of time. The log's answers are given to those that come, whichever they are.
 */

void feed_note_submission(struct player *p, uint32_t page, uint32_t number, uint32_t half)
{
	struct owed *new;

	if (p->nowed == OWED_MAX || !(new = realloc(p->owed, (p->nowed + 1) * sizeof *new)))
		return;
	p->owed = new;
	p->owed[p->nowed++] = (struct owed){ page, number, half };
}

static struct link *link_of_role(const struct player *p, enum role role)
{
	struct link *found = NULL;

	for (struct link *l = p->links; l; l = l->next)
		if (l->peer.role == role && (!found || l->peer.serial > found->peer.serial))
			found = l;
	return found;
}

/* Give the oldest that waits its answer, as the message of that number; 0: made up. */
static bool give_owed(struct player *p, uint64_t number, uint64_t cause)
{
	bool renderer = p->tape->process.role == ROLE_RENDERER;
	struct link *l = link_of_role(p, renderer ? ROLE_GPU : ROLE_BROWSER);
	struct owed o;

	if (!p->nowed || !l)
		return false;
	o = p->owed[0];
	memmove(p->owed, p->owed + 1, --p->nowed * sizeof o);
	if (renderer)
		link_send_message(p, l, IPC_DID_TAKE_FRAME, number, cause,
				  &(struct ipc_did_take_frame){ o.page, o.number, (uint8_t)o.half });
	else
		link_send_message(p, l, IPC_RELEASE_FRAME, number, cause,
				  &(struct ipc_release_frame){ o.number, (uint8_t)o.half });
	return true;
}

static bool is_for_owed(const struct player *p, uint16_t type)
{
	return (type == IPC_DID_TAKE_FRAME && p->tape->process.role == ROLE_RENDERER) ||
	       (type == IPC_RELEASE_FRAME && p->tape->process.role == ROLE_GPU);
}

void feed_owed(struct player *p)
{
	while (p->credit && give_owed(p, 0, 0))
		p->credit--;
}

static bool grant_wanted(struct player *p)
{
	struct link *l = link_of_role(p, ROLE_BROWSER);
	struct ipc_grant_staging m = { .page = p->wanted_page, .half_bytes = STAGING_MIN_BYTES };
	struct region *now = *find_region(p, REGION_STAGING, m.page);
	bool wanted = p->wanted_half_bytes > (now ? now->half_bytes : 0);

	while (m.half_bytes < p->wanted_half_bytes && m.half_bytes < STAGING_MAX_BYTES)
		m.half_bytes *= 2;
	p->wanted_half_bytes = 0;
	if (!wanted || !l)
		return false;
	m.region = make_staging(p, (union ipc_any *)&m);
	if (m.region == -1)
		return false;
	link_send_message(p, l, IPC_GRANT_STAGING, 0, 0, &m);
	close(m.region);
	return true;
}

bool feed_unstick(struct player *p)
{
	bool helped = give_owed(p, 0, 0) || (p->wanted_half_bytes && grant_wanted(p));

	p->report->made_up += helped;
	return helped;
}

/* Messages. */

/* All of a body is in its pipe before its end is told. */
static void end_body(struct player *p, const union ipc_any *any)
{
	const struct ipc_end_body *m = (const void *)any;
	struct pipe_end *end = get_pipe(p, (struct traffic_body){ m->page, m->navigation });

	if (end && end->fd != -1)
		drop_pipe(p, end);
}

static void feed_known(struct player *p, struct link *l, const struct tape_event *e, union ipc_any *m)
{
	int fd = -1;
	bool sent;

	if (e->type == IPC_END_BODY)
		end_body(p, m);
	if (e->type == IPC_SETTLE_HELD) {
		struct ipc_settle_held *settle = (void *)m;

		settle->id = link_own_id(settle->id);
		sent = link_send_message(p, l, IPC_SETTLE_HELD, ipc_id_number(e->id), e->cause, m);
	} else if (!e->fd) {
		sent = link_send(p, l, e->type, ipc_id_number(e->id), e->cause, e->bytes, e->length, -1);
	} else {
		fd = make_descriptor(p, e->type, m);
		sent = fd != -1 &&
		       link_send_message(p, l, (enum ipc_id)e->type, ipc_id_number(e->id), e->cause, m);
	}
	if (fd != -1)
		close(fd);
	p->report->fed += sent;
	p->report->skipped += !sent && !p->dead;
}

static void feed_message(struct player *p, const struct tape_event *e)
{
	struct link *l = link_find(p, e->peer);
	union ipc_any m;

	if (is_for_owed(p, e->type)) {
		p->report->fed++;
		if (!give_owed(p, ipc_id_number(e->id), e->cause))
			p->credit++;
	} else if (!l) {
		p->report->skipped++;
	} else if (!ipc_decode(e->type, e->peer.role, p->tape->process.role, e->bytes, e->length,
			       e->fd ? 0 : -1, &m)) {
		feed_known(p, l, e, &m);
	} else {
		/* It was refused then, and will be again. */
		p->report->fed +=
			link_send(p, l, e->type, ipc_id_number(e->id), e->cause, e->bytes, e->length, -1);
	}
}

static void hang_up(struct player *p, struct endpoint peer)
{
	struct link *l = peer.role == ROLE_BROWSER ? NULL : link_find(p, peer);

	if (l)
		link_close(p, l);
}

void feed_event(struct player *p, const struct tape_event *e)
{
	if (e->kind == TAPE_FEED)
		feed_message(p, e);
	else if (e->kind == TAPE_BODY)
		feed_body(p, e);
	else if (e->kind == TAPE_MEMORY)
		feed_memory(p, e);
	else if (e->kind == TAPE_HANG_UP)
		hang_up(p, e->peer);
}

void feed_finish(struct player *p)
{
	while (p->pipes)
		drop_pipe(p, p->pipes);
	while (p->regions)
		drop_region(p, &p->regions);
	free(p->owed);
}
