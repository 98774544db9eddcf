/* See described.h. Manifests of components of other nodes are read when they are asked for. */
#include "servers/init/described.h"

#include <string.h>

/* A list that grows in a space of `capacity` bytes; what does not fit is left out. */
struct list {
        char *at;
        size_t length, capacity;
};

static void list_add(struct list *list, struct text item, char separator)
{
        if (item.length + 1 > list->capacity - list->length)
                return;
        if (list->length > 0)
                list->at[list->length++] = separator;
        memcpy(list->at + list->length, item.at, item.length);
        list->length += item.length;
}

static void own_names(struct list *list)
{
        for (enum init_name which = 0; which < INIT_NAMES; which++)
                list_add(list, text_of(init_name(which)), ' ');
}

static void names_add(struct list *list, const struct name_list *names)
{
        for (unsigned i = 0; i < names->count; i++)
                list_add(list, names->names[i], ' ');
}

/* Of each manifest that the component may run by: which one it is depends on its node's devices. */
static void component_names(const struct init *init, const struct described_component *component,
                            struct list *list)
{
        for (unsigned i = 0; i < component->alternative_count; i++) {
                struct manifest manifest;
                struct parse_error wrong;
                struct text content;
                if (boot_file(&init->boot, "manifest", component->alternatives[i], &content) &&
                    manifest_parse(content.at, content.length, &manifest, &wrong))
                        names_add(list, &manifest.provides);
        }
}

static void place_nodes(const struct boot *boot, struct text place, struct list *list)
{
        struct text rest = boot->nodes, node;
        while (text_next(&rest, ',', &node))
                if (place_includes(place, node, boot->nodes))
                        list_add(list, node, ',');
}

bool described_component(const struct init *init, uint64_t index, char *space, struct text *names,
                         struct text *nodes)
{
        struct list name_list = {space, 0, DESCRIBED_NAMES};
        struct list node_list = {space + DESCRIBED_NAMES, 0, DESCRIBED_NODES};
        if (index > init->description.count)
                return false;
        if (index == 0) {
                own_names(&name_list);
                place_nodes(&init->boot, text_of("*"), &node_list);
        } else {
                const struct described_component *component =
                    &init->description.components[index - 1];
                component_names(init, component, &name_list);
                place_nodes(&init->boot, component->place, &node_list);
        }
        *names = (struct text){name_list.at, name_list.length};
        *nodes = (struct text){node_list.at, node_list.length};
        return true;
}
