/* The memory objects of files that are memory (memory_files.h), and of what they are made: this
 * server's account. Context: the one thread. */
#ifndef PROCESS_MEMORY_OBJECT_H
#define PROCESS_MEMORY_OBJECT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/abi/rights.h"

/* Zeroed memory of whole pages, mapped here. False: there is not enough. */
bool memory_object_make(uint64_t length, handle_t *memory, uint8_t **bytes);

/* It is gone, for whoever else has mapped it, too. */
void memory_object_end(handle_t memory, uint8_t *bytes, uint64_t length);

/* Bytes that the account has used, and has in all. */
void memory_object_account(uint64_t *used, uint64_t *limit);

#endif
