/* The frame of the browser's own pages, and the error page. builtin.c writes the others. */
#include "browser/net/page.h"
#include "browser/net/url.h"
#include <string.h>

void page_begin(struct text *out, const char *title)
{
	text_add(out, "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>");
	html_add(out, title);
	text_add(out, "</title></head>\n<body>\n<h1>");
	html_add(out, title);
	text_add(out, "</h1>\n");
}

void page_end(struct text *out)
{
	text_add(out, "</body></html>\n");
}

void error_page(struct text *out, const char *title, const char *words, const char *url)
{
	char display[URL_MAX + 1];
	char *end, sign;

	url_display(url, display, sizeof display);
	/* What is behind the ? or # may be secret, and a page is kept whole where addresses are masked. */
	end = display + strcspn(display, "?#");
	sign = *end;
	*end = '\0';
	page_begin(out, title);
	text_add(out, "<p>");
	html_add(out, words);
	text_add(out, "</p>\n<pre>");
	html_add(out, display);
	if (sign)
		text_add(out, sign == '?' ? "?…" : "#…");
	text_add(
		out,
		"</pre>\n<p>Press <b>r</b> to try again, <b>H</b> to go back, <b>O</b> to change the address.</p>\n");
	page_end(out);
}
