/* Texts made of lines of words with `#` comments: the splitting and the complaints that the parsers
 * of descriptions and manifests share. A parser function consumes its whole line or reports an
 * error and returns false, which ends the parsing.
 *
 * Words are of printable ASCII, with blanks, tabs and the carriage returns of other systems between
 * them; comments may hold anything. A byte order mark before the first line is skipped. */
#ifndef CLUSTER_LINES_H
#define CLUSTER_LINES_H

#include <stdbool.h>
#include "cluster/system/text.h"

struct parse_error {
        unsigned line; /* from 1 */
        char what[200];
};

/* What is left of the line that is being parsed, and where to say what is wrong with it. */
struct line {
        struct text rest;
        unsigned number;
        struct parse_error *error;
};

typedef bool line_parser(struct line *line, struct text keyword, void *out);

/* Each line that is not empty goes to the parser, its first word as keyword. */
bool lines_parse(const char *text, size_t length, line_parser *parser, void *out,
                 struct parse_error *error);

/* Always false, so that a parser can return it. */
__attribute__((format(printf, 2, 3))) bool line_wrong(struct line *line, const char *format, ...);
/* Take the next word; `expected` is what a complaint calls it. */
bool word_take(struct line *line, const char *expected, struct text *word);
bool name_take(struct line *line, const char *expected, struct text *name);
bool number_take(struct line *line, const char *expected, uint64_t max, uint64_t *number);
bool line_end(struct line *line);

/* Whether it is a name at all (servers/common/name.h), and what that asks for, in words. */
#define NAME_RULE "a to z, 0 to 9, - and _, a letter first, at most 23"
bool name_valid(struct text name);

#endif
