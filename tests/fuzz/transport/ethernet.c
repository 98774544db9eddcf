/* Any frame parses without reading outside of it, and what it gives lies inside. */
#include <stdlib.h>
#include <string.h>
#include "netipc/server/ethernet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t *copy = malloc(size ? size : 1);
        if (!copy)
                return 0;
        memcpy(copy, data, size);
        struct frame frame = frame_parse(copy, size);
        if (frame.kind == FRAME_UDP && (frame.payload < copy || frame.length > size ||
                                        frame.payload + frame.length > copy + size))
                abort();
        free(copy);
        return 0;
}
