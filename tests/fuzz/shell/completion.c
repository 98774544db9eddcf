/* Any line and any name that is offered for its last word: what is typed is what the shell reads
 * again as the same name. The name stands behind the first newline. */
#include <stdlib.h>
#include <string.h>
#include "servers/shell/completion.h"
#include "servers/shell/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
        if (!holds)
                abort();
}

/* The last word of the line ends in the name. */
static void read_again(const char *line, size_t length, const char *name, size_t name_length)
{
        static struct words words;
        if (words_split(line, length, &words) || words.count == 0 || words.background)
                return; /* what stands before is no line */
        const char *last = words.word[words.count - 1];
        size_t last_length = strlen(last);
        check(last_length >= name_length &&
              memcmp(last + last_length - name_length, name, name_length) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct completion completion; /* large */
        char line[SHELL_LINE_MAX];
        const uint8_t *newline = memchr(data, '\n', size);
        size_t length = newline ? (size_t)(newline - data) : 0;
        size_t name_length = size - length - 1;
        if (!newline || size > 1024 || memchr(data, '#', length) ||
            memchr(newline, 0, size - length))
                return 0;
        memcpy(line, data, length);
        const char *name = (const char *)newline + 1;
        if (!completion_begin(&completion, line, length))
                return 0;
        completion_offer(&completion, name, name_length, '/');
        size_t typed = completion_text(&completion, line + length, sizeof line - length);
        if (completion.count == 0)
                check(typed == 0);
        else if (line[length + typed - 1] == '/')
                read_again(line, length + typed - 1, name, name_length);
        return 0;
}
