/* Questions to the name service. They may be asked twice, so each is repeated if it dies before it
 * has answered. Called by the handler of Linux system calls too: no libc. */
#include "servers/rt/serve/service.h"

#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/held.h"

/* Between two looks for a new right while the name service restarts. */
#define NAMES_PAUSE (10 * RT_MILLISECOND)

handle_t rt_names(void)
{
        handle_t names = rt_handle("name");
        if (rt_held.names && rt_held.names != names)
                sys_handle_close(rt_held.names);
        rt_held.names = names;
        return names;
}

bool rt_names_died(outcome_t outcome, uint64_t deadline)
{
        return outcome_class(outcome) != OUTCOME_ANSWERED &&
               outcome_reason(outcome) == REASON_RECEIVER_DIED &&
               rt_after(NAMES_PAUSE) < deadline && sys_sleep(rt_after(NAMES_PAUSE)) == OUTCOME_OK;
}

static outcome_t lookup(const char *name, enum name_wait wait, uint64_t deadline, handle_t *right)
{
        outcome_t outcome;
        do {
                handle_t names = rt_names();
                if (!names)
                        return not_executed(REASON_REFUSED);
                outcome = name_lookup(names, deadline, name, string_length(name), wait, right);
        } while (rt_names_died(outcome, deadline));
        return outcome;
}

outcome_t rt_lookup(const char *name, uint64_t deadline, handle_t *right)
{
        return lookup(name, NAME_WAIT_ALWAYS, deadline, right);
}

outcome_t rt_bind(const char *name, uint64_t deadline, handle_t *right)
{
        return lookup(name, NAME_WAIT_SOON, deadline, right);
}

outcome_t rt_find(const char *name, handle_t *right)
{
        return lookup(name, NAME_WAIT_NOT, RT_DEADLINE, right);
}

static bool begins_with_fs(const char *path)
{
        return path[0] == 'f' && path[1] == 's' && (!path[2] || path[2] == '/');
}

size_t file_service_length(const char *path)
{
        const char *node_end = path;
        if (begins_with_fs(path))
                return 2;
        while (*node_end && *node_end != '/')
                node_end++;
        return *node_end && begins_with_fs(node_end + 1) ? (size_t)(node_end + 3 - path) : 0;
}

outcome_t rt_register(const char *name, handle_t right)
{
        uint64_t deadline = RT_DEADLINE;
        outcome_t outcome;
        do {
                handle_t names = rt_names(), copy;
                if (!names)
                        return not_executed(REASON_REFUSED);
                outcome = sys_handle_copy(right, RIGHTS_ALL, &copy);
                if (outcome != OUTCOME_OK)
                        return outcome;
                outcome = name_register(names, deadline, name, string_length(name), copy);
        } while (rt_names_died(outcome, deadline));
        return outcome;
}

outcome_t service_get(struct service *service, uint64_t deadline, handle_t *right)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        if (service->right &&
            sys_handle_info(service->right, &type, &rights, &identity) != OUTCOME_OK) {
                sys_handle_close(service->right);
                service->right = 0;
        }
        if (!service->right) {
                outcome_t outcome = rt_bind(service->name, deadline, &service->right);
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
        case REASON_LINK_LOST:
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
