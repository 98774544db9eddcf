/* The transport server: the protocol core on a node. It takes no protocol decision; it moves
 * messages between the kernel and the core, and packets between the core and the network driver.
 *
 *      local client ──right──> proxy port ──badge = import──> core_call ──> packets
 *      packets ──> deliver(token) ──> call object ──> local server ──> core_reply
 *
 * One port receives everything. A badge without the bits below is an import: a proxy right, which
 * stands for a port of another node. Rights of this node that others hold are in a table by their
 * identity (rights.h). Far calls are delivered with call objects of a fixed pool (far_calls.h), so
 * that no local server can hold up the transport.
 *
 * Context: one thread; the core's callbacks run within core_* functions and do not call the
 * core. */
#ifndef NETIPC_SERVER_TRANSPORT_H
#define NETIPC_SERVER_TRANSPORT_H

#include "netipc/core/core.h"
#include "netipc/server/fetches.h"
#include "netipc/server/link.h"
#include "netipc/server/pending.h"
#include "netipc/server/reads.h"
#include "netipc/server/replies.h"
#include "netipc/server/rights.h"
#include "netipc/server/signals.h"
#include "netipc/server/far_calls.h"
#include "netipc/server/waiting.h"
#include "servers/proto/node.h"
#include "servers/rt/serve/serve.h"

/* Badges that are not imports. */
#define BADGE_CONTROL (1ull << 63) /* interface node */
#define BADGE_DEAD    (1ull << 62) /* rights that were dead when they arrived; a counter below */
#define BADGE_WATCH   (3ull << 62) /* on the table of nodes (members.h); a counter below */
#define BADGE_OTHER   (BADGE_CONTROL | BADGE_DEAD)

/* Event bits, beside the link's. */
#define EVENT_RIGHT_DIED (1ull << 60)

/* Keys of call objects: those of the pool of far calls are places in it. */
enum completion_key {
        KEY_LINK = FAR_CALLS_MAX,
        KEY_NAMES,
        KEY_JOURNAL,
        KEY_DIRECTORY,
        KEY_REPLIES, /* and behind it those of the pool of reply rights */
};

/* Keys of events: 0 is `event`, all others are proxies. */
#define KEY_EVENTS 1

/* What each turn looks at lies together, as far as tables let it: of the pages that the members are
 * in, each one touched is looked up anew after a switch of the address space. */
struct transport {
        struct server server;
        handle_t event;
        struct core *core;
        uint64_t now;      /* of the batch at hand … */
        bool now_is_fresh; /* … read since the last wait */
        struct waiting waiting;
        struct fetches fetches;
        uint64_t last_dead;
        char node[16];
        enum node_sealing sealing; /* of packets to other nodes */
        struct link link;
        struct right_table rights;
        struct memory_reads reads;
        struct far_calls far_calls;
        bool deliveries_wait; /* there was no room for one */
        struct far_events events;
        struct far_replies replies;
        struct pending pending;
};

/* The one transport of this process. */
extern struct transport transport;

#endif
