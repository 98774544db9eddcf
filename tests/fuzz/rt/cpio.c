/* Any bytes as an archive: all that the reader gives lies within them, and it ends. */
#include <stdlib.h>
#include "servers/rt/pure/cpio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct cpio cpio = cpio_open(data, size);
        struct cpio_entry entry;
        size_t steps = 0;
        while (cpio_next(&cpio, &entry) == CPIO_ENTRY) {
                const uint8_t *name = (const uint8_t *)entry.name;
                if (name < data || entry.name_length > (size_t)(data + size - name) ||
                    entry.data < data || entry.size > (size_t)(data + size - entry.data) ||
                    ++steps > size)
                        abort();
        }
        if (cpio_next(&cpio, &entry) == CPIO_ENTRY)
                abort();
        cpio_find(data, size, "bin/init", &entry);
        return 0;
}
