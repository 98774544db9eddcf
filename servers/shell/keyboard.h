/* The user's keys while a program has the foreground: they are the program's.
 *
 *      input ──bytes──> keyboard_filter ──> terminal (interface keyboard) ──> program
 *                             └── SIZE: rows and columns, for both
 *
 * Ctrl-C and the like are bytes among the others here: the terminal says whether they stand for
 * signals, as the program has set it. */
#ifndef SHELL_KEYBOARD_H
#define SHELL_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/rights.h"

/* ---- pure ---- */

enum { KEYBOARD_HELD = 16 };

/* Takes what the terminal's other end says of its size (SHELL_SIZE) out of what is typed. All zero:
 * the beginning. */
struct keyboard_filter {
        char held[KEYBOARD_HELD]; /* may become one */
        size_t length;
        unsigned rows, columns; /* of the latest */
};

/* Takes a byte; `passed` gets those that are the program's, and *sized is set if the byte was the
 * last of a size. Returns how many pass. */
size_t keyboard_filter(struct keyboard_filter *filter, char byte, char passed[KEYBOARD_HELD],
                       bool *sized);

/* Nothing has followed for a while: what is held is the program's. Returns how many bytes. */
size_t keyboard_filter_end(struct keyboard_filter *filter, char passed[KEYBOARD_HELD]);

/* ---- for the front ---- */

/* The keys of a job, as long as its programs have the terminal. The second of two SIGQUITs by one
 * key after the other is SIGKILL, for all of them: that is always there. */
struct keyboard {
        handle_t terminal; /* of interface keyboard */
        /* The keys ask for signals: bit N for number N; for the processes of that group, or all
         * (0). In the front's fiber. */
        void (*signal)(void *context, uint64_t signals, uint64_t group);
        /* The user's terminal has another size. */
        void (*resized)(unsigned rows, unsigned columns);
        void *context;
        struct keyboard_filter filter;
        uint64_t held_until;
        unsigned quits; /* SIGQUIT was asked for so often, by one key after the other */
};

/* Tells the programs what size the terminal has. */
void keyboard_size(struct keyboard *keyboard, unsigned rows, unsigned columns);

/* Passes on all keys that are there. Returns until when to wait for more, at most. */
uint64_t keyboard_pass(struct keyboard *keyboard);

#endif
