/* Whether this node's packets are sealed, and with what: decided once, at the start. */
#ifndef NETIPC_SEALING_H
#define NETIPC_SEALING_H

#include "netipc/core/core.h"
#include "servers/proto/node.h"

/* Fills the configuration's keys, node and cipher costs. Packets are sealed
 * unless `plaintext` is "yes", never for want of something; `cipher` is the name of one that is
 * forced, or "". A line in the log says what was decided, and why; *sealing too, and whether the
 * key log is open (key_log.h). NULL, or why this node cannot be a member: it has no keys, or no
 * randomness to make others of. */
const char *sealing_decide(struct core_config *config, const char *plaintext, const char *cipher,
                           enum node_sealing *sealing);

#endif
