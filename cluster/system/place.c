/* Reads places and lists of nodes; see place.h. Nothing is kept: the texts are gone through anew
 * for every question. */
#include "cluster/system/place.h"

#include <string.h>
#include "servers/common/name.h"

bool nodes_contain(struct text nodes, struct text node)
{
        struct text piece;
        while (text_next(&nodes, ',', &piece))
                if (text_equal(piece, node))
                        return true;
        return false;
}

bool list_valid(struct text list, char separator, size_t longest)
{
        struct text rest = list, name;
        while (text_next(&rest, separator, &name)) {
                struct text others = {list.at, name.at - list.at}, other;
                if (!is_name(name.at, name.length, longest))
                        return false;
                while (others.length > 0 && text_next(&others, separator, &other))
                        if (text_equal(other, name))
                                return false;
        }
        return list.length > 0 && list.at[list.length - 1] != separator;
}

bool nodes_valid(struct text nodes)
{
        return list_valid(nodes, ',', NODE_NAME_LONGEST);
}

static char place_separator(struct text place)
{
        return memchr(place.at, '|', place.length) ? '|' : ',';
}

bool place_valid(struct text place)
{
        if (place.length == 0)
                return false;
        return text_is(place, "*") || list_valid(place, place_separator(place), NODE_NAME_LONGEST);
}

bool place_includes(struct text place, struct text node, struct text nodes)
{
        struct text candidate;
        if (text_is(place, "*"))
                return true;
        if (place_separator(place) == ',')
                return nodes_contain(place, node);
        while (text_next(&place, '|', &candidate))
                if (nodes_contain(nodes, candidate))
                        return text_equal(candidate, node);
        return false;
}

struct text place_missing(struct text place, struct text nodes)
{
        char separator = place_separator(place);
        struct text candidate = {NULL, 0};
        if (text_is(place, "*"))
                return candidate;
        while (text_next(&place, separator, &candidate)) {
                bool there = nodes_contain(nodes, candidate);
                if (separator == '|' && there)
                        return (struct text){NULL, 0};
                if (separator == ',' && !there)
                        return candidate;
        }
        return separator == '|' ? candidate : (struct text){NULL, 0};
}
