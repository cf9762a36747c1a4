/*
 * application/x-clock: the time in big digits, the date below. src="utc" shows UTC, else it is the user's
 * time. Does its own calendar, since the C library's looks for time zones in files.
 */
#include "plugin/plugin.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS	      30
#define ROWS	      7
#define GLYPH_ROWS    5
#define TIME_LENGTH   8 /* HH:MM:SS */
#define TIME_COLUMNS  27
#define BLOCK	      0x2588u
#define DIGIT_COLOR   RGB(0x7fd7ff)
#define DAY_SECONDS   86400
#define BASE_WEEKDAY  4	     /* 1970-01-01 was a Thursday */
#define ERA_DAYS      146097 /* 400 years */
#define DAYS_TO_EPOCH 719468 /* from 0000-03-01 */

extern const struct plugin_type bulkhead_plugin;

struct clock {
	const struct plugin_host *host;
	bool utc;
};

struct date {
	int64_t year;
	unsigned month, day, weekday, hour, minute, second;
};

/* Each row of a glyph, its columns from the highest of three bits down; the last one is the colon, one column
 * wide. */
static const uint8_t glyphs[][GLYPH_ROWS] = {
	{ 7, 5, 5, 5, 7 }, { 2, 6, 2, 2, 7 }, { 7, 1, 7, 4, 7 }, { 7, 1, 7, 1, 7 },
	{ 5, 5, 7, 1, 1 }, { 7, 4, 7, 1, 7 }, { 7, 4, 7, 5, 7 }, { 7, 1, 1, 1, 1 },
	{ 7, 5, 7, 5, 7 }, { 7, 5, 7, 1, 7 }, { 0, 4, 0, 4, 0 },
};

static const char *const weekdays[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
					"Thursday", "Friday", "Saturday" };
static const char *const months[] = { "January", "February", "March",	  "April",   "May",	 "June",
				      "July",	 "August",   "September", "October", "November", "December" };

/* Days since 1970-01-01 to year, month and day of the Gregorian calendar; years begin in March meanwhile. */
static void set_day(struct date *date, int64_t days)
{
	int64_t shifted = days + DAYS_TO_EPOCH;
	int64_t era = (shifted >= 0 ? shifted : shifted - (ERA_DAYS - 1)) / ERA_DAYS;
	unsigned of_era = (unsigned)(shifted - era * ERA_DAYS);
	unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned month = (5 * of_year + 2) / 153;

	date->day = of_year - (153 * month + 2) / 5 + 1;
	date->month = month < 10 ? month + 3 : month - 9;
	date->year = (int64_t)year + era * 400 + (date->month <= 2);
	date->weekday = (unsigned)(((days + BASE_WEEKDAY) % 7 + 7) % 7);
}

static struct date date_of(int64_t seconds)
{
	struct date date;
	int64_t days = seconds / DAY_SECONDS, rest = seconds % DAY_SECONDS;

	if (rest < 0) {
		rest += DAY_SECONDS;
		days--;
	}
	set_day(&date, days);
	date.hour = (unsigned)(rest / 3600);
	date.minute = (unsigned)(rest / 60 % 60);
	date.second = (unsigned)(rest % 60);
	return date;
}

static void write_text(struct cell *row, unsigned columns, const char *text, uint8_t attributes)
{
	unsigned length = (unsigned)strlen(text);
	unsigned from = columns > length ? (columns - length) / 2 : 0;

	for (unsigned i = 0; i < length && from + i < columns; i++) {
		row[from + i].text[0] = (unsigned char)text[i];
		row[from + i].attributes = attributes;
	}
}

/* Draw the glyph with its top left corner at `cells`; returns the columns it takes. */
static unsigned draw_glyph(struct cell *cells, unsigned stride, char character)
{
	bool colon = character == ':';
	const uint8_t *glyph = glyphs[colon ? 10 : character - '0'];
	unsigned width = colon ? 1 : 3;

	for (unsigned row = 0; row < GLYPH_ROWS; row++) {
		for (unsigned column = 0; column < width; column++) {
			struct cell *cell = &cells[row * stride + column];
			if (!(glyph[row] & 4u >> column))
				continue;
			cell->text[0] = BLOCK;
			cell->foreground = DIGIT_COLOR;
		}
	}
	return width;
}

static void draw_big(struct cell *cells, unsigned columns, const char *text)
{
	unsigned column = (columns - TIME_COLUMNS) / 2;

	for (unsigned i = 0; i < TIME_LENGTH; i++)
		column += draw_glyph(cells + column, columns, text[i]) + 1;
}

static void clock_draw(void *instance, struct cell *cells, unsigned columns, unsigned rows)
{
	const struct clock *clock = instance;
	int64_t seconds = clock->host->now_ms() / 1000 + (clock->utc ? 0 : clock->host->utc_offset);
	struct date date = date_of(seconds);
	char time[16], day[64];

	snprintf(time, sizeof(time), "%02u:%02u:%02u", date.hour % 24, date.minute % 60, date.second % 60);
	snprintf(day, sizeof(day), "%s, %u %s %lld%s", weekdays[date.weekday % 7], date.day,
		 months[(date.month - 1) % 12], (long long)date.year, clock->utc ? " UTC" : "");
	if (columns < TIME_COLUMNS || rows < GLYPH_ROWS) {
		write_text(cells + (size_t)(rows / 2) * columns, columns, time, ATTRIBUTE_BOLD);
		return;
	}
	draw_big(cells, columns, time);
	if (rows > GLYPH_ROWS)
		write_text(cells + (size_t)(rows > GLYPH_ROWS + 1 ? GLYPH_ROWS + 1 : GLYPH_ROWS) * columns,
			   columns, day, 0);
}

static void *clock_create(const struct plugin_host *host, const char *source, struct plugin_size *size)
{
	struct clock *clock = malloc(sizeof(*clock));

	if (!clock)
		return NULL;
	*clock = (struct clock){ host, strcmp(source, "utc") == 0 };
	*size = (struct plugin_size){ COLUMNS, ROWS };
	return clock;
}

__attribute__((visibility("default"))) const struct plugin_type bulkhead_plugin = {
	.abi = PLUGIN_ABI,
	.tick_ms = 1000,
	.mime = "application/x-clock",
	.create = clock_create,
	.draw = clock_draw,
	.destroy = free,
};
