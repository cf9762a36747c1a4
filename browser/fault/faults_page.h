/* bulkhead://faults: the debug URLs, and what each fault does. */
#pragma once

struct fetcher;

void faults_page_register(struct fetcher *);
