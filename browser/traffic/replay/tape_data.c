/* See tape_data.h. */
#include "browser/traffic/replay/tape_data.h"
#include <stdlib.h>
#include <string.h>

/* A number that is all of the text up to `end`. */
static bool parse_number(const char *text, const char *end, uint64_t most, uint64_t *out)
{
	uint64_t n = 0;

	if (text == end)
		return false;
	for (; text < end; text++) {
		if (*text < '0' || *text > '9' || n > most / 10)
			return false;
		n = n * 10 + (uint64_t)(*text - '0');
	}
	*out = n;
	return n <= most;
}

static struct endpoint parse_endpoint(const char *text, const char *end)
{
	struct endpoint e = { ROLE_COUNT, 0 };

	for (unsigned role = 0; role < ROLE_COUNT; role++) {
		size_t length = strlen(role_names[role]);
		uint64_t serial = 0;

		if ((size_t)(end - text) < length || memcmp(text, role_names[role], length))
			continue;
		if (role == ROLE_BROWSER
			    ? text + length == end
			    : text[length] == ':' && parse_number(text + length + 1, end, 0xfffff, &serial))
			e = (struct endpoint){ role, (uint32_t)serial };
	}
	return e;
}

struct endpoint tape_parse_endpoint(const char *text)
{
	return parse_endpoint(text, text + strlen(text));
}

uint64_t tape_parse_id(const char *text)
{
	const char *slash = strchr(text, '/');
	struct endpoint e = parse_endpoint(text, slash ? slash : text);
	uint64_t number;

	if (!slash || e.role == ROLE_COUNT ||
	    !parse_number(slash + 1, slash + strlen(slash), UINT64_C(0xffffffffff), &number) || !number)
		return 0;
	return ipc_make_id(e.role, e.serial, number);
}

uint16_t tape_parse_type(const char *name)
{
	uint64_t number = UINT16_MAX;

	for (uint16_t type = 0; type < IPC_COUNT; type++)
		if (!strcmp(ipc_messages[type].name, name))
			return type;
	/* As traffic_name() has it. */
	if (!strncmp(name, "unknown_", 8))
		parse_number(name + 8, name + strlen(name), UINT16_MAX, &number);
	return (uint16_t)(number < IPC_COUNT ? UINT16_MAX : number);
}

const char *tape_type_name(uint16_t type)
{
	return type < IPC_COUNT ? ipc_messages[type].name : "unknown";
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tape_is_hex(const char *text)
{
	size_t n = 0;

	while (hex_digit(text[n]) >= 0)
		n++;
	return n && !text[n];
}

uint8_t *tape_decode_hex(const char *text, uint32_t *length)
{
	size_t n = strlen(text) / 2;
	uint8_t *bytes = n <= TAPE_REGION_BYTES && strlen(text) % 2 == 0 ? malloc(n + 1) : NULL;

	for (size_t i = 0; bytes && i < n; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0) {
			free(bytes);
			return NULL;
		}
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	*length = (uint32_t)n;
	return bytes;
}

static int base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

uint8_t *tape_decode_base64(const char *text, uint32_t *length)
{
	size_t digits = strlen(text), n = 0;
	bool fours = digits % 4 == 0 && digits / 4 * 3 <= TAPE_REGION_BYTES;
	uint8_t *bytes = fours ? malloc(digits / 4 * 3 + 1) : NULL;
	uint32_t bits = 0;

	while (bytes && digits && text[digits - 1] == '=' && strlen(text) - digits < 2)
		digits--;
	for (size_t i = 0; bytes && i < digits; i++) {
		int digit = base64_digit(text[i]);

		if (digit < 0) {
			free(bytes);
			return NULL;
		}
		bits = bits << 6 | (uint32_t)digit;
		if (i % 4)
			bytes[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	*length = (uint32_t)n;
	return bytes;
}
