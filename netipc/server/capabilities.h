/* Capabilities in messages, between the kernel's form and the core's.
 *
 *      kernel                      core
 *      a right of somebody     ──► LOCAL, a token
 *      a reply right           ──► LOCAL, a token of its own: it answers once
 *      an event                ──► LOCAL, its identity: it is signalled
 *      a memory snapshot       ──► LOCAL, a token of its own: it is read
 *      a proxy of ours         ──► IMPORT
 *      a right, proxied        ◄── IMPORT
 *      a reply right, proxied  ◄── IMPORT of a reply right (replies.h)
 *      an event, proxied       ◄── IMPORT of an event (signals.h)
 *      memory                  ◄── IMPORT of a snapshot, once it was fetched (fetches.h)
 *      a copy of the right     ◄── LOCAL, which has come home
 *      a dead right            ◄── NONE */
#ifndef NETIPC_SERVER_CAPABILITIES_H
#define NETIPC_SERVER_CAPABILITIES_H

#include "netipc/core/core.h"
#include "servers/rt/message/message.h"

/* The capabilities of a message or an answer as the core's: taken out of `caps`. On failure, with
 * the outcome for the sender, nothing is held. */
outcome_t caps_to_core(struct received_cap *caps, unsigned count, struct core_message *message);

/* An answer with its capabilities as the core's; its bytes stay where they are. Returns the
 * outcome; it is another, and the answer empty, if they cannot be carried. */
outcome_t answer_to_core(struct core_message *message, outcome_t outcome, struct arrival *arrival);

/* Gives back what caps_to_core() holds: the core has not taken the message. */
void caps_release(const struct core_message *message);

/* A handle, with all rights, that stands for an import: a proxy, or an event; 0: no memory. */
handle_t import_stand_in(core_import_t import);

/* For a message that waits until the core takes it: stand-ins for the imports that it passes on,
 * so that they live although its sender may drop them meanwhile. Returns how many there are in
 * `held`, which has room for one of each capability; they are to be closed then. Without memory one
 * is missing, and may arrive dead. */
unsigned caps_hold(const struct core_message *message, handle_t held[]);

/* The core's message as one to be sent locally; its handles are moved with it, its bytes are the
 * core's. `memory`: what was fetched for each capability, of a message that the core takes for
 * handed on; NULL: it has no snapshots, and the core waits for the outcome. False: no memory for
 * the capabilities, and nothing is left. */
bool message_from_core(const struct core_message *from, const handle_t *memory, struct message *to);

/* Gives back a capability of a message that the core takes for handed on, which no program has been
 * given: what was fetched for it, or its import, unless somebody has that from elsewhere. */
void cap_return(const struct core_cap *cap, handle_t memory);

/* A handle with these rights to the proxy of an import, to be given away; 0: no memory. */
handle_t bridge_proxy(core_import_t import, uint32_t rights);

#endif
