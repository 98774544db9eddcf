/* What the interface `node` answers: from the core's tables, without waiting for anybody. */
#include "netipc/server/control.h"
#include <string.h>
#include "netipc/server/members.h"
#include "netipc/server/transport.h"
#include "servers/proto/directory.h"
#include "servers/proto/nodes.h"

static outcome_t table(struct request *request, uint64_t *version, const void **nodes,
                       size_t *nodes_length)
{
        static struct node_record records[NODE_TABLE_MAX];
        (void)request;
        *nodes = records;
        *nodes_length = members_table(records, version) * sizeof(*records);
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
        if (!member_named(name, &info))
                return answered(REASON_NOT_FOUND);
        if (!member_is_up(&info))
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
        *direction = reference.is_export ? NODE_REFERENCE_EXPORT : NODE_REFERENCE_IMPORT;
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

static outcome_t watch(struct request *request, uint64_t version, uint64_t bits,
                       struct received_cap *event, struct send_cap *right)
{
        handle_t handle;
        (void)request;
        if (event->type != OBJECT_EVENT)
                return answered(REASON_WRONG_TYPE);
        outcome_t outcome = members_watch(version, bits, cap_take(event), &handle);
        if (outcome == OUTCOME_OK)
                *right = cap_copy(handle);
        return outcome;
}

const struct node_server control_handlers = {
    .table = table, .ping = ping, .exports = exports, .link = link_handle, .watch = watch};
