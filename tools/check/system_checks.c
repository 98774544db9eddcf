/* The checks of system_checks.h. A component stands for all of its alternatives: whatever one of
 * them may do, the component may do. */
#include "tools/check/system_checks.h"

#include <string.h>

typedef const struct described_component *component_ref;

/* Calls the body for each manifest of the component that could be read. */
#define FOR_EACH_MANIFEST(system, component, entry)                                                \
        for (unsigned a_ = 0; a_ < (component)->alternative_count; a_++)                           \
                for (const struct system_manifest *entry =                                         \
                         system_manifest((system), (component), a_);                               \
                     entry; entry = NULL)

static component_ref component_at(const struct system *system, unsigned index)
{
        return &system->description.components[index];
}

static bool list_contains(const struct name_list *list, struct text name)
{
        for (unsigned i = 0; i < list->count; i++)
                if (text_equal(list->names[i], name))
                        return true;
        return false;
}

static bool provides(const struct system *system, component_ref component, struct text name)
{
        FOR_EACH_MANIFEST(system, component, entry)
        if (list_contains(&entry->manifest.provides, name))
                return true;
        return false;
}

/* A node on which both run; an empty text if there is none. */
static struct text common_node(const struct system *system, component_ref a, component_ref b)
{
        struct text rest = system->nodes, node;
        while (text_next(&rest, ',', &node))
                if (place_includes(a->place, node, system->nodes) &&
                    place_includes(b->place, node, system->nodes))
                        return node;
        return (struct text){NULL, 0};
}

void check_place(struct system *system, const struct described_component *component)
{
        struct text missing = place_missing(component->place, system->nodes);
        if (missing.length > 0)
                system_complain(system, system->file.path, component->line,
                                "component %.*s is placed on %.*s, which is not one of the nodes "
                                "%.*s",
                                (int)component->name.length, component->name.at,
                                (int)missing.length, missing.at, (int)system->nodes.length,
                                system->nodes.at);
}

void check_places(struct system *system)
{
        for (unsigned i = 0; i < system->description.count; i++)
                check_place(system, component_at(system, i));
}

/* ---- names ----------------------------------------------------------------------------------- */

/* The names that init registers on each node. */
static bool provided_by_init(struct text name)
{
        return text_is(name, "proc") || text_is(name, "control");
}

static bool provided(const struct system *system, struct text name)
{
        for (unsigned i = 0; i < system->description.count; i++)
                if (provides(system, component_at(system, i), name))
                        return true;
        return provided_by_init(name) || text_is(name, "*");
}

static void check_list(struct system *system, const struct system_manifest *entry,
                       const struct name_list *list)
{
        for (unsigned i = 0; i < list->count; i++) {
                struct text name = list->names[i];
                if (!provided(system, name))
                        system_complain(system, entry->file.path, list->lines[i],
                                        "nobody provides %.*s", (int)name.length, name.at);
                if (text_is(name, "control") && !(entry->manifest.grants & GRANT_CONTROL))
                        system_complain(system, entry->file.path, list->lines[i],
                                        "control is only given with `grants control`");
        }
}

void check_names(struct system *system)
{
        for (unsigned i = 0; i < system->manifest_count; i++) {
                const struct system_manifest *entry = &system->manifests[i];
                check_list(system, entry, &entry->manifest.needs);
                check_list(system, entry, &entry->manifest.asks);
                for (unsigned j = 0; j < entry->manifest.provides.count; j++)
                        if (provided_by_init(entry->manifest.provides.names[j]))
                                system_complain(system, entry->file.path,
                                                entry->manifest.provides.lines[j],
                                                "%.*s is provided by init",
                                                (int)entry->manifest.provides.names[j].length,
                                                entry->manifest.provides.names[j].at);
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
                                    system, entry->file.path, entry->manifest.devices[i].line,
                                    "on %.*s, %.*s is granted a device of %.*s "
                                    "(%s:%u)",
                                    (int)node.length, node.at, (int)second->name.length,
                                    second->name.at, (int)first->name.length, first->name.at,
                                    other->file.path, other->manifest.devices[j].line);
}

static void compare_names(struct system *system, component_ref first,
                          const struct system_manifest *entry, component_ref second,
                          struct text node)
{
        const struct name_list *list = &entry->manifest.provides;
        for (unsigned i = 0; i < list->count; i++)
                if (provides(system, first, list->names[i]))
                        system_complain(system, system->file.path, second->line,
                                        "on %.*s, both %.*s and %.*s provide %.*s",
                                        (int)node.length, node.at, (int)first->name.length,
                                        first->name.at, (int)second->name.length, second->name.at,
                                        (int)list->names[i].length, list->names[i].at);
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
                        FOR_EACH_MANIFEST(system, second, entry)
                        {
                                compare_devices(system, first, entry, second, node);
                                compare_names(system, first, entry, second, node);
                        }
                }
}

/* ---- cycles ---------------------------------------------------------------------------------- */

/* Every component calls the name service, and all but that one write to the log, without a line in
 * the manifest. */
static struct text waits_anyway(component_ref from, component_ref to)
{
        struct text none = {NULL, 0};
        if (text_is(from->name, "name"))
                return none;
        if (text_is(to->name, "name"))
                return to->name;
        return text_is(to->name, "log") && !text_is(from->name, "log") ? to->name : none;
}

/* The name by which one component waits for another; an empty text if it does not. */
static struct text waits_for(const struct system *system, component_ref from, component_ref to)
{
        FOR_EACH_MANIFEST(system, from, entry)
        for (unsigned i = 0; i < entry->manifest.needs.count; i++)
                if (provides(system, to, entry->manifest.needs.names[i]))
                        return entry->manifest.needs.names[i];
        return waits_anyway(from, to);
}

enum visit { UNSEEN, ON_PATH, DONE };

struct search {
        struct system *system;
        enum visit visits[DESCRIPTION_COMPONENTS];
        unsigned path[DESCRIPTION_COMPONENTS];
        unsigned length;
};

static void cycle_complain(struct search *search, unsigned again)
{
        char chain[1024];
        size_t used = 0;
        unsigned begin = 0;
        while (search->path[begin] != again)
                begin++;
        for (unsigned i = begin; i < search->length && used < sizeof chain; i++) {
                component_ref from = component_at(search->system, search->path[i]);
                component_ref to = component_at(
                    search->system, i + 1 < search->length ? search->path[i + 1] : again);
                struct text name = waits_for(search->system, from, to);
                used += snprintf(chain + used, sizeof chain - used, "%s%.*s needs %.*s of %.*s",
                                 i == begin ? "" : ", ", (int)from->name.length, from->name.at,
                                 (int)name.length, name.at, (int)to->name.length, to->name.at);
        }
        system_complain(search->system, search->system->file.path,
                        component_at(search->system, again)->line,
                        "components wait for each other: %s; let one of them only ask", chain);
}

/* Depth first; the recursion is as deep as there are components. */
static void search_from(struct search *search, unsigned index)
{
        search->visits[index] = ON_PATH;
        search->path[search->length++] = index;
        for (unsigned i = 0; i < search->system->description.count; i++) {
                if (waits_for(search->system, component_at(search->system, index),
                              component_at(search->system, i))
                        .length == 0)
                        continue;
                if (search->visits[i] == ON_PATH)
                        cycle_complain(search, i);
                else if (search->visits[i] == UNSEEN)
                        search_from(search, i);
        }
        search->length--;
        search->visits[index] = DONE;
}

void check_cycles(struct system *system)
{
        struct search search = {.system = system};
        for (unsigned i = 0; i < system->description.count; i++)
                if (search.visits[i] == UNSEEN)
                        search_from(&search, i);
}

/* ---- network cards --------------------------------------------------------------------------- */

static bool drives(const struct system *system, component_ref nic, uint32_t vendor, uint32_t device)
{
        FOR_EACH_MANIFEST(system, nic, entry)
        for (unsigned i = 0; i < entry->manifest.device_count; i++) {
                const struct manifest_device *entry_device = &entry->manifest.devices[i];
                if (entry_device->kind == DEVICE_PCI && entry_device->first == vendor &&
                    entry_device->second == device)
                        return true;
        }
        return false;
}

void check_nic(struct system *system, const char *cards)
{
        static const struct {
                const char *card;
                uint32_t vendor, device;
        } known[] = {{"virtio", 0x1af4, 0x1041}, {"e1000", 0x8086, 0x100e}};
        component_ref nic = system_component(system, text_of("nic"));

        if (!nic) {
                system_complain(system, system->file.path, 0, "there is no component nic");
                return;
        }
        for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
                if ((strcmp(cards, known[i].card) == 0 || strcmp(cards, "mixed") == 0) &&
                    !drives(system, nic, known[i].vendor, known[i].device))
                        system_complain(system, system->file.path, nic->line,
                                        "no manifest of component nic has the device %s (pci "
                                        "%x:%x)",
                                        known[i].card, known[i].vendor, known[i].device);
}
