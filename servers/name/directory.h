/* What other nodes may ask of this one: its own names (interface directory). */
#ifndef NAME_DIRECTORY_H
#define NAME_DIRECTORY_H

#include "servers/proto/directory.h"
#include "servers/name/names.h"

/* Context of the handlers: the struct names. */
extern const struct directory_server directory_handlers;

/* Answers the peers that wait for a change, if there is one or their time is up. */
void readers_work(struct names *names, uint64_t now);
void reader_cancel(struct names *names, handle_t reply);

#endif
