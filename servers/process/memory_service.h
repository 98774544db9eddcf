/* /dev/shm of this node, as processes reach it; memory_files.h has what is behind it.
 * Context: the one thread. */
#ifndef PROCESS_MEMORY_SERVICE_H
#define PROCESS_MEMORY_SERVICE_H

#include <stdbool.h>

#include "servers/rt/serve/serve.h"

/* Serves the interfaces fs and file. */
outcome_t memory_service_init(void);

/* A right to a new open file, the first one of its badge; without it the file is closed again. */
struct memory_open;
outcome_t memory_open_right(struct memory_open *open, struct send_cap *file);

/* The open file of a badge that may be any; NULL: it is none's. */
struct memory_open *memory_open_of_badge(uint64_t badge);

/* A right to an open file that has come back to this server: one more. False: it is none, or there
 * is no memory. */
bool memory_right_again(const struct received_cap *cap, handle_t *right);

/* No handle to the right of that badge (BADGE_MEMORY) is left, of so many issues. */
void memory_no_senders(uint64_t badge, uint64_t issues);

/* process.map_memory. */
outcome_t memory_map_part(struct request *request, struct received_cap *right, uint64_t offset,
                          uint64_t count, uint64_t *memory, uint64_t *at, uint64_t *bytes);

#endif
