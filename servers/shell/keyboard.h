/* The user's keys while a program has the foreground: they are the program's.
 *
 *      input ──bytes──> keyboard_filter ──> job ──> the program's terminal (interface keyboard)
 *                             └── SIZE: rows and columns, for both
 *
 * What was pasted (keys.h) may begin with a line that runs a program, which gets the rest: but not
 * the mark behind it, of which the program does not know.
 *
 * Ctrl-C and the like are bytes among the others here: the program's terminal says whether they
 * stand for signals, as the program has set it. Pure. */
#ifndef SHELL_KEYBOARD_H
#define SHELL_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>

enum { KEYBOARD_HELD = 16 };

/* Takes what the terminal's other end says of its size (SHELL_SIZE) out of what is typed. All zero:
 * the beginning. */
struct keyboard_filter {
        char held[KEYBOARD_HELD]; /* may become one */
        size_t length;
        bool pasting;           /* the end of what is pasted comes yet */
        unsigned rows, columns; /* of the latest */
};

/* Takes a byte; `passed` gets those that are the program's, and *sized is set if the byte was the
 * last of a size. Returns how many pass. */
size_t keyboard_filter(struct keyboard_filter *filter, char byte, char passed[KEYBOARD_HELD],
                       bool *sized);

/* Nothing has followed for a while: what is held is the program's. Returns how many bytes. */
size_t keyboard_filter_end(struct keyboard_filter *filter, char passed[KEYBOARD_HELD]);

#endif
