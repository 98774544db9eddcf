/* A peer that has a session and then sends what it likes: the input is cut into packets of frames,
 * mixed with local events (calls, answers, drops, revocations, time). Two honest cores set up the
 * session; then the input takes the place of the second one. It also says which fragments of which
 * messages come, well-formed ones, which overlap as it likes: each granule has its number in all
 * its bytes, however often it comes (node.c looks). */
#include <string.h>

#include "netipc/core/granules.h"
#include "tests/fuzz/netipc/node.h"

enum {
        STEP_FRAMES,
        STEP_CALL,
        STEP_ANSWER,
        STEP_DROP,
        STEP_REVOKE,
        STEP_TIME,
        STEP_CANCEL,
        STEP_FRAGMENT,
        STEPS,
};

static uint64_t now;

static void packet_in(uint32_t index, uint64_t number, const uint8_t *frames, size_t length)
{
        uint8_t packet[WIRE_PACKET_MAX];
        struct wire_outer outer = {
            .version_type = WIRE_VERSION << 4 | PACKET_CLEAR, .receiver = index, .number = number};
        memcpy(packet, &outer, sizeof(outer));
        memcpy(packet + sizeof(outer), frames, length);
        wire_trailer_write(packet, sizeof(outer) + length);
        core_packet_in(node_core(1), (struct core_address){2, 1}, packet,
                       sizeof(outer) + length + WIRE_TRAILER_SIZE, now);
}

static size_t frames_in(uint32_t index, uint64_t number, const uint8_t *data, size_t size)
{
        size_t length = size < 2 ? size : (data[0] | (size_t)data[1] << 8) % (WIRE_FRAMES_MAX + 1);
        size_t skip = size < 2 ? 0 : 2;
        if (length > size - skip)
                length = size - skip;
        node_takes_anything();
        packet_in(index, number, data + skip, length);
        return skip + length;
}

/* Slot and sequence, length, first granule, count: a byte each. */
enum { FRAGMENT_SAYS = 4 };

static size_t fragment_in(uint32_t index, uint64_t number, const uint8_t *data, size_t size)
{
        uint8_t frame[WIRE_FRAMES_MAX];
        if (size < FRAGMENT_SAYS)
                return size;
        uint32_t total = 1 + data[1] * 257u;
        unsigned granules = granules_of(total), first = data[2] % granules;
        unsigned most =
            granules - first < WIRE_PACKET_GRANULES ? granules - first : WIRE_PACKET_GRANULES;
        uint32_t left = total - first * WIRE_GRANULE;
        uint32_t length = (1 + data[3] % most) * WIRE_GRANULE;
        struct wire_msg msg = {.type = FRAME_MSG,
                               .flags = length < left ? 0 : MSG_FLAG_LAST,
                               .fragment_length = (uint16_t)(length < left ? length : left),
                               .method = NODE_GRANULES,
                               .call = wire_call_id(data[0] % 4, 1 + data[0] / 4),
                               .export_id = WIRE_ROOT_EXPORT,
                               .generation = WIRE_ROOT_GENERATION,
                               .total = total,
                               .offset = first * WIRE_GRANULE,
                               .deadline = WIRE_NO_DEADLINE};
        memcpy(frame, &msg, sizeof(msg));
        for (unsigned i = 0; i < msg.fragment_length; i++)
                frame[sizeof(msg) + i] = (uint8_t)((msg.offset + i) / WIRE_GRANULE);
        packet_in(index, number, frame, sizeof(msg) + msg.fragment_length);
        return FRAGMENT_SAYS;
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
                case STEP_FRAGMENT:
                        used += fragment_in(index, number++, data + 1, size - 1);
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
