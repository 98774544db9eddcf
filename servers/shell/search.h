/* Searching the history backwards for a text, while that is typed.
 *
 *      began ──text──> found ──text: the same line, or an older one──> found
 *        │               └─older──> found, an older one
 *        └──────────text that no line has──────> none ──erase──> found, from the newest on
 *
 * A text that no line has finds nothing when it grows either, so that a line is never found for
 * less than what was typed. Only visible text is sought: the prompt shows it as it is. Pure. */
#ifndef SHELL_SEARCH_H
#define SHELL_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/shell/history.h"

enum { SEARCH_TEXT = 64 }; /* bytes */

/* All zero: none goes on. */
struct search {
        bool active;
        size_t began; /* how far back the line is that it began from; 0: the one being written */
        size_t found; /* how far back the line is that has the text; 0: there is none, or no text */
        bool none;    /* there is none */
        char text[SEARCH_TEXT + 1];
        size_t length;
        char prompt[SEARCH_TEXT + 32];
};

void search_begin(struct search *search, size_t back);

/* Each returns false if what was asked for is not to be had, for a bell. The character is one of
 * UTF-8. */
bool search_add(struct search *search, const struct history *history, const char *character,
                size_t length);
bool search_erase(struct search *search, const struct history *history);
bool search_older(struct search *search, const struct history *history);

#endif
