/* Other nodes read snapshots of ours, piece by piece: a call with two words, offset and length,
 * which is answered with those bytes. Calls that have come wait here for the next work of the
 * adapter, and for room in the core. */
#ifndef NETIPC_SERVER_READS_H
#define NETIPC_SERVER_READS_H

#include <stdbool.h>
#include "netipc/core/core.h"

enum { READS_MAX = 64 };

struct memory_read {
        core_call_t caller;
        uint64_t token;
        uint64_t offset, length;
};

struct memory_reads {
        unsigned count;
        struct memory_read waiting[READS_MAX];
};

static inline bool reads_room(const struct memory_reads *reads)
{
        return reads->count < READS_MAX;
}

/* Takes a call; refuses what is none: not executed. */
outcome_t read_add(struct memory_reads *reads, uint64_t token, core_call_t caller,
                   const struct core_message *message);

/* The caller is gone. */
void read_cancel(struct memory_reads *reads, core_call_t caller);

/* Answers what there is room for. */
void reads_work(struct memory_reads *reads);

#endif
