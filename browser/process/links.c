/* Channels between children: which there are, so that no pair has two. Part of host.h. */
#include "browser/process/host_internal.h"
#include "common/transport.h"
#include <stdlib.h>
#include <unistd.h>

static bool endpoint_equal(struct endpoint a, struct endpoint b)
{
	return a.role == b.role && a.serial == b.serial;
}

static bool link_joins(const struct process_link *l, struct endpoint a, struct endpoint b)
{
	return (endpoint_equal(l->a, a) && endpoint_equal(l->b, b)) ||
	       (endpoint_equal(l->a, b) && endpoint_equal(l->b, a));
}

static bool links_add(struct process_table *t, struct endpoint a, struct endpoint b)
{
	struct process_link *links = realloc(t->links, (t->nlinks + 1) * sizeof *links);

	if (!links)
		return false;
	t->links = links;
	links[t->nlinks++] = (struct process_link){ .a = a, .b = b };
	return true;
}

bool process_connect(struct process_host *a, struct process_host *b)
{
	struct process_table *t = a->table;
	int pair[2];

	for (unsigned i = 0; i < t->nlinks; i++)
		if (link_joins(&t->links[i], a->name, b->name))
			return true;
	if (!links_add(t, a->name, b->name))
		return false;
	if (!transport_pair(pair)) {
		t->nlinks--;
		return false;
	}
	ipc_send_connect_peer(a->channel, b->name.role, b->name.serial, pair[0]);
	channel_flush(a->channel);
	ipc_send_connect_peer(b->channel, a->name.role, a->name.serial, pair[1]);
	close(pair[0]);
	close(pair[1]);
	return true;
}

bool process_are_linked(const struct process_table *t, struct endpoint a, struct endpoint b)
{
	if (endpoint_equal(a, b))
		return false;
	if (a.role == ROLE_BROWSER || b.role == ROLE_BROWSER)
		return true;
	for (unsigned i = 0; i < t->nlinks; i++)
		if (link_joins(&t->links[i], a, b) && !t->links[i].a_lost && !t->links[i].b_lost)
			return true;
	return false;
}

void process_disconnected(struct process_table *t, struct endpoint a, struct endpoint b)
{
	if (t->events.disconnected)
		t->events.disconnected(t->events.arg, a, b);
	for (unsigned i = 0; i < t->nlinks; i++)
		if (link_joins(&t->links[i], a, b)) {
			struct process_link *l = &t->links[i];

			/* One side alone may lie, to be given channel after channel. */
			*(endpoint_equal(l->a, a) ? &l->a_lost : &l->b_lost) = true;
			if (l->a_lost && l->b_lost)
				t->links[i--] = t->links[--t->nlinks];
		}
}

void links_forget(struct process_table *t, struct endpoint e)
{
	for (unsigned i = 0; i < t->nlinks; i++)
		if (endpoint_equal(t->links[i].a, e) || endpoint_equal(t->links[i].b, e))
			t->links[i--] = t->links[--t->nlinks];
}
