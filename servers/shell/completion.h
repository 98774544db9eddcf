/* Completing the word before the cursor (Tab): what it can become is offered, name by name, and
 * what all that fit have in common is typed for the user.
 *
 *      line ──begin──> folder and beginning ──offer NAME, …──> text to be typed, or names to choose
 *
 * What a word is, its place in the line says: a command or a program at the beginning, a program
 * behind | and `run`, a node behind `run -n`, and else a path. A word with quotes or signs for
 * files and pipes is left alone. Pure. */
#ifndef SHELL_COMPLETION_H
#define SHELL_COMPLETION_H

#include <stdbool.h>
#include <stddef.h>
#include "servers/proto/files.h"

enum { COMPLETION_NAMES = 2048 };

enum completion_of {
        COMPLETION_PATH,
        COMPLETION_COMMAND, /* or a program */
        COMPLETION_PROGRAM, /* in a folder of PATH */
        COMPLETION_NODE,
};

struct completion {
        enum completion_of of;
        char folder[FS_PATH_MAX];     /* of a path: up to its last slash; "": there is none */
        char begun[FS_NAME_MAX + 1];  /* the beginning of the name, as it will be, without quotes */
        char common[FS_NAME_MAX + 1]; /* of all that fit */
        size_t count;                 /* that fit */
        char end;                     /* what stands behind a name that is the only one */
        char names
            [COMPLETION_NAMES]; /* those that fit, each with a newline, as far as there is room */
        size_t names_length;
};

/* Looks at line[0, cursor). False: there is nothing to complete. */
bool completion_begin(struct completion *completion, const char *line, size_t cursor);

/* A name that may be there, without a 0; `end` stands behind it when it is complete. */
void completion_offer(struct completion *completion, const char *name, size_t length, char end);

/* Writes what is to be typed: at most `capacity` bytes, as words_split takes them. Returns their
 * number; 0: the names differ from here on, or none fits. */
size_t completion_text(const struct completion *completion, char *text, size_t capacity);

#endif
