/* The name server: interface name for this node's components, interface directory for other nodes.
 * names.h has the model. */
#include "servers/name/admission.h"
#include "servers/name/described.h"
#include "servers/name/directory.h"
#include "servers/name/lookups.h"
#include "servers/name/peers.h"
#include "servers/name/registrations.h"
#include "servers/name/requests.h"
#include "servers/name/watches.h"
#include "servers/proto/supervisor.h"
#include "servers/rt/task/log.h"
#include "servers/rt/start/startup.h"

static struct names the_names;

/* A right to the directory reaches interface directory only, and no other right reaches that. */
static outcome_t name_only(const void *handlers, void *context, struct request *request)
{
        if (request->badge == BADGE_DIRECTORY)
                return answered(REASON_REFUSED);
        return name_dispatch(handlers, context, request);
}

static outcome_t directory_only(const void *handlers, void *context, struct request *request)
{
        if (request->badge != BADGE_DIRECTORY)
                return answered(REASON_REFUSED);
        return directory_dispatch(handlers, context, request);
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void work(struct names *names, uint64_t now)
{
        peers_work(names, now);
        lookups_work(names, now);
}

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        uint64_t now = rt_now();
        (void)key;
        if (bits & NAMES_RIGHT_DIED) {
                registrations_sweep(server->context);
                peers_sweep(server->context, now);
        }
        work(server->context, now);
}

static void on_completed(struct server *server, uint64_t key)
{
        struct names *names = server->context;
        uint64_t now = rt_now();
        if (key >= NAMES_KEY_TELL)
                peer_was_told(names, (unsigned)key - NAMES_KEY_TELL, now);
        else if (key >= NAMES_KEY_ASK)
                peer_answered(names, (unsigned)key - NAMES_KEY_ASK, now);
        else
                lookup_completed(names, (unsigned)key - NAMES_KEY_LOOKUP, now);
        work(names, now);
}

/* The work is done for the event that this signals, since that message has no deadline: calls to
 * peers must not inherit one. */
static void on_time(struct server *server, uint64_t now)
{
        (void)now;
        names_work(server->context);
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        (void)issues;
        admission_end(server->context, badge);
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
        server->on_completed = on_completed;
        server->on_time = on_time;
        server->on_no_senders = on_no_senders;
        server->on_cancel = on_cancel;
        names->next_badge = BADGE_DIRECTORY + 1;
        registry_init(&names->registry, rt_node(), rt_now() | 1);
        names->registry.changed = on_change;
        names->registry.context = names;
        names->registry.expected = &names->expected;
        rt_server_add(server, NAME_INTERFACE, name_only, &name_handlers, names);
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
                outcome = described_read(&the_names.expected);
        if (outcome == OUTCOME_OK)
                outcome = introduce(&the_names);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&the_names.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return 1;
}
