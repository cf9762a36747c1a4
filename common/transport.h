/*
 * The one file that touches a channel's socket: carries packets, each at most CHANNEL_PACKET_BYTES and with
 * at most one descriptor. What can be sent where it stands is known by errno; no policy here.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A connected pair of non-blocking, close-on-exec SEQPACKET sockets. false with errno. */
bool transport_pair(int fds[2]);

/* Send one packet, with a descriptor unless fd is -1. Returns 1; 0: not now (EAGAIN); -1: the peer is gone.
 */
int transport_send(int socket, const uint8_t *packet, size_t bytes, int fd);

/* Nothing more is sent: the peer reads the end. */
void transport_half_close(int socket);

enum transport_result { TRANSPORT_PACKET, TRANSPORT_NOTHING, TRANSPORT_EOF, TRANSPORT_BAD_FD };

/*
 * Receive one packet into buf. *fd gets the descriptor that came, else -1; it is the caller's. ECONNRESET is
 * not the end: a dead peer's last packets are still read. TRANSPORT_BAD_FD: more than one descriptor, or they
 * were cut.
 */
enum transport_result transport_receive(int socket, uint8_t *buf, size_t capacity, size_t *bytes, int *fd);
