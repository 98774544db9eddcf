/* The keeper's inside: one thread, one poll loop (keeper.c), which calls the parts: the nodes'
 * power and progress (keeper_node.c), the clients (keeper_client.c), the switch (keeper_switch.c).
 * All of this is touched by that thread alone. */
#ifndef PTL_KEEPER_STATE_H
#define PTL_KEEPER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/ptl/keeper.h"
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
        struct client clients[CLIENTS_MAX];
        pid_t switch_process;      /* 0: gone */
        char capture_failure[256]; /* the notice that it ended early; empty: it did not */
        int switch_events;         /* connection to its control socket; -1: none */
        struct line_reader switch_lines;
        int signals;          /* signalfd */
        int listener;         /* control socket */
        int watch;            /* inotify: the nodes' logs */
        bool logging;         /* standard error is keeper.log: notices go there too */
        bool ending;          /* leave the loop */
        struct client *ender; /* who asked for the end, and gets the answer; may be NULL */
};

/* keeper_node.c */

/* Powers the node on. Returns false with a complaint if QEMU cannot be started. */
bool node_power_on(struct keeper *keeper, unsigned number);
/* Pulls the plug and waits until the machine is gone. */
void node_power_off(struct keeper *keeper, unsigned number);
/* The machine has ended by itself; status is waitpid's. */
void node_ended(struct keeper *keeper, unsigned number, int status);
/* Reads what is new in the node's log. */
void node_log_read(struct keeper *keeper, unsigned number);
/* The node has reached a stage, as its log or the switch says. */
void node_reached(struct keeper *keeper, unsigned number, enum stage stage, const char *text);
/* When node_check is to be called next, or INT64_MAX; and the call: tells of panics and of
 * deadlines that have passed. */
int64_t node_next_check(const struct keeper *keeper, unsigned number);
void node_check(struct keeper *keeper, unsigned number);

/* keeper_switch.c */

/* Starts the switch and waits until it answers. False with a complaint. */
bool switch_start(struct keeper *keeper);
/* Reads events from it. */
void switch_read(struct keeper *keeper);
void switch_end(struct keeper *keeper);

/* keeper_client.c */

/* Takes a connection; returns the client, or NULL (and closes it) if there are too many. */
struct client *client_add(struct keeper *keeper, int fd);
/* Reads and obeys its commands. */
void client_read(struct keeper *keeper, struct client *client);
/* Sends a line to one client, and to all that wait for something. A client that does not read is
 * dropped. */
__attribute__((format(printf, 3, 4))) void client_send(struct keeper *keeper, struct client *client,
                                                       const char *format, ...);
__attribute__((format(printf, 2, 3))) void clients_tell(struct keeper *keeper, const char *format,
                                                        ...);
/* Answers those whose wait is over; called whenever a node came up, failed or lost power. */
void clients_settle(struct keeper *keeper);

#endif
