/* Any bytes as a script: what is found lies in its line, is not empty, and has no blank in front.
 */
#include <stdlib.h>
#include <string.h>
#include "servers/rt/pure/script.h"

static void part_check(const struct script *script, const char *part)
{
        if (part < script->line || part >= script->line + SCRIPT_LINE || !*part || *part == ' ' ||
            *part == '\t' || !memchr(part, 0, (size_t)(script->line + SCRIPT_LINE - part)))
                abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);
int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
        struct script script;
        /* In memory that ends where the file does. */
        char *copy = malloc(size + !size);
        memcpy(copy, data, size);
        if (script_read(copy, size, &script) == SCRIPT_FOUND) {
                part_check(&script, script.interpreter);
                if (script.argument)
                        part_check(&script, script.argument);
        }
        free(copy);
        return 0;
}
