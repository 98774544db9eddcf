/* What components, init and the transport may ask of this node's name service (interface name). */
#ifndef NAME_REQUESTS_H
#define NAME_REQUESTS_H

#include "servers/name/names.h"
#include "servers/proto/name.h"

/* Context of the handlers: the struct names. */
extern const struct name_server name_handlers;

#endif
