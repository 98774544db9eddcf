/* Messages that have come with snapshots, and wait here until all of them were read from the other
 * node. Then the message goes on as any other, with memory of ours that the kernel makes its
 * receiver's.
 *
 *      fetch_new ──► waits for memory ──► reads, one at a time ──► fetch_complete (bridge.c)
 *                          └──── failed ────────┴────────────────► fetch_failed (bridge.c)
 *
 * What comes later through the same right waits, too (fetch_before). As long as this node has
 * little memory left a message waits; one of a node that does not go on with it fails. */
#ifndef NETIPC_SERVER_FETCHES_H
#define NETIPC_SERVER_FETCHES_H

#include <stdbool.h>
#include "kernel/abi/rights.h"
#include "netipc/core/core.h"

enum {
        FETCH_MOST = 1 << 20,  /* bytes of all snapshots of a message */
        FETCH_SPARE = 3 << 20, /* that the transport keeps for everything else */
};

enum fetch_kind {
        FETCH_REQUEST, /* to `token`, with `call` */
        FETCH_ANSWER,  /* for whoever waits at `reply` */
        FETCH_LATE,    /* an answer through the reply right `token` */
};

struct far_call;

struct fetch {
        struct fetch *next;
        enum fetch_kind kind;
        struct far_call *call; /* NULL: its caller is gone */
        handle_t reply;
        uint64_t token;
        outcome_t outcome; /* of an answer */
        struct core_message message;
        handle_t memory[WIRE_CAPS_MAX];
        unsigned at;        /* the capability that is being fetched … */
        uint32_t done;      /* … so many bytes of it … */
        uint8_t *bytes;     /* … to here */
        bool asking;        /* a read is under way */
        enum reason reason; /* why it failed; 0: it has not */
        uint8_t content[];  /* the message's bytes */
};

struct fetches {
        struct fetch *first;
};

bool fetch_needed(const struct core_message *message);

/* Takes a copy of a message, with references of its capabilities; NULL: no memory. */
struct fetch *fetch_new(struct fetches *fetches, enum fetch_kind kind,
                        const struct core_message *message);

/* Whether a request to this right is being fetched. */
bool fetch_before(const struct fetches *fetches, uint64_t token);

/* Whether a message that waits brings a right of this import, which no handle needs to stand for
 * meanwhile. */
bool fetch_brings(const struct fetches *fetches, core_import_t import);

/* Its caller is gone, or was answered: the message is not wanted any more. */
void fetch_call_gone(struct fetches *fetches, const struct far_call *call);

/* The node that has a snapshot is lost. */
void fetch_import_lost(struct fetches *fetches, core_import_t import, enum reason reason);

/* A read has ended. */
void fetch_arrived(struct fetch *fetch, outcome_t outcome, const struct core_message *message);

/* Begins reads, and hands on what is complete. */
void fetches_work(struct fetches *fetches);

/* The bridge's: the message goes on; it does not, and its capabilities have been given back. */
void fetch_complete(struct fetch *fetch);
void fetch_failed(struct fetch *fetch);

#endif
