/* See roles.h. A table: who fills a role, and which nodes want it. */
#include "cluster/system/roles.h"

#include <stdio.h>

enum { NODES_BYTES = 128 };

/* Something that a component is or has. */
struct quality {
        bool (*is)(const struct system *system, component_ref component, const char *name);
        const char *name;
};

/* Which nodes of a testbed want a role, whatever runs there. */
enum scope { NONE, FIRST, EACH, EACH_OF_SEVERAL };

struct role {
        const char *what, *without; /* what it is, and what happens if there is none */
        const char *line;           /* that fills it */
        enum scope testbed;
        struct quality wanted; /* by nodes with such a component */
        struct quality filled;
};

/* ---- qualities ------------------------------------------------------------------------------- */

static bool exists(const struct system *system, component_ref component, const char *name)
{
        (void)system;
        (void)component;
        (void)name;
        return true;
}

static bool has_pci_device(const struct system *system, component_ref component, const char *name)
{
        (void)name;
        FOR_EACH_MANIFEST(system, component, entry)
        if (manifest_has_device(&entry->manifest, DEVICE_PCI))
                return true;
        return false;
}

static bool uses(const struct system *system, component_ref component, const char *name)
{
        FOR_EACH_MANIFEST(system, component, entry)
        if (name_list_has(&entry->manifest.needs, text_of(name)) ||
            name_list_has(&entry->manifest.asks, text_of(name)))
                return true;
        return false;
}

static bool provides(const struct system *system, component_ref component, const char *name)
{
        return component_provides(system, component, text_of(name));
}

static bool admits(const struct system *system, component_ref component, const char *name)
{
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (text_is(text_of(name), admission_name(which)))
                        return component_admits(system, component, which);
        return false;
}

/* A shell that is told nothing else has tty0. */
static bool is_on_terminal(const struct system *system, component_ref component, const char *name)
{
        struct text value;
        if (text_value(component->arguments, "tty", &value))
                return text_is(value, name);
        FOR_EACH_MANIFEST(system, component, entry)
        for (unsigned i = 0; i < entry->manifest.argument_count; i++)
                if (text_is(entry->manifest.arguments[i].key, "tty"))
                        return text_is(text_of("tty0"), name);
        return false;
}

/* One that runs lines of other nodes' shells can do without its terminal. */
static bool needs_terminal(const struct system *system, component_ref component, const char *name)
{
        return is_on_terminal(system, component, name) && !provides(system, component, "commands");
}

static bool is_batch_shell(const struct system *system, component_ref component, const char *name)
{
        struct text mode;
        return is_on_terminal(system, component, name) &&
               text_value(component->arguments, "mode", &mode) && text_is(mode, "batch");
}

static bool is_shell(const struct system *system, component_ref component, const char *name)
{
        return is_on_terminal(system, component, name) && !is_batch_shell(system, component, name);
}

/* ---- the roles ------------------------------------------------------------------------------- */

static const struct role roles[] = {
    {"name service",
     "no component starts",
     "component name on *",
     EACH,
     {exists, ""},
     {admits, "name"}},
    {"log",
     "what components say is lost",
     "component log on *",
     EACH,
     {exists, ""},
     {admits, "log"}},
    {"bus server",
     "no driver gets its device",
     "component pci on *",
     NONE,
     {has_pci_device, ""},
     {admits, "pci"}},
    /* Packets are shared by memory, which does not leave its node. */
    {"driver of a network card",
     "nothing is sent or received",
     "component nic is * on *",
     NONE,
     {uses, "nic"},
     {provides, "nic"}},
    {"transport",
     "nodes do not find each other",
     "component net on *",
     EACH_OF_SEVERAL,
     {NULL, ""},
     {provides, "net"}},
    {"terminal tty0",
     "its shell cannot be reached",
     "component tty0 on *",
     FIRST,
     {is_on_terminal, "tty0"},
     {provides, "tty0"}},
    {"terminal tty1",
     "no command reaches it",
     "component tty1 on *",
     FIRST,
     {needs_terminal, "tty1"},
     {provides, "tty1"}},
    {"shell",
     "`make run` has nothing to talk to",
     "component shell on * tty=tty0",
     FIRST,
     {NULL, ""},
     {is_shell, "tty0"}},
    {"batch shell",
     "`ptl up` and `ptl on` wait in vain",
     "component batch on * tty=tty1 mode=batch",
     EACH,
     {NULL, ""},
     {is_batch_shell, "tty1"}},
};

/* Whether a component of the node has the quality. */
static bool node_has(const struct system *system, struct text node, const struct quality *quality)
{
        for (unsigned i = 0; quality->is && i < system->description.count; i++) {
                component_ref component = component_at(system, i);
                if (component_runs_on(system, component, node) &&
                    quality->is(system, component, quality->name))
                        return true;
        }
        return false;
}

static bool in_scope(const struct system *system, struct text node, enum scope scope)
{
        switch (scope) {
        case FIRST:
                return node.at == system->nodes.at;
        case EACH:
                return true;
        case EACH_OF_SEVERAL:
                return !text_equal(node, system->nodes);
        default:
                return false;
        }
}

static bool node_lacks(const struct system *system, struct text node, const struct role *role,
                       unsigned purposes)
{
        bool wanted = (purposes & PURPOSE_TESTBED && in_scope(system, node, role->testbed)) ||
                      node_has(system, node, &role->wanted);
        return wanted && !node_has(system, node, &role->filled);
}

/* ---- the check ------------------------------------------------------------------------------- */

/* The nodes that lack the role, separated by commas. */
static void nodes_without(const struct system *system, const struct role *role, unsigned purposes,
                          char nodes[NODES_BYTES])
{
        struct text rest = system->nodes, node;
        size_t used = 0;
        nodes[0] = 0;
        while (text_next(&rest, ',', &node))
                if (node_lacks(system, node, role, purposes) && used < NODES_BYTES)
                        used += snprintf(nodes + used, NODES_BYTES - used, "%s%s",
                                         used == 0 ? "" : ",", shown(node).text);
}

/* A component that fills the role somewhere, or NULL. */
static component_ref filler(const struct system *system, const struct role *role)
{
        for (unsigned i = 0; i < system->description.count; i++)
                if (role->filled.is(system, component_at(system, i), role->filled.name))
                        return component_at(system, i);
        return NULL;
}

static void check_role(struct system *system, const struct role *role, unsigned purposes)
{
        component_ref elsewhere = filler(system, role);
        char nodes[NODES_BYTES];
        nodes_without(system, role, purposes, nodes);
        if (nodes[0] == 0)
                return;
        if (elsewhere)
                system_complain(system, system->file, elsewhere->line,
                                "no %s on %s: component %s is only on %s, so %s; place it there, "
                                "too, as in `%s`",
                                role->what, nodes, shown(elsewhere->name).text,
                                shown(elsewhere->place).text, role->without, role->line);
        else
                system_complain(system, system->file, system->lines,
                                "no %s on %s, so %s; add the line `%s`", role->what, nodes,
                                role->without, role->line);
}

static void check_files(struct system *system)
{
        struct text fs = text_of("fs");
        for (unsigned i = 0; i < system->description.count; i++)
                if (component_provides(system, component_at(system, i), fs))
                        return;
        system_complain(system, system->file, system->lines,
                        "FILES is given, but nothing serves files; add the line `component fs on "
                        "n2|n1`, or leave FILES out");
}

void check_roles(struct system *system, unsigned purposes)
{
        if (system->description.count == 0) {
                system_complain(system, system->file, system->lines,
                                "no line `component NAME on PLACE`: nothing would run; begin with "
                                "a copy of cluster/system.description");
                return;
        }
        for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
                check_role(system, &roles[i], purposes);
        if (purposes & PURPOSE_FILES)
                check_files(system);
}
