/* See together.h. A guest's room is chosen by its place in the table of components, so that it lies
 * at the same addresses in every run. */
#include "servers/init/together.h"

#include <assert.h>
#include "servers/init/components.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"

_Static_assert(MEMORY_DEFAULT_END + DESCRIPTION_COMPONENTS * SPAWN_ROOM <= SPAWN_END,
               "there is a room for each component");

static struct component *home_find(struct init *init, struct component *component)
{
        struct text with = component->described->with;
        if (with.length == 0)
                return component;
        struct component *home = component_named(init, with);
        if (home && home->described->with.length == 0)
                return home;
        rt_log("%s gets a task of its own: %.*s is not here, or has none itself", component->name,
               (int)with.length, with.at);
        return component;
}

void together_read(struct init *init)
{
        for (unsigned i = 0; i < init->count; i++) {
                struct component *component = &init->components[i];
                uint64_t room = MEMORY_DEFAULT_END + i * SPAWN_ROOM;
                component->home = home_find(init, component);
                component->place = component->home == component
                                       ? spawn_alone
                                       : spawn_beside(room, room + SPAWN_ROOM);
        }
}

bool together_now(struct init *init, const struct component *component)
{
        FOR_EACH_TOGETHER(init, component, member)
        if (member != component && member->state == PROCESS_RUNNING)
                return component->state == PROCESS_RUNNING;
        return false;
}

uint64_t together_memory(struct init *init, const struct component *component)
{
        uint64_t bytes = 0;
        FOR_EACH_TOGETHER(init, component, member)
        if (member->state == PROCESS_WAITING)
                bytes += component_memory(init, member);
        return bytes;
}

struct component *together_by_block(struct init *init, struct component *component,
                                    uint64_t gs_base)
{
        FOR_EACH_TOGETHER(init, component, member)
        if (member->state == PROCESS_RUNNING && gs_base >= member->place.start &&
            gs_base < member->place.end)
                return member;
        return component;
}

void together_drop(struct init *init, struct component *component, bool release)
{
        struct spawned task = {0};
        FOR_EACH_TOGETHER(init, component, member)
        {
                if (member->spawned.task == 0)
                        continue;
                assert(task.task == 0 || task.task == member->spawned.task);
                task.account = member->spawned.account;
                task.task = member->spawned.task;
                spawn_forget(&member->spawned);
        }
        if (release)
                spawn_release(&task);
        else
                spawn_destroy(&task);
}
