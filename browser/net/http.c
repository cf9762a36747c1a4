/*
 * http and https by libcurl, one request a hop. What a transfer brings is reported to fetch.c, which acts on
 * it in a turn of its own, so that no handle is ever removed from within libcurl. http_loop.c joins libcurl
 * to our loop.
 */
#include "browser/net/fetch_kind.h"
#include "browser/net/http_loop.h"
#include <ctype.h>
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define REDIRECT_BODY_BYTES                                                                                  \
	16384u		     /* read so that the connection can be used again; longer ones are cut off */
#define REDIRECT_BODY_MS 50u /* and slower ones, too */

struct request {
	CURL *easy;
	struct fetch *fetch;
	struct task hurry; /* a redirect's body takes too long */
	unsigned status;
	char content_type[256], location[URL_MAX + 1];
	int64_t length;
	bool encoded, head_over;
	size_t swallowed;
	char error[CURL_ERROR_SIZE];
};

const char *http_status_words(unsigned status)
{
	static const struct {
		unsigned status;
		const char *words;
	} known[] = {
		{ 200, "OK" },
		{ 204, "No Content" },
		{ 205, "Reset Content" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 406, "Not Acceptable" },
		{ 408, "Request Timeout" },
		{ 410, "Gone" },
		{ 429, "Too Many Requests" },
		{ 451, "Unavailable For Legal Reasons" },
		{ 500, "Internal Server Error" },
		{ 502, "Bad Gateway" },
		{ 503, "Service Unavailable" },
		{ 504, "Gateway Timeout" },
	};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].status == status)
			return known[i].words;
	return status >= 500   ? "server error"
	       : status >= 400 ? "client error"
	       : status >= 300 ? "redirect"
			       : "success";
}

/* The header's value if the line is that header, without blanks around it. */
static bool header_is(const char *line, size_t length, const char *name, char *out, size_t size)
{
	size_t n = strlen(name);
	if (length <= n || strncasecmp(line, name, n) || line[n] != ':')
		return false;
	const char *start = line + n + 1, *end = line + length;
	while (start < end && isspace((unsigned char)*start))
		start++;
	while (end > start && isspace((unsigned char)end[-1]))
		end--;
	size_t bytes = (size_t)(end - start) < size ? (size_t)(end - start) : 0;
	memcpy(out, start, bytes);
	out[bytes] = 0;
	return true;
}

/* 1xx answers come before the real one; what comes after the body are trailers. */
static void take_head(struct request *r)
{
	long status = 0;
	curl_easy_getinfo(r->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 200)
		return;
	r->status = (unsigned)status;
	r->head_over = true;
	bool leads_on = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
	if (!leads_on)
		r->location[0] = 0;
	if (r->location[0])
		task_schedule(&r->hurry, REDIRECT_BODY_MS);
	else
		fetch_source_head(r->fetch, r->status, r->content_type, r->encoded ? -1 : r->length);
}

static size_t on_header(char *line, size_t one, size_t length, void *arg)
{
	struct request *r = arg;
	char value[64];
	(void)one;
	if (r->head_over)
		return length;
	if (length > 5 && !memcmp(line, "HTTP/", 5)) {
		r->content_type[0] = r->location[0] = 0;
		r->length = -1;
		r->encoded = false;
	} else if (header_is(line, length, "Content-Length", value, sizeof value)) {
		char *end;
		long long bytes = strtoll(value, &end, 10);
		r->length = end > value && !*end && bytes >= 0 ? bytes : -1;
	} else if (header_is(line, length, "Content-Encoding", value, sizeof value)) {
		r->encoded = strcasecmp(value, "identity");
	} else if (!header_is(line, length, "Content-Type", r->content_type, sizeof r->content_type) &&
		   !header_is(line, length, "Location", r->location, sizeof r->location) && length <= 2) {
		take_head(r);
	}
	return length;
}

static size_t on_body(char *bytes, size_t one, size_t length, void *arg)
{
	struct request *r = arg;
	(void)one;
	if (r->location[0]) {
		r->swallowed += length;
		return r->swallowed <= REDIRECT_BODY_BYTES ? length : 0;
	}
	/* Beyond the first pieces, libcurl keeps what it unpacks while paused: up to 64 MiB, then it gives
	 * up. */
	if (!fetch_source_bytes(r->fetch, bytes, length))
		curl_easy_pause(r->easy, CURLPAUSE_RECV);
	return length;
}

static const struct failure {
	CURLcode code;
	enum fetch_error error;
	const char *title;
} failures[] = {
	{ CURLE_COULDNT_RESOLVE_HOST, FETCH_ERROR_RESOLVE, "There is no such host" },
	{ CURLE_COULDNT_RESOLVE_PROXY, FETCH_ERROR_RESOLVE, "There is no such proxy" },
	{ CURLE_COULDNT_CONNECT, FETCH_ERROR_CONNECT, "The server cannot be reached" },
	{ CURLE_OPERATION_TIMEDOUT, FETCH_ERROR_TIMEOUT, "The server does not answer" },
	{ CURLE_PEER_FAILED_VERIFICATION, FETCH_ERROR_TLS, "The server cannot prove who it is" },
	{ CURLE_SSL_ISSUER_ERROR, FETCH_ERROR_TLS, "The server cannot prove who it is" },
	{ CURLE_SSL_INVALIDCERTSTATUS, FETCH_ERROR_TLS, "The server cannot prove who it is" },
	{ CURLE_SSL_CONNECT_ERROR, FETCH_ERROR_TLS, "No secure connection could be made" },
	{ CURLE_SSL_CACERT_BADFILE, FETCH_ERROR_TLS, "The trusted certificates cannot be read" },
	{ CURLE_GOT_NOTHING, FETCH_ERROR_NETWORK, "The server closed the connection without an answer" },
	{ CURLE_WEIRD_SERVER_REPLY, FETCH_ERROR_NETWORK, "The server's answer is no HTTP" },
	{ CURLE_UNSUPPORTED_PROTOCOL, FETCH_ERROR_NETWORK, "The server's answer is no HTTP" },
	{ CURLE_BAD_CONTENT_ENCODING, FETCH_ERROR_NETWORK, "The server's compression is broken" },
	{ CURLE_PARTIAL_FILE, FETCH_ERROR_NETWORK, "The connection ended too early" },
	{ CURLE_RECV_ERROR, FETCH_ERROR_NETWORK, "The connection broke" },
	{ CURLE_SEND_ERROR, FETCH_ERROR_NETWORK, "The connection broke" },
	{ CURLE_OK, FETCH_ERROR_NETWORK, "The connection failed" }, /* any other */
};

static void report_failure(struct request *r, CURLcode code)
{
	const struct failure *failure = failures;
	while (failure->code != code && failure->code != CURLE_OK)
		failure++;
	const char *words = r->error[0] ? r->error : curl_easy_strerror(code);
	if (code == CURLE_OUT_OF_MEMORY && r->encoded)
		words = "The compressed body swells beyond all measure when it is unpacked";
	fetch_source_fail(r->fetch, failure->error, failure->title, "%s.", words);
}

void http_request_done(struct request *r, CURLcode code)
{
	if (r->location[0] && r->head_over)
		fetch_source_redirect(r->fetch, r->location);
	else if (code)
		report_failure(r, code);
	else
		fetch_source_end(r->fetch);
}

static void redirect_hurry(void *arg)
{
	struct request *r = arg;
	fetch_source_redirect(r->fetch, r->location);
}

static void set_options(struct request *r, const struct fetcher *fetcher)
{
	const struct fetcher_config *config = &fetcher->config;
	struct url url;
	CURL *easy = r->easy;
	curl_easy_setopt(easy, CURLOPT_URL, r->fetch->url);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, r);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	/* A name that is being looked up when the fetch is stopped must not hold up the browser. */
	curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(easy, CURLOPT_USERAGENT, "Bulkhead/0.1");
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(easy, CURLOPT_COOKIEFILE, "");
	curl_easy_setopt(easy, CURLOPT_SHARE, http_share(fetcher->http));
	if (fetcher->ca_file)
		curl_easy_setopt(easy, CURLOPT_CAINFO, fetcher->ca_file);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
			 (long)(config->connect_timeout_ms ? config->connect_timeout_ms : 20000));
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME,
			 (long)(config->silence_timeout_s ? config->silence_timeout_s : 60));
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, r);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, r);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, r->error);
	if (url_parse(&url, r->fetch->url, NULL) && url_host_is_local(url.host))
		curl_easy_setopt(easy, CURLOPT_PROXY, "");
}

static void http_start(struct fetch *f)
{
	struct request *r = calloc(1, sizeof *r);
	if (!r)
		abort();
	f->source = r;
	r->fetch = f;
	r->length = -1;
	task_init(&r->hurry, redirect_hurry, r);
	r->easy = curl_easy_init();
	if (!r->easy)
		abort();
	set_options(r, f->fetcher);
	if (!http_add(f->fetcher->http, r->easy))
		fetch_source_fail(f, FETCH_ERROR_NETWORK, "The connection failed",
				  "libcurl takes no more transfers.");
}

static void http_resume(struct fetch *f)
{
	struct request *r = f->source;
	curl_easy_pause(r->easy, CURLPAUSE_CONT);
}

static void http_finish(struct fetch *f)
{
	struct request *r = f->source;
	http_remove(f->fetcher->http, r->easy);
	curl_easy_cleanup(r->easy);
	task_finish(&r->hurry);
	free(r);
}

const struct fetch_kind http_kind = { false, http_start, http_resume, http_finish };
