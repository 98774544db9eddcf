/* Rights of this node that other nodes hold, by token: the kernel's identity of the right, so that
 * two handles to the same right are one export. The core counts references of a token; the table
 * keeps one handle for all of them, and a watch for as long as it keeps the handle.
 *
 * Reply rights have no identity, and a snapshot is sent once: each gets a token of its own, with
 * TOKEN_OWN set. A snapshot is mapped for as long as it is held. */
#ifndef NETIPC_SERVER_RIGHTS_H
#define NETIPC_SERVER_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

#define TOKEN_OWN (1ull << 63)

enum { RIGHTS_BUCKETS = 1024, RIGHTS_CHECKED = 64 /* buckets at a time */ };

struct local_right {
        struct local_right *next;
        uint64_t token;
        uint64_t references;
        handle_t handle;  /* the most permissive of those that were taken over */
        uint32_t allowed; /* rights of the handle */
        uint8_t type;     /* enum wire_capability_kind */
        uint8_t death;    /* enum reason, once it was reported; else 0 */
        uint32_t length;  /* of memory … */
        uint8_t *bytes;   /* … that is mapped here */
};

struct right_table {
        struct local_right *buckets[RIGHTS_BUCKETS];
        uint64_t last_own;
        handle_t event; /* signalled with `bits` when a right of the table dies */
        uint64_t bits;
        unsigned unchecked;   /* buckets to be looked at since the last signal … */
        unsigned next_bucket; /* … from this one on */
};

/* Takes over a handle as one reference of a token: the right's identity, or a new one for a reply
 * right or a snapshot. The handle is closed if it is not needed, and also on failure: no memory, or
 * why the right is dead. */
outcome_t right_hold(struct right_table *table, handle_t handle, uint8_t type, uint64_t *token);

struct local_right *right_by_token(struct right_table *table, uint64_t token);

/* Why it is dead, once that was reported; 0: it lives, as far as is known, or is not held. */
enum reason right_death(struct right_table *table, uint64_t token);

/* One more reference of a token that is held. */
void right_keep(struct right_table *table, uint64_t token);

/* Gives one reference back; the last one closes the handle. */
void right_release(struct right_table *table, uint64_t token);

/* A right of the table has died: rights_check() is to look for it. */
void rights_signalled(struct right_table *table);

/* Looks for dead rights in a part of the table and reports each once; `dead` may release any right.
 * True: there is more to look at, call it again soon. */
bool rights_check(struct right_table *table, void (*dead)(uint64_t token, enum reason reason));

#endif
