/* What the task was given at its start, by name. The first task answers from its bootinfo, all
 * others from their startup page. */
#include "servers/rt/start/self.h"

#include "servers/rt/pure/bytes.h"

struct self rt_self;

const struct startup *rt_startup(void)
{
        return rt_self.startup;
}

const struct bootinfo *rt_bootinfo(void)
{
        return rt_self.bootinfo;
}

static handle_t boot_handle(const struct bootinfo *bootinfo, const char *name)
{
        const struct {
                const char *name;
                handle_t handle;
        } fixed[] = {
            {"account", bootinfo->account},
            {"task", bootinfo->task},
            {"thread", bootinfo->thread},
            {"hardware", bootinfo->hardware},
        };
        for (unsigned i = 0; i < sizeof fixed / sizeof fixed[0]; i++)
                if (string_equal(fixed[i].name, name))
                        return fixed[i].handle;
        for (unsigned i = 0; i < bootinfo->module_count && i < BOOTINFO_MODULES; i++)
                if (string_equal(bootinfo->modules[i].name, name))
                        return bootinfo->modules[i].memory;
        return 0;
}

handle_t rt_handle(const char *name)
{
        if (rt_self.startup)
                return startup_handle(rt_self.startup, name);
        return rt_self.bootinfo ? boot_handle(rt_self.bootinfo, name) : 0;
}

const char *rt_component(void)
{
        return rt_self.startup ? rt_self.startup->component : "init";
}

const char *rt_node(void)
{
        return rt_self.startup ? rt_self.startup->node : rt_self.node;
}
