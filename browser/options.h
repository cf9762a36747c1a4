/*
 * The browser's options: one table, from which they are read and --help is printed. They may stand before or
 * behind a command's name; each command has its own besides.
 */
#pragma once
#include "browser/browser.h"
#include <stdio.h>

/*
 * Take the browser's options out of argv, wherever they stand before a "--"; all else stays, in order. Texts
 * in *options are argv's. Returns how many are left, argv[0] among them; 0 when something is wrong with one:
 * that has been said on standard error.
 */
int options_take(int argc, char **argv, struct options *);

/* A line an option, for --help. */
void options_print(FILE *);
