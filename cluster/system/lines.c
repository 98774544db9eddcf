/* See lines.h. */
#include "cluster/system/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool name_valid(struct text name)
{
        if (name.length == 0 || name.length > COMPONENT_NAME_MAX)
                return false;
        for (size_t i = 0; i < name.length; i++) {
                char c = name.at[i];
                bool letter = c >= 'a' && c <= 'z';
                bool other = (c >= '0' && c <= '9') || c == '-' || c == '_';
                if (!letter && (i == 0 || !other))
                        return false;
        }
        return true;
}

bool complain(struct line *line, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        line->error->line = line->number;
        vsnprintf(line->error->what, sizeof line->error->what, format, arguments);
        va_end(arguments);
        return false;
}

int shown(struct text text)
{
        return text.length < 40 ? (int)text.length : 40;
}

bool word_take(struct line *line, const char *expected, struct text *word)
{
        if (text_next(&line->rest, ' ', word))
                return true;
        return complain(line, "%s is missing", expected);
}

bool name_take(struct line *line, const char *expected, struct text *name)
{
        if (!word_take(line, expected, name))
                return false;
        if (!name_valid(*name))
                return complain(line, "`%.*s` is no valid name", shown(*name), name->at);
        return true;
}

bool number_take(struct line *line, const char *expected, uint64_t max, uint64_t *number)
{
        struct text word;
        if (!word_take(line, expected, &word))
                return false;
        if (!text_number(word, max, number))
                return complain(line, "`%.*s` is no %s from 0 to %llu", shown(word), word.at,
                                expected, (unsigned long long)max);
        return true;
}

bool line_end(struct line *line)
{
        struct text word;
        if (!text_next(&line->rest, ' ', &word))
                return true;
        return complain(line, "`%.*s` is too much", shown(word), word.at);
}

bool lines_parse(const char *text, size_t length, line_parser *parser, void *out,
                 struct parse_error *error)
{
        struct text rest = {text, length}, raw;
        struct line line = {.error = error};
        *error = (struct parse_error){0};
        while (text_next(&rest, '\n', &raw)) {
                const char *comment = memchr(raw.at, '#', raw.length);
                struct text keyword;
                line.number++;
                line.rest = raw;
                if (comment)
                        line.rest.length = comment - raw.at;
                if (memchr(line.rest.at, 0, line.rest.length))
                        return complain(&line, "a zero byte");
                if (text_next(&line.rest, ' ', &keyword) && !parser(&line, keyword, out))
                        return false;
        }
        return true;
}
