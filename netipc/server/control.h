/* Interface `node`: what the transport reports of the cluster. */
#ifndef NETIPC_SERVER_CONTROL_H
#define NETIPC_SERVER_CONTROL_H

#include "servers/proto/node.h"

extern const struct node_server control_handlers;

#endif
