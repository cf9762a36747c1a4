/* libcurl's sockets and its timer, each a task of our loop. See http.c for what a transfer is. */
#include "browser/net/http_loop.h"
#include "browser/net/fetch_kind.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* One of libcurl's sockets. Kept when libcurl is done with it, for the next: it may be our caller just now.
 */
struct watch {
	struct http *http;
	curl_socket_t socket;
	bool used;
	struct task readable, writable;
	LIST_ENTRY(watch) of_http;
};

struct http {
	CURLM *multi;
	CURLSH *share;
	struct task timer;
	LIST_HEAD(watch_list, watch) watches;
};

CURLSH *http_share(struct http *http)
{
	return http->share;
}

static void tell_done(struct http *http)
{
	CURLMsg *message;
	int left;
	while ((message = curl_multi_info_read(http->multi, &left))) {
		char *request = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		CURLcode code = message->data.result;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request);
		http_request_done((struct request *)(void *)request, code);
	}
}

static void act(struct http *http, curl_socket_t socket, int what)
{
	int running;
	curl_multi_socket_action(http->multi, socket, what, &running);
	tell_done(http);
}

static void on_readable(void *arg)
{
	struct watch *watch = arg;
	act(watch->http, watch->socket, CURL_CSELECT_IN);
}

static void on_writable(void *arg)
{
	struct watch *watch = arg;
	act(watch->http, watch->socket, CURL_CSELECT_OUT);
}

static void on_timer(void *arg)
{
	act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static struct watch *watch_for(struct http *http, curl_socket_t socket)
{
	struct watch *watch;
	LIST_FOREACH (watch, &http->watches, of_http) {
		if (!watch->used)
			break;
	}
	if (!watch) {
		watch = calloc(1, sizeof *watch);
		if (!watch)
			abort();
		watch->http = http;
		task_init(&watch->readable, on_readable, watch);
		task_init(&watch->writable, on_writable, watch);
		LIST_INSERT_HEAD(&http->watches, watch, of_http);
	}
	watch->used = true;
	watch->socket = socket;
	curl_multi_assign(http->multi, socket, watch);
	return watch;
}

static void watch_if(struct task *task, bool wanted, int fd, short what)
{
	if (wanted && !task->pending)
		task_watch(task, fd, what);
	else if (!wanted)
		task_cancel(task);
}

static int on_socket(CURL *easy, curl_socket_t socket, int what, void *arg, void *assigned)
{
	struct http *http = arg;
	struct watch *watch = assigned;
	(void)easy;
	if (!watch && what != CURL_POLL_REMOVE)
		watch = watch_for(http, socket);
	if (!watch)
		return 0;
	bool removed = what == CURL_POLL_REMOVE;
	watch_if(&watch->readable, !removed && what & CURL_POLL_IN, (int)socket, EV_READ);
	watch_if(&watch->writable, !removed && what & CURL_POLL_OUT, (int)socket, EV_WRITE);
	watch->used = !removed;
	return 0;
}

static int on_timeout_change(CURLM *multi, long ms, void *arg)
{
	struct http *http = arg;
	(void)multi;
	if (ms < 0)
		task_cancel(&http->timer);
	else
		task_schedule(&http->timer, (unsigned)ms);
	return 0;
}

bool http_add(struct http *http, CURL *easy)
{
	return curl_multi_add_handle(http->multi, easy) == CURLM_OK;
}

void http_remove(struct http *http, CURL *easy)
{
	curl_multi_remove_handle(http->multi, easy);
}

struct http *http_create(const char **why)
{
	struct http *http = calloc(1, sizeof *http);
	if (!http || curl_global_init(CURL_GLOBAL_DEFAULT)) {
		free(http);
		*why = "libcurl does not start";
		return NULL;
	}
	http->multi = curl_multi_init();
	http->share = curl_share_init();
	if (!http->multi || !http->share)
		abort();
	task_init(&http->timer, on_timer, http);
	LIST_INIT(&http->watches);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
	curl_multi_setopt(http->multi, CURLMOPT_SOCKETDATA, http);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERFUNCTION, on_timeout_change);
	curl_multi_setopt(http->multi, CURLMOPT_TIMERDATA, http);
	curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_COOKIE);
	curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
	curl_share_setopt(http->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_PSL);
	return http;
}

void http_destroy(struct http *http)
{
	struct watch *watch;
	if (!http)
		return;
	curl_multi_cleanup(http->multi);
	curl_share_cleanup(http->share);
	task_finish(&http->timer);
	while ((watch = LIST_FIRST(&http->watches))) {
		LIST_REMOVE(watch, of_http);
		task_finish(&watch->readable);
		task_finish(&watch->writable);
		free(watch);
	}
	free(http);
	curl_global_cleanup();
}
