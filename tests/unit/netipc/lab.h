/* A bench for the core: up to 17 nodes, a network that delivers in order unless a test says
 * otherwise, and applications that only record what they are told. */
#ifndef TEST_NETIPC_LAB_H
#define TEST_NETIPC_LAB_H

#include <check.h>
#include <stdbool.h>

#include "netipc/core/core.h"
#include "netipc/crypto/keylog.h"

#define LAB_MS 1000000ull

enum { LAB_NODES = 17, LAB_PACKETS = 4096, LAB_NOTES = 512 };

struct lab_packet {
        unsigned from, to;
        uint64_t due; /* when it arrives, if its turn has come */
        size_t length;
        uint8_t bytes[WIRE_PACKET_MAX];
};

struct lab_delivery {
        uint64_t token;
        core_call_t call;
        struct core_message message;
        uint8_t *bytes;
};

struct lab_completion {
        uint64_t cookie;
        outcome_t outcome;
        bool answered;
        struct core_message message;
        uint8_t *bytes;
};

struct lab_node {
        struct core *core;
        unsigned number;
        unsigned allocations, up, down, imports_died, cancels, drops, warnings;
        size_t memory; /* bytes that are allocated */
        bool no_memory;
        bool full;  /* there is no room to deliver anything */
        bool still; /* lab_run() does not let it send or look at the clock */
        bool deaf;  /* … nor hear: what comes waits */
        enum reason down_reason, died_reason, cancel_reason;
        core_import_t died;
        core_import_t root[LAB_NODES]; /* the root of each other node */
        outcome_t refuse;              /* what deliver returns; complete then takes nothing */
        uint64_t proxy_token;          /* what import_right returns */
        uint64_t dead_token;           /* what right_death knows, and why it is dead */
        unsigned dead_reason;
        struct lab_delivery delivery[LAB_NOTES];
        unsigned deliveries;
        struct lab_completion completion[LAB_NOTES];
        unsigned completions;
        uint64_t random;
        char key_line[KEYLOG_LINE]; /* the last one of its key log */
        unsigned key_lines;
};

struct lab {
        uint64_t now;
        struct lab_node node[LAB_NODES];
        struct lab_packet *packet; /* in transit */
        unsigned packets;
        bool cut[LAB_NODES][LAB_NODES];
        /* Called for each packet; false drops it. */
        bool (*filter)(struct lab *lab, struct lab_packet *packet);
        unsigned filtered;
        unsigned loss; /* per cent of all packets, by loss_random */
        uint64_t loss_random;
        uint64_t delay; /* of each packet, ns; beyond the step in which it is sent */
        unsigned pace;  /* packets that a node takes in a step of lab_step(); 0: all */
        unsigned ring;  /* packets that may wait for a node; 0: all. More are dropped */
        unsigned waiting[LAB_NODES];
        unsigned overflows; /* packets dropped so */
        bool sealed;
        uint16_t credit;                   /* of each node; 0: the core's */
        uint16_t packet_size;              /* of each node that is started; 0: the core's */
        size_t path[LAB_NODES][LAB_NODES]; /* larger packets are lost; 0: none are */
        unsigned too_large;                /* packets lost so */
        uint64_t id[LAB_NODES];            /* identities */
        struct keys keys[LAB_NODES];
};

/* Like lab_make, with keys: sessions are sealed. */
struct lab *lab_make_sealed(unsigned count);

/* Like lab_make, each with so much credit for each of the others. */
struct lab *lab_make_shared(unsigned count, uint16_t credit);

/* Like lab_make or, `sealed`, lab_make_sealed: with packets of so many bytes at most, where
 * the path from a node to another takes those of `path` bytes. */
struct lab *lab_make_large(unsigned count, bool sealed, uint16_t packet_size, size_t path);
/* That path, in both directions of all, from now on. */
void lab_path(struct lab *lab, size_t path);

/* Nodes 0 to count - 1 with roots 1000, 1001, …, all met. */
struct lab *lab_make(unsigned count);
void lab_free(struct lab *lab);
/* Forgets what the node's application was told of messages. */
void lab_forget(struct lab_node *node);
struct core *lab_start(struct lab *lab, unsigned node);
void lab_crash(struct lab *lab, unsigned node);

/* One step of 50 µs: ticks and flushes each node, then delivers packets. */
void lab_step(struct lab *lab);

/* Delivers packets and ticks until `ms` have passed; each packet takes 50 µs. */
void lab_run(struct lab *lab, uint64_t ms);

/* A call from node 0 to node 1's root, with the number as its word and cookie, and so many bytes;
 * or, `oneway`, a message. */
void lab_send(struct lab *lab, uint64_t number, uint32_t length, bool oneway);

/* How many frames of a type a clear packet has; of messages, if `order` is not 0, those with that
 * order number. */
unsigned lab_frames(const struct lab_packet *packet, unsigned type, uint32_t order);

/* The header of an empty call to a root, in slot 0. */
struct wire_msg lab_msg(uint64_t sequence);

/* A message with one word, no deadline. */
struct core_message lab_message(uint64_t word);
/* A well-formed beacon of this cluster. */
struct wire_hello lab_beacon(uint64_t node, const char *name);
/* The session that stands between two nodes, or NULL. */
struct session *lab_session(struct lab *lab, unsigned node, unsigned other);
struct core_peer_info lab_peer(struct lab *lab, unsigned node, unsigned other);
struct lab_delivery *lab_delivered(struct lab *lab, unsigned node);
struct lab_completion *lab_completed(struct lab *lab, unsigned node);

/* Sends a frame in a well-formed clear packet from one node's session to the other. */
void lab_forge(struct lab *lab, unsigned from, unsigned to, const void *frames, size_t length);
void lab_forge_from(struct lab *lab, unsigned from, unsigned to, struct core_address address,
                    const void *frames, size_t length);

Suite *wire_suite(void);
Suite *received_suite(void);
Suite *sent_suite(void);
Suite *session_suite(void);
Suite *call_suite(void);
Suite *reference_suite(void);
Suite *hostile_suite(void);
Suite *flow_suite(void);
Suite *secure_suite(void);
Suite *late_suite(void);
Suite *member_suite(void);
Suite *bulk_suite(void);
Suite *room_suite(void);
Suite *path_suite(void);
Suite *granules_suite(void);

#endif
