/* The words of a line, separated by spaces or tabs, one after the other. */
#ifndef SWITCH_WORDS_H
#define SWITCH_WORDS_H

#include <stdbool.h>
#include <string.h>

enum { WORD_MAX = 64 }; /* with the final zero */

struct word_reader {
        const char *at; /* what is still to be read */
};

/* True if no word is left; else stands at its first byte. */
static inline bool words_end(struct word_reader *words)
{
        words->at += strspn(words->at, " \t");
        return *words->at == 0;
}

/* Copies the next word and moves on. False, and an empty word, if there is none. A word that is too
 * long comes back cut, which no keyword, name or number of the switch can be mistaken for. */
static inline bool word_next(struct word_reader *words, char word[WORD_MAX])
{
        bool found = !words_end(words);
        size_t length = strcspn(words->at, " \t");
        size_t kept = length < WORD_MAX ? length : WORD_MAX - 1;
        memcpy(word, words->at, kept);
        word[kept] = 0;
        words->at += length;
        return found;
}

#endif
