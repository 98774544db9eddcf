/* The two descriptor rings (317453, sections 3.2.6 and 3.4), the driver's side.
 *
 *      slots    . . . [first . . . . . . . . next) . . .
 *                      with the device, in order
 *
 * The device works through them from `first` on and marks each as done (DD); `next` goes to its
 * tail register.
 *
 * A ring has twice as many slots as there are buffers, so it is never full. The device may write
 * anything into a descriptor: only "done", length and errors are read, each once.
 *
 * Pure: nothing here touches a register. One thread. */
#ifndef DRIVERS_NET_E1000_RINGS_H
#define DRIVERS_NET_E1000_RINGS_H

#include <stdbool.h>
#include "drivers/net/e1000/registers.h"

enum { E1000_BUFFERS = 256, E1000_SLOTS = 2 * E1000_BUFFERS };

struct e1000_receive_ring {
        struct e1000_receive_descriptor *slots; /* E1000_SLOTS of them, DMA memory */
        uint32_t first, next;                   /* run freely; modulo E1000_SLOTS */
        uint32_t cookies[E1000_SLOTS];
};

struct e1000_transmit_ring {
        struct e1000_transmit_descriptor *slots;
        uint32_t first, next;
        uint32_t cookies[E1000_SLOTS];
};

void e1000_receive_init(struct e1000_receive_ring *ring, void *memory);
void e1000_transmit_init(struct e1000_transmit_ring *ring, void *memory);

/* Gives the device a buffer of 2048 bytes to fill, or a frame to send; `more`: a piece of one,
 * which goes on with the next. The caller has no more than E1000_BUFFERS under way. */
void e1000_receive_add(struct e1000_receive_ring *ring, uint64_t physical, uint32_t cookie);
void e1000_transmit_add(struct e1000_transmit_ring *ring, uint64_t physical, uint16_t length,
                        bool more, uint32_t cookie);

/* Takes back the next buffer that the device has filled. *length: 0 if what it holds is damaged;
 * *more: its frame goes on in the next one. False: none. */
bool e1000_receive_take(struct e1000_receive_ring *ring, uint32_t *cookie, uint32_t *length,
                        bool *more);
bool e1000_receive_pending(const struct e1000_receive_ring *ring);

/* Takes back the next frame that was sent. */
bool e1000_transmit_take(struct e1000_transmit_ring *ring, uint32_t *cookie);

/* The value for the tail register. */
static inline uint32_t e1000_tail(uint32_t next)
{
        return next % E1000_SLOTS;
}

#endif
