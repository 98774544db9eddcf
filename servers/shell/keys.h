/* From the bytes of a terminal to keys.
 *
 *      GROUND ──ESC──> ESCAPE ──[──> SEQUENCE ──final byte──> GROUND
 *        │                └────O──> SHORT ────any byte─────> GROUND
 *        └──first byte of a longer character──> CHARACTER ──last byte──> GROUND
 *
 * Sequences are those of ECMA-48 section 5.4 as xterm, the Linux console and VT220 send them. Those
 * that mean nothing here are swallowed whole, so that no key types garbage; but a byte that is
 * neither part of a key nor text is never dropped without a word: `lost` says so.
 *
 * What is pasted into a terminal that can tell (bracketed paste: ESC [200~ … ESC [201~) is text,
 * and nothing in it is a key but Enter and Ctrl-C. Pure. */
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
        KEY_WORD_LEFT,  /* Alt-B, Ctrl-Left */
        KEY_WORD_RIGHT, /* Alt-F, Ctrl-Right */
        KEY_TAB,
        KEY_HOME,
        KEY_END,
        KEY_ERASE_LINE, /* Ctrl-U: all before the cursor */
        KEY_ERASE_WORD, /* Ctrl-W: the word before the cursor */
        KEY_ERASE_REST, /* Ctrl-K: all behind the cursor */
        KEY_CLEAR,      /* Ctrl-L: the screen */
        KEY_SEARCH,     /* Ctrl-R: the history, backwards */
        KEY_ABANDON,    /* Ctrl-G: the search */
        KEY_CANCEL,     /* Ctrl-C */
        KEY_CLOSE,      /* Ctrl-D */
        KEY_SIZE,       /* the terminal has keys.numbers[1] rows and keys.numbers[2] columns */
        KEY_POSITION,   /* the cursor is in row keys.numbers[0] and column keys.numbers[1] */
};

enum keys_state { KEYS_GROUND, KEYS_ESCAPE, KEYS_SEQUENCE, KEYS_SHORT, KEYS_CHARACTER };
enum { KEYS_NUMBERS = 3, KEYS_NUMBER_MAX = 9999 };

/* All zero: the beginning. */
struct keys {
        enum keys_state state;
        unsigned numbers[KEYS_NUMBERS]; /* of a sequence; 0: not given */
        size_t number;                  /* which of them comes */
        bool other;                     /* the sequence has more than numbers */
        bool after_return;              /* a newline that follows belongs to it */
        bool pasting;
        bool
            lost; /* before the latest key there were bytes that are no text: the user's to clear */
        size_t wanted, length;
        char text[4];
};

/* Takes one byte and says which key it completes. The text of KEY_TEXT is one character of UTF-8,
 * or a tab that was pasted. */
enum key keys_take(struct keys *keys, char byte);

/* Bytes were lost on the way: whatever had begun is forgotten. */
void keys_lost(struct keys *keys);

#endif
