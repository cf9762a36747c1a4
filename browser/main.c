/* The bulkhead command: reads the command line and hands over to the screen, a scenario, or the log reader.
 */
#include "browser/browser.h"
#include "browser/fault/scenario.h"
#include "browser/traffic/log_command.h"
#include "browser/ui/ui.h"
#include "common/protocol.h"
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef BULKHEAD_VERSION
#error "meson gives the version"
#endif

static const char usage[] =
	"Usage: bulkhead [OPTION]... [URL]...          browse; a tab for each URL\n"
	"       bulkhead run [OPTION]... SCENARIO.json  play a scenario without a screen, report who died and who lived\n"
	"       bulkhead log [FILE] [OPTION]...         read a traffic log (see bulkhead log --help)\n"
	"\n"
	"  --log FILE       write the traffic log there instead of in $XDG_STATE_HOME/bulkhead\n"
	"  --no-log         write none\n"
	"  --profile DIR    keep state and logs under this folder\n"
	"  --ca-file FILE   trust the certificates in this PEM file too\n"
	"  --no-sandbox     run the children without their sandbox (never for untrusted pages)\n"
	"  --ascii          plain letters instead of signs and lines\n"
	"  --json           (run) print the report as JSON\n"
	"  --help, --version\n";

static char program_name[] = "bulkhead";

enum {
	OPTION_LOG = 256,
	OPTION_NO_LOG,
	OPTION_PROFILE,
	OPTION_CA,
	OPTION_NO_SANDBOX,
	OPTION_ASCII,
	OPTION_JSON,
	OPTION_WITHOUT,
	OPTION_HELP,
	OPTION_VERSION
};

/* --sandbox-without is for tests: it proves what each layer stops. */
static const struct option long_options[] = {
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "no-log", no_argument, NULL, OPTION_NO_LOG },
	{ "profile", required_argument, NULL, OPTION_PROFILE },
	{ "ca-file", required_argument, NULL, OPTION_CA },
	{ "no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX },
	{ "ascii", no_argument, NULL, OPTION_ASCII },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "sandbox-without", required_argument, NULL, OPTION_WITHOUT },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ "version", no_argument, NULL, OPTION_VERSION },
	{ 0 },
};

static int fail(const char *why, int status)
{
	fprintf(stderr, "bulkhead: %s\n", why);
	return status;
}

static bool parse_layers(const char *list, uint32_t *layers)
{
	char *copy = strdup(list), *state = NULL;
	bool known = true;

	for (char *name = copy ? strtok_r(copy, ",", &state) : NULL; name;
	     name = strtok_r(NULL, ",", &state)) {
		unsigned i = 0;

		while (i < LAYER_COUNT && strcmp(layer_names[i], name))
			i++;
		known &= i < LAYER_COUNT;
		*layers |= i < LAYER_COUNT ? 1u << i : 0;
	}
	free(copy);
	return known;
}

/* Returns -1 to go on, else the exit status. */
static int parse_options(int argc, char **argv, struct options *o, bool *json)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case OPTION_LOG:
			o->log_file = optarg;
			break;
		case OPTION_NO_LOG:
			o->no_log = true;
			break;
		case OPTION_PROFILE:
			o->profile = optarg;
			break;
		case OPTION_CA:
			o->ca_file = optarg;
			break;
		case OPTION_NO_SANDBOX:
			o->no_sandbox = true;
			break;
		case OPTION_ASCII:
			o->ascii = true;
			break;
		case OPTION_JSON:
			*json = true;
			break;
		case OPTION_WITHOUT:
			if (!parse_layers(optarg, &o->without))
				return fail("--sandbox-without: unknown layer", 2);
			break;
		case OPTION_HELP:
			fputs(usage, stdout);
			return 0;
		case OPTION_VERSION:
			printf("bulkhead %s (protocol %016llx)\n", BULKHEAD_VERSION,
			       (unsigned long long)IPC_PROTOCOL_HASH);
			return 0;
		default:
			fputs("Try 'bulkhead --help'.\n", stderr);
			return 2;
		}
	}
	return -1;
}

/* Widths of characters come from the locale: it must know Unicode, whatever the user's is. */
static void choose_locale(void)
{
	setlocale(LC_ALL, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8"))
		setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_NUMERIC, "C");
}

/* What the log lacks is said where nobody can have missed it. */
static void finish(struct browser *b)
{
	uint64_t lacks;
	char path[sizeof b->log_path];

	snprintf(path, sizeof path, "%s", b->log_path);
	lacks = browser_finish(b);
	if (lacks)
		fprintf(stderr, "bulkhead: %s: %llu lines of the log could not be written\n", path,
			(unsigned long long)lacks);
}

static int run_scenario(const struct options *o, const char *path, bool json)
{
	struct browser browser;
	const char *why;
	struct scenario *scenario = scenario_read(path, &why);
	int status;

	if (!scenario)
		return fail(why, 1);
	status = browser_init(&browser, o, &why) ? scenario_play(&browser, scenario, json) : fail(why, 1);
	finish(&browser);
	scenario_free(scenario);
	return status;
}

static int run_screen(const struct options *o, unsigned nurls, char **urls)
{
	struct browser browser;
	const char *why;
	int status = 0;

	if (!browser_init(&browser, o, &why) || !ui_run(&browser, nurls, urls, &why))
		status = fail(why, 1);
	finish(&browser);
	return status;
}

int main(int argc, char **argv)
{
	struct options options = { 0 };
	bool json = false, run;
	int status;

	argv[0] = program_name; /* as getopt_long is to call us */
	choose_locale();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* who started us may ignore it, and then no death could be waited for */
	if (argc > 1 && !strcmp(argv[1], "log"))
		return log_command(argc - 1, argv + 1);
	status = parse_options(argc, argv, &options, &json);
	if (status >= 0)
		return status;
	if (options.profile)
		setenv("XDG_STATE_HOME", options.profile, 1);
	/* getopt_long has put the options first, wherever they stood. */
	run = optind < argc && !strcmp(argv[optind], "run");
	optind += run;
	if (run && optind + 1 != argc)
		return fail("run: exactly one scenario is wanted; try 'bulkhead --help'", 2);
	if (run)
		return run_scenario(&options, argv[optind], json);
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return run_screen(&options, (unsigned)(argc - optind), argv + optind);
	fputs("bulkhead: no terminal here: playing the demo scenario instead\n", stderr);
	return run_scenario(&options, NULL, json);
}
