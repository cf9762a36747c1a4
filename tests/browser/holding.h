/* Breakpoints and messages by hand, as tests of the whole browser set and send them. What goes wrong fails
 * the test. */
#pragma once
#include "browser/traffic/breakpoint/breakpoints.h"
#include "browser/traffic/breakpoint/compose.h"
#include "tests/browser/harness.h"

/* Its number. */
uint32_t hold(const char *question);
/* The one that is held longest, once one is. */
struct held_message *await_held(void);
void settle(const struct held_message *, enum held_action);
/* text: fields, as compose_edit() takes them. */
void edit(const struct held_message *, const char *text);
/* Whether the browser sends it; *why otherwise. */
bool send_text(const char *text, const char **why);
__attribute__((format(printf, 1, 2))) void send_by_hand(const char *how, ...);
