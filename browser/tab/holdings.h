/* What the browser keeps open for all pages: see browser/process/holdings.h. */
#pragma once
#include "browser/process/holdings.h"

struct tabs;

/* Staging regions, plugins' surfaces, and the pipes that bodies travel in. */
struct holdings tabs_holdings(const struct tabs *);
