/* The cluster's nodes as this node's transport knows them: those of the boot configuration and
 * those that were heard of. For fibers. */
#ifndef SHELL_NODES_H
#define SHELL_NODES_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"

enum { NODE_NAME = 64 };

struct node_entry {
        char name[NODE_NAME];
        uint64_t state; /* enum node_state */
        uint64_t epoch_high, epoch_low;
        uint64_t reason; /* why it is dead */
        uint64_t rtt;    /* ns; 0: not known */
};

/* All nodes in the order of their names, n2 before n10. *nodes is to be given to free(), also after
 * a failure. NOT_FOUND: the system has no transport. */
outcome_t nodes_read(struct node_entry **nodes, size_t *count);
#endif
