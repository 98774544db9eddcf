/* What the name services of other nodes may ask: this node's own names (interface directory). */
#ifndef NAME_DIRECTORY_H
#define NAME_DIRECTORY_H

#include "servers/proto/directory.h"
#include "servers/name/names.h"

/* Context of the handlers: the struct names. */
extern const struct directory_server directory_handlers;

#endif
