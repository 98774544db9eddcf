/* A directive is parsed whole, then its argument is taken and printed with the padding it asks
 * for. The format is the program's own; no argument can make more of it than it says. */
#include "kernel/common/format.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct specification {
        bool left, zero;
        int width, precision; /* -1: none */
        int longs;            /* 0: int, else 64 bits */
        char kind;
};

static void put_padded(struct format_output *output, const struct specification *specification,
                       const char *sign, const char *text, size_t length)
{
        size_t signs = *sign ? 1 : 0;
        size_t width = specification->width > 0 ? (size_t)specification->width : 0;
        size_t fill = width > length + signs ? width - length - signs : 0;
        bool zeros = specification->zero && !specification->left;
        for (size_t i = 0; !specification->left && !zeros && i < fill; i++)
                output->put(output, ' ');
        if (signs)
                output->put(output, *sign);
        for (size_t i = 0; zeros && i < fill; i++)
                output->put(output, '0');
        for (size_t i = 0; i < length; i++)
                output->put(output, text[i]);
        for (size_t i = 0; specification->left && i < fill; i++)
                output->put(output, ' ');
}

static void put_number(struct format_output *output, const struct specification *specification,
                       uint64_t value, const char *sign, unsigned base, bool upper)
{
        char digits[24];
        size_t at = sizeof digits;
        do {
                unsigned digit = (unsigned)(value % base);
                digits[--at] = (char)(digit < 10 ? '0' + digit : (upper ? 'A' : 'a') + digit - 10);
                value /= base;
        } while (value);
        put_padded(output, specification, sign, digits + at, sizeof digits - at);
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
                specification->longs += *at != 'h';
        specification->kind = *at;
        return at;
}

static void put_argument(struct format_output *output, struct specification *specification,
                         va_list *arguments)
{
        bool is_signed = specification->kind == 'd' || specification->kind == 'i';
        if (specification->kind == 's') {
                put_string(output, specification, va_arg(*arguments, const char *));
        } else if (specification->kind == 'c') {
                char c = (char)va_arg(*arguments, int);
                put_padded(output, specification, "", &c, 1);
        } else if (specification->kind == 'p') {
                output->put(output, '0');
                output->put(output, 'x');
                put_number(output, specification, (uint64_t)va_arg(*arguments, void *), "", 16,
                           false);
        } else if (is_signed) {
                int64_t value =
                    specification->longs ? va_arg(*arguments, int64_t) : va_arg(*arguments, int);
                uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
                put_number(output, specification, magnitude, value < 0 ? "-" : "", 10, false);
        } else {
                uint64_t value = specification->longs ? va_arg(*arguments, uint64_t)
                                                      : va_arg(*arguments, unsigned);
                put_number(output, specification, value, "", specification->kind == 'u' ? 10 : 16,
                           specification->kind == 'X');
        }
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
