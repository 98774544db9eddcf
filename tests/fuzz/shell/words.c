/* Any line as a command: its words lie within the text and end, and a copy of them is the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "servers/shell/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static struct words words, copy; /* large */
        if (words_split((const char *)data, size, &words))
                return 0;
        if (size > SHELL_LINE_MAX || words.count > WORDS_MAX || words.word[words.count])
                abort();
        words_copy(&copy, &words, 0);
        for (int i = 0; i < words.count; i++) {
                const char *word = words.word[i];
                if (word < words.text || word >= words.text + sizeof words.text ||
                    !memchr(word, 0, (size_t)(words.text + sizeof words.text - word)) ||
                    strcmp(word, copy.word[i]))
                        abort();
        }
        return 0;
}
