/* init keeps a copy of what members register and of the events by which they watch. When this name
 * service dies, its successor is told all of it before any member can reach it
 * (servers/init/kept.h); so a name service always starts empty. */
#ifndef NAME_KEEPER_H
#define NAME_KEEPER_H

#include "servers/name/names.h"

/* bits 0: `what` is registered as `name`; else it watches the name. Nothing is kept for init
 * itself. On failure the registration or the watch must be refused, too. */
outcome_t keeper_keep(const struct names *names, uint64_t badge, const char *name, uint64_t bits,
                      handle_t what);

void keeper_forget(const struct names *names, uint64_t badge, const char *name);

#endif
