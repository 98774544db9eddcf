/* UTF-8; see utf8.h. Decoding follows RFC 3629, section 4. */
#include "servers/rt/pure/utf8.h"

size_t utf8_announced(unsigned char first)
{
        if (first >= 0xf0 && first <= 0xf4)
                return 4;
        if (first >= 0xe0 && first < 0xf0)
                return 3;
        if (first >= 0xc2 && first < 0xe0)
                return 2;
        return 1;
}

size_t utf8_next(const char *text, size_t length, uint32_t *code)
{
        static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
        static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
        unsigned char first = (unsigned char)text[0];
        size_t bytes = utf8_announced(first);
        *code = UTF8_INVALID;
        if (bytes > length || (bytes == 1 && first >= 0x80))
                return 1;
        uint32_t value = first & first_bits[bytes];
        for (size_t i = 1; i < bytes; i++) {
                unsigned char next = (unsigned char)text[i];
                if ((next & 0xc0) != 0x80)
                        return 1;
                value = value << 6 | (next & 0x3f);
        }
        if (value < least[bytes] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
                return 1;
        *code = value;
        return bytes;
}

struct range {
        uint32_t first, last;
};

static int in_ranges(uint32_t code, const struct range *ranges, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                if (code >= ranges[i].first && code <= ranges[i].last)
                        return 1;
        }
        return 0;
}

int utf8_width(uint32_t code)
{
        static const struct range combining[] = {
            {0x0300, 0x036f}, {0x0483, 0x0489},   {0x0591, 0x05bd},   {0x0610, 0x061a},
            {0x064b, 0x065f}, {0x093c, 0x093c},   {0x0941, 0x0948},   {0x0e31, 0x0e31},
            {0x0e34, 0x0e3a}, {0x0e47, 0x0e4e},   {0x1ab0, 0x1aff},   {0x1dc0, 0x1dff},
            {0x200b, 0x200d}, {0x20d0, 0x20ff},   {0x3099, 0x309a},   {0xfe00, 0xfe0f},
            {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff}, {0xe0100, 0xe01ef},
        };
        static const struct range wide[] = {
            {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2e80, 0x303e},
            {0x3041, 0xa4cf},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
            {0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f},
            {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd},
        };
        if (in_ranges(code, combining, sizeof combining / sizeof combining[0]))
                return 0;
        return in_ranges(code, wide, sizeof wide / sizeof wide[0]) ? 2 : 1;
}

/* Whether the character at text[at] is drawn into the one before it. */
static int combines(const char *text, size_t length, size_t at)
{
        uint32_t code;
        utf8_next(text + at, length - at, &code);
        return code != UTF8_INVALID && utf8_width(code) == 0;
}

size_t utf8_after(const char *text, size_t length, size_t at)
{
        if (at >= length)
                return 0;
        uint32_t code;
        size_t end = at + utf8_next(text + at, length - at, &code);
        while (end < length && combines(text, length, end))
                end += utf8_next(text + end, length - end, &code);
        return end - at;
}

/* Where the code point that ends before text[at] begins: at most three bytes further back than the
 * last, if they make one. */
static size_t code_begin(const char *text, size_t at)
{
        for (size_t bytes = 2; bytes <= 4 && bytes <= at; bytes++) {
                uint32_t code;
                if (utf8_next(text + at - bytes, bytes, &code) == bytes)
                        return at - bytes;
        }
        return at - 1;
}

size_t utf8_before(const char *text, size_t at)
{
        if (at == 0)
                return 0;
        size_t begin = code_begin(text, at);
        while (begin > 0 && combines(text, at, begin))
                begin = code_begin(text, begin);
        return at - begin;
}

size_t utf8_columns(const char *text, size_t length)
{
        size_t columns = 0;
        for (size_t at = 0; at < length;) {
                uint32_t code;
                at += utf8_next(text + at, length - at, &code);
                columns += code == UTF8_INVALID ? 1 : (size_t)utf8_width(code);
        }
        return columns;
}
