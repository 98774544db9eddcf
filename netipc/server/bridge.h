/* Messages of programs here to other nodes, and their answers, and what the core calls; messages of
 * other nodes to programs here are in deliveries.h. Their capabilities change form
 * (capabilities.h). */
#ifndef NETIPC_SERVER_BRIDGE_H
#define NETIPC_SERVER_BRIDGE_H

#include "netipc/server/transport.h"

/* What the core calls. */
extern const struct core_environment bridge_environment;

/* A message that came through a proxy right. Answers it, or keeps its reply right. */
outcome_t bridge_request(struct request *request);

/* The reply right in this place of the pool of proxies has been used, or dropped. */
void bridge_reply_done(unsigned place);

/* Before the core is given a packet, the time or a change of the link: what was given back until
 * now has nothing to do with a session that is lost thereby. */
void bridge_settle(void);

/* Before a flush: gives the core the messages and answers that it had no room for, and takes from
 * it what there was no room for here. */
void bridge_work(void);

/* A local caller has given up its call. */
void bridge_cancel(handle_t reply);

/* The last handle of a proxy right is gone. */
void bridge_no_senders(uint64_t badge);

/* After rights_signalled(): looks for rights of this node that have died, and tells their holders.
 * True: it has not looked at all of them, call it again soon. */
bool bridge_rights_check(void);

#endif
