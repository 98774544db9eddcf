/* The transport server's start and loop. Everything that waits, waits in rt_serve: messages, event
 * bits, and the deadline that the core and the link ask for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include "servers/common/name.h"
#include "netipc/server/bridge.h"
#include "netipc/server/deliveries.h"
#include "netipc/server/control.h"
#include "netipc/server/directory.h"
#include "netipc/server/gather.h"
#include "netipc/server/journal.h"
#include "netipc/server/key_log.h"
#include "netipc/server/members.h"
#include "netipc/server/names.h"
#include "netipc/server/sealing.h"
#include "netipc/server/shares.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

_Alignas(4096) struct transport transport;

enum { ROUNDS_MAX = 4 };

/* ---- the loop -------------------------------------------------------------------------------- */

/* One reading of the clock for a message and what follows from it. */
static void clock_take(void)
{
        if (!transport.now_is_fresh)
                transport.now = rt_now();
        transport.now_is_fresh = true;
}

/* A local program that waits for nothing, or not for this alone, may have more to say. */
static outcome_t on_request(struct server *server, struct request *request)
{
        (void)server;
        clock_take();
        if (!request->reply || transport.pending.under_way > 0)
                gather_want();
        return request->badge & BADGE_OTHER ? RT_PASSED_ON : bridge_request(request);
}

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        (void)server;
        clock_take();
        if (key >= KEY_EVENTS) {
                event_signalled(&transport.events, (unsigned)(key - KEY_EVENTS), bits);
                return;
        }
        if (bits & LINK_BITS)
                link_event(&transport.link, bits, transport.now);
        if (bits & EVENT_RIGHT_DIED) {
                rights_signalled(&transport.rights);
                directory_check();
        }
}

static void on_event_end(struct server *server, uint64_t key)
{
        (void)server;
        event_ended(&transport.events, (unsigned)(key - KEY_EVENTS));
}

static void on_completed(struct server *server, uint64_t key)
{
        (void)server;
        clock_take();
        switch (key) {
        case KEY_LINK:
                link_completed(&transport.link, transport.now);
                break;
        case KEY_NAMES:
                names_done(transport.now);
                break;
        case KEY_JOURNAL:
                journal_done();
                break;
        case KEY_DIRECTORY:
                directory_done(transport.now);
                break;
        default:
                if (transport.far_calls.taken > 1)
                        gather_want();
                if (key < FAR_CALLS_MAX)
                        delivery_done((unsigned)key);
                else
                        bridge_reply_done((unsigned)(key - KEY_REPLIES));
                break;
        }
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        /* The kernel gives this notice only if no handle was issued since: the right is gone. */
        (void)server;
        (void)issues;
        if ((badge & BADGE_OTHER) == BADGE_WATCH)
                members_unwatch(badge);
        else
                bridge_no_senders(badge);
}

static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server;
        (void)badge;
        clock_take();
        bridge_cancel(reply);
}

static void on_time(struct server *server, uint64_t now)
{
        (void)server;
        if (gathering() || gather_wanted())
                return; /* it was a look at the port, which had nothing */
        transport.now = now;
        transport.now_is_fresh = true;
        bridge_settle();
        core_tick(transport.core, now);
}

static void packet_received(void *context, uint32_t address, uint16_t port, const void *payload,
                            size_t length)
{
        (void)context;
        bridge_settle();
        core_packet_in(transport.core, (struct core_address){address, port}, payload, length,
                       transport.now);
}

static void link_changed(void *context, bool up, uint64_t now)
{
        (void)context;
        bridge_settle();
        if (up)
                core_set_packet_size(transport.core, transport.link.mtu - WIRE_IP_HEADERS);
        core_link(transport.core, up, now);
}

static void credit_divide(void)
{
        static unsigned divided;
        static uint64_t attached;
        const struct link *link = &transport.link;
        unsigned up = transport.far_calls.peers_up;
        if (link->state != LINK_UP || up == 0 || (up == divided && attached == link->attached))
                return;
        divided = up;
        attached = link->attached;
        core_set_credit(transport.core,
                        credit_of(link->end.count, up, link->mtu - WIRE_IP_HEADERS));
}

/* Programs have had their turn: sends what they asked for, and looks at the time, which while they
 * are given something again and again nobody else does. */
static void gathered_send(void)
{
        if (core_next_deadline(transport.core) <= transport.now)
                core_tick(transport.core, transport.now);
        else
                core_flush(transport.core, transport.now);
}

/* Takes what has come, and sends what is to go, unless that is to be gathered first. False: there
 * is no more to do now. */
static bool frames_work(void)
{
        for (unsigned round = 0; round < ROUNDS_MAX; round++) {
                link_poll(&transport.link, transport.now);
                bridge_work();
                credit_divide();
                if (gather_wanted())
                        return true;
                core_flush(transport.core, transport.now);
                if (link_sleep(&transport.link))
                        return false;
        }
        return true;
}

/* Whether there are messages to be taken before anything else. */
static bool messages_first(struct server *server, bool message)
{
        if (!gather_more(message))
                return false;
        transport.now_is_fresh = false;
        server->deadline = 0;
        return true;
}

/* Before each wait: takes what has come, sends what is to go, and says when it is needed again. A
 * flood on the network must not keep it from its messages: after some rounds those come first, and
 * at once where a program that was just given something may have more to say (gather.h), as long
 * as the driver need not be told of anything. */
static void on_idle(struct server *server)
{
        bool gathered = gathering();
        if (messages_first(server, transport.now_is_fresh))
                return;
        clock_take();
        uint64_t due = link_time(&transport.link, transport.now);
        if (gathered)
                gathered_send();
        bool more = frames_work();
        if (transport.pending.added)
                link_expect(&transport.link);
        transport.pending.added = false;
        server->signal = link_flush(&transport.link, &server->signal_bits);
        more |= bridge_rights_check();
        members_work();
        due = rt_earlier(due, names_work(transport.core, transport.now));
        due = rt_earlier(due, directory_work(transport.now));
        journal_work();
        if (!server->signal && messages_first(server, false))
                return;
        due = rt_earlier(due, core_next_deadline(transport.core));
        server->deadline = more ? transport.now : due;
        transport.now_is_fresh = false;
}

/* ---- start ----------------------------------------------------------------------------------- */

static void die(const char *what, outcome_t outcome)
{
        rt_log("%s: %s%s", what, outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        exit(1);
}

static void must(outcome_t outcome, const char *what)
{
        if (outcome != OUTCOME_OK)
                die(what, outcome);
}

/* What is wrong now would be wrong after a restart too. */
static void stay_alone(const char *why)
{
        rt_log("boot: failed this node stays alone: %s", why);
        for (;;)
                sys_sleep(TIME_NEVER);
}

/* The value of an argument `NAME=…`, or "". */
static const char *option(char **arguments, const char *name)
{
        size_t length = strlen(name);
        for (; *arguments; arguments++)
                if (strncmp(*arguments, name, length) == 0 && (*arguments)[length] == '=')
                        return *arguments + length + 1;
        return "";
}

static void configure(char **arguments, struct core_config *config, uint32_t *address)
{
        *config = (struct core_config){
            .cluster = strtoull(option(arguments, "cluster"), NULL, 16),
            .node = strtoull(option(arguments, "id"), NULL, 16),
        };
        /* A node is its key. Without one, it is whom the boot network says it is. */
        const char *alone = sealing_decide(config, option(arguments, "plaintext"),
                                           option(arguments, "cipher"), &transport.sealing);
        if (alone)
                stay_alone(alone);
        snprintf(config->name, sizeof(config->name), "%s", rt_node());
        snprintf(transport.node, sizeof(transport.node), "%s", rt_node());
        if (!config->node || !is_name(rt_node(), strlen(rt_node()), NODE_NAME_LONGEST))
                stay_alone("the boot configuration gives no valid node= and id=");
        if (!address_parse(option(arguments, "ip"), address))
                stay_alone("the boot configuration gives no ip=ADDRESS");
        const char *nodes = option(arguments, "nodes");
        share_out(config, nodes);
        members_init(nodes);
}

int main(int argc, char **argv)
{
        struct core_config config;
        uint32_t address;
        uint8_t probe;
        handle_t control;
        (void)argc;
        configure(argv, &config, &address);
        if (getrandom(&probe, 1, GRND_INSECURE) != 1)
                stay_alone("no source of randomness: neither RDRAND nor a seed");
        struct server *server = &transport.server;
        must(gather_init(), "priority");
        must(rt_server_init(server), "port");
        must(rt_server_event(server, &transport.event), "event");
        must(sys_port_detail(server->port, 1), "port");
        must(link_init(&transport.link, server->port, KEY_LINK, transport.event, address), "link");
        must(names_init(server->port, KEY_NAMES), "names");
        must(journal_init(server->port, KEY_JOURNAL), "journal");
        must(replies_init(&transport.replies, server->port, KEY_REPLIES), "reply rights");
        transport.link.received_payload = packet_received;
        transport.link.changed = link_changed;
        transport.far_calls.port = server->port;
        transport.events.port = server->port;
        transport.events.first_key = KEY_EVENTS;
        transport.rights.event = transport.event;
        transport.rights.bits = EVENT_RIGHT_DIED;
        transport.now = rt_now();
        struct core_environment environment = bridge_environment;
        environment.key_log = transport.sealing == NODE_SEALING_LOGGED ? key_log_write : NULL;
        transport.core = core_create(&environment, &config, transport.now);
        if (!transport.core)
                die("core", not_executed(REASON_NO_MEMORY));
        core_link(transport.core, false, transport.now);
        must(directory_offer(server->port, KEY_DIRECTORY), "name service: directory");
        server->on_request = on_request;
        server->on_event = on_event;
        server->on_event_end = on_event_end;
        server->on_completed = on_completed;
        server->on_no_senders = on_no_senders;
        server->on_cancel = on_cancel;
        server->on_time = on_time;
        server->on_idle = on_idle;
        must(rt_server_add(server, NODE_INTERFACE, node_dispatch, &control_handlers, NULL),
             "interface node");
        must(rt_server_right(server, BADGE_CONTROL | 1, &control), "control");
        must(rt_register("net", control), "name net");
        die("serve", rt_serve(server));
}
