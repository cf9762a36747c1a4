/*
 * Fetching: http(s), files, data: and built-in pages, one interface for all. A fetch finds out what a URL
 * leads to, reports its head, and then pumps the body into a pipe whose read end goes to a renderer; a full
 * pipe pauses the fetch, so that a body of any length takes a bounded amount of memory. browser/tab/ drives
 * it.
 *
 * Nothing here knows processes, tabs or the screen. All work runs on common/loop.h through common/task.h;
 * callbacks run by the cause that fetch_start() had, and never from within a function that the caller called.
 */
#pragma once
#include "browser/net/text.h"
#include "common/protocol.h"
#include <stdbool.h>
#include <stdint.h>

struct fetch;
struct fetcher;

enum fetch_error {
	FETCH_ERROR_URL,	      /* no URL, or one that is broken */
	FETCH_ERROR_SCHEME,	      /* a scheme that nobody serves */
	FETCH_ERROR_RESOLVE,	      /* no such host */
	FETCH_ERROR_CONNECT,	      /* refused, unreachable */
	FETCH_ERROR_TLS,	      /* certificate or handshake */
	FETCH_ERROR_TIMEOUT,	      /* no connection, or no byte, for too long */
	FETCH_ERROR_NETWORK,	      /* the connection broke, or what came was no HTTP */
	FETCH_ERROR_REDIRECTS,	      /* more than FETCH_MAX_HOPS of them */
	FETCH_ERROR_REDIRECT_REFUSED, /* to where a web page may not lead */
	FETCH_ERROR_STATUS,	      /* an HTTP error without a body */
	FETCH_ERROR_EMPTY,	      /* success, and no body */
	FETCH_ERROR_TYPE,	      /* neither HTML nor text */
	FETCH_ERROR_BINARY,	      /* said to be text, or nothing, and is not */
	FETCH_ERROR_MISSING,	      /* no such file */
	FETCH_ERROR_UNREADABLE,	      /* no permission, or the disk fails */
	FETCH_ERROR_NOT_A_FILE,	      /* a device, a pipe, a socket */
	FETCH_ERROR_NO_PAGE,	      /* no such built-in page */
	FETCH_ERROR_TOO_MANY,	      /* FETCH_MAX_RUNNING at a time */
	FETCH_ERROR_COUNT
};
extern const char *const fetch_error_names[];

#define FETCH_MAX_HOPS	  20
#define FETCH_MAX_RUNNING 512

struct fetch_head {
	const char *url;     /* where it came from in the end; no user name or password in it */
	unsigned status;     /* of HTTP; 0 for other schemes */
	const char *mime;    /* "text/html" or "text/plain" */
	const char *charset; /* as the server named it, "" if it did not */
	int64_t length;	     /* of the body in bytes, -1: not known */
};

/* All but head and fail may be NULL. Any of them but wrote may call fetch_stop(). Texts are the fetch's,
 * borrowed for the call. */
struct fetch_callbacks {
	/* A server leads on. It has been found allowed; false refuses it all the same, and the fetch fails.
	 */
	bool (*redirect)(void *arg, const char *from, const char *to);
	/* The first bytes (or the end) have come and the type is one that is shown. Then fetch_open_body() is
	 * due. */
	void (*head)(void *arg, const struct fetch_head *);
	/* Bytes of the body that have come so far; total is -1 if it is not known. */
	void (*progress)(void *arg, uint64_t bytes, int64_t total);
	/* Those bytes have just gone into the pipe. */
	void (*wrote)(void *arg, const void *bytes, size_t length);
	/* All is written to the pipe, and the pipe is closed. total: bytes written. The fetch is gone after
	 * this. */
	void (*end)(void *arg, enum body_end, uint64_t total, const char *reason);
	/* It never came to a head. Title and words are for people. The fetch is gone after this. */
	void (*fail)(void *arg, enum fetch_error, const char *title, const char *words);
};

struct fetcher_config {
	const char *ca_file;	     /* PEM certificates to trust besides the system's, or NULL */
	unsigned connect_timeout_ms; /* 0: 20,000 */
	unsigned silence_timeout_s;  /* without a single byte; 0: 60 */
	const char *const
		*libraries; /* lines about other parts for bulkhead://version, NULL-terminated, or NULL */
};

/* Copies all but `libraries`, which is borrowed. NULL with *why when the CA file cannot be read or libcurl
 * does not start. */
struct fetcher *fetcher_create(const struct fetcher_config *, const char **why);
/* Stops what is running, without callbacks. Not from within a callback of a fetch. NULL is fine. */
void fetcher_destroy(struct fetcher *);
unsigned fetcher_running(const struct fetcher *);

/* Serve bulkhead://NAME by that function, which writes HTML (page.h helps). name is borrowed. Replaces an
 * older one. */
typedef void page_write_fn(void *arg, struct text *out);
void fetcher_register_page(struct fetcher *, const char *name, page_write_fn *write, void *arg);
/* The same, and bulkhead://NAME/REST besides; that function returns false when there is no such page. */
typedef bool page_write_under_fn(void *arg, const char *rest, struct text *out);
void fetcher_register_pages(struct fetcher *, const char *name, page_write_fn *write,
			    page_write_under_fn *write_under, void *arg);

/* Fetch an absolute URL; who may open it is the caller's to ask beforehand (url_may_open). Never NULL. */
struct fetch *fetch_start(struct fetcher *, const char *url, const struct fetch_callbacks *, void *arg);

/* The same for HTML that is there already, such as an error page, shown as `url`. Takes the text's contents.
 */
struct fetch *fetch_start_page(struct fetcher *, const char *url, struct text *html,
			       const struct fetch_callbacks *, void *arg);

/*
 * Make the pipe and begin to fill it. Once, after head. Returns the read end (CLOEXEC, not blocking), which
 * is the caller's; -1 with errno. A reader that closes it ends the fetch as `stopped`.
 */
int fetch_open_body(struct fetch *);

/* Does it hold the writing end of a pipe? */
bool fetch_has_pipe(const struct fetch *);

/* Bytes written to the pipe so far. */
uint64_t fetch_written(const struct fetch *);

/* End it now, without further callbacks; the pipe is closed and the fetch freed. NULL is fine. */
void fetch_stop(struct fetch *);
