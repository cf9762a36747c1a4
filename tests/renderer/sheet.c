/* See sheet.h. */
#include "tests/renderer/sheet.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void sheet_init(struct sheet *sheet, unsigned columns)
{
	*sheet = (struct sheet){ 0 };
	dom_init(&sheet->dom);
	sheet->html = html_create(&sheet->dom);
	layout_init(&sheet->layout, &sheet->dom, columns, NULL);
}

void sheet_finish(struct sheet *sheet)
{
	html_destroy(sheet->html);
	layout_finish(&sheet->layout);
	dom_finish(&sheet->dom);
	free(sheet->text);
}

static void lay_out(struct sheet *sheet)
{
	layout_resume(&sheet->layout);
	layout_run(&sheet->layout, UINT64_MAX);
}

void sheet_feed(struct sheet *sheet, const char *html)
{
	html_feed(sheet->html, strdup(html), strlen(html));
	lay_out(sheet);
}

void sheet_end(struct sheet *sheet)
{
	html_end(sheet->html);
	lay_out(sheet);
}

static void print_signs(FILE *out, uint8_t attributes, bool opening)
{
	static const char signs[] = "*/_!~-"; /* in the order of the bits */
	for (int i = 0; i < 6; i++) {
		int bit = opening ? i : 5 - i;
		if (attributes & 1 << bit)
			fputc(signs[bit], out);
	}
}

static void print_fragment(FILE *out, const struct layout *layout, const struct fragment *fragment,
			   bool marked)
{
	uint8_t attributes = fragment->attributes;
	if (fragment->link)
		attributes &= (uint8_t)~ATTRIBUTE_UNDERLINE;
	if (marked && fragment->link)
		fprintf(out, "[%u:", fragment->link);
	if (marked)
		print_signs(out, attributes, true);
	if (fragment->kind == FRAGMENT_TEXT)
		fwrite(layout->text + fragment->text, 1, fragment->bytes, out);
	for (unsigned i = 0; fragment->kind != FRAGMENT_TEXT && i < fragment->columns; i++)
		fputc(fragment->kind == FRAGMENT_LINE ? '=' : '#', out);
	if (marked)
		print_signs(out, attributes, false);
	if (marked && fragment->link)
		fputc(']', out);
}

const char *sheet_text(struct sheet *sheet, bool marked)
{
	const struct layout *layout = &sheet->layout;
	size_t size;
	free(sheet->text);
	FILE *out = open_memstream(&sheet->text, &size);
	for (uint32_t row = 0; row < layout->at.nrows; row++) {
		uint32_t count;
		unsigned column = 0;
		const struct fragment *fragment = layout_row(layout, row, &count);
		for (; count--; fragment++) {
			fprintf(out, "%*s", (int)(fragment->column - column), "");
			print_fragment(out, layout, fragment, marked);
			column = fragment->column + fragment->columns;
		}
		fputc('\n', out);
	}
	fclose(out);
	return sheet->text;
}

char *sheet_render(const char *html, unsigned columns, bool marked, size_t chunk)
{
	struct sheet sheet;
	size_t length = strlen(html);
	sheet_init(&sheet, columns);
	for (size_t at = 0, part; at < length; at += part) {
		part = chunk && chunk < length - at ? chunk : length - at;
		char *piece = strndup(html + at, part);
		sheet_feed(&sheet, piece);
		free(piece);
	}
	sheet_end(&sheet);
	char *text = strdup(sheet_text(&sheet, marked));
	sheet_finish(&sheet);
	return text;
}
