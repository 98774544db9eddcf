/* Messages between the kernel and the core, in both directions: their capabilities change form. */
#ifndef NETIPC_SERVER_BRIDGE_H
#define NETIPC_SERVER_BRIDGE_H

#include "netipc/server/transport.h"

/* What the core calls. */
extern const struct core_environment bridge_environment;

/* A message that came by a proxy right. Answers it, or keeps its reply right. */
outcome_t bridge_request(struct request *request);

/* Call objects are done: answers their far callers. */
void bridge_services_done(uint64_t bits);

/* A local caller wants no more of its call. */
void bridge_cancel(handle_t reply);

/* The last handle of a proxy right is gone. */
void bridge_no_senders(uint64_t badge);

/* After rights_signalled(): looks for rights of this node that have died, and tells those who hold
 * them. True: it has not looked at all, call it again soon. */
bool bridge_rights_check(void);

/* A handle to the proxy of an import, to be given away, with those rights; 0: no memory. */
handle_t bridge_proxy(core_import_t import, uint32_t rights);

#endif
