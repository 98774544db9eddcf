/* Callers that look a name up: answered at once if it is this node's, else when a peer has given it or,
 * if they want to wait, when somebody registers it.
 *
 *                 ┌──────── the peer cannot give it: the next one, or later again ────────┐
 *                 v                                                                        │
 *      lookup ──> WAITING ──a peer has it──> ASKED ──its answer──> answered                │
 *                 │                            └────────────────────────────────────────────┘
 *                 ├──registered here──> answered
 *                 └──time is up, or waiting is in vain──> told why it is not there
 */
#ifndef NAME_LOOKUPS_H
#define NAME_LOOKUPS_H

#include "servers/name/names.h"

/* Handles a request to look up `path`: [NODE/]NAME, NODE "." being this one. Either the outcome and
 * *right, a copy to be given to the caller, or RT_DEFERRED. */
outcome_t lookup_begin(struct names *names, const struct request *request, struct text path,
                       enum name_wait wait, struct send_cap *right);

/* Starts and ends calls to peers; answers those who can be answered or whose time is up. To be
 * called from the event loop. */
void lookups_work(struct names *names, uint64_t now);

/* A member has gone: nobody wants its answers. */
void lookups_end(struct names *names, uint64_t badge);

/* The caller does not want the answer. */
void lookup_cancel(struct names *names, handle_t reply);

#endif
