/* Two nodes of the real protocol core in one process, a wire between them, and a capture of it.
 *
 * All follows from the program: a simulated clock, seeded random numbers, a wire of constant delay.
 * So the same calls give the same capture, byte by byte. The capture is what a switch sees: each
 * packet when it is sent, also one that is then lost, and a doubled one twice.
 *
 * Whatever goes wrong ends the program with a message: it is a test's tool. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "netipc/core/core.h"

#define MS 1000000ull /* ns */

enum {
        NODES = 2,
        ON_WIRE_MAX = 256,
        REQUESTS_MAX = 32,
        FATES_MAX = 64,
        WORDS_MAX = WIRE_WORDS_MAX,
};

/* Tokens of the rights that each node has to offer. */
enum token { TOKEN_ROOT = 1, TOKEN_FS, TOKEN_FILE, TOKEN_ECHO };

/* What becomes of a packet. */
enum fate { FATE_ARRIVES, FATE_LOST, FATE_TWICE, FATE_LATE };

struct on_wire {
        uint64_t time;  /* of arrival; 0: free */
        uint64_t order; /* of those that arrive together */
        unsigned to;
        size_t length;
        uint8_t bytes[WIRE_PACKET_MAX];
};

/* A call that a node has to answer. */
struct request {
        core_call_t call;
        uint16_t interface, method;
        uint64_t word[WORDS_MAX];
        uint32_t length;
        bool missing; /* it asks for something called so */
};

struct node {
        struct world *world;
        unsigned number;
        struct core *core;  /* NULL: does not run */
        core_import_t root; /* of the other; 0: there is no session */
        struct request request[REQUESTS_MAX];
        unsigned requests;
        bool stalls;         /* answers nothing */
        core_import_t right; /* the first one in the latest message to it */
        unsigned ended;      /* calls of it that ended */
        outcome_t outcome;   /* of the last one */
};

struct world {
        uint64_t now;
        uint64_t random;
        FILE *capture;
        FILE *key_log;        /* NULL: in clear */
        enum cipher cipher;   /* if not in clear */
        uint16_t packet_size; /* that nodes take; 0: the core's */
        struct keys keys[NODES];
        struct node node[NODES];
        struct on_wire wire[ON_WIRE_MAX];
        uint64_t carried;
        enum fate fate[NODES][FATES_MAX]; /* of the next packets, by their sender */
};

/* Opens the capture and starts both nodes. */
void world_start(struct world *world, const char *path);

/* The same, of nodes that take packets as large as there are. */
void world_start_large(struct world *world, const char *path);

/* The same with keys that follow from the program, and a key log. */
void world_start_sealed(struct world *world, const char *path, const char *key_log,
                        enum cipher cipher);

void world_end(struct world *world);

/* Starts a node with a new epoch, or stops it without a word. */
void node_start(struct node *node);
void node_stop(struct node *node);

/* Sends what waits, then lets time pass. */
void world_pass(struct world *world, uint64_t ns);

/* Lets time pass until both nodes have a session, or so many calls of the node have ended. */
void world_await_sessions(struct world *world);
void world_await(struct world *world, const struct node *node, unsigned calls);

/* What becomes of a packet of the node: the next one is number 0. */
void world_fate(struct world *world, const struct node *node, unsigned packet, enum fate fate);

/* Writes a packet into the capture as if the node had sent it; arriving: it goes to the other, too.
 */
void world_inject(struct world *world, const struct node *node, const void *packet, size_t length,
                  bool arriving);

/* Begins a call, or sends a one-way message. */
core_handle_t node_call(struct node *node, core_import_t to, const struct core_message *message);
void node_send(struct node *node, core_import_t to, const struct core_message *message);

/* Answers what a node was asked and has not answered. */
void node_answer(struct node *node);

#endif
