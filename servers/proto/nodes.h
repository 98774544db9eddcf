/* The numbers of interface node (node.idl). */
#ifndef PROTO_NODES_H
#define PROTO_NODES_H

#include <stdint.h>

enum node_state {
        NODE_STATE_SELF = 1, /* the node that was asked */
        NODE_STATE_UP = 2,
        NODE_STATE_JOINING = 3, /* expected, not heard of so far */
        NODE_STATE_DEAD = 4,
};

/* What one node knows of another. Numbers are little-endian. */
struct node_record {
        char name[16];                  /* padded with zeros, at least one */
        uint64_t epoch_high, epoch_low; /* of the life that was met last; 0: of none */
        uint64_t rtt;                   /* ns; 0: not known. It has no part in the version */
        uint16_t state;                 /* enum node_state */
        uint16_t reason;                /* why it is dead (errors.def), else 0 */
        uint32_t reserved;
};

_Static_assert(sizeof(struct node_record) == 48, "layout of a record");

enum { NODE_TABLE_MAX = 256 }; /* records of a table: every client has room for them */

#endif
