/* The nodes' unix datagram sockets: one datagram is one Ethernet frame.
 *
 * The switch receives on NODE/switch.sock and sends to NODE/qemu.sock, relative to the current
 * directory. A QEMU may be missing, vanish, or come back at any time. The kernel holds only a few
 * datagrams for a reader that is busy, so each port has a bounded backlog, sent as soon as the
 * reader has room: a burst is no loss, and a reader that has stopped costs nobody else time.
 *
 *      unconnected ──send──> connected ──reader full──> backlog
 *           ^                  │    ^                     │  │
 *           │                  │    └──────writable───────┘  │
 *           └───reader gone────┴─────────────────────────────┘    the backlog is dropped
 */
#ifndef SWITCH_PORTS_H
#define SWITCH_PORTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/switch/fabric.h"
#include "tools/switch/problem.h"

enum { BACKLOG_MAX = 512, DATAGRAM_MAX = 65536 };

struct backlog_frame {
        size_t length;
        uint8_t bytes[FRAME_MAX];
};

struct node_port {
        char in_path[32], out_path[32];
        int in, out;                   /* -1: not open */
        struct backlog_frame *backlog; /* a ring of BACKLOG_MAX */
        unsigned first, count;
};

struct ports {
        struct node_port port[NODES_MAX];
        unsigned count;
};

/* Opens the next node's port, making its directory if there is none and replacing a socket that an
 * earlier switch left. */
bool ports_add(struct ports *ports, const char *name, struct problem *problem);

/* Sends a frame of at most FRAME_MAX bytes, or keeps it in the backlog. Never blocks. */
enum delivery ports_send(struct ports *ports, unsigned port, const uint8_t *frame, size_t length);

/* Receives one datagram. False if none waits. */
bool ports_receive(struct ports *ports, unsigned port, uint8_t bytes[DATAGRAM_MAX], size_t *length);

/* True if the port waits for its `out` socket to become writable; then ports_flush. */
bool ports_waits(const struct ports *ports, unsigned port);
void ports_flush(struct ports *ports, unsigned port);

/* Closes and removes the sockets. */
void ports_close(struct ports *ports);

#endif
