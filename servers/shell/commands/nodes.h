/* The cluster's nodes as this node's transport knows them: those of the boot configuration and
 * those that it has met. */
#ifndef SHELL_NODES_H
#define SHELL_NODES_H

#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"
#include "servers/proto/nodes.h"

/* All of them, in the order of their names, n2 before n10. */
struct nodes {
        uint64_t version; /* what a watch is to begin with */
        size_t count;
        struct node_record node[NODE_TABLE_MAX];
};

/* NOT_FOUND: the system has no transport. NO_MEMORY. *nodes is to be given to free(); NULL after a
 * failure. */
outcome_t nodes_read(struct nodes **nodes);

/* Waits until the nodes are no longer those of that version, or may not be. *watch, 0 at first, is
 * what this takes; it is to be closed in the end. Or why there can be no watch. */
outcome_t nodes_wait(uint64_t version, handle_t *watch);
#endif
