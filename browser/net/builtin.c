/*
 * Built-in pages: bulkhead://NAME. Fixed ones come from data/pages/, built into the executable;
 * bulkhead://pages/FILE serves any file of that folder. Pages about running things are registered by those
 * who run them.
 */
#include "browser/net/builtin.h"
#include "browser/net/fetch_kind.h"
#include "browser/net/page.h"
#include <curl/curl.h>
#include <event2/event.h>
#include <inttypes.h>
#include <string.h>
#include <sys/utsname.h>

struct page *builtin_find(struct fetcher *fetcher, const char *name)
{
	struct page *page;
	LIST_FOREACH (page, &fetcher->pages, of_fetcher) {
		if (!strcmp(page->name, name))
			return page;
	}
	return NULL;
}

static const struct page_file *find_file(const char *name)
{
	for (const struct page_file *file = page_files; file->name; file++)
		if (!strcmp(file->name, name))
			return file;
	return NULL;
}

static void write_start(void *arg, struct text *out)
{
	const struct page_file *file = find_file("start.html");
	(void)arg;
	text_add_bytes(out, file->bytes, file->length);
}

static void write_blank(void *arg, struct text *out)
{
	(void)arg;
	text_add(out, "");
}

static void write_line(struct text *out, const char *name, const char *value)
{
	text_format(out, "%-12s ", name);
	html_add(out, value);
	text_add(out, "\n");
}

static void write_version(void *arg, struct text *out)
{
	const struct fetcher *fetcher = arg;
	char protocol[24];
	struct utsname kernel;
	snprintf(protocol, sizeof protocol, "%016" PRIx64, (uint64_t)IPC_PROTOCOL_HASH);
	page_begin(out, "Bulkhead " BULKHEAD_VERSION);
	text_add(out, "<pre>");
	write_line(out, "Bulkhead", BULKHEAD_VERSION);
	write_line(out, "protocol", protocol);
	if (!uname(&kernel)) {
		text_format(out, "%-12s ", "kernel");
		html_add(out, kernel.sysname);
		text_add(out, " ");
		html_add(out, kernel.release);
		text_add(out, " ");
		html_add(out, kernel.machine);
		text_add(out, "\n");
	}
	write_line(out, "fetching", curl_version());
	write_line(out, "events", event_get_version());
	for (const char *const *line = fetcher->config.libraries; line && *line; line++)
		write_line(out, "", *line);
	text_add(out, "</pre>\n");
	page_end(out);
}

static void write_pages(void *arg, struct text *out)
{
	(void)arg;
	page_begin(out, "Pages to try");
	text_add(out, "<ul>\n");
	for (const struct page_file *file = page_files; file->name; file++) {
		text_add(out, "<li><a href=\"bulkhead://pages/");
		text_add_path(out, file->name);
		text_add(out, "\">");
		html_add(out, file->name);
		text_add(out, "</a></li>\n");
	}
	text_add(out, "</ul>\n");
	page_end(out);
}

void builtin_register(struct fetcher *fetcher)
{
	fetcher_register_page(fetcher, "start", write_start, NULL);
	fetcher_register_page(fetcher, "blank", write_blank, NULL);
	fetcher_register_page(fetcher, "version", write_version, fetcher);
	fetcher_register_page(fetcher, "pages", write_pages, NULL);
}

static void fail_no_page(struct fetch *f, const char *url)
{
	struct text names = { 0 };
	struct page *page;
	text_add(&names, "");
	LIST_FOREACH (page, &f->fetcher->pages, of_fetcher) {
		text_format(&names, "%sbulkhead://%s", names.length ? ", " : "", page->name);
	}
	fetch_source_fail(f, FETCH_ERROR_NO_PAGE, "There is no such built-in page",
			  "There is no %.120s. There are %.400s.", url, names.data);
	text_finish(&names);
}

static bool write_page(struct fetch *f, const char *url, const char *name, struct text *html)
{
	static const char pages[] = "bulkhead://pages/";
	const struct page_file *file =
		strncmp(url, pages, strlen(pages)) ? NULL : find_file(url + strlen(pages));
	const char *rest = strchr(url + strlen("bulkhead://"), '/');
	struct page *page = builtin_find(f->fetcher, name);
	if (file)
		text_add_bytes(html, file->bytes, file->length);
	else if (page && !rest)
		page->write(page->arg, html);
	else if (page && page->write_under)
		return page->write_under(page->arg, rest + 1, html);
	else
		return false;
	return true;
}

static void builtin_start(struct fetch *f)
{
	struct url url;
	struct text html = { 0 };
	url_parse(&url, f->url, NULL);
	url.text[strcspn(url.text, "?#")] = 0;
	if (write_page(f, url.text, url.host, &html))
		fetch_source_html(f, &html);
	else
		fail_no_page(f, url.text);
	text_finish(&html);
}

static void builtin_resume(struct fetch *f)
{
	(void)f;
}

static void builtin_finish(struct fetch *f)
{
	(void)f;
}

const struct fetch_kind builtin_kind = { true, builtin_start, builtin_resume, builtin_finish };
