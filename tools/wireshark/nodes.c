/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of nodes; see nodes.h. */
#include "tools/wireshark/nodes.h"
#include "tools/wireshark/map.h"

static struct {
        wmem_map_t *by_id;      /* → name */
        wmem_map_t *by_address; /* IPv4, the protocol's bearer → name */
} nodes;

void nodes_reset(void)
{
        nodes.by_id = map_new();
        nodes.by_address = map_new();
}

static bool address_key(const address *at, guint64 *key)
{
        guint32 ipv4;
        if (at->type != AT_IPv4)
                return false;
        memcpy(&ipv4, at->data, sizeof(ipv4));
        *key = ipv4;
        return true;
}

void nodes_hear(const address *from, const struct wire_hello *hello)
{
        guint64 key;
        char *name = map_get(nodes.by_id, hello->node);
        if (!name || strncmp(name, hello->name, sizeof(hello->name)) != 0) {
                name = wmem_strndup(wmem_file_scope(), hello->name, sizeof(hello->name));
                map_put(nodes.by_id, hello->node, name);
        }
        if (address_key(from, &key) && map_get(nodes.by_address, key) != name)
                map_put(nodes.by_address, key, name);
}

const char *nodes_of_id(guint64 node)
{
        return map_get(nodes.by_id, node);
}

const char *nodes_at(const address *at)
{
        guint64 key;
        return address_key(at, &key) ? map_get(nodes.by_address, key) : NULL;
}
