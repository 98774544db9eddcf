/* A peer that has a session and then sends what it likes: the input is cut into packets of frames,
 * mixed with local events (calls, answers, drops, revocations, time). Two honest cores set up the
 * session; then the input takes the place of the second one. */
#include <string.h>

#include "tests/fuzz/netipc/node.h"

enum { STEP_FRAMES, STEP_CALL, STEP_ANSWER, STEP_DROP, STEP_REVOKE, STEP_TIME, STEP_CANCEL, STEPS };

static uint64_t now;

static size_t frames_in(uint32_t index, uint64_t number, const uint8_t *data, size_t size)
{
        uint8_t packet[WIRE_PACKET_MAX];
        size_t length = size < 2 ? size : (data[0] | (size_t)data[1] << 8) % (WIRE_FRAMES_MAX + 1);
        size_t skip = size < 2 ? 0 : 2;
        if (length > size - skip)
                length = size - skip;
        struct wire_outer outer = {
            .version_type = WIRE_VERSION << 4 | PACKET_CLEAR, .receiver = index, .number = number};
        memcpy(packet, &outer, sizeof(outer));
        memcpy(packet + sizeof(outer), data + skip, length);
        wire_trailer_write(packet, sizeof(outer) + length);
        core_packet_in(node_core(1), (struct core_address){2, 1}, packet,
                       sizeof(outer) + length + WIRE_TRAILER_SIZE, now);
        return skip + length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        node_make(1);
        node_make(2);
        now = node_meet();
        uint32_t index = node_index();
        uint64_t number = 1000;
        while (size) {
                size_t used = 1;
                switch (data[0] % STEPS) {
                case STEP_FRAMES:
                        used += frames_in(index, number++, data + 1, size - 1);
                        break;
                case STEP_CALL:
                        node_call(1, data[0], now);
                        break;
                case STEP_ANSWER:
                        node_answer(1, now);
                        break;
                case STEP_DROP:
                        node_drop(1);
                        break;
                case STEP_REVOKE:
                        core_export_dead(node_core(1), 500 + data[0] % 4, REASON_REVOKED);
                        break;
                case STEP_CANCEL:
                        node_cancel(1, now);
                        break;
                default:
                        now += (uint64_t)data[0] * 200000;
                        core_tick(node_core(1), now);
                        break;
                }
                core_flush(node_core(1), now);
                data += used;
                size -= used;
        }
        node_end(2);
        node_end(1);
        return 0;
}
