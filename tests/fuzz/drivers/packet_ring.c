/* A hostile end against each side of the packet rings: the input is what it writes into the shared
 * words, between calls of the end under test. Whatever that is, frames that are taken lie within
 * one buffer, and no buffer is owned twice. */
#include <stdlib.h>
#include <string.h>
#include "servers/proto/packet_ring.h"

enum { COUNT = 4 };

static _Alignas(4096) uint8_t area[4096 + 2 * COUNT * PACKET_BUFFER_SIZE];

struct input {
        const uint8_t *data;
        size_t size;
};

static uint32_t input_word(struct input *input)
{
        uint32_t word = 0;
        size_t take = input->size < sizeof word ? input->size : sizeof word;
        memcpy(&word, input->data, take);
        input->data += take;
        input->size -= take;
        return word;
}

static void check(bool holds)
{
        if (!holds)
                abort();
}

static void end_take(struct packet_end *end, enum packet_ring_name ring, enum packet_ring_name back,
                     uint32_t pool)
{
        struct packet_descriptor d;
        for (unsigned i = 0; i < 2 * COUNT && packet_take(end, ring, &d); i++) {
                uint32_t within = d.offset - pool;
                check(d.offset >= pool && within < COUNT * PACKET_BUFFER_SIZE);
                check(within % PACKET_BUFFER_SIZE + d.length <= PACKET_BUFFER_SIZE);
                packet_push(end, back, d);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct input input = {data, size};
        struct packet_end end;
        enum packet_side side = size & 1 ? PACKET_CLIENT : PACKET_DRIVER;
        bool driver = side == PACKET_DRIVER;
        uint32_t own, other;
        memset(area, 0, sizeof area);
        packet_end_init(&end, area, COUNT, side);
        own = end.pools + (driver ? 0 : COUNT * PACKET_BUFFER_SIZE);
        other = end.pools + (driver ? COUNT * PACKET_BUFFER_SIZE : 0);
        while (input.size > 0) {
                uint32_t where = input_word(&input), what = input_word(&input);
                uint32_t buffer = packet_buffer_get(&end);
                memcpy(area + where % (end.pools - 4), &what, sizeof what);
                if (buffer != 0 && !packet_push(&end, driver ? PACKET_RECEIVED : PACKET_TRANSMIT,
                                                (struct packet_descriptor){buffer + 66, 60, 0}))
                        packet_buffer_put(&end, buffer);
                check(buffer == 0 || (buffer >= own && buffer < own + COUNT * PACKET_BUFFER_SIZE));
                end_take(&end, driver ? PACKET_TRANSMIT : PACKET_RECEIVED,
                         driver ? PACKET_TRANSMITTED : PACKET_RECEIVE_FREE, other);
                packet_reclaim(&end);
                check(end.idle_count <= COUNT && end.lent <= COUNT);
                packet_should_signal(&end);
                packet_sleep(&end);
                packet_awake(&end);
        }
        return 0;
}
