/* The key log of a cluster: lines (netipc/crypto/keylog.h) with which its sealed packets can be
 * read.
 *
 *      node ── its debug console ──> RUNDIR/nK/keylog ──> secrets ──> the user's file
 *                                                            └──────> the capture, as blocks
 *
 * A node writes the line of a session before it sends the session's first packet, and QEMU puts
 * each byte into the node's file at once. So whoever looks there when a frame of the node comes in
 * has all keys that the frame may need: no packet stands in a capture before its keys.
 *
 * What a node writes is hostile: only whole lines of that form are taken. The user's file can be
 * read by its owner alone. */
#ifndef SWITCH_SECRETS_H
#define SWITCH_SECRETS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "netipc/crypto/keylog.h"
#include "tools/switch/fabric.h"
#include "tools/switch/problem.h"

struct secrets_env {
        void *context;
        /* A line was taken: with its line feed. */
        void (*line)(void *context, const char *line, size_t length);
        /* Just now: the user's file cannot be written any more, for that errno. What it has are
         * whole lines. */
        void (*failed)(void *context, const char *path, int error);
};

/* What a node has written. */
struct secrets_node {
        int fd;
        char line[KEYLOG_LINE];
        size_t used; /* of a line that is not complete */
};

struct secrets {
        struct secrets_env env;
        int fd;      /* the user's file; -1: there is no key log */
        bool failed; /* it cannot be written any more */
        char path[PATH_MAX];
        struct secrets_node node[NODES_MAX];
        unsigned nodes;
};

/* No key log. */
void secrets_init(struct secrets *secrets, struct secrets_env env);

/* Opens the user's file, which is emptied. */
bool secrets_start(struct secrets *secrets, const char *path, struct problem *problem);

/* Follows the file NAME/keylog of the next node, which is there already. */
bool secrets_add_node(struct secrets *secrets, const char *name, struct problem *problem);

/* Takes what that node, counted from 0, has written since. Others than nodes write nothing. */
void secrets_take(struct secrets *secrets, unsigned node);

/* Takes what there is, and closes all. */
void secrets_stop(struct secrets *secrets);

#endif
