/* bulkhead://faults: the debug URLs, and what each fault does. */
#pragma once

struct browser;

/* With its fetcher. */
void faults_page_register(struct browser *);
