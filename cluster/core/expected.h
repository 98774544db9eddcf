/* What is to run in the cluster: which names the system description promises, and on which nodes.
 *
 *      name ──> set of nodes        fs ──> {n2}        log ──> {n1, n2, n3}
 *
 * Every node has the same description, so each knows this of all others without asking. A name that
 * is not there can thus be told from one that nobody ever has, also while its node is away.
 *
 * Pure: no system call, clock, allocation or global. */
#ifndef CLUSTER_EXPECTED_H
#define CLUSTER_EXPECTED_H

#include "cluster/core/registry.h"

enum { EXPECTED_NODES = 64, EXPECTED_NAMES = 256 };

struct expected_name {
        char name[REGISTRY_NAME];
        uint64_t nodes; /* bit I: the node of index I */
};

/* All zero: nothing is expected. */
struct expected {
        unsigned node_count, name_count;
        char nodes[EXPECTED_NODES][REGISTRY_NAME];
        struct expected_name names[EXPECTED_NAMES];
};

_Static_assert(EXPECTED_NODES <= 64, "a set of nodes is one word");

/* From now on `node` is to have `name`. FULL; INVALID: no valid name or node. */
enum registry_result expected_add(struct expected *expected, const char *name, const char *node);

/* Whether the description has that node, and that name on it. */
bool expected_has_node(const struct expected *expected, const char *node);
bool expected_has(const struct expected *expected, const char *name, const char *node);

#endif
