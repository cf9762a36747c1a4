/* Sending what was composed: see compose.h. The browser sends by itself, a child as it is told. */
#include "browser/traffic/breakpoint/compose.h"
#include "browser/browser.h"
#include "browser/process/host.h"
#include "browser/traffic/breakpoint/breakpoints.h"
#include "common/region.h"
#include <stdio.h>
#include <unistd.h>

#define EMPTY_BYTES 4096

static char words[160]; /* for *why */

/* The one process of that role. */
static struct process_host *find_only(struct process_table *t, enum role role)
{
	struct process_host *only = NULL;

	for (struct process_host *p = t->first; p; p = p->next) {
		if (p->name.role != role || !process_is_up(p))
			continue;
		if (only) {
			snprintf(words, sizeof words, "there are several: which %s? such as %s:%u",
				 role_names[role], role_names[role], only->name.serial);
			return NULL;
		}
		only = p;
	}
	if (!only)
		snprintf(words, sizeof words, "there is no %s", role_names[role]);
	return only;
}

/* An end of it, by its whole name from now on; NULL for the browser. false: there is no such process. */
static bool find_end(struct process_table *t, struct endpoint *e, struct process_host **p)
{
	char name[ENDPOINT_TEXT];

	*p = NULL;
	if (e->role == ROLE_BROWSER)
		return true;
	*p = e->serial ? process_find(t, e->role, e->serial) : find_only(t, e->role);
	if (!e->serial && !*p)
		return false;
	if (!process_is_up(*p)) {
		snprintf(words, sizeof words, *p ? "%s is not up" : "there is no process %s",
			 endpoint_text(*p ? (*p)->name : *e, name));
		return false;
	}
	*e = (*p)->name;
	return true;
}

static bool send_own(struct process_host *to, const struct composed *c)
{
	int fd = c->fd == COMPOSE_FD_EMPTY ? region_create("composed", EMPTY_BYTES) : -1;

	if (c->fd == COMPOSE_FD_EMPTY && fd == -1)
		return false;
	channel_send_by_hand(to->channel, c->type, c->fields, c->bytes, fd);
	return true;
}

bool compose_send(struct browser *b, const struct composed *c, const char **why)
{
	struct endpoint from = c->from, to = c->to;
	struct process_host *sender, *receiver;

	*why = "faults are off (--no-faults): messages are sent by hand to see what breaks";
	if (b->options.no_faults)
		return false;
	*why = words;
	if (!find_end(b->processes, &from, &sender) || !find_end(b->processes, &to, &receiver))
		return false;
	if (!process_are_linked(b->processes, from, to)) {
		char one[ENDPOINT_TEXT], other[ENDPOINT_TEXT];

		snprintf(words, sizeof words, "there is no channel from %s to %s", endpoint_text(from, one),
			 endpoint_text(to, other));
		return false;
	}
	if (sender && c->fd != COMPOSE_FD_NONE) {
		*why = "only the browser passes descriptors";
		return false;
	}
	breakpoints_note_fault(b->breakpoints, from, "message sent by hand");
	breakpoints_note_fault(b->breakpoints, to, "message sent by hand");
	if (!sender) {
		*why = "no descriptor is left";
		return receiver && send_own(receiver, c);
	}
	breakpoints_note_order(
		b->breakpoints,
		&(struct breakpoint_order){ .at = from, .type = c->type, .marks = RECORD_BY_HAND });
	ipc_send_send_by_hand(sender->channel, to.role, to.serial, c->type,
			      (struct ipc_bytes){ c->fields, (uint32_t)c->bytes });
	return true;
}
