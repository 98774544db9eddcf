/* Finds the shell's word that its user has left; see terminal.h. */
#include "tools/ptl/terminal.h"

#include <string.h>

#include "servers/proto/shell.h"

static const char leaving_word[] = SHELL_LEAVE;

size_t leaving_filter(struct leaving *leaving, const char *bytes, size_t count, char *output,
                      bool *left)
{
        size_t used = 0;
        *left = false;
        for (size_t i = 0; i < count; i++) {
                /* A serial line may make \r\n of the newline. */
                if (bytes[i] == '\r' && leaving->matched == sizeof leaving_word - 2)
                        continue;
                if (bytes[i] != leaving_word[leaving->matched]) {
                        memcpy(output + used, leaving_word, leaving->matched);
                        used += leaving->matched;
                        leaving->matched = 0;
                }
                if (bytes[i] != leaving_word[leaving->matched]) {
                        output[used++] = bytes[i];
                } else if (++leaving->matched == sizeof leaving_word - 1) {
                        *left = true;
                        leaving->matched = 0;
                        break;
                }
        }
        return used;
}
