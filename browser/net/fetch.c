/*
 * The life of a fetch: start, redirects, head, body, end; and the fetcher that owns them. The sources are in
 * http.c, file.c, data.c and builtin.c; body.c fills the pipe. Every callback is made from advance(), and
 * from nowhere else.
 */
#include "browser/net/fetch.h"
#include "browser/net/body.h"
#include "browser/net/builtin.h"
#include "browser/net/fetch_kind.h"
#include "common/utf8.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const fetch_error_names[] = {
	"url",	      "scheme",		  "resolve", "connect",	 "tls",	 "timeout", "network",
	"redirects",  "redirect_refused", "status",  "empty",	 "type", "binary",  "missing",
	"unreadable", "not_a_file",	  "no_page", "too_many", NULL
};

static void page_start(struct fetch *f)
{
	fetch_source_html(f, &f->page);
}

static void page_nothing(struct fetch *f)
{
	(void)f;
}

static const struct fetch_kind page_kind = { true, page_start, page_nothing, page_nothing };

/* Who serves which scheme. */
static const struct fetch_kind *const kinds[] = {
	[URL_HTTP] = &http_kind, [URL_HTTPS] = &http_kind,	[URL_FILE] = &file_kind,
	[URL_DATA] = &data_kind, [URL_BUILTIN] = &builtin_kind, [URL_JAVASCRIPT] = NULL,
	[URL_OTHER] = NULL,
};

static void wake(struct fetch *f)
{
	if (!f->turn.pending)
		task_schedule(&f->turn, 0);
}

void fetch_source_head(struct fetch *f, unsigned status, const char *content_type, int64_t length)
{
	f->status = status;
	f->length = length;
	media_parse(&f->media, content_type);
	f->has_head = true;
	wake(f);
}

size_t fetch_source_waiting(const struct fetch *f)
{
	return f->buffer.length - f->taken;
}

bool fetch_source_bytes(struct fetch *f, const void *bytes, size_t length)
{
	if (f->taken > FETCH_BUFFER_BYTES) {
		memmove(f->buffer.data, f->buffer.data + f->taken, fetch_source_waiting(f));
		f->buffer.length -= f->taken;
		f->taken = 0;
	}
	text_add_bytes(&f->buffer, bytes, length);
	f->received += length;
	if (fetch_source_waiting(f) >= FETCH_BUFFER_BYTES)
		f->paused = true;
	wake(f);
	return !f->paused;
}

void fetch_source_end(struct fetch *f)
{
	f->source_over = true;
	wake(f);
}

void fetch_source_html(struct fetch *f, struct text *html)
{
	text_finish(&f->buffer);
	f->buffer = *html;
	*html = (struct text){ 0 };
	f->received = f->buffer.length;
	fetch_source_head(f, 0, "text/html; charset=utf-8", (int64_t)f->received);
	fetch_source_end(f);
}

/* Words may quote a server. Text cut within a character counts as invalid, too. */
static void make_printable(char *words)
{
	bool valid = utf8_valid(words, strlen(words));
	for (unsigned char *c = (unsigned char *)words; *c; c++)
		if (*c < ' ' || *c == 0x7f || (!valid && *c >= 0x80))
			*c = '?';
}

void fetch_source_fail(struct fetch *f, enum fetch_error error, const char *title, const char *words, ...)
{
	va_list arguments;
	va_start(arguments, words);
	vsnprintf(f->words, sizeof f->words, words, arguments);
	va_end(arguments);
	snprintf(f->title, sizeof f->title, "%s", title);
	make_printable(f->words);
	f->error = error;
	f->source_failed = f->source_over = true;
	wake(f);
}

/* Old servers write bytes of some charset: they are kept as bytes. */
void fetch_source_redirect(struct fetch *f, const char *location)
{
	struct text text = { 0 };
	bool valid = utf8_valid(location, strlen(location));
	text_add(&text, "");
	for (const char *c = location; *c; c++)
		if (!valid && (unsigned char)*c >= 0x80)
			text_format(&text, "%%%02X", (unsigned char)*c);
		else
			text_add_bytes(&text, c, 1);
	free(f->redirect_to);
	f->redirect_to = text.data;
	wake(f);
}

static void finish_source(struct fetch *f)
{
	if (f->kind)
		f->kind->finish(f);
	f->kind = NULL;
	f->source = NULL;
}

/* Forget what the last source reported; a redirect has led on. */
static void reset_source(struct fetch *f)
{
	finish_source(f);
	f->has_head = f->source_over = f->source_failed = f->paused = false;
	f->buffer.length = f->taken = 0;
	f->received = 0;
	f->status = 0;
	f->length = -1;
	f->media = (struct media){ 0 };
}

static void start_source(struct fetch *f)
{
	struct url url;
	const char *why;
	if (f->too_many && !f->page.data) {
		fetch_source_fail(f, FETCH_ERROR_TOO_MANY, "Too many pages are loading",
				  "%d are loading already. Stop or close some of them.", FETCH_MAX_RUNNING);
	} else if (f->page.data) {
		f->kind = &page_kind;
	} else if (!url_parse(&url, f->url, &why)) {
		fetch_source_fail(f, FETCH_ERROR_URL, "This is no address", "%s", why);
	} else if (!kinds[url.scheme]) {
		fetch_source_fail(
			f, FETCH_ERROR_SCHEME, "Addresses of this kind cannot be opened",
			"Nothing here serves %.*s: addresses. http, https, file, data and bulkhead can be opened.",
			(int)strcspn(url.text, ":"), url.text);
	} else {
		memcpy(f->url, url.text, sizeof url.text);
		f->kind = kinds[url.scheme];
	}
	if (f->kind)
		f->kind->start(f);
}

/* The server leads on: to an allowed place, that the caller agrees to, and not for ever. */
static void follow_redirect(struct fetch *f)
{
	struct url target;
	char from[URL_MAX + 1], to[URL_MAX + 1];
	const char *why = "";
	char *location = f->redirect_to;
	f->redirect_to = NULL;
	reset_source(f);
	bool parsed = url_resolve(&target, f->url, location, &why);
	url_hide_userinfo(f->url, from);
	url_hide_userinfo(parsed ? target.text : location, to);
	free(location);
	if (!parsed) {
		fetch_source_fail(f, FETCH_ERROR_URL, "The server leads to a broken address", "%.200s: %s",
				  to, why);
	} else if (!url_may_open(f->url, target.text, URL_BY_REDIRECT, &why)) {
		fetch_source_fail(f, FETCH_ERROR_REDIRECT_REFUSED, "The server leads where it may not",
				  "%.200s redirects to %.200s. %s", from, to, why);
	} else if (f->hops == FETCH_MAX_HOPS) {
		fetch_source_fail(f, FETCH_ERROR_REDIRECTS, "The server redirects in circles",
				  "After %d redirects it leads on to %.200s.", FETCH_MAX_HOPS, to);
	} else {
		f->hops++;
		bool agreed = !f->callbacks.redirect || f->callbacks.redirect(f->arg, from, to);
		if (f->over)
			return;
		memcpy(f->url, target.text, sizeof target.text);
		if (agreed)
			start_source(f);
		else
			fetch_source_fail(f, FETCH_ERROR_REDIRECT_REFUSED, "The redirect was refused",
					  "%.200s redirects to %.200s.", from, to);
	}
}

static void fail(struct fetch *f, enum fetch_error error, const char *title, const char *words)
{
	f->over = true;
	finish_source(f);
	f->callbacks.fail(f->arg, error, title, words);
}

/* It is nothing to be shown: say what it is and how long. */
static void fail_type(struct fetch *f, enum media_verdict verdict)
{
	struct text title = { 0 }, words = { 0 };
	text_format(&title, "Bulkhead shows no %s", verdict == MEDIA_BINARY ? "binary data" : f->media.mime);
	text_add(&words, "What came is ");
	text_add(&words, verdict == MEDIA_BINARY ? "binary, not text" : f->media.mime);
	if (f->length >= 0) {
		text_add(&words, ", ");
		text_add_number(&words, (unsigned long long)f->length);
		text_add(&words, " bytes");
	}
	text_add(&words, ". HTML and plain text can be shown.");
	fail(f, verdict == MEDIA_BINARY ? FETCH_ERROR_BINARY : FETCH_ERROR_TYPE, title.data, words.data);
	text_finish(&title);
	text_finish(&words);
}

static void fail_empty(struct fetch *f)
{
	char title[96], words[160];
	bool refused = f->status >= 400;
	snprintf(title, sizeof title, refused ? "The server answered %u (%s)" : "There is nothing to show",
		 f->status, http_status_words(f->status));
	if (f->status)
		snprintf(words, sizeof words, "The server answered %u (%s) and sent nothing else.", f->status,
			 http_status_words(f->status));
	else
		snprintf(words, sizeof words, "The file is empty.");
	fail(f, refused ? FETCH_ERROR_STATUS : FETCH_ERROR_EMPTY, title, words);
}

static void tell_head(struct fetch *f)
{
	char url[URL_MAX + 1];
	url_hide_userinfo(f->url, url);
	f->headed = true;
	task_cancel(&f->sniff_timer);
	f->callbacks.head(f->arg, &(struct fetch_head){ .url = url,
							.status = f->status,
							.mime = f->media.mime,
							.charset = f->media.charset,
							.length = f->length });
}

static void sniff_due(void *arg);

/* Is enough known to say what this is? */
static void try_head(struct fetch *f)
{
	/* What broke off after some bytes is still shown, and ends as a reset, however fast it went. */
	if (f->source_failed && !(f->has_head && f->received)) {
		fail(f, f->error, f->title, f->words);
		return;
	}
	if (!f->has_head)
		return;
	if (f->source_over && !f->received && !f->kind->may_be_empty) {
		fail_empty(f);
		return;
	}
	bool enough = f->source_over || f->received >= FETCH_SNIFF_BYTES ||
		      (f->received && (f->media.mime[0] || f->sniff_due));
	if (!enough) {
		if (f->received && !f->sniff_timer.pending)
			task_schedule(&f->sniff_timer, FETCH_SNIFF_MS);
		return;
	}
	enum media_verdict verdict = media_judge(&f->media, f->buffer.data, f->buffer.length);
	if (verdict == MEDIA_SHOWN)
		tell_head(f);
	else
		fail_type(f, verdict);
}

static void tell_progress(struct fetch *f)
{
	if (f->received == f->progress_told)
		return;
	f->progress_told = f->received;
	if (f->callbacks.progress)
		f->callbacks.progress(f->arg, f->received, f->length);
}

static void end(struct fetch *f, enum body_end how, const char *reason)
{
	f->over = true;
	finish_source(f);
	body_close(f);
	if (f->callbacks.end)
		f->callbacks.end(f->arg, how, f->written, reason);
}

/* Move bytes into the pipe, let the source go on when there is room, and see whether that was all. */
static void pump(struct fetch *f)
{
	enum body_state state = body_pump(f);
	if (state == BODY_READER_GONE) {
		end(f, BODY_END_STOPPED, "The page's process has closed the pipe.");
	} else if (state == BODY_EMPTY && f->source_over) {
		end(f, f->source_failed ? BODY_END_RESET : BODY_END_COMPLETE,
		    f->source_failed ? f->words : "");
	} else if (f->paused && fetch_source_waiting(f) < FETCH_BUFFER_BYTES / 2) {
		f->paused = false;
		if (!f->source_over)
			f->kind->resume(f);
	}
}

static void fetch_free(struct fetch *f)
{
	LIST_REMOVE(f, of_fetcher);
	f->fetcher->running--;
	finish_source(f);
	body_close(f);
	task_finish(&f->turn);
	task_finish(&f->room);
	task_finish(&f->sniff_timer);
	text_finish(&f->page);
	text_finish(&f->buffer);
	free(f->redirect_to);
	free(f);
}

/* Do all that has become possible, by the cause that the fetch was started by. */
static void advance(void *arg)
{
	struct fetch *f = arg;
	uint64_t before = cause_current();
	cause_set(f->cause);
	f->running = true;
	task_cancel(&f->turn);
	if (!f->started) {
		f->started = true;
		start_source(f);
	}
	while (!f->over && f->redirect_to)
		follow_redirect(f);
	if (!f->over && !f->headed)
		try_head(f);
	if (!f->over && f->headed)
		tell_progress(f);
	if (!f->over && f->headed && f->pipe >= 0)
		pump(f);
	f->running = false;
	cause_set(before);
	if (f->over)
		fetch_free(f);
}

static void sniff_due(void *arg)
{
	struct fetch *f = arg;
	f->sniff_due = true;
	advance(f);
}

static struct fetch *create(struct fetcher *fetcher, const char *url, const struct fetch_callbacks *callbacks,
			    void *arg)
{
	struct fetch *f = calloc(1, sizeof *f);
	if (!f)
		abort();
	f->fetcher = fetcher;
	f->callbacks = *callbacks;
	f->arg = arg;
	f->cause = cause_current();
	f->pipe = -1;
	f->length = -1;
	snprintf(f->url, sizeof f->url, "%s", url);
	task_init(&f->turn, advance, f);
	task_init(&f->room, advance, f);
	task_init(&f->sniff_timer, sniff_due, f);
	LIST_INSERT_HEAD(&fetcher->fetches, f, of_fetcher);
	f->too_many = fetcher->running++ >= FETCH_MAX_RUNNING;
	task_schedule(&f->turn, 0);
	return f;
}

struct fetch *fetch_start(struct fetcher *fetcher, const char *url, const struct fetch_callbacks *callbacks,
			  void *arg)
{
	return create(fetcher, url, callbacks, arg);
}

struct fetch *fetch_start_page(struct fetcher *fetcher, const char *url, struct text *html,
			       const struct fetch_callbacks *callbacks, void *arg)
{
	struct fetch *f = create(fetcher, url, callbacks, arg);
	f->page = *html;
	*html = (struct text){ 0 };
	text_add(&f->page, "");
	return f;
}

int fetch_open_body(struct fetch *f)
{
	int fd = body_open(f);
	if (fd >= 0)
		wake(f);
	return fd;
}

bool fetch_has_pipe(const struct fetch *f)
{
	return f->pipe != -1;
}

uint64_t fetch_written(const struct fetch *f)
{
	return f->written;
}

void fetch_stop(struct fetch *f)
{
	if (!f)
		return;
	f->over = true;
	if (!f->running)
		fetch_free(f);
}
