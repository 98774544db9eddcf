/* What the keeper knows. One thread, one poll loop (keeper.c); all of this is touched by it alone.
 * The parts stand above each other, and each calls only what is below:
 *
 *      keeper.c            the loop
 *      keeper_command      what clients ask for, and when they are answered
 *      keeper_switch       the switch and its events
 *      keeper_node         the nodes' power
 *      keeper_progress     how far the nodes have come
 *      keeper_line         a node's one serial port, where there is no more
 *      keeper_client       connections: lines in, lines out */
#ifndef PTL_KEEPER_STATE_H
#define PTL_KEEPER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/lib/listener.h"
#include "tools/ptl/keeper.h"
#include "tools/ptl/keeper_line.h"
#include "tools/ptl/lines.h"
#include "tools/ptl/names.h"
#include "tools/ptl/stage.h"

enum { CLIENTS_MAX = 16 };

struct node {
        pid_t machine; /* QEMU's process id; 0: power is off */
        enum stage stage;
        bool up;               /* has come as far as it should, once since its power-on */
        bool failed;           /* cannot come up; its user has been told */
        bool files;            /* its file server serves all that it was given */
        int64_t started;       /* clock_ms */
        int64_t deadline;      /* by when it must be up */
        int64_t panic_report;  /* when to tell of a panic, so that its lines are there; 0: none */
        int log;               /* serial.log, read up to what has been seen; -1: not open */
        int log_watch;         /* inotify's number for it */
        char peers[NODE_LIST]; /* whom it knows, as its last `joined` line says */
        struct line_reader lines;
        struct tail tail;
};

struct client {
        int fd;          /* -1: no client */
        bool bound;      /* the cluster ends if this client goes */
        bool waits;      /* for all nodes */
        unsigned starts; /* waits for this node; 0: none */
        struct line_reader lines;
};

struct keeper {
        struct keeper_setup setup;
        struct node nodes[NODES_MAX + 1]; /* from 1 */
        struct line lines[NODES_MAX + 1]; /* of those that have one port for all */
        struct client clients[CLIENTS_MAX];
        pid_t switch_process;      /* 0: gone */
        char capture_failure[256]; /* the notice that it ended early; empty: it did not */
        int switch_events;         /* connection to its control socket; -1: none */
        struct line_reader switch_lines;
        int signals;              /* signalfd */
        struct listener listener; /* control socket */
        int watch;                /* inotify: the nodes' logs */
        int64_t guard;            /* clock_ms by when to look whether the run directory is ours */
        bool logging;             /* standard error is keeper.log: notices go there too */
        bool ending;              /* leave the loop */
        struct client *ender;     /* who asked for the end, and gets the answer; may be NULL */
};

#endif
