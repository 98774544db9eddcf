/* A hostile device against the virtqueue: the input is what it writes into the ring. Whatever that
 * is, a buffer comes back at most once for each time it was added, with a length that it has room
 * for. */
#include <stdlib.h>
#include <string.h>
#include "drivers/lib/virtqueue.h"

enum { SIZE = 8, BYTES = 512, CAPACITY = 100 };

/* Which buffers the device fills. The last one is a piece of the one before, where that can be. */
static bool is_filled(uint32_t cookie)
{
        return cookie & 1 && cookie != SIZE - 1;
}

static bool add(struct virtqueue *queue, uint32_t cookie, bool piece)
{
        return piece ? virtqueue_add_piece(queue, cookie, 9, cookie)
                     : virtqueue_add(queue, cookie, is_filled(cookie) ? CAPACITY : 9,
                                     is_filled(cookie), cookie);
}

static void check(bool holds)
{
        if (!holds)
                abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static _Alignas(VIRTQUEUE_ALIGNMENT) uint8_t memory[BYTES];
        static struct virtqueue queue;
        bool with_device[SIZE] = {false};

        check(virtqueue_bytes(SIZE) <= BYTES);
        virtqueue_init(&queue, memory, 0x1000, SIZE, size & 1);
        for (; size >= 3; data += 3, size -= 3) {
                size_t where = (data[0] | data[1] << 8) % virtqueue_bytes(SIZE);
                uint32_t cookie, written;
                uint32_t last = 0; /* that was added */
                for (uint32_t i = 0; i < SIZE; i++)
                        if (!with_device[i] &&
                            (with_device[i] = add(&queue, i, i == SIZE - 1 && last == SIZE - 2)))
                                last = i;
                virtqueue_publish(&queue);
                memory[where] = data[2];
                while (virtqueue_take_used(&queue, &cookie, &written)) {
                        check(cookie < SIZE && with_device[cookie]);
                        check(written <= (is_filled(cookie) ? CAPACITY : 0));
                        with_device[cookie] = false;
                }
                if (virtqueue_interrupts_on(&queue, 1 + (data[2] & 3)))
                        virtqueue_interrupts_off(&queue);
        }
        return 0;
}
