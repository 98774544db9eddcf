/* Checks of `with`; see together.h. The first complaint about a component is the last, since others
 * would follow from it. */
#include "cluster/system/together.h"

/* A node where the guest runs without the other; an empty text if there is none. */
static struct text node_without(const struct system *system, component_ref guest,
                                component_ref home)
{
        struct text rest = system->nodes, node;
        while (text_next(&rest, ',', &node))
                if (component_runs_on(system, guest, node) &&
                    !component_runs_on(system, home, node))
                        return node;
        return (struct text){NULL, 0};
}

/* Whether it hands out rights; then complains. */
static bool admitter_complain(struct system *system, component_ref component, component_ref guest)
{
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (component_admits(system, component, which)) {
                        system_complain(system, system->file, guest->line,
                                        "%s admits to %s, by rights that say who holds them, so it "
                                        "needs a task of its own; leave `with %s` out",
                                        shown(component->name).text, admission_name(which),
                                        shown(guest->with).text);
                        return true;
                }
        return false;
}

static void check_nodes(struct system *system, component_ref guest, component_ref home)
{
        struct text node = node_without(system, guest, home);
        if (node.length > 0)
                system_complain(system, system->file, guest->line,
                                "component %s is with %s, which does not run on %s; place both "
                                "there, or neither",
                                shown(guest->name).text, shown(home->name).text, shown(node).text);
}

static void check_guest(struct system *system, component_ref guest)
{
        component_ref home = system_component(system, guest->with);
        if (!home)
                system_complain(system, system->file, guest->line,
                                "component %s is with %s, which is no component of the "
                                "description",
                                shown(guest->name).text, shown(guest->with).text);
        else if (home == guest)
                system_complain(system, system->file, guest->line,
                                "component %s is with itself; leave `with %s` out",
                                shown(guest->name).text, shown(guest->name).text);
        else if (home->with.length > 0)
                system_complain(system, system->file, guest->line,
                                "component %s is with %s, which is itself with %s in line %u; name "
                                "one that has a task of its own",
                                shown(guest->name).text, shown(home->name).text,
                                shown(home->with).text, home->line);
        else if (!admitter_complain(system, guest, guest) &&
                 !admitter_complain(system, home, guest))
                check_nodes(system, guest, home);
}

void check_together(struct system *system)
{
        for (unsigned i = 0; i < system->description.count; i++)
                if (component_at(system, i)->with.length > 0)
                        check_guest(system, component_at(system, i));
}
