/* The lines that were entered, the newest last; the oldest go when there are too many. Pure. */
#ifndef SHELL_HISTORY_H
#define SHELL_HISTORY_H

#include <stddef.h>

enum { HISTORY_LINES = 100 };

/* All zero: empty. */
struct history {
        char *lines[HISTORY_LINES]; /* [0] the oldest; each ends with 0 */
        size_t count;
};

/* Keeps a copy, unless the line is blank, the same as the newest, or there is no memory for it. */
void history_add(struct history *history, const char *line, size_t length);

/* The line that is `back` lines back (1: the newest), or NULL. */
const char *history_line(const struct history *history, size_t back);

/* How far back the newest line is that has `text` in it, of those that are `back` lines back (at
 * least 1) or older; 0: none has. */
size_t history_find(const struct history *history, size_t back, const char *text);

#endif
