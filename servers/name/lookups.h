/* Callers that look a name up: answered at once if it is this node's, else when a peer has answered
 * or, if they want to wait, when somebody registers it.
 *
 *                    ┌──────────── name came or went, a peer's `no` ────────────┐
 *      lookup ──> WAITING ──a peer has it──> ASKED ──its answer──> answered      │
 *                    │                         └─────────────────────────────────┘
 *                    └──here, or time is up──> answered
 */
#ifndef NAME_LOOKUPS_H
#define NAME_LOOKUPS_H

#include "servers/name/names.h"

/* Handles a request to look up `path`: [NODE/]NAME, NODE "." being this one. Either the outcome and
 * *right, a copy to be given to the caller, or RT_DEFERRED. */
outcome_t lookup_begin(struct names *names, const struct request *request, struct text path,
                       bool wait, struct send_cap *right);

/* Starts and ends calls to peers; answers those who can be answered or whose time is up. To be
 * called from the event loop. */
void lookups_work(struct names *names, uint64_t now);

/* A member has gone: nobody wants its answers. */
void lookups_end(struct names *names, uint64_t badge);

/* The caller does not want the answer. */
void lookup_cancel(struct names *names, handle_t reply);

#endif
