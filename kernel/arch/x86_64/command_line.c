/* Splits the loader's strings (command_line.h). They may be hostile: nothing is written beyond
 * `bytes`. */
#include "kernel/arch/x86_64/command_line.h"
#include "kernel/lib/string.h"

static bool is_space(char c)
{
        return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *spaces_skip(const char *text)
{
        while (is_space(*text))
                text++;
        return text;
}

static const char *word_end(const char *text)
{
        while (*text && !is_space(*text))
                text++;
        return text;
}

/* Where a text ends, without the spaces behind it. */
static const char *text_end(const char *text)
{
        const char *end = text;
        for (; *text; text++)
                if (!is_space(*text))
                        end = text + 1;
        return end;
}

/* A word with a '=' before any '/', since the kernel's path may contain a '=' further on. */
static bool is_argument(const char *word, const char *end)
{
        for (; word < end && *word != '/'; word++)
                if (*word == '=')
                        return true;
        return false;
}

static bool copy(char *to, size_t bytes, const char *start, const char *end)
{
        size_t length = (size_t)(end - start);
        if (length >= bytes)
                return false;
        memcpy(to, start, length);
        to[length] = 0;
        return true;
}

bool command_line_copy(char *to, size_t bytes, const char *line)
{
        const char *start = spaces_skip(line), *end = word_end(start);
        if (!is_argument(start, end))
                start = spaces_skip(end);
        return copy(to, bytes, start, text_end(start));
}

bool module_name_copy(char *to, size_t bytes, const char *line)
{
        const char *start = line, *end = text_end(line);
        for (const char *c = line; c + 1 < end; c++)
                if (is_space(*c) || *c == '/' || *c == '=')
                        start = c + 1;
        return copy(to, bytes, start, end);
}
