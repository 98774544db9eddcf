/* See services.h. The registry tells the others of each change, after it was made here. */
#include "servers/name/services.h"

#include <string.h>
#include "servers/name/keeper.h"

static struct name_service *service_of(struct names *names, const char *name)
{
        for (unsigned i = 0; i < REGISTRY_NAMES; i++)
                if (names->services[i].right != 0 && strcmp(names->services[i].name, name) == 0)
                        return &names->services[i];
        return NULL;
}

static struct name_service *service_place(struct names *names)
{
        for (unsigned i = 0; i < REGISTRY_NAMES; i++)
                if (names->services[i].right == 0)
                        return &names->services[i];
        return NULL;
}

static void service_end(struct names *names, struct name_service *service)
{
        sys_unwatch(service->right, names->event, NAMES_RIGHT_DIED);
        sys_handle_close(service->right);
        service->right = 0;
        keeper_forget(names, service->badge, service->name);
        registry_remove(&names->registry, service->name);
}

static outcome_t service_add(struct names *names, uint64_t badge, const char *name, handle_t right)
{
        struct name_service *service = service_place(names);
        outcome_t outcome;
        if (!service)
                return answered(REASON_OVERLOADED);
        outcome = sys_watch(right, names->event, NAMES_RIGHT_DIED);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = keeper_keep(names, badge, name, 0, right);
        if (outcome != OUTCOME_OK) {
                sys_unwatch(right, names->event, NAMES_RIGHT_DIED);
                return outcome;
        }
        *service = (struct name_service){.right = right, .badge = badge};
        memcpy(service->name, name, REGISTRY_NAME);
        if (registry_add(&names->registry, name) == REGISTRY_OK)
                return OUTCOME_OK;
        service->right = 0;
        keeper_forget(names, badge, name);
        sys_unwatch(right, names->event, NAMES_RIGHT_DIED);
        return answered(REASON_OVERLOADED);
}

outcome_t service_register(struct names *names, uint64_t badge, struct text name, handle_t right)
{
        struct name_service *older;
        char copy[REGISTRY_NAME];
        outcome_t outcome = answered(REASON_INVALID);
        if (right != 0 && name_copy(copy, name)) {
                older = service_of(names, copy);
                if (older && older->badge != badge && right_lives(older->right)) {
                        outcome = answered(REASON_EXISTS);
                } else {
                        if (older)
                                service_end(names, older);
                        outcome = service_add(names, badge, copy, right);
                }
        }
        if (outcome != OUTCOME_OK && right != 0)
                sys_handle_close(right);
        return outcome;
}

outcome_t service_unregister(struct names *names, uint64_t badge, struct text name)
{
        struct name_service *service;
        char copy[REGISTRY_NAME];
        if (!name_copy(copy, name))
                return answered(REASON_INVALID);
        service = service_of(names, copy);
        if (!service)
                return answered(REASON_NOT_FOUND);
        if (service->badge != badge)
                return answered(REASON_REFUSED);
        service_end(names, service);
        return OUTCOME_OK;
}

void services_end(struct names *names, uint64_t badge)
{
        for (unsigned i = 0; i < REGISTRY_NAMES; i++)
                if (names->services[i].right != 0 && names->services[i].badge == badge)
                        service_end(names, &names->services[i]);
}

void services_sweep(struct names *names)
{
        for (unsigned i = 0; i < REGISTRY_NAMES; i++)
                if (names->services[i].right != 0 && !right_lives(names->services[i].right))
                        service_end(names, &names->services[i]);
}

handle_t service_right(struct names *names, const char *name)
{
        struct name_service *service = service_of(names, name);
        if (!service)
                return 0;
        if (right_lives(service->right))
                return service->right;
        service_end(names, service);
        return 0;
}
