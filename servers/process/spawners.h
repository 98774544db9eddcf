/* What bounds those who start processes: each has a right of its own, whose badge says who it is,
 * and by its manifest a number of processes and memory for them on this node. Who drops its right
 * and asks for another is still the same. The right that is registered, id 0, has no bounds.
 *
 * Context: the one thread. */
#ifndef PROCESS_SPAWNERS_H
#define PROCESS_SPAWNERS_H

#include "servers/process/process.h"

enum { SPAWNER_NAME = 64 };

/* A right for the spawner of that name, with these bounds from now on. OVERLOADED: there are too
 * many who have processes or files in memory. INVALID. */
outcome_t spawner_bound(const char *name, size_t length, uint64_t memory, uint64_t number,
                        handle_t *right);

/* The name of the spawner whose right has that id; NULL: it has none, having no bounds. */
const char *spawner_name(uint64_t id);

/* Whether whose right has that id may have one more process. */
bool spawner_may_create(uint64_t id);

/* What a process counts for, in bytes: its limit, or if that is more what its program came in, or
 * what it keeps of the cache. */
uint64_t spawner_charge(const struct process *process);

/* Whether a process may have so much memory, in bytes, beside what the others of its spawner may
 * use. *left: what it could have; written if its spawner has a bound. */
bool spawner_may_give(const struct process *process, uint64_t memory, uint64_t *left);

/* Bytes that the spawner may still have for processes and files in memory (memory_files.h). */
uint64_t spawner_left(uint64_t id);

#endif
