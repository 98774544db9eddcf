/* What a node with keys is sent: by a member, any frames, rightly sealed; by an outsider, packets
 * of the meeting again, changed or not, and any bytes as any type. No packet of an outsider ends a
 * session. */
#include <stdlib.h>
#include <string.h>

#include "netipc/core/secure.h"
#include "tests/fuzz/netipc/node.h"

enum { STEP_MEMBER, STEP_AGAIN, STEP_BYTES, STEP_CALL, STEP_TIME, STEPS };

static uint64_t now;

static size_t least(size_t a, size_t b)
{
        return a < b ? a : b;
}

static void receive(const uint8_t *packet, size_t length)
{
        core_packet_in(node_core(1), (struct core_address){2, 1}, packet, length, now);
}

static size_t member_says(const uint8_t *data, size_t size)
{
        uint8_t packet[WIRE_PACKET_MAX];
        size_t length = size ? least(size - 1, data[0] * 5 % WIRE_FRAMES_MAX) : 0;
        memcpy(packet + sizeof(struct wire_outer), data + (size > 0), length);
        node_seal(packet, sizeof(struct wire_outer) + length, now);
        receive(packet, sizeof(struct wire_outer) + length + WIRE_TRAILER_SIZE);
        return length + (size > 0);
}

/* Of a beacon, also with the MAC put right, as a member could. */
static size_t said_again(const uint8_t *data, size_t size)
{
        uint8_t packet[WIRE_PACKET_MAX];
        if (size < 4)
                return size;
        size_t length = node_said(data[0], packet);
        packet[(data[1] | data[2] << 8) % length] ^= data[3];
        if (length == WIRE_HELLO_PACKET_SIZE && data[0] & 0x80)
                secure_beacon_seal(node_core(2), packet, length - WIRE_TRAILER_SIZE);
        receive(packet, length);
        return 4;
}

static size_t outsider_says(const uint8_t *data, size_t size)
{
        uint8_t packet[WIRE_PACKET_MAX] = {0};
        if (size < 2)
                return size;
        size_t length = least(size - 2, data[1]);
        memcpy(packet, data + 2, length);
        packet[0] = (uint8_t)(WIRE_VERSION << 4 | data[0] % 16);
        packet[1] = packet[2] = packet[3] = 0;
        receive(packet, length);
        return length + 2;
}

/* False: the session that stood has gone. */
static bool outsider_steps(unsigned step, const uint8_t *data, size_t size, size_t *used)
{
        uint32_t index = node_index();
        *used += step == STEP_AGAIN ? said_again(data, size) : outsider_says(data, size);
        return node_index() == index;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        node_make_sealed(1);
        node_make_sealed(2);
        now = node_meet();
        while (size) {
                unsigned step = data[0] % STEPS;
                size_t used = 1;
                if (step == STEP_MEMBER)
                        used += member_says(data + 1, size - 1);
                else if (step == STEP_CALL)
                        node_call(1, data[0], now);
                else if (step == STEP_TIME)
                        core_tick(node_core(1), now += (uint64_t)data[0] * 200000);
                else if (!outsider_steps(step, data + 1, size - 1, &used))
                        abort();
                core_flush(node_core(1), now);
                data += used;
                size -= used;
        }
        node_end(2);
        node_end(1);
        return 0;
}
