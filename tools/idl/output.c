/* See output.h. What does not fit the fixed sizes is a defect of the compiler, since checked
 * interfaces fit, and ends it. */
#include "tools/idl/output.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 100 };

void list_add(struct list *list, const char *format, ...)
{
        if (list->count == LIST_ITEMS)
                abort();
        va_list arguments;
        va_start(arguments, format);
        int length = vsnprintf(list->items[list->count], LIST_ITEM, format, arguments);
        va_end(arguments);
        if (length < 0 || length >= LIST_ITEM)
                abort();
        list->count++;
}

void list_write(FILE *file, const char *start, const struct list *list, const char *empty,
                const char *end)
{
        size_t indent = strlen(start), column = indent;
        fputs(start, file);
        if (list->count == 0)
                fputs(empty, file);
        for (unsigned i = 0; i < list->count; i++) {
                bool last = i + 1 == list->count;
                size_t width = strlen(list->items[i]) + (last ? strlen(end) : 1);
                if (i > 0 && column + 1 + width > COLUMNS) {
                        fprintf(file, "\n%*s", (int)indent, "");
                        column = indent;
                } else if (i > 0) {
                        fputc(' ', file);
                        column++;
                }
                fprintf(file, "%s%s", list->items[i], last ? "" : ",");
                column += strlen(list->items[i]) + 1;
        }
        fputs(end, file);
}

void doc_write(FILE *file, const char *doc, unsigned indent)
{
        if (!doc)
                return;
        const char *mark = "/* ";
        while (*doc) {
                size_t length = strcspn(doc, "\n");
                bool last = doc[length] == 0 || doc[length + 1] == 0;
                fprintf(file, "%*s%s", (int)indent, "", mark);
                /* The two bytes that would end or begin a comment are set apart. */
                for (size_t i = 0; i < length; i++) {
                        fputc(doc[i], file);
                        if (i + 1 < length && ((doc[i] == '*' && doc[i + 1] == '/') ||
                                               (doc[i] == '/' && doc[i + 1] == '*')))
                                fputc(' ', file);
                }
                fputs(last ? " */\n" : "\n", file);
                mark = " * ";
                doc += length + (doc[length] == '\n');
        }
}

const char *upper(const char *name)
{
        static char buffers[2][IDL_NAME];
        static unsigned next;
        char *to = buffers[next++ % 2];
        size_t i = 0;
        for (; name[i]; i++)
                to[i] = (char)(name[i] >= 'a' && name[i] <= 'z' ? name[i] - 'a' + 'A' : name[i]);
        to[i] = 0;
        return to;
}
