/* Finds members by their badges, and says what each may do; see members.h. */
#include "servers/name/members.h"

#include <string.h>
#include "cluster/system/manifest.h"

/* badge 0: a free place. */
static unsigned member_index(const struct names *names, uint64_t badge)
{
        unsigned i = 0;
        while (i < NAMES_MEMBERS && names->members[i].badge != badge)
                i++;
        return i;
}

static const struct member *member_of(const struct names *names, uint64_t badge)
{
        unsigned i = badge != 0 ? member_index(names, badge) : NAMES_MEMBERS;
        return i < NAMES_MEMBERS ? &names->members[i] : NULL;
}

void member_remove(struct names *names, uint64_t badge)
{
        unsigned i = member_index(names, badge);
        if (i < NAMES_MEMBERS)
                memset(&names->members[i], 0, sizeof names->members[i]);
}

uint64_t member_badge(const struct names *names, struct text component)
{
        for (unsigned i = 0; i < NAMES_MEMBERS; i++)
                if (names->members[i].badge != 0 && text_is(component, names->members[i].component))
                        return names->members[i].badge;
        return 0;
}

outcome_t member_add(struct names *names, struct text component, struct text provides,
                     struct text asks, uint64_t grants, struct spawn_bounds spawn, handle_t *right)
{
        unsigned free = member_index(names, 0);
        struct member member = {.badge = names->next_badge, .grants = grants, .spawn = spawn};
        if (!name_copy(member.component, component))
                return answered(REASON_INVALID);
        if (provides.length >= NAMES_LIST_BYTES || asks.length >= NAMES_LIST_BYTES)
                return answered(REASON_TOO_LONG);
        if (free == NAMES_MEMBERS)
                return answered(REASON_OVERLOADED);

        outcome_t outcome = rt_server_right(&names->server, member.badge, right);
        if (outcome != OUTCOME_OK)
                return outcome;
        names->next_badge++;
        memcpy(member.provides, provides.at, provides.length);
        memcpy(member.asks, asks.at, asks.length);
        names->members[free] = member;
        return OUTCOME_OK;
}

const char *member_component(const struct names *names, uint64_t badge)
{
        const struct member *member = member_of(names, badge);
        return member ? member->component : NULL;
}

struct spawn_bounds member_spawn(const struct names *names, uint64_t badge)
{
        const struct member *member = member_of(names, badge);
        return member ? member->spawn : (struct spawn_bounds){0};
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
        if (name_grant(name))
                return member->grants & name_grant(name);
        return list_has(member->asks, name) || list_has(member->asks, text_of("*"));
}

bool member_may_announce(const struct names *names, uint64_t badge)
{
        const struct member *member = member_of(names, badge);
        return member && member->grants & GRANT_PEERS;
}
