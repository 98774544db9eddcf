/* Formats lines; see lines.h. */
#include "servers/log/lines.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include "servers/rt/pure/utf8.h"
#include "servers/rt/pure/visible.h"

static size_t prefix(uint64_t now, const char *component, char out[LOG_LINE_MAX])
{
        const uint64_t second = 1000000000, millisecond = 1000000;
        int length =
            snprintf(out, LOG_LINE_MAX, "[%llu.%03llu] %s: ", (unsigned long long)(now / second),
                     (unsigned long long)(now % second / millisecond), component);
        return (size_t)length;
}

/* Adds a character, whole or not at all: false, there is no room. */
static bool character_add(char out[LOG_LINE_MAX], size_t *used, const char *text, size_t bytes,
                          uint32_t code)
{
        bool plain = code == '\t' || visible_code(code);
        size_t shown = plain ? bytes : 1;
        if (shown > LOG_LINE_MAX - 1 - *used)
                return false;
        memcpy(out + *used, plain ? text : "?", shown);
        *used += shown;
        return true;
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
        size_t used = prefix(now, component, out), bytes;
        bool room = true;
        for (; *length > 0 && **text != '\n'; *text += bytes, *length -= bytes) {
                uint32_t code;
                bytes = utf8_next(*text, *length, &code);
                /* The \r of a \r\n does not belong to the line. */
                bool line_end = code == '\r' && *length > 1 && (*text)[1] == '\n';
                room = room && (line_end || character_add(out, &used, *text, bytes, code));
        }
        out[used++] = '\n';
        return used;
}
