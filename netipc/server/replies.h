/* Reply rights of other nodes that programs here hold. What such a program has is the reply right
 * of a call that the transport makes to itself, by a port that nobody else knows: how that call
 * ends is the answer, which goes to where the reply right came from.
 *
 *      IMPORT of a reply right ──► reply_proxy: a call to our own port ──► its reply right
 *      the program answers, drops it, or dies ──► the call is done ──► a one-way message
 *
 * And reply rights of this node that another one gave back, or lost: the caller learns why.
 *
 * The right that the call goes by has RIGHT_PROXY: what an answer may claim is for the kernel to
 * judge from which the reply right came. */
#ifndef NETIPC_SERVER_REPLIES_H
#define NETIPC_SERVER_REPLIES_H

#include "netipc/core/core.h"
#include "servers/rt/message/message.h"

enum { REPLIES_MAX = 32 }; /* each has a buffer for the longest answer */

struct far_reply {
        handle_t call;        /* 0: free */
        core_import_t import; /* to be answered through */
        uint8_t *answer;      /* MESSAGE_BYTES_MAX; kept for the next */
};

struct unused_reply;

struct far_replies {
        handle_t port, right;
        handle_t completions; /* port where the calls complete, … */
        uint64_t first_key;   /* … by their places, from this key on */
        struct far_reply pool[REPLIES_MAX];
        struct unused_reply *unused; /* since the core was last called */
};

outcome_t replies_init(struct far_replies *replies, handle_t completions, uint64_t first_key);

/* A reply right that stands for the import, which is dropped when it has been answered; 0: there
 * are too many, or there is no memory. */
handle_t reply_proxy(struct far_replies *replies, core_import_t import);

/* The call in this place is done: its import, the outcome, and the answer, whose bytes stay until
 * the place is used again. 0: the import was lost before. */
core_import_t reply_answered(struct far_replies *replies, unsigned place, outcome_t *outcome,
                             struct arrival *arrival);

/* A reply right of this node that nobody there will answer by; the handle is taken over. */
void reply_unused(struct far_replies *replies, handle_t reply);

/* Ends the calls of those that came since: with the reason for which a session was lost; 0: they
 * were given back. */
void replies_end(struct far_replies *replies, enum reason reason);

/* The import is dead: the reply right that stands for it, if there is one, dies. */
void reply_lost(struct far_replies *replies, core_import_t import);

#endif
