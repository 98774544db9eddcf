/* A directive is parsed whole, then its argument is taken and printed with the padding it asks
 * for. The format is the program's own; no argument can make more of it than it says. */
#include "kernel/common/format.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct specification {
        bool left, zero, wide;
        int width, precision; /* precision: -1: none */
        char kind;
};

static void put_fill(struct format_output *output, char c, size_t count)
{
        while (count-- > 0)
                output->put(output, c);
}

static void put_text(struct format_output *output, const char *text, size_t length)
{
        for (size_t i = 0; i < length; i++)
                output->put(output, text[i]);
}

/* `before`: a sign, 0x, or nothing, which zeros come after. */
static void put_padded(struct format_output *output, const struct specification *specification,
                       const char *before, const char *text, size_t length)
{
        size_t signs = before[0] ? before[1] ? 2 : 1 : 0;
        size_t width = (size_t)specification->width;
        size_t fill = width > length + signs ? width - length - signs : 0;
        bool zeros = specification->zero && !specification->left;
        put_fill(output, ' ', specification->left || zeros ? 0 : fill);
        put_text(output, before, signs);
        put_fill(output, '0', zeros ? fill : 0);
        put_text(output, text, length);
        put_fill(output, ' ', specification->left ? fill : 0);
}

static void put_number(struct format_output *output, const struct specification *specification,
                       uint64_t value, const char *before)
{
        unsigned base =
            specification->kind == 'x' || specification->kind == 'X' || specification->kind == 'p'
                ? 16
                : 10;
        const char *all = specification->kind == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
        char digits[24];
        size_t at = sizeof digits;
        do {
                digits[--at] = all[value % base];
                value /= base;
        } while (value);
        put_padded(output, specification, before, digits + at, sizeof digits - at);
}

static void put_string(struct format_output *output, struct specification *specification,
                       const char *string)
{
        size_t length = 0;
        if (!string)
                string = "(null)";
        while ((specification->precision < 0 || length < (size_t)specification->precision) &&
               string[length])
                length++;
        specification->zero = false;
        put_padded(output, specification, "", string, length);
}

/* A number in the format, or * in its place. */
static const char *count_parse(const char *at, int *count, va_list *arguments)
{
        if (*at == '*') {
                *count = va_arg(*arguments, int);
                return at + 1;
        }
        *count = 0;
        for (; *at >= '0' && *at <= '9'; at++)
                if (*count < 10000)
                        *count = *count * 10 + (*at - '0');
        return at;
}

static const char *specification_parse(const char *at, struct specification *specification,
                                       va_list *arguments)
{
        *specification = (struct specification){.precision = -1};
        for (; *at == '0' || *at == '-'; at++) {
                specification->zero |= *at == '0';
                specification->left |= *at == '-';
        }
        at = count_parse(at, &specification->width, arguments);
        if (specification->width < 0) {
                specification->left = true;
                specification->width = specification->width < -10000 ? 0 : -specification->width;
        }
        if (*at == '.')
                at = count_parse(at + 1, &specification->precision, arguments);
        for (; *at == 'l' || *at == 'z' || *at == 'h'; at++)
                specification->wide |= *at != 'h';
        specification->kind = *at;
        specification->wide |= *at == 's' || *at == 'p';
        return at;
}

/* Pointers are passed like numbers of 64 bits (System V ABI for AMD64, 3.2.3). */
static void put_argument(struct format_output *output, struct specification *specification,
                         va_list *arguments)
{
        uint64_t value =
            specification->wide ? va_arg(*arguments, uint64_t) : va_arg(*arguments, unsigned);
        char kind = specification->kind, c = (char)value;
        bool is_signed = kind == 'd' || kind == 'i';
        if (is_signed && !specification->wide)
                value = (uint64_t)(int64_t)(int32_t)value;
        if (kind == 's')
                put_string(output, specification, (const char *)value);
        else if (kind == 'c')
                put_padded(output, specification, "", &c, 1);
        else if (is_signed && value >> 63)
                put_number(output, specification, 0 - value, "-");
        else
                put_number(output, specification, value, kind == 'p' ? "0x" : "");
}

static bool is_kind(char c)
{
        return c == 'd' || c == 'i' || c == 'u' || c == 'x' || c == 'X' || c == 'p' || c == 'c' ||
               c == 's';
}

void format_write(struct format_output *output, const char *format, va_list arguments)
{
        struct specification specification;
        va_list list;
        va_copy(list, arguments);
        for (const char *at = format; *at; at++) {
                if (*at != '%') {
                        output->put(output, *at);
                        continue;
                }
                const char *end = specification_parse(at + 1, &specification, &list);
                if (is_kind(*end)) {
                        put_argument(output, &specification, &list);
                        at = end;
                } else {
                        output->put(output, '%');
                        at += at[1] == '%';
                }
        }
        va_end(list);
}
