/* See expected.h. Looked at when a name is not there, so the lists are simply walked. */
#include "cluster/core/expected.h"

#include <string.h>

/* The node's index; node_count if it is not there. */
static unsigned node_index(const struct expected *expected, const char *node)
{
        unsigned i = 0;
        while (i < expected->node_count && strcmp(expected->nodes[i], node) != 0)
                i++;
        return i;
}

static unsigned name_index(const struct expected *expected, const char *name)
{
        unsigned i = 0;
        while (i < expected->name_count && strcmp(expected->names[i].name, name) != 0)
                i++;
        return i;
}

enum registry_result expected_add(struct expected *expected, const char *name, const char *node)
{
        unsigned name_at = name_index(expected, name), node_at = node_index(expected, node);
        if (!is_name(name, strlen(name), NAME_LONGEST) ||
            !is_name(node, strlen(node), NAME_LONGEST))
                return REGISTRY_INVALID;
        if (name_at == EXPECTED_NAMES || node_at == EXPECTED_NODES)
                return REGISTRY_FULL;
        if (name_at == expected->name_count)
                strcpy(expected->names[expected->name_count++].name, name);
        if (node_at == expected->node_count)
                strcpy(expected->nodes[expected->node_count++], node);
        expected->names[name_at].nodes |= 1ull << node_at;
        return REGISTRY_OK;
}

bool expected_has_node(const struct expected *expected, const char *node)
{
        return node_index(expected, node) < expected->node_count;
}

bool expected_has(const struct expected *expected, const char *name, const char *node)
{
        unsigned name_at = name_index(expected, name), node_at = node_index(expected, node);
        return name_at < expected->name_count && node_at < expected->node_count &&
               expected->names[name_at].nodes >> node_at & 1;
}
