/* The screen: everything that a person sees and does. main.c starts the browser and hands it over to here. */
#pragma once
#include <stdbool.h>

struct browser;

/*
 * Take the terminal, open a tab per URL (none: the start page), and run until the user quits or the terminal
 * is gone. false with *why: it cannot be taken. The terminal has been given back in any case.
 */
bool ui_run(struct browser *, unsigned nurls, char **urls, const char **why);
