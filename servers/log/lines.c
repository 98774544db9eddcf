/* Formats lines; see lines.h. */
#include "servers/log/lines.h"

#include <stdio.h>
#include <string.h>

static size_t prefix(uint64_t now, const char *component, char out[LOG_LINE_MAX])
{
        const uint64_t second = 1000000000, millisecond = 1000000;
        int length =
            snprintf(out, LOG_LINE_MAX, "[%llu.%03llu] %s: ", (unsigned long long)(now / second),
                     (unsigned long long)(now % second / millisecond), component);
        return (size_t)length;
}

static char shown(char c)
{
        unsigned char byte = (unsigned char)c;
        return (byte < 0x20 && c != '\t') || byte == 0x7f ? '?' : c;
}

size_t line_format(const char **text, size_t *length, uint64_t now, const char *component,
                   char out[LOG_LINE_MAX])
{
        while (*length > 0 && **text == '\n') {
                ++*text;
                --*length;
        }
        if (*length == 0)
                return 0;
        size_t used = prefix(now, component, out);
        for (; *length > 0 && **text != '\n'; ++*text, --*length) {
                /* The \r of a \r\n does not belong to the line. */
                if (**text == '\r' && *length > 1 && (*text)[1] == '\n')
                        continue;
                if (used < LOG_LINE_MAX - 1)
                        out[used++] = shown(**text);
        }
        out[used++] = '\n';
        return used;
}
