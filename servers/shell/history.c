/* Lines that were entered; see history.h. */
#include "servers/shell/history.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void history_add(struct history *history, const char *line, size_t length)
{
        const char *newest = history_line(history, 1);
        size_t blanks = 0;
        while (blanks < length && line[blanks] == ' ')
                blanks++;
        if (blanks == length)
                return;
        if (newest && strlen(newest) == length && memcmp(newest, line, length) == 0)
                return;
        char *copy = malloc(length + 1);
        if (!copy)
                return;
        memcpy(copy, line, length);
        copy[length] = 0;
        if (history->count == HISTORY_LINES) {
                free(history->lines[0]);
                memmove(history->lines, history->lines + 1,
                        (HISTORY_LINES - 1) * sizeof history->lines[0]);
                history->count--;
        }
        history->lines[history->count++] = copy;
}

const char *history_line(const struct history *history, size_t back)
{
        return back > 0 && back <= history->count ? history->lines[history->count - back] : NULL;
}

size_t history_find(const struct history *history, size_t back, const char *text)
{
        assert(back > 0);
        for (const char *line; (line = history_line(history, back)); back++)
                if (strstr(line, text))
                        return back;
        return 0;
}
