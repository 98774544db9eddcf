/* Any bytes as what the device gives, whatever is selected: a file is read within its room, or not
 * at all, and the reading ends. */
#include <stdlib.h>
#include "servers/rt/pure/fw_cfg.h"

enum { ROOM = 64, READS_MAX = 4 + 4 + 64 * FW_CFG_FILES_MAX + ROOM };

struct bytes {
        const uint8_t *at;
        size_t left, reads;
};

static void on_select(void *context, uint16_t key)
{
        (void)context, (void)key;
}

static uint8_t on_next(void *context)
{
        struct bytes *bytes = context;
        if (++bytes->reads > READS_MAX)
                abort();
        return bytes->left ? bytes->left--, *bytes->at++ : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct bytes bytes = {data, size, 0};
        const struct fw_cfg device = {on_select, on_next, &bytes};
        uint8_t *room = malloc(ROOM);
        size_t length = ROOM;
        if (fw_cfg_read(&device, "opt/a", room, ROOM, &length) == OUTCOME_OK && length > ROOM)
                abort();
        free(room);
        return 0;
}
