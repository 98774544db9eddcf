/* The simulator: whole clusters of the real protocol core in one process, in simulated time.
 *
 *      main.c      seeds, options, the report
 *      world.c     simulated time: one ordered list of events; nodes start, crash, are ticked
 *      network.c   packets between nodes, and everything that can happen to them
 *      app.c       what runs on the nodes: ports that call each other and pass rights around
 *      kernel.c    the kernel's part: the callbacks of the core, and proxies
 *      rights.c    who holds which right, and what stands for imports
 *      ledger.c    the checker: it sees both ends of every call, and knows what is true
 *
 * Everything that happens follows from the seed alone: one generator of random numbers, drawn from
 * in the order of events, and no clock but the simulated one. A run can therefore be repeated
 * exactly.
 *
 * A run has three parts: the nodes make calls while links lose, repeat, delay, reorder and damage
 * packets, partitions come and go and nodes crash; then all faults end and calls finish; then every
 * application drops what it holds, and the tables must drain to nothing. */
#ifndef SIM_H
#define SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netipc/core/core.h"

enum {
        NODES_MAX = 16,
        BAG_MAX = 40,  /* rights that one application holds */
        OPEN_MAX = 96, /* calls of its own, or being served, at a time */
};

#define SIM_MS 1000000ull
#define SIM_S  1000000000ull

struct sim;
struct node;

/* --- objects and what stands for them (rights.c) --------------------------------------------- */

/* A right of some node: a port's, or a proxy's. Its token is its index in sim->objects plus 1. */
struct object {
        uint8_t node;
        uint8_t type; /* enum wire_capability_kind */
        bool alive;
        uint32_t life;   /* incarnation of its node */
        uint32_t refs;   /* held by the core */
        uint32_t locals; /* held by the application */
        uint64_t proxy;  /* import that it stands for; 0: a port of this node */
        uint64_t real;   /* token of the port behind it: its own, or found through the ledger */
};

/* An import as its node knows it. */
struct far_right {
        struct far_right *next;
        core_import_t import;
        uint64_t real;     /* token of the port behind it */
        uint64_t proxy;    /* token of the object that stands for it; 0: none */
        uint64_t stream;   /* for the order check */
        uint64_t sequence; /* messages sent through it */
        uint32_t holders;
        uint8_t type;
        bool dead, root;
};

enum deferred_kind { DEFER_DROP, DEFER_DEAD, DEFER_RELAY, DEFER_RELAY_REPLY, DEFER_CANCEL };

/* What a callback leaves to be done once the core has returned. */
struct deferred {
        struct deferred *next;
        enum deferred_kind kind;
        uint64_t id; /* import or token */
        unsigned open;
        enum reason reason;
        core_call_t call;
        outcome_t outcome;
        struct core_message message;
};

enum open_state { OPEN_FREE, OPEN_CALL, OPEN_RELAY, OPEN_SERVE };

/* A call in progress, as one application sees it. Its cookie is made of its index and use count. */
struct open {
        enum open_state state;
        uint32_t use;
        uint64_t uid;
        core_handle_t handle; /* OPEN_CALL, OPEN_RELAY */
        core_call_t call;     /* OPEN_RELAY, OPEN_SERVE: what to answer; 0: the caller is gone */
        uint64_t deadline;
};

struct node {
        struct sim *sim;
        struct core *core; /* NULL: crashed */
        uint8_t number;
        uint32_t life;
        uint64_t next_tick;
        uint64_t root; /* token */
        size_t memory; /* allocations not released */
        uint64_t bag[BAG_MAX];
        bool bag_far[BAG_MAX]; /* an import; else a token */
        unsigned bag_count;
        struct open open[OPEN_MAX];
        struct far_right *far[256];
        struct deferred *deferred, **deferred_end;
};

void app_start(struct node *node);
void app_stop(struct node *node); /* the node crashed, or the run is over */
void app_act(struct node *node);  /* one random thing */
void app_drop_all(struct node *node);
void app_after_core(struct node *node); /* does what callbacks deferred, then flushes */
void app_answer(struct node *node, unsigned open, uint32_t use);
bool app_idle(const struct node *node);
struct core_environment app_environment(struct node *node);

/* --- the checker (ledger.c) ------------------------------------------------------------------ */

struct entry {
        uint8_t issuer;
        uint32_t life;
        bool oneway, unordered, ended, denied; /* denied: was reported as not executed */
        uint32_t executed;
        uint64_t stream, sequence, deadline;
        uint64_t target; /* token of the port behind the right; 0: not known */
        uint32_t length, reply_length;
        uint8_t caps, reply_caps;
        uint64_t cap[WIRE_CAPS_MAX], reply_cap[WIRE_CAPS_MAX]; /* tokens of the ports behind */
};

uint64_t ledger_begin(struct sim *sim, struct node *issuer, const struct entry *entry);
void ledger_executed(struct sim *sim, struct node *node, uint64_t token, uint64_t call,
                     const struct core_message *message);
void ledger_ended(struct sim *sim, struct node *node, uint64_t uid, outcome_t outcome,
                  const struct core_message *message);
void ledger_node_lost(struct sim *sim, const struct node *node);
void ledger_drained(struct sim *sim);
void ledger_bytes(uint64_t uid, uint8_t *bytes, uint32_t length);
uint64_t app_real(struct node *node, const struct core_cap *cap, uint64_t expected);

/* --- time and nodes (world.c) ---------------------------------------------------------------- */

enum event_kind { EVENT_PACKET, EVENT_TICK, EVENT_ACT, EVENT_ANSWER, EVENT_FAULT, EVENT_START };

struct packet {
        struct core_address from;
        uint32_t length;
        uint8_t bytes[WIRE_PACKET_MAX];
};

struct event {
        uint64_t time, order; /* at equal times in order of creation */
        enum event_kind kind;
        uint8_t node;
        uint32_t index, use;
        struct packet *packet;
};

struct link {
        uint32_t loss, twice, damage; /* per 1,000 */
        uint64_t delay, jitter;       /* ns */
        bool cut;
};

struct options {
        uint64_t seed;
        unsigned nodes;
        unsigned calls;
        bool trace;
};

struct sim {
        struct options options;
        uint64_t random[2];
        uint64_t now;
        struct event *heap;
        size_t heap_count, heap_room;
        uint64_t order;
        struct node node[NODES_MAX];
        struct link link[NODES_MAX][NODES_MAX];
        uint64_t stuck; /* events without time passing */
        uint64_t pace;  /* most ns between two acts of a node */
        unsigned bulk;  /* per 1,000: messages up to the largest size */
        bool calm;      /* the faults are over */
        struct object *objects;
        size_t object_count, object_room;
        struct entry *entries;
        size_t entry_count, entry_room;
        uint64_t *streams; /* latest sequence executed, by stream */
        size_t stream_count, stream_room;
        uint64_t calls, faults, digest;
        const char *failure; /* the first thing found wrong */
        char detail[160];
};

uint64_t sim_random(struct sim *sim);
uint64_t sim_below(struct sim *sim, uint64_t bound);
bool sim_chance(struct sim *sim, unsigned per_thousand);
void sim_event(struct sim *sim, struct event event);
void sim_fail(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
void sim_digest(struct sim *sim, uint64_t value);
void sim_trace(struct sim *sim, const struct node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Runs one seed. True if no fault was found. */
bool sim_run(struct sim *sim);
void sim_free(struct sim *sim);
/* Makes room for one more element of an array that grows. */
void *sim_grow(void *array, size_t count, size_t *room, size_t size);

/* --- the network (network.c) ----------------------------------------------------------------- */

struct core_address network_address(unsigned node);
void network_send(struct node *from, struct core_address to, const void *packet, size_t length);
void network_fault(struct sim *sim); /* makes some link worse or better */
void network_heal(struct sim *sim);

#endif
