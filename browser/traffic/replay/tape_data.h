/* What a log says in text, as values: names, ids, hex, base64. For tape.c and replay_command.c. */
#pragma once
#include "common/channel.h"

#define TAPE_REGION_BYTES (8u << 20) /* no half of a region is larger */

/* "renderer:3"; ROLE_COUNT: it is none. */
struct endpoint tape_parse_endpoint(const char *text);
/* "renderer:3/1042"; 0: it is none. */
uint64_t tape_parse_id(const char *text);

/* The number of the message of that name; 65535: there is none. */
uint16_t tape_parse_type(const char *name);
/* Its name, also of one that this version does not know. */
const char *tape_type_name(uint16_t type);

/* Malloc'ed; NULL: it is none, or there is no memory. */
uint8_t *tape_decode_hex(const char *text, uint32_t *length);
uint8_t *tape_decode_base64(const char *text, uint32_t *length);
bool tape_is_hex(const char *text);
