/* A line of text that the user edits, and how the terminal shows it: one row, which scrolls
 * sideways when the line is longer.
 *
 *      n1> cat /fs/README.md_
 *      prompt  [shown_from … cursor … length]
 *
 * Bytes go in with editor_take; what the terminal needs comes out through `write`. Typing at the
 * end of the line writes just what was typed, so that a transcript stays readable. Invariants:
 * cursor and shown_from are at character boundaries; shown_from <= cursor <= length. Pure. */
#ifndef SHELL_EDITOR_H
#define SHELL_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/shell/history.h"
#include "servers/shell/keys.h"
#include "servers/shell/words.h"

struct editor {
        /* Set by the program. */
        const char *prompt;
        size_t columns; /* of the terminal, at least 20 */
        void (*write)(void *context, const char *bytes, size_t length);
        void *context;
        struct history *history;

        /* The line. */
        char line[SHELL_LINE_MAX];
        size_t length, cursor;
        size_t shown_from;
        struct keys keys;

        /* Where in the history it is: 0 is the line that is being written, kept in `draft`. */
        size_t back;
        char draft[SHELL_LINE_MAX];
        size_t draft_length;
};

enum editor_result {
        EDITOR_MORE,      /* the line is not done */
        EDITOR_LINE,      /* Enter: line and length are what was entered, until editor_start */
        EDITOR_CANCELLED, /* Ctrl-C: the line is dropped */
        EDITOR_CLOSED,    /* Ctrl-D on an empty line */
};

/* Begins a new line: writes the prompt. */
void editor_start(struct editor *editor);

/* Takes one byte from the terminal. After anything but EDITOR_MORE the terminal is at the beginning
 * of a new row. */
enum editor_result editor_take(struct editor *editor, char byte);

/* Takes the line off the terminal, so that something else can be written, and puts it back. */
void editor_hide(struct editor *editor);
void editor_show(struct editor *editor);

#endif
