/* Any bytes as what a peer on a line sends (servers/common/remote.h): frames and strings lie within
 * them, and what is read is written the same. */
#include <stdlib.h>
#include <string.h>
#include "servers/common/name.h"
#include "servers/common/remote.h"

static void run_check(const struct remote_frame *frame)
{
        static uint8_t again[REMOTE_PAYLOAD_MOST];
        struct remote_run run;
        if (!remote_run_read(frame->payload, frame->length, &run))
                return;
        if (run.arguments[run.arguments_length - 1] != 0 ||
            remote_run_write(again, &run) != frame->length ||
            memcmp(again, frame->payload, frame->length) != 0)
                abort();
}

static void push_check(const struct remote_frame *frame)
{
        static uint8_t again[REMOTE_PAYLOAD_MOST];
        struct remote_push push;
        if (!remote_push_read(frame->payload, frame->length, &push))
                return;
        if (push.component_length == 0 || push.component_length > NAME_LONGEST ||
            remote_push_write(again, &push) != frame->length ||
            memcmp(again, frame->payload, frame->length) != 0)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct remote_frame frame;
        size_t used;
        while (remote_frame_take(data, size, &frame, &used) == REMOTE_WHOLE) {
                if (used > size || frame.payload + frame.length != data + used)
                        abort();
                run_check(&frame);
                push_check(&frame);
                data += used;
                size -= used;
        }
        return 0;
}
