/* The switch itself, without sockets, clock or files: frames go in at a port, and come out at
 * others, or are dropped, as addresses, partition and impairments say.
 *
 * Ports 0 … nodes - 1 are the nodes; port `nodes`, if there is a gateway, is `boot`. A partition
 * divides only nodes, and the default impairment applies only between nodes: boot traffic is left
 * alone unless a link names `boot`.
 *
 *      frame ─ fabric_input ─┬─ verdict per receiver ─┬─ at once ─── deliver
 *                            │                        └─ delays ──── fabric_run ─── deliver
 *                            └─ record (once, with what became of it)
 *
 * Frames for the gateway are always delivered by fabric_run, never within fabric_input: so the
 * gateway's answer is recorded after the question. */
#ifndef SWITCH_FABRIC_H
#define SWITCH_FABRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/switch/delays.h"
#include "tools/switch/link.h"
#include "tools/switch/macs.h"

enum {
        NODES_MAX = 32,
        PORTS_MAX = NODES_MAX + 1,
        PORT_NAME_MAX = 8,
        FRAME_MIN = 14,   /* an Ethernet header */
        FRAME_MAX = 9018, /* 9000 bytes, the header and one VLAN tag */
        COMMENT_MAX = 512,
};

enum delivery { DELIVERED, DELIVERY_NO_RECEIVER, DELIVERY_SLOW };

struct fabric_env {
        void *context;
        /* Hands a frame to a port. Must not call into the fabric, unless the port is the gateway.
         */
        enum delivery (*deliver)(void *context, unsigned port, const uint8_t *frame, size_t length,
                                 uint64_t now);
        /* Told of every frame once; comment is NULL if it was simply passed on. */
        void (*record)(void *context, unsigned port, const uint8_t *frame, size_t length,
                       const char *comment, uint64_t now);
};

struct port {
        char name[PORT_NAME_MAX];
        unsigned group; /* of the partition */
        uint64_t in_frames, in_bytes, out_frames, out_bytes;
        uint64_t drops[DROPS]; /* of frames that came in here, once for each receiver missed */
        uint64_t delayed, doubled, reordered, corrupted;
};

struct fabric {
        struct fabric_env env;
        uint64_t seed;
        unsigned nodes, ports;
        bool partitioned;
        struct impairment default_impairment;
        struct port port[PORTS_MAX];
        struct link links[PORTS_MAX][PORTS_MAX]; /* [from][to] */
        struct macs macs;
        struct delays delays;
};

/* Makes an empty fabric. The memory is the caller's, and large: not for a stack. */
void fabric_init(struct fabric *fabric, struct fabric_env env, uint64_t seed);

/* Adds a port with an address that is always found there; nodes first, then at most one gateway.
 * False if there are too many or the address is taken. The stream of random numbers of a link
 * depends on the seed and the ports' names alone. */
bool fabric_add_node(struct fabric *fabric, const char *name, struct mac mac);
bool fabric_add_gateway(struct fabric *fabric, struct mac mac);

/* The port of a name; false if none is called so. */
bool fabric_find(const struct fabric *fabric, const char *name, unsigned *port);

/* A frame has come in at a port: any length, any content. */
void fabric_input(struct fabric *fabric, unsigned port, const uint8_t *frame, size_t length,
                  uint64_t now);

/* Delivers what is due at `now`. */
void fabric_run(struct fabric *fabric, uint64_t now);

/* When fabric_run has something to do next; UINT64_MAX if never. */
uint64_t fabric_deadline(const struct fabric *fabric);

/* What a link does at present: its own impairment, or the default. */
const struct impairment *fabric_impairment(const struct fabric *fabric, unsigned from, unsigned to);

/* Frees the frames on their way. */
void fabric_destroy(struct fabric *fabric);

#endif
