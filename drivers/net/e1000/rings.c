/* The driver's side of the two descriptor rings (rings.h). A descriptor is written before `next`
 * passes it. */
#include <string.h>
#include "drivers/net/e1000/rings.h"

enum { SLOT_BYTES = 16 };

void e1000_receive_init(struct e1000_receive_ring *ring, void *memory)
{
        memset(ring, 0, sizeof *ring);
        memset(memory, 0, (size_t)E1000_SLOTS * SLOT_BYTES);
        ring->slots = memory;
}

void e1000_transmit_init(struct e1000_transmit_ring *ring, void *memory)
{
        memset(ring, 0, sizeof *ring);
        memset(memory, 0, (size_t)E1000_SLOTS * SLOT_BYTES);
        ring->slots = memory;
}

/* The device sees a new slot when the tail register is written: a register access, which the
 * compiler and x86 keep behind these writes. */
void e1000_receive_add(struct e1000_receive_ring *ring, uint64_t physical, uint32_t cookie)
{
        uint32_t slot = ring->next++ % E1000_SLOTS;
        ring->slots[slot] = (struct e1000_receive_descriptor){.address = physical};
        ring->cookies[slot] = cookie;
}

void e1000_transmit_add(struct e1000_transmit_ring *ring, uint64_t physical, uint16_t length,
                        bool more, uint32_t cookie)
{
        uint32_t slot = ring->next++ % E1000_SLOTS;
        ring->slots[slot] = (struct e1000_transmit_descriptor){
            .address = physical,
            .length = length,
            .command = (more ? 0 : E1000_SEND_EOP) | E1000_SEND_IFCS | E1000_SEND_RS,
        };
        ring->cookies[slot] = cookie;
}

static uint8_t receive_status(const struct e1000_receive_ring *ring)
{
        return __atomic_load_n(&ring->slots[ring->first % E1000_SLOTS].status, __ATOMIC_ACQUIRE);
}

bool e1000_receive_pending(const struct e1000_receive_ring *ring)
{
        return ring->first != ring->next && (receive_status(ring) & E1000_RECEIVED_DD) != 0;
}

bool e1000_receive_take(struct e1000_receive_ring *ring, uint32_t *cookie, uint32_t *length,
                        bool *more)
{
        uint32_t slot = ring->first % E1000_SLOTS;
        const struct e1000_receive_descriptor *done = &ring->slots[slot];
        uint8_t status;
        if (ring->first == ring->next)
                return false;
        status = receive_status(ring);
        if ((status & E1000_RECEIVED_DD) == 0)
                return false;
        *length = __atomic_load_n(&done->length, __ATOMIC_RELAXED);
        if (__atomic_load_n(&done->errors, __ATOMIC_RELAXED) != 0)
                *length = 0;
        *more = (status & E1000_RECEIVED_EOP) == 0;
        *cookie = ring->cookies[slot];
        ring->first++;
        return true;
}

bool e1000_transmit_take(struct e1000_transmit_ring *ring, uint32_t *cookie)
{
        uint32_t slot = ring->first % E1000_SLOTS;
        if (ring->first == ring->next ||
            (__atomic_load_n(&ring->slots[slot].status, __ATOMIC_ACQUIRE) & E1000_SENT_DD) == 0)
                return false;
        *cookie = ring->cookies[slot];
        ring->first++;
        return true;
}
