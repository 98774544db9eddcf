/* Checks of places, arguments, names and conflicts; see checks.h. */
#include "cluster/system/checks.h"

#include <stdio.h>
#include "servers/common/name.h"

/* A node on which both run; an empty text if there is none. */
static struct text common_node(const struct system *system, component_ref a, component_ref b)
{
        struct text rest = system->nodes, node;
        while (text_next(&rest, ',', &node))
                if (component_runs_on(system, a, node) && component_runs_on(system, b, node))
                        return node;
        return (struct text){NULL, 0};
}

/* ---- places ---------------------------------------------------------------------------------- */

void check_place(struct system *system, const struct described_component *component)
{
        struct text missing = place_missing(component->place, system->nodes);
        if (missing.length > 0)
                system_complain(
                    system, component->moved ? "PLACE" : system->file,
                    component->moved ? 0 : component->line,
                    "component %s is placed on %s, which is not one of the nodes %s; give "
                    "it another place, or the cluster more nodes by N",
                    shown(component->name).text, shown(missing).text, shown(system->nodes).text);
}

void check_places(struct system *system)
{
        for (unsigned i = 0; i < system->description.count; i++)
                check_place(system, component_at(system, i));
}

/* ---- arguments ------------------------------------------------------------------------------- */

static const struct manifest_argument *argument_find(const struct system *system,
                                                     component_ref component, struct text key)
{
        FOR_EACH_MANIFEST(system, component, entry)
        for (unsigned i = 0; i < entry->manifest.argument_count; i++)
                if (text_equal(entry->manifest.arguments[i].key, key))
                        return &entry->manifest.arguments[i];
        return NULL;
}

enum { LIST_BYTES = MANIFEST_ARGUMENTS * (NAME_LONGEST + 2) };

/* The arguments that the component's manifests list: how many bytes; 0: none. */
static size_t arguments_list(const struct system *system, component_ref component,
                             char list[LIST_BYTES])
{
        size_t used = 0;
        FOR_EACH_MANIFEST(system, component, entry)
        for (unsigned i = 0; i < entry->manifest.argument_count && used < LIST_BYTES; i++)
                used += snprintf(list + used, LIST_BYTES - used, "%s%s", used == 0 ? "" : ", ",
                                 shown(entry->manifest.arguments[i].key).text);
        return used;
}

/* A manifest that lists no arguments says nothing of them: its program may take any. */
static void argument_unknown(struct system *system, component_ref component, struct text key)
{
        const struct system_manifest *entry = system_manifest(system, component->alternatives[0]);
        char list[LIST_BYTES];
        if (!entry)
                return; /* there is a complaint about that already */
        if (arguments_list(system, component, list) == 0)
                return;
        system_complain(system, system->file, component->line,
                        "component %s takes no argument %s: its manifest lists %s (%s, lines "
                        "`argument KEY`)",
                        shown(component->name).text, shown(key).text, list, entry->file);
}

static void argument_check(struct system *system, component_ref component, struct text word)
{
        struct text value = word, key;
        const struct manifest_argument *argument;
        text_next(&value, '=', &key);
        argument = argument_find(system, component, key);
        if (!argument)
                argument_unknown(system, component, key);
        else if (argument->values.length > 0 && !text_has_word(argument->values, value))
                system_complain(system, system->file, component->line,
                                "component %s: %s is not `%s`; its manifest has: %s",
                                shown(component->name).text, shown(key).text, shown(value).text,
                                shown(argument->values).text);
}

void check_arguments(struct system *system)
{
        for (unsigned i = 0; i < system->description.count; i++) {
                component_ref component = component_at(system, i);
                struct text rest = component->arguments, word;
                while (text_next(&rest, ' ', &word))
                        argument_check(system, component, word);
        }
}

/* ---- names ----------------------------------------------------------------------------------- */

static bool provided_by_init(struct text name)
{
        for (enum init_name which = 0; which < INIT_NAMES; which++)
                if (text_is(name, init_name(which)))
                        return true;
        return false;
}

static bool provided(const struct system *system, struct text name)
{
        for (unsigned i = 0; i < system->description.count; i++)
                if (component_provides(system, component_at(system, i), name))
                        return true;
        return provided_by_init(name) || text_is(name, "*");
}

static void check_list(struct system *system, const struct system_manifest *entry,
                       const struct name_list *list)
{
        for (unsigned i = 0; i < list->count; i++) {
                struct text name = list->names[i];
                if (!provided(system, name))
                        system_complain(system, entry->file, list->lines[i],
                                        "nobody provides %s: no component of %s has a manifest "
                                        "that does",
                                        shown(name).text, system->file);
                unsigned grant = name_grant(name);
                if (grant && !(entry->manifest.grants & grant))
                        system_complain(system, entry->file, list->lines[i],
                                        "%s is only given with `grants %s`", shown(name).text,
                                        grant_name(grant));
        }
}

void check_names(struct system *system)
{
        for (unsigned i = 0; i < system->manifest_count; i++) {
                const struct system_manifest *entry = &system->manifests[i];
                const struct name_list *provides = &entry->manifest.provides;
                check_list(system, entry, &entry->manifest.needs);
                check_list(system, entry, &entry->manifest.asks);
                for (unsigned j = 0; j < provides->count; j++)
                        if (provided_by_init(provides->names[j]))
                                system_complain(system, entry->file, provides->lines[j],
                                                "%s is provided by init",
                                                shown(provides->names[j]).text);
        }
}

/* ---- conflicts ------------------------------------------------------------------------------- */

static bool devices_overlap(const struct manifest_device *a, const struct manifest_device *b)
{
        if (a->kind != b->kind)
                return false;
        switch (a->kind) {
        case DEVICE_PCI:
                return a->first == b->first && a->second == b->second;
        case DEVICE_IOPORTS:
                return a->first < b->first + b->second && b->first < a->first + a->second;
        case DEVICE_IRQ:
                return a->first == b->first;
        case DEVICE_LINE:
                return true;
        default:
                return false; /* the log may be written by several */
        }
}

static void compare_devices(struct system *system, component_ref first,
                            const struct system_manifest *entry, component_ref second,
                            struct text node)
{
        FOR_EACH_MANIFEST(system, first, other)
        for (unsigned i = 0; i < entry->manifest.device_count; i++)
                for (unsigned j = 0; j < other->manifest.device_count; j++)
                        if (devices_overlap(&entry->manifest.devices[i],
                                            &other->manifest.devices[j]))
                                system_complain(
                                    system, entry->file, entry->manifest.devices[i].line,
                                    "on %s, %s is granted a device of %s (%s:%u)", shown(node).text,
                                    shown(second->name).text, shown(first->name).text, other->file,
                                    other->manifest.devices[j].line);
}

static void compare_names(struct system *system, component_ref first,
                          const struct system_manifest *entry, component_ref second,
                          struct text node)
{
        const struct name_list *list = &entry->manifest.provides;
        for (unsigned i = 0; i < list->count; i++)
                if (component_provides(system, first, list->names[i]))
                        system_complain(system, system->file, second->line,
                                        "on %s, both %s and %s provide %s", shown(node).text,
                                        shown(first->name).text, shown(second->name).text,
                                        shown(list->names[i]).text);
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (entry->manifest.admits & 1u << which && component_admits(system, first, which))
                        system_complain(system, system->file, second->line,
                                        "on %s, both %s and %s admit to %s", shown(node).text,
                                        shown(first->name).text, shown(second->name).text,
                                        admission_name(which));
}

/* Each would take a part of what is typed. */
static void compare_terminals(struct system *system, component_ref first, component_ref second,
                              struct text node)
{
        struct text tty, other;
        if (text_value(first->arguments, "tty", &tty) &&
            text_value(second->arguments, "tty", &other) && text_equal(tty, other))
                system_complain(system, system->file, second->line,
                                "on %s, both %s and %s have tty=%s", shown(node).text,
                                shown(first->name).text, shown(second->name).text, shown(tty).text);
}

void check_conflicts(struct system *system)
{
        for (unsigned i = 0; i < system->description.count; i++)
                for (unsigned j = 0; j < i; j++) {
                        component_ref first = component_at(system, j);
                        component_ref second = component_at(system, i);
                        struct text node = common_node(system, first, second);
                        if (node.length == 0)
                                continue;
                        compare_terminals(system, first, second, node);
                        FOR_EACH_MANIFEST(system, second, entry)
                        {
                                compare_devices(system, first, entry, second, node);
                                compare_names(system, first, entry, second, node);
                        }
                }
}
