/* The names of the cluster's services, as one node knows them.
 *
 *      own table       what is registered on this node; each change gets the next version
 *      peers' tables   a copy of the own table of every other node, by (node, epoch)
 *
 * A peer asks for "what has changed since version V of instance I" (registry_changes) and applies
 * the answer (registry_apply). An instance is one run of the owner's name service: versions of
 * another one mean nothing. A removed name stays in the table, marked as not present, so that peers
 * can be told; when its place is needed it is dropped, and a peer that has not heard of the removal
 * by then is sent the whole table. Each answer carries a digest of the owner's table; a copy that
 * still differs is asked for again as a whole. Who asks when is not decided here: an owner tells
 * its peers when there is a new version (servers/name/peers.h). So the tables become equal in the
 * end, whichever messages are lost, as long as some arrive.
 *
 *      peer unknown ──up──> empty copy, version 0 ──apply──> follows ──down──> remembered
 *                               ^                                                  │
 *                               └────────────────────up────────────────────────────┘
 *
 * Of a peer that went the last table and the reason stay, so that its names are known to be away
 * and not unknown (absence.h). Only if there are too many nodes does a new one take such a place.
 *
 * Only names are kept here, no rights.
 *
 * Pure: no system call, clock, allocation or global. One thread. Bytes that come from peers may be
 * hostile. */
#ifndef CLUSTER_REGISTRY_H
#define CLUSTER_REGISTRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "servers/common/name.h"

enum {
        REGISTRY_NAME = NAME_LONGEST + 1, /* bytes of a name or a node's, with the 0 at its end */
        REGISTRY_NAMES = 128,             /* of one node */
        REGISTRY_PEERS = 32,
        REGISTRY_RECORDS = REGISTRY_NAMES * (REGISTRY_NAME + 1), /* bytes of any answer */
};

struct registry_entry {
        char name[REGISTRY_NAME];
        uint64_t version; /* of the table, when this entry changed last */
        bool present;
};

/* Entries are sorted by name. No version is larger than the table's. */
struct registry_table {
        uint64_t instance;
        uint64_t version; /* 0: nothing is known */
        uint64_t dropped; /* the newest version of a removed name that has been dropped */
        unsigned count;
        struct registry_entry entries[REGISTRY_NAMES];
};

struct registry_peer {
        char node[REGISTRY_NAME]; /* "": the place is free */
        bool up;
        uint8_t reason; /* why it is not (enum reason) */
        uint64_t epoch[2];
        struct registry_table table; /* of one that went: its last */
};

struct expected;

struct registry {
        char node[REGISTRY_NAME];
        struct registry_table own;
        struct registry_peer peers[REGISTRY_PEERS];
        const struct expected *expected; /* what the system description has (expected.h), or NULL */
        /* Told of every name that came or went, here or at a peer, after the change; may be NULL.
         * It may read the registry, not change it. */
        void (*changed)(void *context, const char *node, const char *name, bool present);
        void *context;
};

/* The answer to "what has changed". With it go records: lines "+NAME\n" and "-NAME\n". */
struct registry_answer {
        uint64_t instance, version, digest;
        bool complete; /* the records are all names there are */
};

enum registry_result {
        REGISTRY_OK = 0,
        REGISTRY_EXISTS,
        REGISTRY_MISSING,
        REGISTRY_FULL,
        REGISTRY_INVALID, /* no valid name, or records that no name service sends */
        REGISTRY_DIFFERS, /* the copy is not equal to the owner's table: it will be asked for whole
                           */
};

/* instance: not 0. node: valid. */
void registry_init(struct registry *registry, const char *node, uint64_t instance);

/* This node's own names. EXISTS, MISSING, FULL, INVALID. */
enum registry_result registry_add(struct registry *registry, const char *name);
enum registry_result registry_remove(struct registry *registry, const char *name);

/* Answers a peer that knows `version` of `instance`. `records` has REGISTRY_RECORDS bytes; the
 * result is how many of them were written. */
size_t registry_changes(const struct registry *registry, uint64_t instance, uint64_t version,
                        char *records, struct registry_answer *answer);

/* A peer has come: its table is empty at first. An older peer of that name, whatever its epoch, is
 * forgotten. NULL: REGISTRY_PEERS are up already, or the name is not valid, or this node's own. */
struct registry_peer *registry_peer_up(struct registry *registry, const char *node,
                                       uint64_t epoch_high, uint64_t epoch_low);
/* The peer has gone, and why (enum reason); also of one that was never up here. Nothing happens if
 * it is up with another epoch. */
void registry_peer_down(struct registry *registry, const char *node, uint64_t epoch_high,
                        uint64_t epoch_low, unsigned reason);
/* The peer of that name if it is up; else NULL. */
struct registry_peer *registry_peer(struct registry *registry, const char *node);

/* Puts a peer's answer into its table: all of it, or nothing (INVALID). */
enum registry_result registry_apply(struct registry *registry, struct registry_peer *peer,
                                    const struct registry_answer *answer, const char *records,
                                    size_t length);

/* The first peer, in the order of node names after `after` ("": all), that has the name; or
 * NULL. */
struct registry_peer *registry_find(struct registry *registry, const char *name, const char *after);
bool registry_peer_has(const struct registry_peer *peer, const char *name);

/* Writes lines "NODE/NAME\n" in the order of node and name, from the first one after the line
 * `after_node`/`after_name` ("", "": from the beginning), as many as fit. Returns the bytes
 * written. */
size_t registry_list(const struct registry *registry, const char *after_node,
                     const char *after_name, char *lines, size_t capacity);

/* Independent of order; 0 for an empty table. */
uint64_t registry_digest(const struct registry_table *table);

/* What must always hold: NULL, or what does not. */
const char *registry_check(const struct registry *registry);

#endif
