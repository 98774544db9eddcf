/* Packets from the wire: the input as it is, and with a correct trailer, through the decoders and
 * into a core. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/netipc/node.h"

static void decode_all(const uint8_t *bytes, size_t length)
{
        struct wire_outer outer;
        if (wire_outer_decode(bytes, length, &outer))
                return;
        struct wire_hello hello;
        wire_hello_decode(wire_body(bytes), wire_body_length(length), &hello);
        const uint8_t *at = wire_body(bytes);
        size_t left = wire_body_length(length), used;
        struct wire_frame frame;
        while (left && wire_frame_decode(at, left, &frame, &used) == WIRE_OK) {
                for (size_t i = 0; i + 16 <= frame.payload_length; i += 16) {
                        struct wire_capability capability;
                        wire_capability_decode(frame.payload + i, &capability);
                }
                at += used;
                left -= used;
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        if (size > 4096)
                return 0;
        uint8_t *packet = malloc(size + 1); /* its own block: a read beyond it shows */
        memcpy(packet, data, size);
        decode_all(packet, size);
        struct core *core = node_make(1);
        core_packet_in(core, (struct core_address){1, 1}, packet, size, 1);
        if (size >= WIRE_TRAILER_SIZE) {
                wire_trailer_write(packet, size - WIRE_TRAILER_SIZE);
                core_packet_in(core, (struct core_address){1, 1}, packet, size, 1);
        }
        core_tick(core, 2);
        node_end(1);
        free(packet);
        return 0;
}
