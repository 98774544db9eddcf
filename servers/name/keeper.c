/* See keeper.h. init answers at once, and waits for nobody. */
#include "servers/name/keeper.h"

#include <string.h>
#include "servers/name/members.h"
#include "servers/proto/supervisor.h"
#include "servers/rt/start/startup.h"

outcome_t keeper_keep(const struct names *names, uint64_t badge, const char *name, uint64_t bits,
                      handle_t what)
{
        const char *component = member_component(names, badge);
        if (!component)
                return OUTCOME_OK;
        return supervisor_keep(rt_handle("supervisor"), RT_DEADLINE, component, strlen(component),
                               name, strlen(name), bits, cap_copy(what));
}

void keeper_forget(const struct names *names, uint64_t badge, const char *name)
{
        const char *component = member_component(names, badge);
        if (component)
                supervisor_forget(rt_handle("supervisor"), RT_DEADLINE, component,
                                  strlen(component), name, strlen(name));
}
