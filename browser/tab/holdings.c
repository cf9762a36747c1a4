/* See holdings.h. */
#include "browser/tab/holdings.h"
#include "browser/net/fetch.h"
#include "browser/tab/embed.h"
#include "browser/tab/tab.h"
#include "common/cell.h"

static struct holdings tab_holdings(const struct tab *tab)
{
	struct holdings h = { 0 };

	if (tab->staging.fd != -1)
		h = (struct holdings){ 1, 1, 2 * (uint64_t)tab->staging.half_bytes };
	for (const struct embed *e = tab->embeds; e; e = e->next)
		if (e->fd != -1)
			h = holdings_sum(
				h, (struct holdings){ 1, 1, 2 * (uint64_t)grid_bytes(e->columns, e->rows) });
	h.descriptors += tab->fetch && fetch_has_pipe(tab->fetch);
	return h;
}

struct holdings tabs_holdings(const struct tabs *tabs)
{
	struct holdings h = { 0 };

	for (const struct tab *tab = tabs->first; tab; tab = tab->next)
		h = holdings_sum(h, tab_holdings(tab));
	return h;
}
