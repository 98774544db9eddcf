/* From a command line to words.
 *
 *      word        characters up to a blank
 *      'text'      as it is
 *      "text"      as it is, but \" and \\ stand for " and \
 *      \c          the character c
 *      # …         at the beginning of a word: a comment
 *      < > >> 2> 2>> |
 *                  unquoted, at the beginning of a word: a word of its own, marked as operator
 *      &           as the last word, unquoted, alone or after one: in the background
 *
 * Quoted and other pieces that touch are one word. Any byte but 0 and newline may stand in a word,
 * so any UTF-8 name can be written. Pure. */
#ifndef SHELL_WORDS_H
#define SHELL_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "servers/proto/shell.h"

enum { WORDS_MAX = 64 };

/* What is said of a line that is too long, whichever way it came. */
#define LINE_TOO_LONG "a line has at most 4096 bytes; this one was not run"
_Static_assert(SHELL_LINE_MAX == 4096, "as the text says");

struct words {
        int count;
        char *word[WORDS_MAX + 1]; /* NULL behind the last one */
        uint64_t operators;        /* 1 << index of the word */
        bool background;
        char text[2 * SHELL_LINE_MAX]; /* what they point to */
};

/* Splits a line of `length` bytes (at most SHELL_LINE_MAX). NULL if it succeeded, else what is
 * wrong with it, for the user. No words at all is a success. The line is not changed. */
const char *words_split(const char *line, size_t length, struct words *words);

static inline bool word_is_operator(const struct words *words, int index)
{
        return words->operators >> index & 1;
}

/* A copy with pointers of its own, from the word `first` on. */
void words_copy(struct words *to, const struct words *from, int first);

#endif
