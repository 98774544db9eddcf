/* What others wrote, made fit to be shown on a terminal. Control characters would act on it, and
 * those that turn the direction of writing make a text look like another; they are shown by their
 * numbers, as \x1b (a byte: control characters, what is no UTF-8) or \u202e (a character).
 *
 *      a name        visible_next, character by character: line's end and tab are shown, too
 *      a stream      visible_write: \n, \t and \r\n go through as they are
 *
 * Pure. */
#ifndef RT_VISIBLE_H
#define RT_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether a character may be shown as it is. Not: Unicode's category Cc, the controls of its
 * bidirectional algorithm (UAX 9, section 2), the line and paragraph separators, UTF8_INVALID. */
bool visible_code(uint32_t code);

/* Writes what is to be shown for the character at `text` (length > 0) to `shown`, *used bytes.
 * Returns how many bytes of the text that stands for. */
enum { VISIBLE_MOST = 8 };
size_t visible_next(const char *text, size_t length, char shown[VISIBLE_MOST], size_t *used);

/* A stream that comes in pieces, which may end within a character. All zero: the beginning. */
struct visible {
        size_t count;
        char held[4]; /* the beginning of a character */
};

/* Gets what is to be shown. */
typedef void visible_sink(void *context, const char *bytes, size_t length);

/* Takes the next piece of the stream. */
void visible_write(struct visible *visible, const char *bytes, size_t length, visible_sink *sink,
                   void *context);

/* The stream has ended: what was held is shown. The next piece begins another. */
void visible_end(struct visible *visible, visible_sink *sink, void *context);

#endif
