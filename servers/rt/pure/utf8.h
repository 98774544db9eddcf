/* UTF-8 as terminals and editors need it: where characters begin, and how wide they are. Bytes
 * that are no UTF-8 count as one character of one column each. Pure. */
#ifndef RT_UTF8_H
#define RT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of the character that begins at `text` (1 to 4, at most `length`, which is not 0); *code is
 * its code point, or UTF8_INVALID. Overlong forms, surrogates and numbers above 0x10ffff are
 * invalid. */
#define UTF8_INVALID 0xffffffffu
size_t utf8_next(const char *text, size_t length, uint32_t *code);

/* Bytes of the character (with what combines with it) that ends before text[at]; 0 at the
 * beginning. */
size_t utf8_before(const char *text, size_t at);

/* Bytes of the character (with what combines with it) at text[at]; 0 at the end. */
size_t utf8_after(const char *text, size_t length, size_t at);

/* How many bytes a first byte announces: 1 to 4; 1 for what cannot begin a character. */
size_t utf8_announced(unsigned char first);

/* Columns that a code point takes: 0 (combining), 1 or 2 (East Asian wide and emoji: the ranges of
 * Unicode's EastAsianWidth.txt marked W and F, in large strokes). */
int utf8_width(uint32_t code);

/* Columns of a whole text. */
size_t utf8_columns(const char *text, size_t length);

#endif
