/* Callers that look a name up: answered at once if it is this node's, else when a peer has given it
 * or, if they want to wait, when somebody registers it.
 *
 *      lookup ──> WAITING ──a peer has it──> ASKED ──it gives the right──> answered
 *                 │  ^                          │
 *                 │  └──it cannot: the next ────┘
 *                 │     one, or later again
 *                 ├──registered here──> answered
 *                 ├──to be bounded──> BOUNDING ──its server has made one──> answered
 *                 └──time is up, or waiting is in vain──> told why it is not there
 *
 * Who is asked: this node, then the others that have the name in the order of the nodes' names,
 * each once a round. One that does not answer has half of the time that is left, a second at most,
 * then the next one is asked; the last has all of it. All callers begin with the same one: of
 * several instances the others are in reserve, and load is not shared among them. */
#ifndef NAME_LOOKUPS_H
#define NAME_LOOKUPS_H

#include "servers/name/names.h"

/* Handles a request to look up `path`: [NODE/]NAME, NODE "." being this one. Either the outcome and
 * *right, a copy to be given to the caller, or RT_DEFERRED. */
outcome_t lookup_begin(struct names *names, const struct request *request, struct text path,
                       enum name_wait wait, struct send_cap *right);

/* Starts calls to peers; answers the callers whose name is there or whose time is up. To be called
 * from the event loop. */
void lookups_work(struct names *names, uint64_t now);

/* The call to a peer of the lookup in this place has completed: collects its answer. */
void lookup_completed(struct names *names, unsigned place, uint64_t now);

/* Ends the lookups of a member that has gone. */
void lookups_end(struct names *names, uint64_t badge);

/* The caller has given up waiting. */
void lookup_cancel(struct names *names, handle_t reply);

#endif
