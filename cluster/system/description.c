/* See description.h. The parser goes through a line word by word. */
#include "cluster/system/description.h"

#include "servers/common/name.h"

bool alternative_add(struct described_component *component, struct text name)
{
        if (component->alternative_count == COMPONENT_ALTERNATIVES)
                return false;
        component->alternatives[component->alternative_count++] = name;
        return true;
}

static bool alternatives_take(struct line *line, struct described_component *component)
{
        struct text list, name;
        if (!word_take(line, "the manifest after `is`", &list))
                return false;
        component->any = text_is(list, "*");
        component->alternative_count = 0;
        if (component->any)
                return true;
        if (!list_valid(list, '|', NAME_LONGEST))
                return line_wrong(line, "`%s` is no list of manifests (NAME|NAME), nor `*`",
                                  shown(list).text);
        while (text_next(&list, '|', &name))
                if (!alternative_add(component, name))
                        return line_wrong(line, "more than %d alternatives",
                                          COMPONENT_ALTERNATIVES);
        return true;
}

/* Whether one of the words has this key. */
static bool has_key(struct text words, struct text key)
{
        struct text word, other;
        while (text_next(&words, ' ', &word))
                if (text_next(&word, '=', &other) && text_equal(other, key))
                        return true;
        return false;
}

static bool argument_check(struct line *line, struct text before, struct text word)
{
        struct text pair = word, key;
        if (!text_next(&pair, '=', &key) || key.length == word.length || !name_valid(key))
                return line_wrong(line, "`%s` is no KEY=VALUE", shown(word).text);
        if (has_key(before, key))
                return line_wrong(line, "argument %s stands there already", shown(key).text);
        return true;
}

static bool arguments_take(struct line *line, struct described_component *component)
{
        struct text word;
        size_t bytes = 0;
        component->arguments = line->rest;
        for (unsigned count = 0; text_next(&line->rest, ' ', &word); count++) {
                struct text before = {component->arguments.at, word.at - component->arguments.at};
                bytes += word.length + 1;
                if (count == COMPONENT_ARGUMENTS || bytes > COMPONENT_ARGUMENT_BYTES)
                        return line_wrong(line,
                                          "arguments for a component are at most %d, of %d "
                                          "bytes in all",
                                          COMPONENT_ARGUMENTS, COMPONENT_ARGUMENT_BYTES);
                if (!argument_check(line, before, word))
                        return false;
        }
        return true;
}

static bool component_check_new(struct line *line, const struct description *description,
                                struct text name)
{
        if (description->count == DESCRIPTION_COMPONENTS)
                return line_wrong(line, "more than %d components", DESCRIPTION_COMPONENTS);
        for (unsigned i = 0; i < description->count; i++)
                if (text_equal(description->components[i].name, name))
                        return line_wrong(line, "component %s is already in line %u",
                                          shown(name).text, description->components[i].line);
        return true;
}

static bool component_parse(struct line *line, struct text keyword, void *out)
{
        struct description *description = out;
        struct described_component component = {.line = line->number};
        struct text word;
        if (!text_is(keyword, "component"))
                return line_wrong(line, "`%s` where `component` was expected", shown(keyword).text);
        if (!name_take(line, "the component's name", &component.name) ||
            !component_check_new(line, description, component.name) ||
            !word_take(line, "`on PLACE`", &word))
                return false;

        component.alternatives[0] = component.name;
        component.alternative_count = 1;
        if (text_is(word, "is") &&
            (!alternatives_take(line, &component) || !word_take(line, "`on PLACE`", &word)))
                return false;
        if (text_is(word, "with") &&
            (!name_take(line, "the component after `with`", &component.with) ||
             !word_take(line, "`on PLACE`", &word)))
                return false;
        if (!text_is(word, "on"))
                return line_wrong(line, "`%s` where `on PLACE` was expected", shown(word).text);
        if (!word_take(line, "the place after `on`", &component.place))
                return false;
        if (!place_valid(component.place))
                return line_wrong(
                    line, "`%s` is no place: `*`, `n1,n2` or `n1|n2`, no node twice, no blanks",
                    shown(component.place).text);
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
