/* See requests.h. Each handler first checks what its caller may do. */
#include "servers/name/requests.h"

#include "servers/name/admission.h"
#include "servers/name/lookups.h"
#include "servers/name/members.h"
#include "servers/name/peers.h"
#include "servers/name/registrations.h"
#include "servers/name/watches.h"
#include "servers/proto/lookup.h"

static outcome_t admit(struct request *request, const void *component, size_t component_length,
                       const void *provides, size_t provides_length, const void *asks,
                       size_t asks_length, uint64_t grants, struct optional_word spawn_memory,
                       struct optional_word spawn_number, struct send_cap *right)
{
        handle_t handle;
        if (request->badge != BADGE_SUPERVISOR)
                return answered(REASON_REFUSED);
        outcome_t outcome = admission_begin(
            request->context, (struct text){component, component_length},
            (struct text){provides, provides_length}, (struct text){asks, asks_length}, grants,
            (struct spawn_bounds){spawn_memory.word, spawn_number.word}, &handle);
        if (outcome == OUTCOME_OK)
                *right = send_cap(handle, SEND_CAP_MOVE);
        return outcome;
}

static outcome_t register_right(struct request *request, const void *name, size_t name_length,
                                struct received_cap *right)
{
        struct names *names = request->context;
        struct text text = {name, name_length};
        if (!member_may_register(names, request->badge, text))
                return answered(REASON_REFUSED);
        if (right->own || right->type != OBJECT_RIGHT)
                return answered(REASON_WRONG_TYPE);
        return registration_make(names, request->badge, text, cap_take(right));
}

static outcome_t take_back(struct request *request, const void *name, size_t name_length)
{
        return registration_take_back(request->context, request->badge,
                                      (struct text){name, name_length});
}

static outcome_t look_up(struct request *request, const void *name, size_t name_length,
                         uint64_t wait, struct send_cap *right)
{
        return lookup_begin(request->context, request, (struct text){name, name_length},
                            (enum name_wait)wait, right);
}

static outcome_t list(struct request *request, const void *after, size_t after_length,
                      const void **lines, size_t *lines_length)
{
        const struct names *names = request->context;
        struct text rest = {after, after_length}, node;
        char after_node[REGISTRY_NAME] = "", after_name[REGISTRY_NAME] = "";
        char *buffer = rt_request_buffer(request);
        if (!buffer)
                return answered(REASON_NO_MEMORY);
        if (after_length > 0 && (!text_next(&rest, '/', &node) || !name_copy(after_node, node) ||
                                 !text_next(&rest, '\n', &node) || !name_copy(after_name, node)))
                return answered(REASON_INVALID);
        *lines_length =
            registry_list(&names->registry, after_node, after_name, buffer, NAME_LIST_MAX);
        *lines = buffer;
        return OUTCOME_OK;
}

static outcome_t watch(struct request *request, const void *name, size_t name_length, uint64_t bits,
                       struct received_cap *event)
{
        struct names *names = request->context;
        struct text text = {name, name_length};
        if (!member_may_look_up(names, request->badge, text))
                return answered(REASON_REFUSED);
        if (event->type != OBJECT_EVENT)
                return answered(REASON_WRONG_TYPE);
        return watch_add(names, request->badge, text, bits, cap_take(event));
}

static outcome_t node_up(struct request *request, const void *node, size_t node_length,
                         uint64_t epoch_high, uint64_t epoch_low, struct received_cap *right)
{
        struct names *names = request->context;
        if (!member_may_announce(names, request->badge))
                return answered(REASON_REFUSED);
        if (right->own || right->type != OBJECT_RIGHT)
                return answered(REASON_WRONG_TYPE);
        return peer_up(names, (struct text){node, node_length}, epoch_high, epoch_low,
                       cap_take(right));
}

static outcome_t node_down(struct request *request, const void *node, size_t node_length,
                           uint64_t epoch_high, uint64_t epoch_low, uint64_t reason)
{
        if (!member_may_announce(request->context, request->badge))
                return answered(REASON_REFUSED);
        return peer_down(request->context, (struct text){node, node_length}, epoch_high, epoch_low,
                         reason);
}

static outcome_t directory(struct request *request, struct send_cap *right)
{
        struct names *names = request->context;
        handle_t handle;
        if (!member_may_announce(names, request->badge))
                return answered(REASON_REFUSED);
        outcome_t outcome = rt_server_right(&names->server, BADGE_DIRECTORY, &handle);
        if (outcome == OUTCOME_OK)
                *right = send_cap(handle, SEND_CAP_MOVE);
        return outcome;
}

const struct name_server name_handlers = {
    .admit = admit,
    .register_ = register_right,
    .unregister = take_back,
    .lookup = look_up,
    .list = list,
    .watch = watch,
    .peer_up = node_up,
    .peer_down = node_down,
    .directory = directory,
};
