/* Splits a text into lines and these into words; see lines.h. The first mistake ends it, with the
 * number of its line. */
#include "cluster/system/lines.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "servers/common/name.h"

bool name_valid(struct text name)
{
        return is_name(name.at, name.length, NAME_LONGEST);
}

bool line_wrong(struct line *line, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        line->error->line = line->number;
        vsnprintf(line->error->what, sizeof line->error->what, format, arguments);
        va_end(arguments);
        return false;
}

bool word_take(struct line *line, const char *expected, struct text *word)
{
        if (text_next(&line->rest, ' ', word))
                return true;
        return line_wrong(line, "%s is missing", expected);
}

bool name_take(struct line *line, const char *expected, struct text *name)
{
        if (!word_take(line, expected, name))
                return false;
        if (!name_valid(*name))
                return line_wrong(line, "`%s` is no valid name: " NAME_RULE, shown(*name).text);
        return true;
}

bool number_take(struct line *line, const char *expected, uint64_t max, uint64_t *number)
{
        struct text word;
        if (!word_take(line, expected, &word))
                return false;
        if (!text_number(word, max, number))
                return line_wrong(line, "`%s` is no %s from 0 to %llu", shown(word).text, expected,
                                  (unsigned long long)max);
        return true;
}

bool line_end(struct line *line)
{
        struct text word;
        if (!text_next(&line->rest, ' ', &word))
                return true;
        return line_wrong(line, "`%s` is too much", shown(word).text);
}

/* Whether the line has nothing but printable ASCII outside its comment. */
static bool line_is_clean(struct line *line)
{
        for (size_t i = 0; i < line->rest.length; i++) {
                unsigned char c = line->rest.at[i];
                if (c == 0 || c == 0xff) /* no UTF-8 has it, and UTF-16 begins with it */
                        return line_wrong(line,
                                          "byte 0x%02x; is the file in UTF-16? save it as "
                                          "UTF-8",
                                          c);
                if (c > '~' || (c < ' ' && c != '\t' && c != '\r'))
                        return line_wrong(line,
                                          "byte 0x%02x; words are of ASCII, only comments may "
                                          "hold something else",
                                          c);
        }
        return true;
}

/* UTF-8's; some editors put it before a text. */
static void mark_skip(struct text *text)
{
        static const char mark[] = "\xef\xbb\xbf";
        if (text->length >= 3 && memcmp(text->at, mark, 3) == 0)
                *text = (struct text){text->at + 3, text->length - 3};
}

bool lines_parse(const char *text, size_t length, line_parser *parser, void *out,
                 struct parse_error *error)
{
        struct text rest = {text, length}, raw;
        struct line line = {.error = error};
        *error = (struct parse_error){0};
        mark_skip(&rest);
        while (text_next(&rest, '\n', &raw)) {
                const char *comment = memchr(raw.at, '#', raw.length);
                struct text keyword;
                line.number++;
                line.rest = raw;
                if (comment)
                        line.rest.length = comment - raw.at;
                if (!line_is_clean(&line) ||
                    (text_next(&line.rest, ' ', &keyword) && !parser(&line, keyword, out)))
                        return false;
        }
        return true;
}
