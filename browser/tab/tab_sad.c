/* See tab_sad.h. */
#include "browser/tab/tab_sad.h"
#include "browser/browser.h"
#include "browser/tab/navigation.h"
#include "browser/tab/page_host.h"

#define LATELY_NS UINT64_C(10000000000)

void tab_sad_show(struct tab *tab, const struct death *death, const struct process_host *dead)
{
	uint64_t now = dead && dead->died_ns ? dead->died_ns : recorder_now();

	tab->deaths_lately = tab->died_ns && now - tab->died_ns < LATELY_NS ? tab->deaths_lately + 1 : 1;
	tab->died_alike = tab->died_ns && tab->death.status == death->status &&
			  tab->death.signal == death->signal && tab->death.kind == death->kind &&
			  tab->death.reason == death->reason;
	tab->died_ns = now;
	tab->death = *death;
	tab->dead_renderer = dead ? dead->name : (struct endpoint){ ROLE_RENDERER, 0 };
	tab->dead_pid = dead ? dead->pid : 0;
	tab->lived_ns = dead ? now - dead->started_ns : 0;
	page_host_lost(tab);
	navigation_lost(tab);
	tab->has_document = false;
	tab->state = tab_state_next(tab->state, TAB_EVENT_DEATH, 0);
	browser_tell(tab->tabs->browser, CHANGED_TABS | CHANGED_FRAME);
}
