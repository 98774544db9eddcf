/* See script.h. The line is copied, and cut into its parts there. */
#include "servers/rt/pure/script.h"

#include "servers/rt/pure/bytes.h"

static int is_blank(char c)
{
        return c == ' ' || c == '\t';
}

enum script_kind script_read(const char *head, size_t count, struct script *script)
{
        size_t end = 2;
        if (count < 2 || head[0] != '#' || head[1] != '!')
                return SCRIPT_NONE;
        while (end < count && end < SCRIPT_LINE && head[end] != '\n' && head[end])
                end++;
        if (end == SCRIPT_LINE)
                return SCRIPT_BROKEN;
        bytes_copy(script->line, head, end);
        while (end > 2 && is_blank(script->line[end - 1]))
                end--;
        script->line[end] = 0;
        char *at = script->line + 2;
        while (is_blank(*at))
                at++;
        script->interpreter = at;
        while (*at && !is_blank(*at))
                at++;
        script->argument = NULL;
        if (*at) {
                *at++ = 0;
                while (is_blank(*at))
                        at++;
                script->argument = at;
        }
        return *script->interpreter ? SCRIPT_FOUND : SCRIPT_BROKEN;
}
