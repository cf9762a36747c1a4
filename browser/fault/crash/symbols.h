/*
 * From addresses in a file of code to names and lines, by the file's own symbols and DWARF (elfutils' libdw).
 * Only files that the browser itself started or loaded come in here. module_map.h says which address lies in
 * which file; crash_trace.h puts both together.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#define SYMBOL_INLINED                                                                                       \
	8 /* functions at one address: the innermost inlined ones and the one that holds them */

struct symbol {
	char function[96]; /* "": unknown */
	uint64_t offset;   /* from the start of `function`; of the one that holds the others */
	bool inlined;
	char file[160]; /* "common/fault.c"; "": unknown */
	int line;
};

struct symbols;
struct symbols *symbols_create(void);	/* NULL: no memory */
void symbols_destroy(struct symbols *); /* NULL is fine */

/*
 * What lies at that address of the file, innermost first. fd stays the caller's; the file is kept open and in
 * memory until symbols_rest(). ours: not a library of the system. Returns how many, 0: nothing is known of
 * it.
 */
unsigned symbols_find(struct symbols *, int fd, bool ours, uint64_t address,
		      struct symbol out[SYMBOL_INLINED]);

/* Let go of the files: there is nothing to be found for now. */
void symbols_rest(struct symbols *);

/* Open the library of that name (without folders) that this process itself has loaded. -1: it has none. */
int symbols_open_library(const char *name);
