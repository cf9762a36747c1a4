/* See run_command.h. */
#include "browser/fault/scenario/run_command.h"
#include "browser/browser.h"
#include "browser/command.h"
#include "browser/fault/scenario/compare.h"
#include "browser/fault/scenario/scenario.h"
#include "browser/options.h"
#include <string.h>

static const char usage[] =
	"Usage: bulkhead run [OPTION]... SCENARIO.json\n"
	"Play a scenario without a screen, and report who died and who lived.\n\n"
	"  --json             print the report as JSON\n"
	"  --compare          play it under each process model, and print the reports side by side; which\n"
	"                     expectations held is what is compared, and does not change the exit status\n"
	"And those of the browser:\n";

static int print_usage(void)
{
	fputs(usage, stdout);
	options_print(stdout);
	return 0;
}

int run_scenario(const struct options *o, const char *path, bool json)
{
	struct browser browser;
	const char *why;
	struct scenario *scenario = scenario_read(path, &why);
	int status;

	if (!scenario || (o->no_faults && !scenario_is_harmless(scenario, path, &why))) {
		scenario_free(scenario);
		return command_fail(1, "%s", why);
	}
	if (browser_raise_limits())
		command_fail(0, "%s", browser_raise_limits());
	status = browser_init(&browser, o, &why) ? scenario_play(&browser, scenario, json)
						 : command_fail(1, "%s", why);
	command_close(&browser);
	scenario_free(scenario);
	return status;
}

int run_command(int argc, char **argv, const struct options *o)
{
	const char *path = NULL;
	bool json = false, compare = false, words = false;
	int paths = 0;

	for (int i = 1; i < argc; i++) {
		bool option = !words && argv[i][0] == '-';

		if (option && !strcmp(argv[i], "--help"))
			return print_usage();
		if (option && !strcmp(argv[i], "--"))
			words = true;
		else if (option && !strcmp(argv[i], "--json"))
			json = true;
		else if (option && !strcmp(argv[i], "--compare"))
			compare = true;
		else if (option)
			return command_fail(2, "run: %s: there is no such option; try 'bulkhead run --help'",
					    argv[i]);
		else
			path = ++paths ? argv[i] : NULL;
	}
	if (paths != 1)
		return command_fail(2, "run: exactly one scenario is wanted; try 'bulkhead run --help'");
	return compare ? compare_command(o, path, json) : run_scenario(o, path, json);
}
