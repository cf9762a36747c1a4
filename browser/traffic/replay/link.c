/* See player.h: packets, made and read by hand, since the player speaks for many with the ids of a log. */
#include "browser/traffic/replay/player.h"
#include "common/transport.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TURN_PACKETS 64
#define SEND_NS	     UINT64_C(5000000000) /* one that takes no packet for so long never will */

struct link *link_add(struct player *p, struct endpoint peer, int fd)
{
	struct link *l = calloc(1, sizeof *l);

	if (!l)
		return NULL;
	*l = (struct link){ .next = p->links, .peer = peer, .fd = fd };
	p->links = l;
	p->nlinks++;
	return l;
}

struct link *link_find(const struct player *p, struct endpoint peer)
{
	for (struct link *l = p->links; l; l = l->next)
		if (l->peer.role == peer.role && l->peer.serial == peer.serial)
			return l;
	return NULL;
}

void link_close(struct player *p, struct link *gone)
{
	for (struct link **at = &p->links; *at; at = &(*at)->next) {
		if (*at != gone)
			continue;
		*at = gone->next;
		close(gone->fd);
		free(gone);
		p->nlinks--;
		return;
	}
}

uint64_t link_log_id(uint64_t id)
{
	return id ? ipc_make_id(ipc_id_role(id), ipc_id_serial(id), ipc_id_number(id) / PLAYER_ID_SCALE) : 0;
}

uint64_t link_own_id(uint64_t id)
{
	return id ? ipc_make_id(ipc_id_role(id), ipc_id_serial(id), ipc_id_number(id) * PLAYER_ID_SCALE) : 0;
}

bool link_send(struct player *p, struct link *l, uint16_t type, uint64_t number, uint64_t cause,
	       const void *fields, size_t bytes, int fd)
{
	static uint8_t packet[CHANNEL_PACKET_BYTES];
	uint64_t end = recorder_now() + SEND_NS, mine = number * PLAYER_ID_SCALE;
	struct ipc_header h = { .length = (uint32_t)(sizeof h + bytes),
				.type = type,
				.cause = link_own_id(cause) };
	struct endpoint peer = l->peer;
	int sent = 0;

	if (bytes > sizeof packet - sizeof h)
		return false;
	l->last = mine > l->last ? mine : l->last + 1;
	h.id = ipc_make_id(peer.role, peer.serial, l->last);
	while (l && !p->dead) {
		/* What is taken meanwhile may have been sent from here too. */
		memcpy(packet, &h, sizeof h);
		memcpy(packet + sizeof h, fields, bytes);
		sent = transport_send(l->fd, packet, h.length, fd);
		if (sent || recorder_now() > end)
			break;
		player_turn(p, 10);
		l = link_find(p, peer);
	}
	return sent > 0;
}

bool link_send_message(struct player *p, struct link *l, enum ipc_id id, uint64_t number, uint64_t cause,
		       const void *message)
{
	uint8_t fields[8192];
	int fd, bytes = ipc_encode(id, message, fields, sizeof fields, &fd);

	return bytes >= 0 && link_send(p, l, (uint16_t)id, number, cause, fields, (size_t)bytes, fd);
}

/* The messages of a packet. What is no message ends it: the log says what became of that. */
static void take_packet(struct player *p, struct link *l, const uint8_t *packet, size_t bytes)
{
	for (size_t at = 0; bytes - at >= sizeof(struct ipc_header);) {
		struct ipc_header h;

		memcpy(&h, packet + at, sizeof h);
		if (h.length < sizeof h || h.length > bytes - at)
			return;
		answers_take(p, l, &h, packet + at + sizeof h);
		at += h.length;
	}
}

void link_read(struct player *p, struct link *l)
{
	uint8_t packet[CHANNEL_PACKET_BYTES];
	size_t bytes;
	int fd;

	/* One that floods must not keep the player here. */
	for (unsigned n = 0; n < TURN_PACKETS; n++) {
		enum transport_result got = transport_receive(l->fd, packet, sizeof packet, &bytes, &fd);

		if (fd != -1)
			close(fd);
		if (got == TRANSPORT_NOTHING)
			return;
		if (got == TRANSPORT_EOF || got == TRANSPORT_BAD_FD || bytes > sizeof packet) {
			link_close(p, l);
			return;
		}
		take_packet(p, l, packet, bytes);
	}
}
