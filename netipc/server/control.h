/* Interface `node`: what the transport reports of the cluster. */
#ifndef NETIPC_SERVER_CONTROL_H
#define NETIPC_SERVER_CONTROL_H

#include "servers/proto/node.h"

extern const struct node_server control_handlers;

/* The nodes that the boot configuration names: "n1,n2". What is no node's name is left out. */
void control_init(const char *nodes);

/* A peer has come. For the core's callbacks. */
void control_peer_up(void);

/* Prints `boot: joined …` when all those nodes have been met. It looks only after a peer has come:
 * nodes that are away cost nothing. */
void control_check_joined(void);
bool control_has_joined(void);

#endif
