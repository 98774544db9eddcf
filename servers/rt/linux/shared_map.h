/* Memory that processes share: mmap with MAP_SHARED and MAP_ANONYMOUS, or of a file that is memory.
 *
 *      map ── address, bytes ──> memory object <── the same in each child, at the same address
 *                                              <── processes that have the file (file_map.c)
 *
 * All other memory is copied by fork; these objects are not, so their handles are kept as long as
 * something of a map is there. An object that is no file's is part of the account of the process
 * that made it, and ends with it: who touches it later has SIGSEGV. With one of a file its right is
 * kept, as an open file is by its descriptors: so the file is there as long as its maps.
 *
 * Who waits for a word there (futex.h) is woken by threads of his own process; what those of others
 * do he sees by looking again. Context: `memory` (threads.h), unless something else is said. */
#ifndef RT_LINUX_SHARED_MAP_H
#define RT_LINUX_SHARED_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "servers/rt/message/syscall.h"

struct shared_map {
        handle_t object, heir;    /* heir: in the child that is being made; 0: none */
        handle_t file, file_heir; /* the right to the open file; 0: it is of none */
        uint64_t address, bytes;
        uint64_t offset; /* of the first of them in the object */
};

/* Zeroed memory where none is mapped. The address, or a negated errno. */
int64_t shared_map_make(uint64_t address, uint64_t bytes, unsigned flags);

/* Whether there is a place for so many more maps. */
bool shared_map_room(unsigned count);

/* Puts a part of an object where none is mapped; its handles are the map's from then on. 0, or a
 * negated errno, and they are closed. */
int64_t shared_map_put(struct shared_map map, unsigned flags);

/* After something was unmapped: gives back objects of which nothing is mapped any more. */
void shared_maps_sweep(void);

/* The map that has the address now; NULL: it is not shared. */
const struct shared_map *shared_map_at(uint64_t address);

/* The same as a question. Context: no lock. */
bool address_is_shared(uint64_t address);

/* fork: gives a child's task handles to all objects; in the child they are its own. */
outcome_t shared_maps_grant(handle_t task);
void shared_maps_forked(void);

#endif
