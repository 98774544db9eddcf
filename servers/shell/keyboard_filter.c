/* What is said of the terminal's size among the keys: SHELL_SIZE, ESC [ 8 ; rows ; columns t. Pure;
 * see keyboard.h. */
#include "servers/shell/keyboard.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS = 4 };
_Static_assert(sizeof "\x1b[8;rows;colst" <= KEYBOARD_HELD, "the longest size can be held");

/* Passes over a number in what is held; NULL: there is none, or it is too long. */
static const char *number_skip(const char *at, const char *end, unsigned *number)
{
        const char *first = at;
        *number = 0;
        while (at < end && *at >= '0' && *at <= '9')
                *number = *number * 10 + (unsigned)(*at++ - '0');
        return at - first > DIGITS || (at == first && at < end) ? NULL : at;
}

/* Whether what is held is a size (*whole), or may become one. */
static bool is_size(const struct keyboard_filter *filter, bool *whole, unsigned *rows,
                    unsigned *columns)
{
        static const char begin[] = "\x1b[8;";
        const char *at = filter->held, *end = at + filter->length;
        size_t common = filter->length < sizeof begin - 1 ? filter->length : sizeof begin - 1;
        *whole = false;
        if (memcmp(at, begin, common) != 0)
                return false;
        at += common;
        at = number_skip(at, end, rows);
        if (!at || at == end)
                return at;
        if (*at++ != ';')
                return false;
        at = number_skip(at, end, columns);
        if (!at || at == end)
                return at;
        *whole = *at == 't';
        return *whole;
}

/* The same of the mark. */
static bool is_paste_end(const struct keyboard_filter *filter, bool *whole)
{
        static const char mark[] = "\x1b[201~";
        *whole = filter->length == sizeof mark - 1;
        return filter->length < sizeof mark && memcmp(filter->held, mark, filter->length) == 0;
}

size_t keyboard_filter_end(struct keyboard_filter *filter, char passed[KEYBOARD_HELD])
{
        size_t length = filter->length;
        memcpy(passed, filter->held, length);
        filter->length = 0;
        return length;
}

size_t keyboard_filter(struct keyboard_filter *filter, char byte, char passed[KEYBOARD_HELD],
                       bool *sized)
{
        bool whole;
        unsigned rows = 0, columns = 0;
        filter->held[filter->length++] = byte;
        *sized = false;
        if (filter->pasting && is_paste_end(filter, &whole)) {
                filter->pasting = !whole;
                filter->length = whole ? 0 : filter->length;
                return 0;
        }
        if (!is_size(filter, &whole, &rows, &columns)) {
                filter->length--;
                size_t length = keyboard_filter_end(filter, passed);
                if (byte == '\x1b') {
                        filter->held[filter->length++] = byte;
                        return length;
                }
                passed[length] = byte;
                return length + 1;
        }
        if (whole) {
                filter->rows = rows;
                filter->columns = columns;
                filter->length = 0;
                *sized = true;
        }
        return 0;
}
