/* See filler.h. */
#include "tests/common/filler.h"

static uint64_t draw(struct filler *filler)
{
	filler->random ^= filler->random << 13;
	filler->random ^= filler->random >> 7;
	filler->random ^= filler->random << 17;
	return filler->random;
}

/* A number from 0 to most. */
static uint64_t number(struct filler *filler, uint64_t most)
{
	if (filler->how == FILL_RANDOM)
		return most == UINT64_MAX ? draw(filler) : draw(filler) % (most + 1);
	return filler->how == FILL_MOST ? most : 0;
}

/* Strings mix what takes one to four bytes and what must be escaped; no character is cut off. */
static void fill_text(struct filler *filler, char *text, uint32_t length)
{
	static const char *const parts[] = { "a", "\"", "\\", "\n", "\x1b", "é", "中", "\xe2\x80\xae", "🚢" };

	for (uint32_t at = 0; at < length;) {
		const char *part = parts[draw(filler) % (sizeof parts / sizeof *parts)];
		size_t bytes = strlen(part);

		if (bytes > length - at) {
			part = "z";
			bytes = 1;
		}
		memcpy(text + at, part, bytes);
		at += (uint32_t)bytes;
	}
}

static void fill_sized(struct filler *filler, const struct ipc_field *f, struct ipc_bytes *value)
{
	char *text = filler->text + filler->used;

	value->data = text;
	value->length = (uint32_t)number(filler, f->max);
	filler->used += value->length;
	if (f->type == IPC_STRING)
		fill_text(filler, text, value->length);
	else
		for (uint32_t i = 0; i < value->length; i++)
			text[i] = (char)draw(filler);
}

static void fill_field(struct filler *filler, const struct ipc_field *f, void *value)
{
	switch (f->type) {
	case IPC_U8:
		*(uint8_t *)value = (uint8_t)number(filler, UINT8_MAX);
		break;
	case IPC_U16:
		*(uint16_t *)value = (uint16_t)number(filler, UINT16_MAX);
		break;
	case IPC_U32:
		*(uint32_t *)value = (uint32_t)number(filler, UINT32_MAX);
		break;
	case IPC_U64:
		*(uint64_t *)value = number(filler, UINT64_MAX);
		break;
	case IPC_BOOL:
		*(bool *)value = number(filler, 1);
		break;
	case IPC_ENUM:
		*(unsigned *)value = (unsigned)number(filler, f->max - 1);
		break;
	case IPC_STRING:
	case IPC_BYTES:
		fill_sized(filler, f, value);
		break;
	case IPC_FD:
		*(int *)value = FILLER_FD;
		break;
	}
}

void filler_fill(struct filler *filler, enum ipc_id id, void *message)
{
	const struct ipc_message *m = &ipc_messages[id];

	filler->used = 0;
	memset(message, 0, m->size);
	for (unsigned i = 0; i < m->nfields; i++)
		fill_field(filler, &m->fields[i], (char *)message + m->fields[i].offset);
}

static bool same_bytes(const struct ipc_bytes *a, const struct ipc_bytes *b)
{
	return a->length == b->length && (!a->length || !memcmp(a->data, b->data, a->length));
}

static bool same_field(const struct ipc_field *f, const void *a, const void *b)
{
	static const size_t sizes[] = {
		[IPC_U8] = 1,
		[IPC_U16] = 2,
		[IPC_U32] = 4,
		[IPC_U64] = 8,
		[IPC_BOOL] = sizeof(bool),
		[IPC_ENUM] = sizeof(int),
		[IPC_FD] = sizeof(int),
	};

	if (f->type == IPC_STRING || f->type == IPC_BYTES)
		return same_bytes(a, b);
	return !memcmp(a, b, sizes[f->type]);
}

bool filler_equal(enum ipc_id id, const void *a, const void *b)
{
	const struct ipc_message *m = &ipc_messages[id];

	for (unsigned i = 0; i < m->nfields; i++) {
		size_t offset = m->fields[i].offset;

		if (!same_field(&m->fields[i], (const char *)a + offset, (const char *)b + offset))
			return false;
	}
	return true;
}

bool filler_has_fd(enum ipc_id id)
{
	for (unsigned i = 0; i < ipc_messages[id].nfields; i++)
		if (ipc_messages[id].fields[i].type == IPC_FD)
			return true;
	return false;
}

size_t filler_wire_bytes(const struct ipc_field *f, const uint8_t *at)
{
	static const uint8_t sizes[] = {
		[IPC_U8] = 1, [IPC_U16] = 2, [IPC_U32] = 4, [IPC_U64] = 8, [IPC_BOOL] = 1, [IPC_ENUM] = 1,
	};
	uint32_t length;

	if (f->type == IPC_FD)
		return 0;
	if (f->type != IPC_STRING && f->type != IPC_BYTES)
		return sizes[f->type];
	memcpy(&length, at, sizeof length);
	return sizeof length + length;
}

static enum role first_role(unsigned roles)
{
	return (enum role)__builtin_ctz(roles);
}

enum role filler_from(enum ipc_id id)
{
	return first_role(ipc_messages[id].from);
}

enum role filler_to(enum ipc_id id)
{
	return first_role(ipc_messages[id].to);
}
