/* libcurl's multi interface on our loop, and what all transfers share. Used by http.c only. */
#pragma once
#include <curl/curl.h>
#include <stdbool.h>

struct http;
struct request;

/* What transfers share: cookies (in memory), TLS sessions, the public suffix list. */
CURLSH *http_share(struct http *);

/* Begin a transfer whose CURLOPT_PRIVATE is a struct request, and forget one, done or not. */
bool http_add(struct http *, CURL *);
void http_remove(struct http *, CURL *);

/* In http.c: a transfer is over. It only reports, and removes nothing. */
void http_request_done(struct request *, CURLcode);
