/* Events that are signalled when a name comes or goes, on this node or another. */
#ifndef NAME_WATCHES_H
#define NAME_WATCHES_H

#include "servers/name/names.h"

/* The event belongs to the watch, whatever the outcome. INVALID, OVERLOADED. */
outcome_t watch_add(struct names *names, uint64_t badge, struct text name, uint64_t bits,
                    handle_t event);
/* All watches of a member. */
void watches_end(struct names *names, uint64_t badge);
/* The name has come or gone. */
void watches_signal(struct names *names, const char *name);

#endif
