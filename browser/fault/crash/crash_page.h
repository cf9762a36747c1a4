/* bulkhead://crashes, and a page for each report under it. */
#pragma once

struct browser;

void crash_page_register(struct browser *);
