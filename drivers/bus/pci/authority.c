/* Badges, and the table of components (authority.h). No badge is ever made twice: the generation
 * only grows. */
#include <string.h>
#include "drivers/bus/pci/authority.h"

enum { KIND_SHIFT = 56, GENERATION_SHIFT = 8, INDEX_MASK = 0xff };

uint64_t badge_make(struct authority *authority, enum badge_kind kind, unsigned index)
{
        authority->generation++;
        return (uint64_t)kind << KIND_SHIFT | authority->generation << GENERATION_SHIFT |
               (index & INDEX_MASK);
}

enum badge_kind badge_kind(uint64_t badge)
{
        return (enum badge_kind)(badge >> KIND_SHIFT);
}

unsigned badge_index(uint64_t badge)
{
        return badge & INDEX_MASK;
}

struct component *component_named(struct authority *authority, const void *name, size_t length)
{
        struct component *unused = NULL;
        if (length == 0 || length >= COMPONENT_NAME || memchr(name, 0, length))
                return NULL;
        for (unsigned i = 0; i < COMPONENTS_MAX; i++) {
                struct component *component = &authority->components[i];
                if (strlen(component->name) == length && memcmp(component->name, name, length) == 0)
                        return component;
                if (component->name[0] == 0 && !unused)
                        unused = component;
        }
        if (unused)
                memcpy(unused->name, name, length);
        return unused;
}

struct component *component_of(struct authority *authority, uint64_t badge)
{
        unsigned index = badge_index(badge);
        if (badge_kind(badge) != BADGE_COMPONENT || index >= COMPONENTS_MAX ||
            authority->components[index].badge != badge)
                return NULL;
        return &authority->components[index];
}
