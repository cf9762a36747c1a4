/*
 * What a user would not want to be found: passwords and tokens in addresses that are really opened, followed
 * and redirected to stand in no file of the log and in no crash report, neither in clear nor as digits,
 * though the log holds all bytes of all messages. Argument: the test server.
 */
#include "browser/fault/crash/crash_report.h"
#include "tests/browser/harness.h"
#include "tests/net/client.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static struct server server;
static char host[32];

/* Each is somewhere where no other is. */
static const char *const secrets[] = { "userinfo5EcReT", "typed5EcReT",	  "query5EcReT",      "link5EcReT",
				       "redirect5EcReT", "session5EcReT", "unreachable5EcReT" };
#define SECRETS (sizeof secrets / sizeof *secrets)

static int set_up(void **state)
{
	server_start(&server, server_script, false);
	snprintf(host, sizeof host, "127.0.0.1:%u", server.port);
	harness_options.no_log = false;
	harness_options.log_payload = LOG_PAYLOAD_FULL;
	harness_options.log_size = 64 << 10;
	harness_options.log_files = 999;
	return harness_open(state);
}

static void hex_of(const char *text, char out[128])
{
	struct format f = format_into(out, 128);

	format_hex(&f, text, strlen(text));
}

/* Is it in the line, as it is or as digits? */
static bool has(const char *line, const char *secret)
{
	char hex[128];

	hex_of(secret, hex);
	return strstr(line, secret) || strstr(line, hex);
}

static void check_line(const char *file, const char *line)
{
	for (size_t i = 0; i < SECRETS; i++)
		if (has(line, secrets[i]))
			fail_msg("%s: %s", file, line);
}

/* Look at every line of every file in the folder and those in it. Returns how many files there were. */
static unsigned check_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t capacity = 0;
	char *line = NULL;
	unsigned n = 0;

	for (struct dirent *entry; dir && (entry = readdir(dir));) {
		char path[1024];
		struct stat st;

		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		if (entry->d_name[0] == '.' || stat(path, &st))
			continue;
		if (S_ISDIR(st.st_mode)) {
			n += check_folder(path);
			continue;
		}
		FILE *file = fopen(path, "re");

		assert_non_null(file);
		while (getline(&line, &capacity, file) > 0)
			check_line(path, line);
		fclose(file);
		n++;
	}
	if (dir)
		closedir(dir);
	free(line);
	return n;
}

/* As a user does it in the address bar. */
static void type_address(struct tab *tab, const char *address)
{
	char value[700];

	snprintf(value, sizeof value, "address %s", address);
	browser_input(&browser, "command", value);
	harness_go(tab, address);
	browser_input_done(&browser);
}

static bool is_sad(const struct tab *tab)
{
	return tab->state == TAB_SAD;
}

static void test_no_file_has_them(void **state)
{
	struct tab *tab = harness_tab("bulkhead://pages/harbour.html");
	char url[600];

	(void)state;
	snprintf(url, sizeof url, "http://user:userinfo5EcReT@%s/ok?password=query5EcReT", host);
	type_address(tab, url);
	snprintf(url, sizeof url, "http://%s/ok?PASSWD=typed5EcReT", host);
	type_address(tab, url);
	/* A link, which the renderer sends. */
	snprintf(url, sizeof url, "data:text/html,<a href=\"http://%s/ok?token=link5EcReT\">on</a>", host);
	type_address(tab, url);
	tab_press_key(tab, KEY_FOCUS_NEXT);
	tab_press_key(tab, KEY_ACTIVATE);
	AWAIT(!strncmp(tab->url, "http:", 5) && harness_loaded(tab));
	assert_non_null(strstr(tab->url, "link5EcReT"));
	snprintf(url, sizeof url, "http://%s/to?http://%s/ok?secret=redirect5EcReT%%26session=session5EcReT",
		 host, host);
	type_address(tab, url);
	AWAIT(strstr(tab->url, "session5EcReT") && harness_loaded(tab));
	snprintf(url, sizeof url, "http://a:b@127.0.0.1:1/?pwd=unreachable5EcReT");
	type_address(tab, url);
	/* Whoever dies leaves a report with its last messages. */
	struct endpoint dead = tab->renderer->name;

	process_kill(tab->renderer, BAD_MESSAGE_NONE);
	AWAIT(is_sad(tab));
	assert_non_null(crash_report_id(browser.crash_reports, dead));
	crash_reports_settle(browser.crash_reports);
	/* When all is written: two files of the log, and a report. */
	server_stop(&server);
	assert_int_equal(harness_close(NULL), 0);
	assert_true(check_folder(harness_state_folder()) >= 3);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_no_file_has_them) };

	if (argc < 2)
		return 2;
	server_script = argv[1];
	return cmocka_run_group_tests(tests, set_up, NULL);
}
