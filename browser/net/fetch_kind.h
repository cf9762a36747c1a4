/*
 * Between fetch.c and the kinds of sources (http.c, file.c, data.c, builtin.c): a fetch's inside, what a kind
 * must be, and what it reports. Reports only note what came and wake the fetch, so a source may make them
 * anywhere.
 */
#pragma once
#include "browser/net/fetch.h"
#include "browser/net/media.h"
#include "browser/net/url.h"
#include "common/task.h"
#include <sys/queue.h>

struct fetch_kind {
	bool may_be_empty;
	void (*start)(
		struct fetch *); /* begin with fetch->url; report at least an end or a failure, some time */
	void (*resume)(struct fetch *); /* fetch_source_bytes() said false: now there is room again */
	void (*finish)(struct fetch *); /* free fetch->source; may be called at any time after start, once */
};
extern const struct fetch_kind http_kind, file_kind, data_kind, builtin_kind;

#define FETCH_BUFFER_BYTES (256u << 10) /* a source pauses when so much waits for the pipe */
#define FETCH_SNIFF_BYTES  512u
#define FETCH_SNIFF_MS	   250u /* to wait for them, when the server did not say what it sends */

struct page {
	const char *name;
	page_write_fn *write;
	page_write_under_fn *write_under; /* NULL: nothing is under it */
	void *arg;
	LIST_ENTRY(page) of_fetcher;
};

struct fetcher {
	struct fetcher_config config;
	char *ca_file;
	struct http *http;
	LIST_HEAD(fetch_list, fetch) fetches;
	LIST_HEAD(page_list, page) pages;
	unsigned running;
};

struct fetch {
	struct fetcher *fetcher;
	LIST_ENTRY(fetch) of_fetcher;
	struct fetch_callbacks callbacks;
	void *arg;
	uint64_t cause;
	struct task turn; /* do what has become possible */
	struct task room; /* the pipe takes bytes again */
	struct task sniff_timer;

	char url[URL_MAX +
		 2]; /* with userinfo, for the source; one byte more, so that too long a one is noticed */
	struct text page; /* of fetch_start_page() */
	const struct fetch_kind *kind;
	void *source;
	unsigned hops;
	char *redirect_to; /* as the server wrote it */

	/* What the source reported. */
	unsigned status;
	int64_t length;
	struct media media;
	struct text buffer; /* bytes from `taken` on wait for the pipe */
	size_t taken;
	uint64_t received;
	bool has_head, source_over, source_failed, paused;
	enum fetch_error error;
	char title[160], words[640];

	/* What the caller was told. */
	bool too_many; /* there were, when it was started */
	bool started, headed, sniff_due, running, over;
	uint64_t progress_told, written;
	int pipe;
};

/* The head: HTTP status (0: none), Content-Type or "" or NULL, length or -1. */
void fetch_source_head(struct fetch *, unsigned status, const char *content_type, int64_t length);
/* Bytes of the body. False: enough for now, wait for resume. */
bool fetch_source_bytes(struct fetch *, const void *bytes, size_t length);
/* Bytes that wait for the pipe. */
size_t fetch_source_waiting(const struct fetch *);
/* A whole document of HTML in the browser's memory: head, bytes and end. Takes the text's contents. */
void fetch_source_html(struct fetch *, struct text *html);
void fetch_source_end(struct fetch *);
/* After the head a reset, before it a failure. */
void fetch_source_fail(struct fetch *, enum fetch_error, const char *title, const char *words, ...)
	__attribute__((format(printf, 4, 5)));
void fetch_source_redirect(struct fetch *, const char *location);

/* http.c: libcurl's side of a fetcher. */
struct http *http_create(const char **why);
void http_destroy(struct http *);
/* "Not Found" for 404. */
const char *http_status_words(unsigned status);
