/* Weighs the reasons of absence.h. Of the nodes that may have a name one that may still bring it
 * (not running) speaks first, of all others the first by its own name. */
#include "cluster/core/absence.h"

#include <string.h>
#include "cluster/core/expected.h"
#include "cluster/core/registry_table.h"
#include "kernel/abi/outcome.h"

static const struct registry_peer *peer_of(const struct registry *registry, const char *node)
{
        for (unsigned i = 0; i < REGISTRY_PEERS; i++)
                if (strcmp(registry->peers[i].node, node) == 0)
                        return &registry->peers[i];
        return NULL;
}

static bool is_own(const struct registry *registry, const char *node)
{
        return strcmp(node, registry->node) == 0;
}

/* What the node has said of its names so far; NULL: nothing. */
static const struct registry_table *table_of(const struct registry *registry, const char *node)
{
        const struct registry_peer *peer = peer_of(registry, node);
        if (is_own(registry, node))
                return &registry->own;
        return peer && peer->table.version > 0 ? &peer->table : NULL;
}

static bool is_of_cluster(const struct registry *registry, const char *node)
{
        return is_own(registry, node) || peer_of(registry, node) ||
               (registry->expected && expected_has_node(registry->expected, node));
}

/* Whether the name is one of the node's. */
static bool is_of_node(const struct registry *registry, const char *node, const char *name)
{
        const struct registry_table *table = table_of(registry, node);
        return (table && table_remembers(table, name)) ||
               (registry->expected && expected_has(registry->expected, name, node));
}

static unsigned absence_on(const struct registry *registry, const char *node, const char *name)
{
        const struct registry_peer *peer = peer_of(registry, node);
        if (!is_of_cluster(registry, node))
                return REASON_NOT_FOUND;
        if (peer && !peer->up)
                return peer->reason;
        if (is_of_node(registry, node, name) || !table_of(registry, node))
                return REASON_NOT_RUNNING;
        return REASON_NOT_FOUND;
}

/* What is said of a name that any node may have, and of which node that is true. */
struct finding {
        unsigned reason;
        const char *node;
};

static void finding_add(const struct registry *registry, struct finding *finding, const char *node,
                        const char *name)
{
        if (!is_of_node(registry, node, name) || finding->reason == REASON_NOT_RUNNING)
                return;
        unsigned reason = absence_on(registry, node, name);
        if (finding->reason == REASON_NOT_FOUND || reason == REASON_NOT_RUNNING ||
            strcmp(node, finding->node) < 0)
                *finding = (struct finding){reason, node};
}

static unsigned absence_anywhere(const struct registry *registry, const char *name)
{
        struct finding finding = {REASON_NOT_FOUND, ""};
        const struct expected *expected = registry->expected;
        finding_add(registry, &finding, registry->node, name);
        for (unsigned i = 0; i < REGISTRY_PEERS; i++)
                if (registry->peers[i].node[0] != 0)
                        finding_add(registry, &finding, registry->peers[i].node, name);
        for (unsigned i = 0; expected && i < expected->node_count; i++)
                finding_add(registry, &finding, expected->nodes[i], name);
        return finding.reason;
}

unsigned registry_absence(const struct registry *registry, const char *node, const char *name)
{
        return node[0] != 0 ? absence_on(registry, node, name) : absence_anywhere(registry, name);
}

bool absence_may_end(unsigned reason)
{
        return reason == REASON_NOT_RUNNING || reason == REASON_RECEIVER_DIED;
}
