/* See description.h. The parser goes through a line word by word. */
#include "cluster/system/description.h"

#include <string.h>

bool nodes_contain(struct text nodes, struct text node)
{
        struct text piece;
        while (text_next(&nodes, ',', &piece))
                if (text_equal(piece, node))
                        return true;
        return false;
}

static bool list_valid(struct text list, char separator)
{
        struct text rest = list, name;
        while (text_next(&rest, separator, &name)) {
                struct text others = {list.at, name.at - list.at}, other;
                if (!name_valid(name))
                        return false;
                while (others.length > 0 && text_next(&others, separator, &other))
                        if (text_equal(other, name))
                                return false;
        }
        return list.length > 0 && list.at[list.length - 1] != separator;
}

bool nodes_valid(struct text nodes)
{
        return list_valid(nodes, ',');
}

static char place_separator(struct text place)
{
        return memchr(place.at, '|', place.length) ? '|' : ',';
}

bool place_valid(struct text place)
{
        if (place.length == 0)
                return false;
        return text_is(place, "*") || list_valid(place, place_separator(place));
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

static bool alternatives_take(struct line *line, struct described_component *component)
{
        struct text list, name;
        if (!word_take(line, "the manifest after `is`", &list))
                return false;
        if (!list_valid(list, '|'))
                return complain(line, "`%.*s` is no list of manifests (NAME|NAME)", shown(list),
                                list.at);
        component->alternative_count = 0;
        while (text_next(&list, '|', &name)) {
                if (component->alternative_count == COMPONENT_ALTERNATIVES)
                        return complain(line, "more than %d alternatives", COMPONENT_ALTERNATIVES);
                component->alternatives[component->alternative_count++] = name;
        }
        return true;
}

static bool arguments_take(struct line *line, struct described_component *component)
{
        struct text word, key;
        component->arguments = line->rest;
        while (text_next(&line->rest, ' ', &word)) {
                struct text pair = word;
                if (!text_next(&pair, '=', &key) || key.length == word.length || !name_valid(key))
                        return complain(line, "`%.*s` is no KEY=VALUE", shown(word), word.at);
        }
        return true;
}

static bool component_check_new(struct line *line, const struct description *description,
                                struct text name)
{
        if (description->count == DESCRIPTION_COMPONENTS)
                return complain(line, "more than %d components", DESCRIPTION_COMPONENTS);
        for (unsigned i = 0; i < description->count; i++)
                if (text_equal(description->components[i].name, name))
                        return complain(line, "component %.*s is already in line %u", shown(name),
                                        name.at, description->components[i].line);
        return true;
}

static bool component_parse(struct line *line, struct text keyword, void *out)
{
        struct description *description = out;
        struct described_component component = {.line = line->number};
        struct text word;
        if (!text_is(keyword, "component"))
                return complain(line, "`%.*s` where `component` was expected", shown(keyword),
                                keyword.at);
        if (!name_take(line, "the component's name", &component.name) ||
            !component_check_new(line, description, component.name) ||
            !word_take(line, "`on PLACE`", &word))
                return false;

        component.alternatives[0] = component.name;
        component.alternative_count = 1;
        if (text_is(word, "is") &&
            (!alternatives_take(line, &component) || !word_take(line, "`on PLACE`", &word)))
                return false;
        if (!text_is(word, "on"))
                return complain(line, "`%.*s` where `on PLACE` was expected", shown(word), word.at);
        if (!word_take(line, "the place after `on`", &component.place))
                return false;
        if (!place_valid(component.place))
                return complain(line, "`%.*s` is no place: `*`, `n1,n2` or `n1|n2`",
                                shown(component.place), component.place.at);
        if (!arguments_take(line, &component))
                return false;
        description->components[description->count++] = component;
        return true;
}

bool description_parse(const char *text, size_t length, struct description *out,
                       struct parse_error *error)
{
        out->count = 0;
        return lines_parse(text, length, component_parse, out, error);
}
