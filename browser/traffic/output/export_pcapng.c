/*
 * The sink pcapng: a capture for Wireshark. Each direction between two processes is an interface of its own,
 * and one more is for what is no message: lives, input, blasts. packet.c makes the packets, dissector.lua
 * reads them in Wireshark.
 */
#include "browser/traffic/output/export.h"
#include "browser/traffic/output/packet.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define INTERFACES     4096 /* the last stands for all further channels */
#define INTERFACE_NAME 140

enum { SECTION_BLOCK = 0x0a0d0d0a, INTERFACE_BLOCK = 1, PACKET_BLOCK = 6 };
enum { OPTION_END = 0, OPTION_COMMENT = 1, OPTION_APPLICATION = 4 };
enum { OPTION_IF_NAME = 2, OPTION_IF_RESOLUTION = 9 };
#define LINKTYPE_USER0 147

struct interface {
	char name[INTERFACE_NAME];
	uint32_t number;
	UT_hash_handle hh;
};

struct pcapng {
	FILE *out;
	uint64_t protocol;
	struct export_room room;
	struct packet_bytes packet;
	struct interface *by_name, *others;
};

static void put_u16(FILE *out, uint16_t n)
{
	putc(n & 0xff, out);
	putc(n >> 8, out);
}

static void put_u32(FILE *out, uint32_t n)
{
	put_u16(out, (uint16_t)n);
	put_u16(out, (uint16_t)(n >> 16));
}

static size_t padding(size_t length)
{
	return -length & 3;
}

static void put_padded(FILE *out, const void *data, size_t length)
{
	if (length)
		fwrite(data, 1, length, out);
	for (size_t i = padding(length); i; i--)
		putc(0, out);
}

static void put_option(FILE *out, uint16_t code, const void *data, size_t length)
{
	put_u16(out, code);
	put_u16(out, (uint16_t)length);
	put_padded(out, data, length);
}

static uint32_t option_bytes(size_t length)
{
	return (uint32_t)(4 + length + padding(length));
}

#define END_BYTES 4 /* of the option that ends options */

static void put_section(struct pcapng *p)
{
	static const char application[] = "bulkhead log";
	char comment[64];
	size_t length = (size_t)snprintf(comment, sizeof comment, "protocol %016" PRIx64, p->protocol);
	uint32_t bytes = 28 + option_bytes(sizeof application - 1) + option_bytes(length) + END_BYTES;

	put_u32(p->out, SECTION_BLOCK);
	put_u32(p->out, bytes);
	put_u32(p->out, 0x1a2b3c4d);
	put_u16(p->out, 1);
	put_u16(p->out, 0);
	put_u32(p->out, UINT32_MAX); /* its length is not known yet */
	put_u32(p->out, UINT32_MAX);
	put_option(p->out, OPTION_COMMENT, comment, length);
	put_option(p->out, OPTION_APPLICATION, application, sizeof application - 1);
	put_option(p->out, OPTION_END, NULL, 0);
	put_u32(p->out, bytes);
}

static void put_interface(struct pcapng *p, const struct interface *i)
{
	static const uint8_t nanoseconds[] = { 9 };
	size_t length = strlen(i->name);
	uint32_t bytes = 20 + option_bytes(length) + option_bytes(1) + END_BYTES;

	put_u32(p->out, INTERFACE_BLOCK);
	put_u32(p->out, bytes);
	put_u16(p->out, LINKTYPE_USER0);
	put_u16(p->out, 0);
	put_u32(p->out, 0); /* packets are of any length */
	put_option(p->out, OPTION_IF_NAME, i->name, length);
	put_option(p->out, OPTION_IF_RESOLUTION, nanoseconds, 1);
	put_option(p->out, OPTION_END, NULL, 0);
	put_u32(p->out, bytes);
}

static void put_packet(struct pcapng *p, const struct interface *i, const struct traffic_event *e)
{
	char comment[EXPORT_FATE_TEXT];
	size_t length = strlen(export_fate(e, comment));
	uint32_t bytes = 32 + (uint32_t)(p->packet.length + padding(p->packet.length));
	uint64_t ns = e->ts_us * 1000;

	if (length)
		bytes += option_bytes(length) + END_BYTES;
	put_u32(p->out, PACKET_BLOCK);
	put_u32(p->out, bytes);
	put_u32(p->out, i->number);
	put_u32(p->out, (uint32_t)(ns >> 32));
	put_u32(p->out, (uint32_t)ns);
	put_u32(p->out, (uint32_t)p->packet.length);
	put_u32(p->out, (uint32_t)(p->packet.whole < UINT32_MAX ? p->packet.whole : UINT32_MAX));
	put_padded(p->out, p->packet.data, p->packet.length);
	if (length) {
		put_option(p->out, OPTION_COMMENT, comment, length);
		put_option(p->out, OPTION_END, NULL, 0);
	}
	put_u32(p->out, bytes);
}

/* The one of that name, whose block is written when it is first needed. NULL: no memory. */
static struct interface *find_interface(struct pcapng *p, const char *name)
{
	struct interface *i;

	HASH_FIND_STR(p->by_name, name, i);
	if (i)
		return i;
	if (p->others)
		return p->others;
	i = calloc(1, sizeof *i);
	if (!i)
		return NULL;
	i->number = HASH_COUNT(p->by_name);
	if (i->number == INTERFACES - 1)
		p->others = i;
	snprintf(i->name, sizeof i->name, "%s", p->others ? "other channels" : name);
	HASH_ADD_STR(p->by_name, name, i); /* NOLINT: uthash, which the analyzer does not follow */
	put_interface(p, i);
	return i;
}

static void name_interface(const struct traffic_event *e, char name[INTERFACE_NAME])
{
	char from[ENDPOINT_TEXT], to[ENDPOINT_TEXT];

	if (e->kind == TRAFFIC_MESSAGE)
		snprintf(name, INTERFACE_NAME, "%.64s -> %.64s", traffic_from(e, from), traffic_to(e, to));
	else
		snprintf(name, INTERFACE_NAME, "events");
}

static void pcapng_event(void *sink, const struct traffic_event *e)
{
	char name[INTERFACE_NAME];
	struct pcapng *p = sink;
	struct interface *i;

	name_interface(e, name);
	i = find_interface(p, name);
	if (!i)
		return;
	packet_build(&p->packet, e, p->protocol, &p->room);
	put_packet(p, i, e);
}

static void pcapng_end(void *sink)
{
	struct pcapng *p = sink;
	struct interface *i, *next;

	HASH_ITER (hh, p->by_name, i, next) {
		/* NOLINTNEXTLINE: uthash, which the analyzer does not follow */
		HASH_DEL(p->by_name, i);
		free(i);
	}
	free(p->packet.data);
	free(p->room.text);
	free(p);
}

static void *pcapng_begin(const struct sink_options *options)
{
	struct pcapng *p = calloc(1, sizeof *p);

	if (!p)
		return NULL;
	p->out = options->out;
	p->protocol = options->protocol;
	p->packet.data = malloc(PACKET_BYTES);
	if (!p->packet.data) {
		free(p);
		return NULL;
	}
	put_section(p);
	return p;
}

const struct sink_type export_pcapng = {
	.name = "pcapng",
	.about = "a capture for Wireshark, which --install-dissector teaches to read it",
	.exports = true,
	.binary = true,
	.begin = pcapng_begin,
	.event = pcapng_event,
	.end = pcapng_end,
};
