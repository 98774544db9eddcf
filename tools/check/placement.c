/* Takes PLACE apart, piece by piece; see placement.h. The first piece that is wrong ends it. */
#include "tools/check/placement.h"

#include <stdio.h>
#include <stdlib.h>

static bool wrong(struct system *system, const char *option, const char *why, struct text what)
{
        char place[256];
        snprintf(place, sizeof place, "PLACE=%s", option);
        system_complain(system, place, 0, "`%s` %s", shown(what).text, why);
        return false;
}

/* The place of a component with one more node. */
static struct text place_add(struct text place, struct text node)
{
        char *both = NULL;
        int length =
            asprintf(&both, "%.*s,%.*s", (int)place.length, place.at, (int)node.length, node.at);
        if (length < 0)
                abort();
        return (struct text){both, (size_t)length};
}

/* Takes `NAME:` off a piece; without one it goes on with the component before. */
static bool component_take(struct system *system, const char *option, struct text *piece,
                           struct described_component **component)
{
        struct text rest = *piece, name;
        text_next(&rest, ':', &name);
        if (name.length == piece->length)
                return *component ||
                       wrong(system, option, "is not NAME:NODE, such as fs:n3", *piece);
        *component = system_component(system, name);
        *piece = rest;
        return *component || wrong(system, option, "is no component of the description", name);
}

static bool place_set(struct system *system, const char *option, struct text place,
                      struct described_component *component)
{
        struct text whole = component->moved ? place_add(component->place, place) : place;
        if (!place_valid(whole))
                return wrong(system, option,
                             "is no place for a component: `*`, `n1|n2`, or nodes, none of them "
                             "twice",
                             whole);
        component->place = whole;
        component->moved = true;
        return true;
}

bool placement_apply(struct system *system, const char *option)
{
        struct described_component *component = NULL;
        struct text rest = text_of(option), piece;
        while (text_next(&rest, ',', &piece))
                if (!component_take(system, option, &piece, &component) ||
                    !place_set(system, option, piece, component))
                        return false;
        return true;
}
