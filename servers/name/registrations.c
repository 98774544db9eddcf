/* See registrations.h. A change is made here first, then in the registry, which reports it. */
#include "servers/name/registrations.h"

#include <string.h>
#include "servers/name/keeper.h"

/* Whether the right is alive. The kernel refuses messages of interface 0, but checks the right
 * first: so this asks without delivering anything. */
static bool right_lives(handle_t right)
{
        const struct message none = {0};
        return outcome_reason(rt_send(right, 0, &none)) == REASON_MALFORMED;
}

static struct registration *registration_of(struct names *names, const char *name)
{
        for (unsigned i = 0; i < REGISTRY_NAMES; i++)
                if (names->registrations[i].right != 0 &&
                    strcmp(names->registrations[i].name, name) == 0)
                        return &names->registrations[i];
        return NULL;
}

static struct registration *registration_place(struct names *names)
{
        for (unsigned i = 0; i < REGISTRY_NAMES; i++)
                if (names->registrations[i].right == 0)
                        return &names->registrations[i];
        return NULL;
}

static void registration_end(struct names *names, struct registration *registration)
{
        sys_unwatch(registration->right, names->event, NAMES_RIGHT_DIED);
        sys_handle_close(registration->right);
        registration->right = 0;
        keeper_forget(names, registration->badge, registration->name);
        registry_remove(&names->registry, registration->name);
}

static outcome_t registration_add(struct names *names, uint64_t badge, const char *name,
                                  handle_t right)
{
        struct registration *registration = registration_place(names);
        outcome_t outcome;
        if (!registration)
                return answered(REASON_OVERLOADED);
        outcome = sys_watch(right, names->event, NAMES_RIGHT_DIED);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = keeper_keep(names, badge, name, 0, right);
        if (outcome != OUTCOME_OK) {
                sys_unwatch(right, names->event, NAMES_RIGHT_DIED);
                return outcome;
        }
        *registration = (struct registration){.right = right, .badge = badge};
        memcpy(registration->name, name, REGISTRY_NAME);
        if (registry_add(&names->registry, name) == REGISTRY_OK)
                return OUTCOME_OK;
        registration->right = 0;
        keeper_forget(names, badge, name);
        sys_unwatch(right, names->event, NAMES_RIGHT_DIED);
        return answered(REASON_OVERLOADED);
}

outcome_t registration_make(struct names *names, uint64_t badge, struct text name, handle_t right)
{
        struct registration *older;
        char copy[REGISTRY_NAME];
        outcome_t outcome = answered(REASON_INVALID);
        if (right != 0 && name_copy(copy, name)) {
                older = registration_of(names, copy);
                if (older && older->badge != badge && right_lives(older->right)) {
                        outcome = answered(REASON_EXISTS);
                } else {
                        if (older)
                                registration_end(names, older);
                        outcome = registration_add(names, badge, copy, right);
                }
        }
        if (outcome != OUTCOME_OK && right != 0)
                sys_handle_close(right);
        return outcome;
}

outcome_t registration_take_back(struct names *names, uint64_t badge, struct text name)
{
        struct registration *registration;
        char copy[REGISTRY_NAME];
        if (!name_copy(copy, name))
                return answered(REASON_INVALID);
        registration = registration_of(names, copy);
        if (!registration)
                return answered(REASON_NOT_FOUND);
        if (registration->badge != badge)
                return answered(REASON_REFUSED);
        registration_end(names, registration);
        return OUTCOME_OK;
}

void registrations_end(struct names *names, uint64_t badge)
{
        for (unsigned i = 0; i < REGISTRY_NAMES; i++)
                if (names->registrations[i].right != 0 && names->registrations[i].badge == badge)
                        registration_end(names, &names->registrations[i]);
}

void registrations_sweep(struct names *names)
{
        for (unsigned i = 0; i < REGISTRY_NAMES; i++)
                if (names->registrations[i].right != 0 &&
                    !right_lives(names->registrations[i].right))
                        registration_end(names, &names->registrations[i]);
}

handle_t registered_right(struct names *names, const char *name)
{
        struct registration *registration = registration_of(names, name);
        if (!registration)
                return 0;
        if (right_lives(registration->right))
                return registration->right;
        registration_end(names, registration);
        return 0;
}
