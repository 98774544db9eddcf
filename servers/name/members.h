/* Who may do what: one member a component, told by the badge of its right. Badges are never used
 * twice, so a late message of an ended member finds nobody. */
#ifndef NAME_MEMBERS_H
#define NAME_MEMBERS_H

#include "servers/name/names.h"

/* Adds a member with a right of its own. The component must not have one already. OVERLOADED,
 * TOO_LONG, INVALID. */
outcome_t member_add(struct names *names, struct text component, struct text provides,
                     struct text asks, uint64_t grants, struct spawn_bounds spawn, handle_t *right);

void member_remove(struct names *names, uint64_t badge);

/* The badge of the component's member; 0: it has none. */
uint64_t member_badge(const struct names *names, struct text component);

/* The member's component; NULL: it is init, or nobody. */
const char *member_component(const struct names *names, uint64_t badge);

/* What bounds the programs that it starts. */
struct spawn_bounds member_spawn(const struct names *names, uint64_t badge);

bool member_may_register(const struct names *names, uint64_t badge, struct text name);
bool member_may_look_up(const struct names *names, uint64_t badge, struct text name);
bool member_may_announce(const struct names *names, uint64_t badge);

#endif
