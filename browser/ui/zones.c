/* What can be clicked: each part registers its zones as it draws them, and the one drawn last lies on top. */
#include "browser/ui/screen.h"

static struct zone *add(struct ui *ui, struct area area)
{
	static struct zone none;

	if (ui->zone_count == ZONES_MAX)
		return &none;
	struct zone *z = &ui->zones[ui->zone_count++];
	*z = (struct zone){ .area = area };
	return z;
}

void zone_add_action(struct ui *ui, struct area area, const char *action, const char *argument)
{
	struct zone *z = add(ui, area);

	z->action = action;
	z->argument = argument;
}

void zone_add(struct ui *ui, struct area area, void (*run)(struct ui *, int, const struct stroke *),
	      int number)
{
	struct zone *z = add(ui, area);

	z->run = run;
	z->number = number;
}

const struct zone *zone_find(const struct ui *ui, int row, int column)
{
	for (unsigned i = ui->zone_count; i > 0; i--)
		if (area_has(ui->zones[i - 1].area, row, column))
			return &ui->zones[i - 1];
	return NULL;
}
