/* The built-in pages that tell of the browser's present state: bulkhead://processes and bulkhead://sandbox.
 */
#pragma once

struct browser;

void pages_register(struct browser *);
