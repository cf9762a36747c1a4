/* See tab_sad.h. */
#include "browser/tab/tab_sad.h"
#include "browser/browser.h"
#include "browser/tab/navigation.h"
#include "browser/tab/page_host.h"

#define LATELY_NS UINT64_C(10000000000)

/* The page is lost, whatever its process died of. */
static void sad_lose_page(struct tab *tab, const struct process_host *dead)
{
	uint64_t now = dead && dead->died_ns ? dead->died_ns : recorder_now();

	tab->deaths_lately = tab->died_ns && now - tab->died_ns < LATELY_NS ? tab->deaths_lately + 1 : 1;
	tab->died_ns = now;
	tab->last_death = tab->death;
	tab->death = (struct death){ .status = TERMINATION_STATUS_STILL_RUNNING };
	tab->dead_renderer = dead ? dead->name : (struct endpoint){ ROLE_RENDERER, 0 };
	tab->dead_pid = dead ? dead->pid : 0;
	tab->lived_ns = dead ? now - dead->started_ns : 0;
	page_host_lost(tab);
	navigation_lost(tab);
	tab->has_document = false;
}

static void sad_know_death(struct tab *tab, const struct death *death)
{
	const struct death *last = &tab->last_death;

	tab->died_alike = tab->deaths_lately > 1 && last->status == death->status &&
			  last->signal == death->signal && last->kind == death->kind &&
			  last->reason == death->reason;
	tab->death = *death;
}

void tab_sad_begin(struct tab *tab, const struct process_host *dying)
{
	sad_lose_page(tab, dying);
	tab->state = tab_state_next(tab->state, TAB_EVENT_DYING, 0);
	browser_tell(tab->tabs->browser, CHANGED_TABS | CHANGED_FRAME);
}

void tab_sad_learn(struct tab *tab, const struct process_host *dead)
{
	if (tab->dead_renderer.role != dead->name.role || tab->dead_renderer.serial != dead->name.serial ||
	    tab->death.status != TERMINATION_STATUS_STILL_RUNNING)
		return;
	sad_know_death(tab, &dead->death);
	if (tab->state == TAB_DYING)
		tab->state = tab_state_next(tab->state, TAB_EVENT_DEATH, 0);
	browser_tell(tab->tabs->browser, CHANGED_TABS | CHANGED_FRAME);
}

void tab_sad_show(struct tab *tab, const struct death *death, const struct process_host *dead)
{
	sad_lose_page(tab, dead);
	sad_know_death(tab, death);
	tab->state = tab_state_next(tab->state, TAB_EVENT_DEATH, 0);
	browser_tell(tab->tabs->browser, CHANGED_TABS | CHANGED_FRAME);
}
