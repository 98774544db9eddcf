/* Pieces of a text, which is not terminated and may be hostile: splitting, comparing, reading
 * numbers. Pure. */
#ifndef CLUSTER_TEXT_H
#define CLUSTER_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Points into a text of somebody else, which must outlive it; not terminated. */
struct text {
        const char *at;
        size_t length;
};

struct text text_of(const char *string);
bool text_equal(struct text a, struct text b);
bool text_is(struct text text, const char *string);

/* A text for a message, whatever it holds: cut, with `?` for what is no printable ASCII.
 * Terminated: printf("%s", shown(text).text). */
enum { SHOWN_MOST = 40 };
struct shown {
        char text[SHOWN_MOST + 4]; /* `...` and the end */
};
struct shown shown(struct text text);

/* Takes the next piece up to `separator` (a blank stands for any run of blanks, tabs and carriage
 * returns) off *rest; false at the end. Between other separators a piece may be empty. */
bool text_next(struct text *rest, char separator, struct text *piece);

/* Digits of a base up to 16, nothing else; false if there are none or the number is above `max`. */
bool text_digits(struct text text, unsigned base, uint64_t max, uint64_t *number);
/* Decimal, or hexadecimal with 0x. */
bool text_number(struct text text, uint64_t max, uint64_t *number);

/* Whether a list of words has this one. */
bool text_has_word(struct text words, struct text word);

/* The value of KEY in `KEY=VALUE KEY=VALUE...`; false if it is not there. */
bool text_value(struct text words, const char *key, struct text *value);

#endif
