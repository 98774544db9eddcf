/* Who may do what: one member a component, told by the badge of its right. */
#ifndef NAME_MEMBERS_H
#define NAME_MEMBERS_H

#include "servers/name/names.h"

/* Makes a member with a right of its own, which the caller is to move to init. An older member of
 * that component ends: its right is revoked, what it registered goes. OVERLOADED, NAME_TOO_LONG,
 * INVALID. */
outcome_t member_admit(struct names *names, struct text component, struct text provides,
                       struct text asks, uint64_t grants, handle_t *right);

/* Nobody has the member's right any more. */
void member_leave(struct names *names, uint64_t badge);

/* The member's component; NULL: it is init, or nobody. */
const char *member_component(const struct names *names, uint64_t badge);

bool member_may_register(const struct names *names, uint64_t badge, struct text name);
bool member_may_look_up(const struct names *names, uint64_t badge, struct text name);
bool member_may_announce(const struct names *names, uint64_t badge);

#endif
