/* The sad tab: what is told, in the page's place, of a renderer that died. Declared in screen.h. */
#include "browser/fault/blast/blast.h"
#include "browser/traffic/collect/collector.h"
#include "browser/ui/screen.h"
#include <stdio.h>
#include <string.h>

#define LAST_SHOWN    4
#define TWO_COLUMNS   84
#define FIELD_NAME    10
#define CHOICES_WIDTH 54 /* of all the choices in one row */

/* Where the next line goes, and how many are left. */
struct flow_area {
	struct ui *ui;
	struct area a;
	int row;
};

static bool has_room(const struct flow_area *f)
{
	return f->row < f->a.row + f->a.rows;
}

static void put(struct flow_area *f, int indent, struct style s, const char *text)
{
	if (has_room(f))
		canvas_text(&f->ui->canvas, f->row, f->a.column + indent, f->a.columns - indent, s, text);
	f->row++;
}

/* What must not be cut takes as many rows as it needs. */
static void put_wrapped(struct flow_area *f, int indent, struct style s, const char *text)
{
	struct lines lines = { 0 };

	lines_wrap(&lines, s, 0, f->a.columns - indent, text);
	for (int i = 0; i < lines.count; i++)
		put(f, indent, s, lines.items[i].text);
	lines_finish(&lines);
}

static void put_name(struct flow_area *f, const char *name)
{
	if (has_room(f))
		canvas_text(&f->ui->canvas, f->row, f->a.column, FIELD_NAME, STYLE_IDLE, name);
}

static void put_message(struct flow_area *f, const struct traffic_event *e,
			enum collector_direction direction)
{
	uint64_t start = collector_start_us(f->ui->browser->collector);
	double seconds = (double)(int64_t)(e->ts_us - start) / 1e6;
	char name[TRAFFIC_NAME_TEXT], peer[ENDPOINT_TEXT], line[300], text[160];
	struct format args = format_into(text, sizeof(text));
	bool sent = direction == COLLECTOR_SENT;

	traffic_args_text(e, &args);
	words_endpoint(sent ? e->to : e->from, peer, sizeof(peer));
	snprintf(line, sizeof(line), "%9.3f %s %-11s %s%s %s", seconds, sent ? "→" : "←", peer,
		 traffic_name(e, name), e->status == TRAFFIC_LOST ? "  lost" : "", text);
	put(f, 0, e->status == TRAFFIC_LOST ? STYLE_DEATH : STYLE_PLAIN, line);
}

/* The newest first: it is the one that may have been fatal. */
static void put_last(struct flow_area *f, const char *title, enum collector_direction direction,
		     const struct traffic_event *const *last, int n)
{
	put(f, 0, STYLE_IDLE, title);
	for (int i = 0; i < n; i++)
		put_message(f, last[i], direction);
	if (n == 0)
		put(f, 0, STYLE_PLAIN, "    nothing");
}

/* Rows for what it said and what it heard, one below the other: half each, and what the one leaves the other
 * takes. */
static void share_rows(int rows, int *said, int *heard)
{
	int half = rows / 2;

	if (*said <= half)
		*heard = *heard < rows - *said ? *heard : rows - *said;
	else if (*heard <= rows - half)
		*said = *said < rows - *heard ? *said : rows - *heard;
	else
		*said = half, *heard = rows - half;
}

static void put_messages(struct flow_area *f, const struct tab *tab)
{
	static const char said_title[] = "it said last", heard_title[] = "it heard last";
	const struct collector *c = f->ui->browser->collector;
	const struct traffic_event *said[LAST_SHOWN], *heard[LAST_SHOWN];
	int nsaid = (int)collector_last(c, tab->dead_renderer, COLLECTOR_SENT, LAST_SHOWN, said);
	int nheard = (int)collector_last(c, tab->dead_renderer, COLLECTOR_RECEIVED, LAST_SHOWN, heard);
	struct flow_area right = *f;

	if (f->a.columns < TWO_COLUMNS) {
		int rows = f->a.row + f->a.rows - f->row - 2; /* without the titles */
		bool both = rows >= 2;
		nsaid = both ? nsaid : 0;
		share_rows(both ? rows : rows + 1 > 0 ? rows + 1 : 0, &nsaid, &nheard);
		if (both)
			put_last(f, said_title, COLLECTOR_SENT, said, nsaid);
		put_last(f, heard_title, COLLECTOR_RECEIVED, heard, nheard);
		return;
	}
	right.a.column += f->a.columns / 2 + 1;
	right.a.columns -= f->a.columns / 2 + 1;
	f->a.columns = f->a.columns / 2 - 1;
	put_last(f, said_title, COLLECTOR_SENT, said, nsaid);
	put_last(&right, heard_title, COLLECTOR_RECEIVED, heard, nheard);
	f->a.columns = right.a.column + right.a.columns - f->a.column;
	f->row = f->row > right.row ? f->row : right.row;
}

static const char *who_text(const struct tab *tab, char *buf, size_t capacity)
{
	char name[ENDPOINT_TEXT], lived[24];

	words_endpoint(tab->dead_renderer, name, sizeof(name));
	if (!tab->dead_pid)
		snprintf(buf, capacity, "could not be started");
	else
		snprintf(buf, capacity, "%s, pid %d, lived %s", name, (int)tab->dead_pid,
			 words_age(tab->lived_ns, lived, sizeof(lived)));
	return buf;
}

static void put_others(struct flow_area *f, const struct tab *tab)
{
	const struct blast *blast = blasts_of(f->ui->browser->blasts, tab->dead_renderer);
	const struct roll_call *r = blast ? &blast->roll : NULL;
	char line[160], harm[64] = "Nothing else was harmed";
	unsigned living = process_count(f->ui->browser->processes);
	bool alone = !blast || blast->ntabs <= 1;

	if (!alone)
		snprintf(harm, sizeof(harm), "%u tabs sank with it", blast->ntabs);
	if (!r)
		snprintf(line, sizeof(line), "%s: %u other processes live.", harm, living);
	else if (!r->ended_ns)
		snprintf(line, sizeof(line), "Asking the others: %u of %u have answered.", r->answered,
			 r->asked);
	else if (r->answered == r->asked)
		snprintf(line, sizeof(line), "%s%s: %u of %u %sanswered in %.1f ms.", harm,
			 alone ? "" : "; no other harm", r->answered, r->asked,
			 f->a.columns > 64 ? "processes " : "", blast_ms(r->began_ns, r->ended_ns));
	else
		snprintf(line, sizeof(line),
			 "%u of %u other processes answered; the report names the others.", r->answered,
			 r->asked);
	put_wrapped(f, 0, !alone || (r && r->ended_ns && r->answered < r->asked) ? STYLE_HANG : STYLE_GREEN,
		    line);
}

/* What can be done, as buttons. */
static void put_choices(struct flow_area *f)
{
	static const struct {
		const char *words, *action;
	} choices[] = { { "r  reload", "reload" },
			{ "Enter  report", "report" },
			{ "D  its messages", "its-messages" },
			{ "x  close", "close" } };
	int column = f->a.column;

	for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]) && has_room(f); i++) {
		int width = canvas_width(choices[i].words), end = f->a.column + f->a.columns;
		if (column > f->a.column && column + width > end) {
			column = f->a.column;
			f->row++;
		}
		if (!has_room(f))
			return;
		canvas_text(&f->ui->canvas, f->row, column, end - column, STYLE_BOLD, choices[i].words);
		zone_add_action(f->ui, (struct area){ f->row, column, 1, width }, choices[i].action, "");
		column += width + 3;
	}
	f->row++;
}

/* How it died, and by whose will when that is known. */
static const char *status_text(const struct ui *ui, const struct tab *tab, char *buf, size_t capacity)
{
	char death[200];
	bool by_user = false;

	for (unsigned i = 0; i < ui->ended_count && i < ENDED_KEPT; i++)
		by_user |= tab->dead_pid && ui->ended[i] == tab->dead_renderer.serial;
	death_text(&tab->death, death, sizeof(death));
	snprintf(buf, capacity, "%s%s", death, by_user ? ", ended by you" : "");
	return buf;
}

/* Under some process models a renderer serves several. */
static void put_companions(struct flow_area *f, const struct tab *tab)
{
	const struct blast *blast = blasts_of(f->ui->browser->blasts, tab->dead_renderer);
	char line[80];

	if (!blast || blast->ntabs < 2)
		return;
	snprintf(line, sizeof(line), "%u tabs shared it, and all of them died with it.", blast->ntabs);
	put_wrapped(f, 0, STYLE_DEATH, line);
}

/* Who broke it on purpose. */
static void put_cause(struct flow_area *f, const struct tab *tab)
{
	const struct blast *blast = blasts_of(f->ui->browser->blasts, tab->dead_renderer);
	char text[sizeof blast->toxic + 20];

	if (!blast || f->a.rows < 12 || (!blast->toxic[0] && !blast->fault))
		return;
	if (blast->toxic[0])
		snprintf(text, sizeof(text), "%s", blast->toxic);
	else
		snprintf(text, sizeof(text), "injected: %s", blast->fault);
	put_name(f, "because");
	put_wrapped(f, FIELD_NAME, STYLE_PLAIN, text);
}

static void put_facts(struct flow_area *f, const struct tab *tab)
{
	char text[240];

	put_name(f, "status");
	put_wrapped(f, FIELD_NAME, STYLE_PLAIN, status_text(f->ui, tab, text, sizeof(text)));
	put_cause(f, tab);
	put_name(f, "process");
	put_wrapped(f, FIELD_NAME, STYLE_PLAIN, who_text(tab, text, sizeof(text)));
	put_name(f, "page");
	put(f, FIELD_NAME, STYLE_PLAIN, tab->url ? tab->url : "");
	put_companions(f, tab);
	if (tab->deaths_lately > 1 && tab->state == TAB_SAD)
		put_wrapped(f, 0, STYLE_HANG,
			    tab->died_alike
				    ? "It died again in the same way. Reloading may not help; its report may."
				    : "It died again, in another way.");
}

void sad_tab_draw(struct ui *ui, struct tab *tab)
{
	struct area a = ui->layout.page;
	int margin = a.columns >= 50 ? 3 : 1;
	bool tall = a.rows >= 18;
	struct flow_area f = { ui,
			       { a.row, a.column + margin, a.rows, a.columns - margin - 1 },
			       a.row + tall };
	int choices = f.a.columns >= CHOICES_WIDTH ? 1 : 2; /* rows; of what is said of the others, too */
	bool little = a.rows < 12;
	int foot = little ? choices : 2 * choices + 1 + tall;

	/* The choices are what must be seen. Where there is little room, they come before its messages. */
	f.a.rows -= foot;
	put(&f, 0, STYLE_DEATH, "†  This page's process has died");
	f.row += tall;
	put_facts(&f, tab);
	f.row += tall;
	if (!little)
		put_messages(&f, tab);
	f.row = f.row < f.a.row + f.a.rows ? f.row : f.a.row + f.a.rows;
	f.a.rows += foot;
	if (little)
		put_choices(&f);
	f.row += tall;
	put_others(&f, tab);
	if (little) {
		put_messages(&f, tab);
		return;
	}
	f.row++;
	put_choices(&f);
}
