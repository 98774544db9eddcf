/* Members come, and go with all that they had here; see admission.h. */
#include "servers/name/admission.h"

#include "servers/name/lookups.h"
#include "servers/name/members.h"
#include "servers/name/registrations.h"
#include "servers/name/watches.h"

void admission_end(struct names *names, uint64_t badge)
{
        if (!member_component(names, badge))
                return;
        registrations_end(names, badge);
        watches_end(names, badge);
        lookups_end(names, badge);
        member_remove(names, badge);
}

outcome_t admission_begin(struct names *names, struct text component, struct text provides,
                          struct text asks, uint64_t grants, struct spawn_bounds spawn,
                          handle_t *right)
{
        uint64_t older = member_badge(names, component);
        if (older != 0) {
                sys_right_revoke(names->server.port, older, 0);
                admission_end(names, older);
        }
        return member_add(names, component, provides, asks, grants, spawn, right);
}
