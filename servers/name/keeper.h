/* What init keeps for the day that this name service dies: the rights that members have registered
 * and the events by which they watch. Its successor is told all of it before any member can reach
 * it (servers/init/kept.h), so a name service begins empty and never needs to be told what it was.
 */
#ifndef NAME_KEEPER_H
#define NAME_KEEPER_H

#include "servers/name/names.h"

/* bits 0: `what` is registered as `name`; else it watches the name. Nothing is kept for init
 * itself. Why not, if it cannot be kept: then it must not be taken either. */
outcome_t keeper_keep(const struct names *names, uint64_t badge, const char *name, uint64_t bits,
                      handle_t what);

void keeper_forget(const struct names *names, uint64_t badge, const char *name);

#endif
