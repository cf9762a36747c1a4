/*
 * layout_dump FILE COLUMNS [CHUNK]: print what layout makes of a file of HTML, one line a row; with a chunk
 * size it is parsed and laid out piece by piece, as it would arrive. For the eye, and for
 * tests/renderer/test_real_pages.py.
 */
#include "common/recorder.h"
#include "renderer/charset.h"
#include "renderer/html.h"
#include "renderer/layout.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

static char *read_file(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	if (!file)
		return NULL;
	char *text = NULL;
	size_t size = 0;
	*length = 0;
	do {
		size = size ? size * 2 : 65536;
		/* cppcheck-suppress memleakOnRealloc */
		text = realloc(text, size);
		*length += fread(text + *length, 1, size - *length, file);
	} while (*length == size);
	fclose(file);
	return text;
}

static void feed(struct html *html, struct charset *charset, const char *bytes, size_t length, bool last)
{
	char *text = malloc(charset_capacity(length));
	html_feed(html, text, charset_decode(charset, bytes, length, last, text));
}

static void print_row(const struct layout *layout, uint32_t row)
{
	uint32_t count;
	unsigned column = 0;
	const struct fragment *fragment = layout_row(layout, row, &count);
	for (; count--; fragment++) {
		for (; column < fragment->column; column++)
			putchar(' ');
		column += fragment->columns;
		if (fragment->kind == FRAGMENT_TEXT)
			fwrite(layout->text + fragment->text, 1, fragment->bytes, stdout);
		for (unsigned i = 0; fragment->kind != FRAGMENT_TEXT && i < fragment->columns; i++)
			putchar(fragment->kind == FRAGMENT_LINE ? '-' : '#');
	}
	putchar('\n');
}

int main(int argc, char **argv)
{
	size_t length, at;
	setlocale(LC_CTYPE, "C.UTF-8");
	char *bytes = argc > 2 ? read_file(argv[1], &length) : NULL;
	if (!bytes)
		return 1;
	size_t chunk = argc > 3 ? strtoul(argv[3], NULL, 10) : length;
	struct charset charset;
	struct dom dom;
	struct layout layout;
	uint64_t began = recorder_now();
	dom_init(&dom);
	struct html *html = html_create(&dom);
	layout_init(&layout, &dom, (unsigned)atoi(argv[2]), NULL);
	at = charset_begin(&charset, "", 0, bytes, length);
	do {
		size_t part = length - at < chunk ? length - at : chunk;
		feed(html, &charset, bytes + at, part, at + part == length);
		at += part;
		if (argc > 3) {
			layout_resume(&layout);
			layout_run(&layout, UINT64_MAX);
			chunk = chunk < 65536 ? chunk * 2 : chunk;
		}
	} while (at < length);
	html_end(html);
	layout_resume(&layout);
	layout_run(&layout, UINT64_MAX);
	uint64_t took = recorder_now() - began;
	for (uint32_t row = 0; row < layout.at.nrows; row++)
		print_row(&layout, row);
	fprintf(stderr, "%zu bytes, %u nodes, %u rows, %u links, %.1f ms\n", length, dom.nnodes,
		layout.at.nrows, layout.at.nlinks, (double)took / 1e6);
	html_destroy(html);
	layout_finish(&layout);
	dom_finish(&dom);
	free(bytes);
	return 0;
}
