/* Looks services up; see binding.h. */
#include "binding.h"

#include <stdio.h>
#include <string.h>

#include "servers/rt/service.h"
#include "servers/shell/nodes.h"

outcome_t bind_service(const char *name, bool wait, handle_t *right)
{
        *right = 0;
        outcome_t outcome =
            wait ? rt_lookup(name, rt_after(BIND_WAIT), right) : rt_find(name, right);
        /* That it did not come in time is, for the user, that it is not there. */
        if (wait && outcome_reason(outcome) == REASON_DEADLINE)
                return answered(REASON_NOT_FOUND);
        return outcome;
}

outcome_t bind_on_node(const char *node, const char *service, handle_t *right)
{
        char name[64];
        int length = snprintf(name, sizeof name, "%s/%s", node ? node : ".", service);
        if (length >= (int)sizeof name)
                return answered(REASON_NAME_TOO_LONG);
        outcome_t outcome = bind_service(name, false, right);
        /* What a node has is known a moment after the node itself. Of one that is known to be gone
         * the reason is another. */
        if (node && outcome_reason(outcome) == REASON_NOT_FOUND && node_possible(node))
                outcome = bind_service(name, true, right);
        return outcome;
}

outcome_t path_bind(const char *path, struct bound_path *bound)
{
        *bound = (struct bound_path){0};
        if (path[0] != '/')
                return answered(REASON_NOT_FOUND);
        const char *begin = path + strspn(path, "/");
        size_t length = strcspn(begin, "/");
        if (length == 0 || length >= sizeof bound->name)
                return answered(REASON_NOT_FOUND);
        memcpy(bound->name, begin, length);
        bound->path = begin + length;
        bound->length = strlen(bound->path);
        return bind_service(bound->name, true, &bound->service);
}

void path_release(struct bound_path *bound)
{
        if (bound->service)
                sys_handle_close(bound->service);
        bound->service = 0;
}

bool path_is_top(const char *path)
{
        return path[0] == '/' && path[strspn(path, "/")] == 0;
}

bool number_parse(const char *text, uint64_t most, uint64_t *number)
{
        uint64_t value = 0;
        if (!*text)
                return false;
        for (; *text; text++) {
                if (*text < '0' || *text > '9')
                        return false;
                uint64_t digit = (uint64_t)(*text - '0');
                if (digit > most || value > (most - digit) / 10)
                        return false;
                value = value * 10 + digit;
        }
        *number = value;
        return true;
}
