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

/* Rights of this node have died: tells those who hold them. */
void bridge_rights_died(void);

/* A handle to the proxy of an import, to be given away; 0: no memory. */
handle_t bridge_proxy(core_import_t import);

#endif
