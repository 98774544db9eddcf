/* See directory.h. Everything is answered at once. */
#include "servers/name/directory.h"

#include "servers/name/peers.h"
#include "servers/name/registrations.h"

static outcome_t directory_lookup_handle(struct request *request, const void *name,
                                         size_t name_length, struct send_cap *right)
{
        struct names *names = request->context;
        char copy[REGISTRY_NAME];
        handle_t own;
        if (!name_copy(copy, (struct text){name, name_length}))
                return answered(REASON_INVALID);
        own = registered_right(names, copy);
        if (own == 0)
                return answered(REASON_NOT_FOUND);
        *right = send_cap(own, 0);
        return OUTCOME_OK;
}

static outcome_t changes_handle(struct request *request, uint64_t instance, uint64_t version,
                                uint64_t *instance_out, uint64_t *version_out, uint64_t *digest,
                                uint64_t *complete, const void **records, size_t *records_length)
{
        struct names *names = request->context;
        struct registry_answer answer;
        char *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_NO_MEMORY);
        *records_length = registry_changes(&names->registry, instance, version, buffer, &answer);
        *records = buffer;
        *instance_out = answer.instance;
        *version_out = answer.version;
        *digest = answer.digest;
        *complete = answer.complete;
        return OUTCOME_OK;
}

static outcome_t changed_handle(struct request *request, const void *node, size_t node_length,
                                uint64_t instance, uint64_t version)
{
        peer_changed(request->context, (struct text){node, node_length}, instance, version);
        return OUTCOME_OK;
}

static outcome_t ping_handle(struct request *request)
{
        (void)request;
        return OUTCOME_OK;
}

const struct directory_server directory_handlers = {
    .ping = ping_handle,
    .lookup = directory_lookup_handle,
    .changes = changes_handle,
    .changed = changed_handle,
};
