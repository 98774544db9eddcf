/* Writing C that reads as if clang-format had seen it: lists of arguments broken before column 100
 * and aligned behind their parenthesis. */
#ifndef IDL_OUTPUT_H
#define IDL_OUTPUT_H

#include <stdio.h>
#include "tools/idl/model.h"

enum { LIST_ITEMS = 64, LIST_ITEM = 120 };

/* Pieces to be written with commas between them. */
struct list {
        unsigned count;
        char items[LIST_ITEMS][LIST_ITEM];
};

void list_add(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* `start`, the items, `end`: broken where a line would go beyond column 100, and continued below
 * the end of `start`. `start` may hold tabs of 8 blanks written as blanks. An empty list is written
 * as `empty` ("void" in declarations). */
void list_write(FILE *file, const char *start, const struct list *list, const char *empty,
                const char *end);

/* A comment block, each line of doc behind " * "; nothing if doc is NULL. `indent` in columns. */
void doc_write(FILE *file, const char *doc, unsigned indent);

/* Upper-case form of a name; the result lasts until the second next call. */
const char *upper(const char *name);

#endif
