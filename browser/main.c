/*
 * The bulkhead command: hands over to the screen, or to one of the commands of the table. options.c reads
 * the browser's options.
 */
#include "browser/again.h"
#include "browser/command.h"
#include "browser/fault/chaos/chaos_command.h"
#include "browser/fault/scenario/run_command.h"
#include "browser/last_session.h"
#include "browser/options.h"
#include "browser/traffic/log/log_command.h"
#include "browser/traffic/replay/replay_command.h"
#include "browser/ui/ui.h"
#include "common/protocol.h"
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef BULKHEAD_VERSION
#error "meson gives the version"
#endif

static int browse(int argc, char **argv, const struct options *);

static int read_log(int argc, char **argv, const struct options *o)
{
	(void)o;
	return log_command(argc, argv);
}

/* argv[0] is the command's name; options of the browser have been taken out of the rest. */
static const struct command {
	const char *name;
	const char *arguments, *about; /* for --help */
	int (*run)(int argc, char **argv, const struct options *);
	bool reads_all; /* it knows none of the browser's options */
} commands[] = {
	{ NULL, "[URL]...", "browse; a tab for each URL", browse, false },
	{ "run", "SCENARIO.json", "play a scenario without a screen; report who died and who lived",
	  run_command, false },
	{ "chaos", "[URL]...", "draw faults by a seed, and see that all others live", chaos_command, false },
	{ "log", "[FILE] [FILTER]", "ask a traffic log, follow it, export it", read_log, true },
	{ "replay", "LOG", "feed a process of a log again, alone, and show where its answers differ",
	  replay_command, false },
};
#define WORD_MAX 16 /* letters of what may be a mistyped command */
#define COMMANDS (sizeof commands / sizeof *commands)

static int print_usage(void)
{
	for (size_t i = 0; i < COMMANDS; i++) {
		char line[64];

		snprintf(line, sizeof line, "bulkhead %s%s[OPTION]... %s",
			 commands[i].name ? commands[i].name : "", commands[i].name ? " " : "",
			 commands[i].arguments);
		printf("%s %-42s %s\n", i ? "      " : "Usage:", line, commands[i].about);
	}
	puts("\nbulkhead COMMAND --help tells of a command's own options. Those of the browser:\n");
	options_print(stdout);
	puts("  --help, --version");
	return 0;
}

static int print_version(void)
{
	printf("bulkhead %s (protocol %016llx)\n", BULKHEAD_VERSION, (unsigned long long)IPC_PROTOCOL_HASH);
	return 0;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 1; i < COMMANDS; i++)
		if (!strcmp(name, commands[i].name))
			return &commands[i];
	return NULL;
}

/* The first word that is no option may name a command: then it goes to the front. */
static const struct command *take_command(int *left, char **argv)
{
	const struct command *command;
	int at = 1;

	while (at < *left && argv[at][0] == '-' && strcmp(argv[at], "--"))
		at++;
	if (at >= *left || !(command = find_command(argv[at])))
		return &commands[0];
	argv[0] = argv[at];
	--*left;
	memmove(argv + at, argv + at + 1, (size_t)(*left - at + 1) * sizeof *argv);
	return command;
}

/* Widths of characters come from the locale: it must know Unicode, whatever the user's is. */
static void choose_locale(void)
{
	setlocale(LC_ALL, "");
	if (strcmp(nl_langinfo(CODESET), "UTF-8"))
		setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_NUMERIC, "C");
}

static int run_screen(const struct options *o, unsigned nurls, char **urls)
{
	struct browser browser;
	const char *why;
	char **again = NULL;
	int status = 0;

	bool ready = browser_init(&browser, o, &why);

	if (ready) {
		last_session_begin(&browser);
		again_resume(&browser);
	}
	if (!ready || !ui_run(&browser, nurls, urls, &why))
		status = command_fail(1, "%s", why);
	if (!status && browser.restart)
		again = again_words(&browser, nurls, urls);
	again_forget();
	command_close(&browser);
	last_session_end();
	return again ? again_run(again) : status;
}

/* How many letters must be put in, left out or changed to make one word of the other; words are short. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[WORD_MAX + 1];
	size_t columns = strlen(b);

	for (unsigned i = 0; i <= columns; i++)
		row[i] = i;
	for (unsigned i = 1; a[i - 1]; i++) {
		unsigned corner = row[0];

		row[0] = i;
		for (size_t j = 1; j <= columns; j++) {
			unsigned best = corner + (a[i - 1] != b[j - 1]);

			corner = row[j];
			best = row[j] + 1 < best ? row[j] + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
		}
	}
	return row[columns];
}

/* Is it no address and no file, but nearly a command? That is said. */
static bool is_mistyped(const char *word)
{
	size_t length = strlen(word);

	if (length > WORD_MAX || strpbrk(word, "./:") || access(word, F_OK) == 0 ||
	    !strcmp(word, "localhost"))
		return false;
	for (size_t i = 1; i < COMMANDS; i++) {
		/* Of a short name more than one wrong letter leaves nothing. */
		unsigned most = strlen(commands[i].name) > 4 ? 2 : 1;

		if (distance(word, commands[i].name) > most)
			continue;
		command_fail(2, "%s: there is no such page, nor command; did you mean '%s'?", word,
			     commands[i].name);
		return true;
	}
	return false;
}

static int browse(int argc, char **argv, const struct options *o)
{
	int nurls = 0;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--help"))
			return print_usage();
		if (!strcmp(argv[i], "--version"))
			return print_version();
		if (!strcmp(argv[i], "--")) {
			memmove(argv + 1 + nurls, argv + i + 1, (size_t)(argc - i) * sizeof *argv);
			nurls += argc - i - 1;
			break;
		}
		if (argv[i][0] == '-')
			return command_fail(2, "%s: there is no such option; try 'bulkhead --help'", argv[i]);
		argv[1 + nurls++] = argv[i];
	}
	for (int i = 1; i <= nurls; i++)
		if (is_mistyped(argv[i]))
			return 2;
	if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
		return run_screen(o, (unsigned)nurls, argv + 1);
	if (nurls)
		return command_fail(2, "no terminal here to show %s in", argv[1]);
	fputs("bulkhead: no terminal here: playing the demo scenario instead\n", stderr);
	return run_scenario(o, NULL, false);
}

int main(int argc, char **argv)
{
	const struct command *command;
	struct options options = { 0 };
	char **given = calloc((size_t)argc + 1, sizeof *given);
	int left;

	choose_locale();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* who started us may ignore it, and then no death could be waited for */
	if (!given)
		return command_fail(1, "memory: none is left");
	memcpy(given, argv, (size_t)argc * sizeof *given);
	if (argc > 1 && (command = find_command(argv[1])) && command->reads_all) {
		left = argc - 1;
		argv++;
	} else {
		left = options_take(argc, argv, &options);
		command = take_command(&left, argv);
	}
	options.given = given;
	if (options.profile)
		setenv("XDG_STATE_HOME", options.profile, 1);
	int status = left ? command->run(left, argv, &options) : 2;

	free(given);
	return status;
}
