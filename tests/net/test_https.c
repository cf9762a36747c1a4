/* HTTPS against a server whose certificate nobody but --ca-file knows. */
#include "tests/net/client.h"
#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct server server;

static void unknown_certificates_are_refused(void **state)
{
	struct story s = { 0 };
	(void)state;
	struct fetcher *fetcher = fetcher_for_test(NULL);
	story_tell(&s, fetcher, "https://127.0.0.1:%u/ok", server.port);
	assert_true(s.failed);
	assert_int_equal(s.error, FETCH_ERROR_TLS);
	assert_non_null(strstr(s.words, "certificate"));
	story_finish(&s);
	fetcher_destroy(fetcher);
}

static void a_ca_file_makes_them_known(void **state)
{
	struct story s = { 0 }, again = { 0 }, wrong = { 0 };
	char path[96];
	(void)state;
	snprintf(path, sizeof path, "%s/cert.pem", server.folder);
	struct fetcher *fetcher = fetcher_for_test(path);
	story_tell(&s, fetcher, "https://127.0.0.1:%u/ok", server.port);
	if (!s.ended)
		fail_msg("%s: %s", s.title, s.words);
	assert_non_null(strstr(s.body.data, "All is well"));
	/* The same server by a name that is not in its certificate. */
	story_tell(&wrong, fetcher, "https://bulkhead.localhost:%u/ok", server.port);
	assert_true(wrong.failed);
	assert_int_equal(wrong.error, FETCH_ERROR_TLS);
	story_tell(&again, fetcher, "https://localhost:%u/redirect/2", server.port);
	assert_true(again.ended);
	story_finish(&s);
	story_finish(&again);
	story_finish(&wrong);
	fetcher_destroy(fetcher);
}

static void plain_http_to_tls_fails_in_words(void **state)
{
	struct story s = { 0 };
	(void)state;
	struct fetcher *fetcher = fetcher_for_test(NULL);
	story_tell(&s, fetcher, "http://127.0.0.1:%u/ok", server.port);
	assert_true(s.failed);
	assert_int_equal(s.error, FETCH_ERROR_NETWORK);
	assert_true(s.words[0]);
	story_finish(&s);
	fetcher_destroy(fetcher);
}

static int setup(void **state)
{
	(void)state;
	server_start(&server, server_script, true);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	server_stop(&server);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_certificates_are_refused),
		cmocka_unit_test(a_ca_file_makes_them_known),
		cmocka_unit_test(plain_http_to_tls_fails_in_words),
	};
	return net_test_main(argc, argv, "https", tests, COUNT(tests), setup, teardown);
}
