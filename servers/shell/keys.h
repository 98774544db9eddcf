/* From the bytes of a terminal to keys.
 *
 *      GROUND ──ESC──> ESCAPE ──[──> SEQUENCE ──final byte──> GROUND
 *        │                └────O──> SHORT ────any byte─────> GROUND
 *        └──first byte of a longer character──> CHARACTER ──last byte──> GROUND
 *
 * Sequences are those of ECMA-48 section 5.4 as xterm, the Linux console and VT220 send them; those
 * that mean nothing here are swallowed whole, so that no key types garbage. Text pasted into a
 * terminal with bracketed paste arrives between two such sequences, as typed. Pure. */
#ifndef SHELL_KEYS_H
#define SHELL_KEYS_H

#include <stdbool.h>
#include <stddef.h>

enum key {
        KEY_NONE, /* nothing yet, or nothing that has a meaning */
        KEY_TEXT, /* a character: its bytes are in keys.text */
        KEY_ENTER,
        KEY_BACKSPACE,
        KEY_DELETE,
        KEY_LEFT,
        KEY_RIGHT,
        KEY_UP,
        KEY_DOWN,
        KEY_HOME,
        KEY_END,
        KEY_ERASE_LINE, /* Ctrl-U: all before the cursor */
        KEY_ERASE_WORD, /* Ctrl-W: the word before the cursor */
        KEY_ERASE_REST, /* Ctrl-K: all behind the cursor */
        KEY_CLEAR,      /* Ctrl-L: the screen */
        KEY_CANCEL,     /* Ctrl-C */
        KEY_CLOSE,      /* Ctrl-D */
};

enum keys_state { KEYS_GROUND, KEYS_ESCAPE, KEYS_SEQUENCE, KEYS_SHORT, KEYS_CHARACTER };

/* All zero: the beginning. */
struct keys {
        enum keys_state state;
        unsigned parameter; /* the first number of a sequence */
        bool more;          /* … and it is over */
        bool after_return;  /* a newline that follows belongs to it */
        size_t wanted, length;
        char text[4];
};

/* Takes one byte and says which key it completes. */
enum key keys_take(struct keys *keys, char byte);

#endif
