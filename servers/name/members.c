/* See members.h. Badges are never used twice, so a late message of an ended member finds nobody. */
#include "servers/name/members.h"

#include <string.h>
#include "servers/name/lookups.h"
#include "servers/name/services.h"
#include "servers/name/watches.h"
#include "cluster/system/manifest.h"

/* Only who is granted it gets this name, whatever else it may look up. */
static const char controlled_name[] = "control";

static struct member *member_of(const struct names *names, uint64_t badge)
{
        for (unsigned i = 0; i < NAMES_MEMBERS; i++)
                if (names->members[i].badge == badge && badge != 0)
                        return (struct member *)&names->members[i];
        return NULL;
}

static void member_end(struct names *names, struct member *member)
{
        services_end(names, member->badge);
        watches_end(names, member->badge);
        lookups_end(names, member->badge);
        memset(member, 0, sizeof *member);
}

void member_leave(struct names *names, uint64_t badge)
{
        struct member *member = member_of(names, badge);
        if (member)
                member_end(names, member);
}

/* The member's place: its older one, emptied, or a free one; NULL if there is none. */
static struct member *member_place(struct names *names, struct text component)
{
        struct member *place = NULL;
        for (unsigned i = 0; i < NAMES_MEMBERS; i++) {
                struct member *member = &names->members[i];
                if (member->badge == 0 && !place)
                        place = member;
                if (member->badge != 0 && text_is(component, member->component)) {
                        sys_right_revoke(names->server.port, member->badge);
                        member_end(names, member);
                        return member;
                }
        }
        return place;
}

outcome_t member_admit(struct names *names, struct text component, struct text provides,
                       struct text asks, uint64_t grants, handle_t *right)
{
        struct member *member;
        char name[REGISTRY_NAME];
        if (!name_copy(name, component))
                return answered(REASON_INVALID);
        if (provides.length >= NAMES_LIST_BYTES || asks.length >= NAMES_LIST_BYTES)
                return answered(REASON_TOO_LONG);
        member = member_place(names, component);
        if (!member)
                return answered(REASON_OVERLOADED);

        outcome_t outcome = rt_server_right(&names->server, names->next_badge, right);
        if (outcome != OUTCOME_OK)
                return outcome;
        member->badge = names->next_badge++;
        member->grants = grants;
        memcpy(member->component, name, sizeof name);
        memcpy(member->provides, provides.at, provides.length);
        memcpy(member->asks, asks.at, asks.length);
        return OUTCOME_OK;
}

const char *member_component(const struct names *names, uint64_t badge)
{
        const struct member *member = member_of(names, badge);
        return member ? member->component : NULL;
}

static bool list_has(const char *list, struct text name)
{
        struct text rest = text_of(list), word;
        while (text_next(&rest, ' ', &word))
                if (text_equal(word, name))
                        return true;
        return false;
}

bool member_may_register(const struct names *names, uint64_t badge, struct text name)
{
        const struct member *member = member_of(names, badge);
        return badge == BADGE_SUPERVISOR || (member && list_has(member->provides, name));
}

bool member_may_look_up(const struct names *names, uint64_t badge, struct text name)
{
        const struct member *member = member_of(names, badge);
        if (badge == BADGE_SUPERVISOR)
                return true;
        if (!member)
                return false;
        if (text_is(name, controlled_name))
                return member->grants & GRANT_CONTROL;
        return list_has(member->asks, name) || list_has(member->asks, text_of("*"));
}

bool member_may_announce(const struct names *names, uint64_t badge)
{
        const struct member *member = member_of(names, badge);
        return member && member->grants & GRANT_PEERS;
}
