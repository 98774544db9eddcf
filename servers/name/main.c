/* The name server: interface name for this node's components, interface directory for other nodes.
 * names.h has the model. */
#include <string.h>
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/proto/supervisor.h"
#include "servers/name/directory.h"
#include "servers/name/lookups.h"
#include "servers/name/members.h"
#include "servers/name/peers.h"
#include "servers/name/services.h"
#include "servers/name/watches.h"
#include "servers/rt/log.h"
#include "servers/rt/startup.h"

static struct names the_names;

/* ---- shared by the parts --------------------------------------------------------------------- */

bool right_lives(handle_t right)
{
        const struct message none = {0};
        return outcome_reason(rt_send(right, 0, &none)) == REASON_MALFORMED;
}

bool name_copy(char to[REGISTRY_NAME], struct text name)
{
        if (!is_name(name.at, name.length, NAME_LONGEST))
                return false;
        memset(to, 0, REGISTRY_NAME);
        memcpy(to, name.at, name.length);
        return true;
}

void names_work(struct names *names)
{
        sys_event_signal(names->event, NAMES_WORK);
}

void names_wake_at(struct names *names, uint64_t time)
{
        names->server.deadline = rt_earlier(names->server.deadline, time);
}

/* ---- requests -------------------------------------------------------------------------------- */

static outcome_t admit(struct request *request, const void *component, size_t component_length,
                       const void *provides, size_t provides_length, const void *asks,
                       size_t asks_length, uint64_t grants, struct send_cap *right)
{
        handle_t handle;
        if (request->badge != BADGE_SUPERVISOR)
                return answered(REASON_REFUSED);
        outcome_t outcome =
            member_admit(request->context, (struct text){component, component_length},
                         (struct text){provides, provides_length}, (struct text){asks, asks_length},
                         grants, &handle);
        if (outcome == OUTCOME_OK)
                *right = send_cap(handle, SEND_CAP_MOVE);
        return outcome;
}

static outcome_t service_add(struct request *request, const void *name, size_t name_length,
                             struct received_cap *right)
{
        struct names *names = request->context;
        struct text text = {name, name_length};
        if (!member_may_register(names, request->badge, text))
                return answered(REASON_REFUSED);
        if (right->own || right->type != OBJECT_RIGHT)
                return answered(REASON_WRONG_TYPE);
        return service_register(names, request->badge, text, cap_take(right));
}

static outcome_t service_remove(struct request *request, const void *name, size_t name_length)
{
        return service_unregister(request->context, request->badge,
                                  (struct text){name, name_length});
}

static outcome_t look_up(struct request *request, const void *name, size_t name_length,
                         uint64_t wait, struct send_cap *right)
{
        return lookup_begin(request->context, request, (struct text){name, name_length}, wait != 0,
                            right);
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

static const struct name_server handlers = {
    .admit = admit,
    .register_ = service_add,
    .unregister = service_remove,
    .lookup = look_up,
    .list = list,
    .watch = watch,
    .peer_up = node_up,
    .peer_down = node_down,
    .directory = directory,
};

/* The directory's right reaches nothing but the directory, and that nobody else. */
static outcome_t name_only(const void *name_handlers, void *context, struct request *request)
{
        if (request->badge == BADGE_DIRECTORY)
                return answered(REASON_REFUSED);
        return name_dispatch(name_handlers, context, request);
}

static outcome_t directory_only(const void *directory_server, void *context,
                                struct request *request)
{
        if (request->badge != BADGE_DIRECTORY)
                return answered(REASON_REFUSED);
        return directory_dispatch(directory_server, context, request);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void work(struct names *names, uint64_t now)
{
        peers_work(names, now);
        lookups_work(names, now);
}

static void on_event(struct server *server, uint64_t bits)
{
        if (bits & NAMES_RIGHT_DIED)
                services_sweep(server->context);
        work(server->context, rt_now());
}

/* Signals itself, so that calls to peers are started by a message without a deadline. */
static void on_time(struct server *server, uint64_t now)
{
        (void)now;
        names_work(server->context);
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        (void)issues;
        member_leave(server->context, badge);
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)badge;
        lookup_cancel(server->context, reply);
}

static void on_change(void *context, const char *node, const char *name, bool present)
{
        (void)node;
        (void)present;
        watches_signal(context, name);
        names_work(context);
}

/* ---- start ----------------------------------------------------------------------------------- */

static outcome_t names_init(struct names *names)
{
        struct server *server = &names->server;
        outcome_t outcome = rt_server_init(server);
        if (outcome != OUTCOME_OK)
                return outcome;
        server->context = names;
        server->on_event = on_event;
        server->on_time = on_time;
        server->on_no_senders = on_no_senders;
        server->on_cancel = on_cancel;
        names->next_badge = BADGE_DIRECTORY + 1;
        registry_init(&names->registry, rt_node(), rt_now() | 1);
        names->registry.changed = on_change;
        names->registry.context = names;
        rt_server_add(server, NAME_INTERFACE, name_only, &handlers, names);
        rt_server_add(server, DIRECTORY_INTERFACE, directory_only, &directory_handlers, names);
        return rt_server_event(server, &names->event);
}

/* Lets init admit the other components. */
static outcome_t introduce(struct names *names)
{
        handle_t right;
        outcome_t outcome = rt_server_right(&names->server, BADGE_SUPERVISOR, &right);
        if (outcome != OUTCOME_OK)
                return outcome;
        return supervisor_admits(rt_handle("supervisor"), RT_DEADLINE, right);
}

int main(void)
{
        outcome_t outcome = names_init(&the_names);
        if (outcome == OUTCOME_OK)
                outcome = introduce(&the_names);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&the_names.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return 1;
}
