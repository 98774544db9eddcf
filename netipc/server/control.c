/* What the interface `node` answers: from the core's tables, without waiting for anybody. */
#include "netipc/server/control.h"
#include <stdio.h>
#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/common/name.h"
#include "netipc/server/journal.h"
#include "netipc/server/transport.h"
#include "servers/proto/directory.h"
#include "servers/proto/nodes.h"

/* "n1,n2,n3", and whether they have all been met. */
static struct {
        char expected[1024];
        bool joined;
        bool changed; /* a peer has come since they were looked for */
} boot;

/* ---- the nodes that are expected ------------------------------------------------------------- */

void control_init(const char *nodes)
{
        size_t used = 0;
        boot.joined = false;
        boot.changed = true;
        boot.expected[0] = 0;
        for (size_t length; *nodes; nodes += length + (nodes[length] == ',')) {
                length = strcspn(nodes, ",");
                if (!is_name(nodes, length, NODE_NAME_LONGEST)) {
                        journal("warning: nodes=%.*s: no node can have that name", (int)length,
                                nodes);
                        continue;
                }
                if (length + 2 > sizeof(boot.expected) - used)
                        continue;
                memcpy(boot.expected + used, nodes, length);
                used += length;
                boot.expected[used++] = ',';
                boot.expected[used] = 0;
        }
}

/* The next name of the list after *at, copied to `name`; false at the end. */
static bool next_expected(const char **at, char name[16])
{
        size_t length = strcspn(*at, ",");
        if (length == 0)
                return false;
        memcpy(name, *at, length);
        name[length] = 0;
        *at += length + 1;
        return true;
}

static bool peer_named(const char *name, struct core_peer_info *info)
{
        for (unsigned i = 0; i < core_peer_slots(transport.core); i++)
                if (core_peer(transport.core, i, transport.now, info) &&
                    strcmp(info->name, name) == 0)
                        return true;
        return false;
}

static bool is_up(const struct core_peer_info *info)
{
        return info->state == CORE_PEER_UP || info->state == CORE_PEER_SUSPECT;
}

void control_peer_up(void)
{
        boot.changed = true;
}

void control_check_joined(void)
{
        char name[16], line[256];
        const char *at = boot.expected;
        struct core_peer_info info;
        size_t used = 0;
        if (boot.joined || !boot.changed)
                return;
        boot.changed = false;
        line[0] = '\0';
        while (next_expected(&at, name)) {
                if (strcmp(name, transport.node) == 0)
                        continue;
                if (!peer_named(name, &info) || !is_up(&info))
                        return;
                if (used < sizeof(line) - 20)
                        used += (size_t)snprintf(line + used, sizeof(line) - used, " %s", name);
        }
        boot.joined = true;
        journal("boot: joined%s", line);
}

bool control_has_joined(void)
{
        return boot.joined;
}

/* ---- the interface --------------------------------------------------------------------------- */

/* Enumerates: 0 is this node, then the peers, then expected nodes that have not been heard of. */
static outcome_t list(struct request *request, uint64_t index, const void **name,
                      size_t *name_length, uint64_t *state, uint64_t *epoch_high,
                      uint64_t *epoch_low, uint64_t *reason, uint64_t *rtt)
{
        static char text[16];
        struct core_peer_info info = {0};
        const uint8_t *epoch = info.epoch;
        (void)request;
        *name = text;
        *reason = *rtt = 0;
        if (index == 0) {
                snprintf(text, sizeof(text), "%s", transport.node);
                *state = NODE_STATE_SELF;
                epoch = core_epoch(transport.core);
                goto found;
        }
        for (unsigned i = 0; i < core_peer_slots(transport.core); i++) {
                if (!core_peer(transport.core, i, transport.now, &info) || --index)
                        continue;
                memcpy(text, info.name, sizeof(text));
                *state = is_up(&info)                   ? NODE_STATE_UP
                         : info.state == CORE_PEER_DOWN ? NODE_STATE_DEAD
                                                        : NODE_STATE_JOINING;
                *reason = info.reason;
                *rtt = info.rtt;
                goto found;
        }
        const char *at = boot.expected;
        while (next_expected(&at, text))
                if (strcmp(text, transport.node) && !peer_named(text, &info) && --index == 0) {
                        memset(&info, 0, sizeof(info));
                        *state = NODE_STATE_JOINING;
                        goto found;
                }
        return answered(REASON_NOT_FOUND);
found:
        *name_length = strlen(text);
        *epoch_high = get64(epoch);
        *epoch_low = get64(epoch + 8);
        return OUTCOME_OK;
}

/* A call to the far name service, which answers at once: a round trip through everything. */
static outcome_t ping(struct request *request, const void *node, size_t node_length, uint64_t *rtt)
{
        char name[16] = "";
        struct core_peer_info info;
        (void)rtt;
        if (node_length >= sizeof(name))
                return answered(REASON_NOT_FOUND);
        memcpy(name, node, node_length);
        if (strcmp(name, transport.node) == 0) {
                *rtt = 0;
                return OUTCOME_OK;
        }
        if (!peer_named(name, &info))
                return answered(REASON_NOT_FOUND);
        if (!is_up(&info))
                return answered(info.reason ? info.reason : REASON_NODE_DIED);
        struct pending_call *call = pending_add(&transport.pending, PENDING_PING, request->reply);
        if (!call)
                return answered(REASON_OVERLOADED);
        struct core_message message = {.interface = DIRECTORY_INTERFACE,
                                       .method = DIRECTORY_METHOD_PING,
                                       .priority = request->priority,
                                       .deadline = request->deadline};
        call->started = rt_now();
        outcome_t outcome =
            core_call(transport.core, info.root, &message, pending_cookie(&transport.pending, call),
                      &call->core_handle, transport.now);
        if (outcome == OUTCOME_OK)
                return RT_DEFERRED;
        pending_remove(&transport.pending, call);
        return outcome;
}

static outcome_t exports(struct request *request, uint64_t index, const void **peer,
                         size_t *peer_length, const void **what, size_t *what_length,
                         uint64_t *direction, uint64_t *id, uint64_t *generation, uint64_t *count)
{
        static struct core_reference reference;
        (void)request;
        if (index > UINT32_MAX || !core_reference(transport.core, (uint32_t)index, &reference))
                return answered(REASON_NOT_FOUND);
        *peer = reference.peer;
        *peer_length = strlen(reference.peer);
        *what = "";
        *what_length = 0;
        *direction = reference.is_export ? NODE_EXPORT : NODE_IMPORT;
        *id = reference.id;
        *generation = reference.generation;
        *count = reference.count;
        return OUTCOME_OK;
}

static outcome_t link_handle(struct request *request, uint64_t *mac, uint64_t *mtu, uint64_t *least,
                             uint64_t *sealed)
{
        const struct link *link = &transport.link;
        (void)request;
        *mac = 0;
        for (unsigned i = 0; i < ETHERNET_ADDRESS; i++)
                *mac = *mac << 8 | link->own.mac[i];
        *mtu = link->mtu;
        *least = LINK_MTU;
        *sealed = transport.sealing;
        return OUTCOME_OK;
}

const struct node_server control_handlers = {
    .list = list, .ping = ping, .exports = exports, .link = link_handle};
