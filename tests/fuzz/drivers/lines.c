/* A hostile console device: the input is its control messages and, in between, lines that are taken
 * and let go of. Whatever that is, only what the host has opened is offered, and nothing twice. */
#include <stdlib.h>
#include <string.h>
#include "drivers/char/virtio_console/lines.h"

static void check(bool holds)
{
        if (!holds)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct lines lines = {0};
        struct line_message message;
        while (size > 0) {
                size_t length = data[0] % (LINE_MESSAGE_BYTES + 2);
                unsigned line = lines_offered(&lines);
                length = length < size - 1 ? length : size - 1;
                uint8_t *bytes = malloc(length ? length : 1);
                memcpy(bytes, data + 1, length);
                check((lines_take(&lines, bytes, length, &message) == LINES_BROKEN) ==
                      (length < LINE_MESSAGE_BYTES));
                free(bytes);
                line = lines_offered(&lines);
                if (line < LINES && data[0] & 0x80) {
                        check(lines.line[line].present && !lines.line[line].spent);
                        line_take(&lines, line, &message);
                        check(lines_offered(&lines) != line);
                }
                line = data[0] >> 4 & (LINES - 1);
                if (data[0] & 0x40 && lines.line[line].taken)
                        line_drop(&lines, line, &message);
                data += 1 + length;
                size -= 1 + length;
        }
        return 0;
}
