/* See chaos.h: what is looked at in every turn. */
#include "browser/browser.h"
#include "browser/fault/chaos/chaos.h"
#include "browser/tab/tab.h"
#include <ctype.h>
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MS UINT64_C(1000000)

#define PING_MS	  200  /* between two pings of each */
#define LOOK_MS	  500  /* for zombies */
#define ZOMBIE_MS 3000 /* that one may stay */
#define ROLL_MS	  5000

const char *const chaos_invariant_names[CHAOS_INVARIANTS] = {
	[CHAOS_ANSWERS] = "every process that was not hit answers within the bound",
	[CHAOS_LOOP] = "the browser's own loop is never held longer than that",
	[CHAOS_ENDS] = "each fault ends as the catalogue says",
	[CHAOS_NO_OTHER] = "nobody dies who was not hit",
	[CHAOS_RECOVERS] = "all tabs come back with their documents",
	[CHAOS_FDS] = "no descriptor leaks",
	[CHAOS_REGIONS] = "no shared region leaks",
	[CHAOS_ZOMBIES] = "no zombie stays",
	[CHAOS_CHILD_FDS] = "no descriptor leaks in the GPU and plugin processes",
	[CHAOS_MEMORY] = "no memory leaks",
	[CHAOS_LOG] = "the log is whole",
};

unsigned chaos_ms(const struct chaos *c)
{
	return (unsigned)(((c->ended_ns ? c->ended_ns : recorder_now()) - c->began_ns) / MS);
}

void chaos_fail(struct chaos *c, enum chaos_invariant invariant, unsigned step, const char *how, ...)
{
	struct chaos_failure *f = c->nfailures < CHAOS_FAILURES_MAX ? &c->failures[c->nfailures] : NULL;
	va_list args;

	c->broken[invariant]++;
	if (!f)
		return;
	c->nfailures++;
	*f = (struct chaos_failure){ .invariant = invariant, .step = step, .at_ms = chaos_ms(c) };
	va_start(args, how);
	vsnprintf(f->what, sizeof f->what, how, args);
	va_end(args);
}

bool chaos_held(const struct chaos *c)
{
	for (unsigned i = 0; i < CHAOS_INVARIANTS; i++)
		if (c->broken[i])
			return false;
	return true;
}

struct chaos_process *chaos_process(struct chaos *c, const struct process_host *p)
{
	uint64_t key = (uint64_t)p->name.role << 32 | p->name.serial;
	struct chaos_process *cp;

	HASH_FIND(hh, c->processes, &key, sizeof key, cp);
	if (cp)
		return cp;
	cp = calloc(1, sizeof *cp);
	if (!cp)
		return NULL;
	cp->key = key;
	cp->name = p->name;
	cp->pid = p->pid;
	HASH_ADD(hh, c->processes, key, sizeof cp->key, cp);
	return cp;
}

static void note_ping(struct chaos *c, const struct process_host *p)
{
	uint32_t us = p->ping_took_ns / 1000 < UINT32_MAX ? (uint32_t)(p->ping_took_ns / 1000) : UINT32_MAX;

	if (c->npings == c->pings_room) {
		unsigned room = c->pings_room ? c->pings_room * 2 : 4096;
		uint32_t *more = realloc(c->pings_us, room * sizeof *more);

		if (!more)
			return;
		c->pings_us = more;
		c->pings_room = room;
	}
	c->pings_us[c->npings++] = us;
	if (us >= c->slowest_us) {
		c->slowest_us = us;
		c->slowest = p->name;
	}
}

/* It answers late, or has not answered yet and is late already; told once a ping. */
static void check_late(struct chaos *c, struct chaos_process *cp, uint64_t nonce, uint64_t took_ns)
{
	char name[ENDPOINT_TEXT];

	if (took_ns <= c->settings.bound_ms * MS || cp->late == nonce)
		return;
	cp->late = nonce;
	chaos_fail(c, CHAOS_ANSWERS, c->step, "%s (pid %d) has not answered for %.1f ms",
		   endpoint_text(cp->name, name), (int)cp->pid, (double)took_ns / 1e6);
}

/* Ping all; those that are hit owe no answer in time, nor for the ping that was on its way meanwhile. */
static void look_at_answers(struct chaos *c, struct process_host *p, struct chaos_process *cp, uint64_t now)
{
	bool hit = strikes_on(c, p->name);

	if (!p->ping_sent_ns && cp->nonce != p->ping_nonce) {
		cp->nonce = p->ping_nonce;
		if (!hit && cp->excused != p->ping_nonce) {
			note_ping(c, p);
			check_late(c, cp, p->ping_nonce, p->ping_took_ns);
		}
	}
	if (hit)
		cp->excused = p->ping_nonce;
	if (p->ping_sent_ns && cp->excused != p->ping_nonce)
		check_late(c, cp, p->ping_nonce, now - p->ping_sent_ns);
	if (!p->ping_sent_ns && now - cp->asked_ns > PING_MS * MS) {
		cp->asked_ns = now;
		process_ping(p);
	}
}

static void look_at_death(struct chaos *c, struct process_host *p, struct chaos_process *cp)
{
	cp->dead = true;
	cp->death = p->death;
	if (p->death.status < TERMINATION_STATUS_COUNT)
		c->ends[p->death.status]++;
	if (p->death.status != TERMINATION_STATUS_NORMAL)
		c->deaths++;
	strikes_died(c, cp, p);
}

static void look_at_processes(struct chaos *c, uint64_t now)
{
	for (struct process_host *p = c->browser->processes->first; p; p = p->next) {
		struct chaos_process *cp = chaos_process(c, p);

		if (!cp || cp->dead)
			continue;
		if (p->state == PROCESS_DEAD)
			look_at_death(c, p, cp);
		else if (process_is_up(p))
			look_at_answers(c, p, cp, now);
	}
}

/* A dead child of ours that nobody has waited for. */
static bool is_zombie(pid_t pid)
{
	char path[32], buf[512], *rest, state;
	FILE *file;
	size_t n;
	int parent;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	n = fread(buf, 1, sizeof buf - 1, file);
	fclose(file);
	buf[n] = '\0';
	rest = strrchr(buf, ')');
	return rest && sscanf(rest + 1, " %c %d", &state, &parent) == 2 && parent == getpid() && state == 'Z';
}

static void note_zombie(struct chaos *c, pid_t pid, uint64_t now)
{
	struct chaos_zombie *free_one = NULL, *z;

	for (z = c->zombies; z < c->zombies + CHAOS_ZOMBIES_MAX; z++) {
		if (z->pid == pid)
			break;
		if (!z->pid && !free_one)
			free_one = z;
	}
	if (z == c->zombies + CHAOS_ZOMBIES_MAX) {
		z = free_one;
		if (z)
			*z = (struct chaos_zombie){ .pid = pid, .since_ns = now };
	}
	if (!z)
		return;
	z->seen_ns = now;
	if (!z->told && now - z->since_ns > ZOMBIE_MS * MS) {
		z->told = true;
		chaos_fail(c, CHAOS_ZOMBIES, c->step, "pid %d has been a zombie for more than %u s", (int)pid,
			   ZOMBIE_MS / 1000);
	}
}

static void look_for_zombies(struct chaos *c, uint64_t now)
{
	DIR *proc = opendir("/proc");

	for (struct dirent *entry; proc && (entry = readdir(proc));) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;

		if (pid && is_zombie(pid))
			note_zombie(c, pid, now);
	}
	if (proc)
		closedir(proc);
	for (unsigned i = 0; i < CHAOS_ZOMBIES_MAX; i++)
		if (c->zombies[i].pid && c->zombies[i].seen_ns != now)
			c->zombies[i] = (struct chaos_zombie){ 0 };
}

bool chaos_has_zombies(const struct chaos *c)
{
	for (unsigned i = 0; i < CHAOS_ZOMBIES_MAX; i++)
		if (c->zombies[i].pid && !c->zombies[i].told)
			return true;
	return false;
}

void chaos_look(struct chaos *c)
{
	uint64_t now = recorder_now();

	look_at_processes(c, now);
	if (now - c->looked_ns > LOOK_MS * MS) {
		c->looked_ns = now;
		c->looks++;
		look_for_zombies(c, now);
	}
}

/* Documents. */

static void check_document(struct chaos *c, struct chaos_tab *t)
{
	const struct tab_description *d = &t->tab->description;

	if (!t->known) {
		t->known = true;
		t->hash = d->hash;
		t->text_bytes = d->text_bytes;
	} else if (t->fixed && (t->hash != d->hash || t->text_bytes != d->text_bytes)) {
		chaos_fail(c, CHAOS_RECOVERS, c->step,
			   "tab %u has another document: %llu bytes of text, not %llu", t->tab->id,
			   (unsigned long long)d->text_bytes, (unsigned long long)t->text_bytes);
	}
}

static bool all_described(const struct chaos *c)
{
	for (unsigned i = 0; i < c->settings.tabs; i++)
		if (c->tabs[i].tab->description.nonce != c->tabs[i].asked_nonce)
			return false;
	return true;
}

/* Whoever answers a ping of now has handled all that it was told before. */
static bool all_answered(struct chaos *c)
{
	for (struct process_host *p = c->browser->processes->first; p; p = p->next) {
		const struct chaos_process *cp = process_is_up(p) ? chaos_process(c, p) : NULL;

		if (cp && (p->ping_nonce <= cp->rolled || p->ping_sent_ns))
			return false;
	}
	return true;
}

static void call_roll(struct chaos *c)
{
	for (unsigned i = 0; i < c->settings.tabs; i++)
		c->tabs[i].asked_nonce = tab_describe(c->tabs[i].tab);
	for (struct process_host *p = c->browser->processes->first; p; p = p->next) {
		struct chaos_process *cp = process_is_up(p) ? chaos_process(c, p) : NULL;

		if (cp)
			cp->rolled = p->ping_nonce;
	}
}

void chaos_roll(struct chaos *c)
{
	uint64_t end = recorder_now() + ROLL_MS * MS;

	call_roll(c);
	while (!(all_described(c) && all_answered(c)) && recorder_now() < end)
		chaos_turn(c);
	for (unsigned i = 0; i < c->settings.tabs; i++) {
		struct chaos_tab *t = &c->tabs[i];

		if (t->tab->description.nonce == t->asked_nonce)
			check_document(c, t);
		else
			chaos_fail(c, CHAOS_RECOVERS, c->step, "tab %u does not describe its document",
				   t->tab->id);
	}
}
