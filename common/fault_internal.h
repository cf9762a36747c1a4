/* What the files of a fault share: fault.c is the table, fault_memory.c and fault_protocol.c do the rest. */
#pragma once
#include "common/fault.h"

void fault_null_dereference(uint64_t argument, struct channel *);
void fault_wild_write(uint64_t argument, struct channel *);
void fault_use_after_free(uint64_t argument, struct channel *);
void fault_double_free(uint64_t argument, struct channel *);
void fault_heap_overflow(uint64_t argument, struct channel *);
void fault_stack_overflow(uint64_t argument, struct channel *);
void fault_leak(uint64_t argument, struct channel *);
void fault_out_of_memory(uint64_t argument, struct channel *);
void fault_huge_allocation(uint64_t argument, struct channel *);

void fault_deaf(uint64_t argument, struct channel *);
void fault_wrong_length(uint64_t argument, struct channel *);
void fault_bad_message(uint64_t argument, struct channel *);
void fault_out_of_range(uint64_t argument, struct channel *);
void fault_wrong_state(uint64_t argument, struct channel *);
void fault_unasked_reply(uint64_t argument, struct channel *);
void fault_foreign_page(uint64_t argument, struct channel *);
void fault_flood(uint64_t argument, struct channel *);
void fault_close_channel(uint64_t argument, struct channel *);

void fault_violation(uint64_t argument, struct channel *);
