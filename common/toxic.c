/* See toxic.h. */
#include "common/toxic.h"

void (*toxic_ended)(uint32_t toxic, enum toxic_end why);

bool toxic_place(struct channel *c, const struct ipc_place_toxic *m)
{
	(void)c;
	(void)m;
	return false;
}

bool toxic_remove(uint32_t toxic)
{
	(void)toxic;
	return false;
}

void toxic_channel_closing(struct channel *c)
{
	(void)c;
}
