/* See text.h. All functions go from left to right over a known number of bytes, and copy none. */
#include "cluster/system/text.h"

#include <string.h>

struct text text_of(const char *string)
{
        return (struct text){string, strlen(string)};
}

bool text_equal(struct text a, struct text b)
{
        return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

bool text_is(struct text text, const char *string)
{
        return text_equal(text, text_of(string));
}

struct shown shown(struct text text)
{
        size_t length = text.length < SHOWN_MOST ? text.length : SHOWN_MOST;
        struct shown shown = {0};
        for (size_t i = 0; i < length; i++)
                shown.text[i] = text.at[i] >= ' ' && text.at[i] <= '~' ? text.at[i] : '?';
        if (length < text.length)
                memcpy(shown.text + length, "...", 3);
        return shown;
}

static bool is_blank(char c)
{
        return c == ' ' || c == '\t' || c == '\r';
}

static void text_skip(struct text *rest, size_t count)
{
        rest->at += count;
        rest->length -= count;
}

static size_t word_length(struct text rest, char separator)
{
        size_t length = 0;
        while (length < rest.length &&
               (separator == ' ' ? !is_blank(rest.at[length]) : rest.at[length] != separator))
                length++;
        return length;
}

bool text_next(struct text *rest, char separator, struct text *piece)
{
        if (separator == ' ')
                while (rest->length > 0 && is_blank(rest->at[0]))
                        text_skip(rest, 1);
        if (!rest->at || (separator == ' ' && rest->length == 0))
                return false;

        *piece = (struct text){rest->at, word_length(*rest, separator)};
        text_skip(rest, piece->length);
        if (rest->length > 0)
                text_skip(rest, 1);
        else
                *rest = (struct text){NULL, 0};
        return true;
}

static int digit_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

bool text_digits(struct text text, unsigned base, uint64_t max, uint64_t *number)
{
        uint64_t value = 0;
        if (text.length == 0)
                return false;
        for (size_t i = 0; i < text.length; i++) {
                int digit = digit_value(text.at[i]);
                if (digit < 0 || (unsigned)digit >= base || (uint64_t)digit > max ||
                    value > (max - digit) / base)
                        return false;
                value = value * base + digit;
        }
        *number = value;
        return true;
}

bool text_number(struct text text, uint64_t max, uint64_t *number)
{
        if (text.length > 2 && text.at[0] == '0' && text.at[1] == 'x')
                return text_digits((struct text){text.at + 2, text.length - 2}, 16, max, number);
        return text_digits(text, 10, max, number);
}

bool text_has_word(struct text words, struct text word)
{
        struct text other;
        while (text_next(&words, ' ', &other))
                if (text_equal(other, word))
                        return true;
        return false;
}

bool text_value(struct text words, const char *key, struct text *value)
{
        size_t length = strlen(key);
        struct text word;
        while (text_next(&words, ' ', &word))
                if (word.length > length && memcmp(word.at, key, length) == 0 &&
                    word.at[length] == '=') {
                        *value = (struct text){word.at + length + 1, word.length - length - 1};
                        return true;
                }
        return false;
}
