#include "servers/rt/service.h"

#include "servers/proto/name.h"
#include "servers/rt/bytes.h"
#include "servers/rt/startup.h"

outcome_t rt_lookup(const char *name, uint64_t deadline, handle_t *right)
{
        handle_t names = rt_handle("name");
        if (!names)
                return not_executed(REASON_NOT_FOUND);
        return name_lookup(names, deadline, name, string_length(name), 1, right);
}

outcome_t rt_register(const char *name, handle_t right)
{
        handle_t names = rt_handle("name"), copy;
        if (!names)
                return not_executed(REASON_NOT_FOUND);
        outcome_t outcome = sys_handle_copy(right, RIGHTS_ALL, &copy);
        if (outcome != OUTCOME_OK)
                return outcome;
        return name_register(names, RT_DEADLINE, name, string_length(name), copy);
}

outcome_t service_get(struct service *service, uint64_t deadline, handle_t *right)
{
        enum object_type type;
        uint32_t rights;
        uint64_t identity;
        if (service->right &&
            sys_handle_info(service->right, &type, &rights, &identity) != OUTCOME_OK) {
                sys_handle_close(service->right);
                service->right = 0;
        }
        if (!service->right) {
                outcome_t outcome = rt_lookup(service->name, deadline, &service->right);
                if (outcome != OUTCOME_OK)
                        return outcome;
        }
        *right = service->right;
        return OUTCOME_OK;
}

void service_result(struct service *service, outcome_t outcome)
{
        if (outcome_class(outcome) == OUTCOME_ANSWERED)
                return;
        switch (outcome_reason(outcome)) {
        case REASON_RECEIVER_DIED:
        case REASON_NODE_DIED:
        case REASON_NODE_RESTARTED:
        case REASON_REVOKED:
        case REASON_BAD_HANDLE:
                if (service->right)
                        sys_handle_close(service->right);
                service->right = 0;
                break;
        default:
                break;
        }
}
