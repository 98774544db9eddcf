/* A line of text that the user edits, and how the terminal shows it: one row, which scrolls
 * sideways when the line is longer.
 *
 *      n1> cat /fs/README.md_
 *      prompt  [shown_from … cursor … length]
 *
 * Bytes go in with editor_take; what the terminal needs comes out through `write`. Typing at the
 * end of the line writes just what was typed, so that a transcript stays readable. How wide the row
 * is the terminal's other end says (KEY_SIZE); until it does, each prompt asks the terminal itself
 * where its cursor stands when it is sent far to the right.
 *
 * Nothing that was entered is dropped and the rest run. Where bytes were lost, or came that are no
 * text, the line has a byte 0, which is seen as U+FFFD and may be erased like any other; a line
 * that found no room is `cut` until it is empty again. Either is for editor_refusal().
 *
 * Ctrl-R begins a search of the history: its prompt takes the place of the usual one, and the row
 * has the line that was found. Ctrl-R goes on to an older one; Ctrl-G and Ctrl-C put back the line
 * that was there; Enter runs what was found, and any other key takes it as the line and does there
 * what it always does. Where no line has the text, Enter runs nothing: the line that was there is
 * back, as after any other key.
 *
 * Invariants: cursor and shown_from are at character boundaries; shown_from <= cursor <= length.
 * Pure. */
#ifndef SHELL_EDITOR_H
#define SHELL_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/proto/shell.h"
#include "servers/shell/history.h"
#include "servers/shell/keys.h"
#include "servers/shell/search.h"

struct editor {
        /* Set by the program. */
        const char *prompt;
        size_t columns; /* of the terminal, as long as nobody says better */
        void (*write)(void *context, const char *bytes, size_t length);
        void *context;
        struct history *history;

        /* The line. */
        char line[SHELL_LINE_MAX];
        size_t length, cursor;
        bool cut; /* there was more of it than has room */
        size_t shown_from;
        bool told; /* the terminal's other end says how wide it is, and how high: */
        unsigned rows;
        struct keys keys;

        /* Where in the history it is: 0 is the line that is being written, kept in `draft`. */
        size_t back;
        char draft[SHELL_LINE_MAX];
        size_t draft_length;
        bool draft_cut;
        struct search search;
};

enum editor_result {
        EDITOR_MORE,      /* the line is not done */
        EDITOR_LINE,      /* Enter: line and length are what was entered, until editor_start */
        EDITOR_CANCELLED, /* Ctrl-C: the line is dropped */
        EDITOR_CLOSED,    /* Ctrl-D on an empty line */
        EDITOR_TAB,       /* the word before the cursor is to be completed; then as after MORE */
};

/* Begins a new line: writes the prompt, and asks for what the editor does not know. */
void editor_start(struct editor *editor);

/* Takes one byte from the terminal. After anything but EDITOR_MORE and EDITOR_TAB the terminal is
 * at the beginning of a new row. */
enum editor_result editor_take(struct editor *editor, char byte);

/* Puts text where the cursor is, as if it was typed; with a bell if there is none. */
void editor_insert(struct editor *editor, const char *text, size_t length);

/* The terminal's other end has said its size while there was no line (between a result that is not
 * EDITOR_MORE and editor_start); columns 0: it does not say. */
void editor_resized(struct editor *editor, unsigned rows, unsigned columns);

/* Bytes were lost before the one that comes next. */
void editor_lost(struct editor *editor);

/* What is wrong with a line as it was entered, for the user; NULL if it is as it was meant. */
const char *editor_refusal(const struct editor *editor);

/* Takes the line off the terminal, so that something else can be written, and puts it back. */
void editor_hide(struct editor *editor);
void editor_show(struct editor *editor);

#endif
