/* What tables and diagrams are printed on: how wide it is, and whether it knows more than ASCII. */
#pragma once
#include <stdbool.h>
#include <stdio.h>

/* What COLUMNS says; otherwise the columns of the terminal that this goes to, or 100. */
int paper_columns(FILE *);
/* The user's locale is none of UTF-8. */
bool paper_is_ascii(void);
