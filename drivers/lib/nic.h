/* What all network drivers share: the service `nic`, its one client, the packet rings, and the loop
 * that moves frames between the rings and a device.
 *
 *      idle ── attach: fresh rings, device started ──> attached
 *        ^                                                 |
 *        '── session dropped: device reset, DMA ended ─────'
 *
 * So a device runs only while somebody wants frames, and every client begins with a device fresh
 * from reset. A device that breaks the rules ends the driver (nic_fail): its supervisor starts
 * another one, which begins with a reset, too.
 *
 * The loop, entered whenever anything has arrived:
 *
 *      work until there is none, at most WORK_ROUNDS times before messages get their turn
 *      device: wants interrupts again?   rings: client's pushes seen?   then wait
 *
 * A driver supplies the functions of struct nic_driver; they run in the driver's one thread and
 * never block on another component. */
#ifndef DRIVERS_LIB_NIC_H
#define DRIVERS_LIB_NIC_H

#include "drivers/lib/halt_poll.h"
#include "drivers/lib/pci_device.h"
#include "servers/proto/packet_ring.h"
#include "servers/rt/serve/serve.h"

enum {
        NIC_MTU = 1500,  /* bytes behind the Ethernet header: of a card that says nothing */
        NIC_HEADER = 14, /* of Ethernet */
        NIC_MTU_MAX = PACKET_FRAME_MAX - NIC_HEADER, /* most that is used */
        NIC_BUFFERS_MAX = 256,                       /* in each pool */
};

/* Bits of the driver's event. */
enum nic_event { NIC_EVENT_INTERRUPT = 1 << 0, NIC_EVENT_CONFIG = 1 << 1, NIC_EVENT_WAKE = 1 << 2 };

/* A frame being put together. */
struct nic_frame {
        struct packet_descriptor piece[PACKET_PIECES_MAX];
        unsigned pieces;
        uint32_t length; /* of all; beyond PACKET_FRAME_MAX: it is dropped */
};

struct nic;

struct nic_driver {
        /* Starts the device, which is reset, over fresh rings and pools. False: with a line in the
         * log. */
        bool (*start)(struct nic *nic);
        /* Resets the device: it uses no memory any more. False: it does not answer. */
        bool (*stop)(struct nic *nic);
        /* An interrupt has come. */
        void (*interrupt)(struct nic *nic);
        /* Moves frames both ways, a bounded number. True: there may be more. */
        bool (*work)(struct nic *nic);
        /* Asks for interrupts before the wait. False: there is work already. */
        bool (*rest)(struct nic *nic);
        /* The link's state now. */
        bool (*link_up)(struct nic *nic);
};

struct nic {
        const struct nic_driver *driver;
        void *context; /* the driver's own */

        /* Set by the driver before nic_serve. */
        struct pci_device pci;
        uint64_t mac; /* 48 bits, first byte highest */
        uint32_t mtu;
        uint32_t buffers; /* in each pool: what the device's queues can hold */

        /* Set up by nic_prepare and nic_serve. */
        struct server server;
        handle_t event;
        struct dma_memory area; /* rings and pools */
        struct packet_end end;
        struct halt_poll poll;
        struct nic_frame receiving, sending;

        /* The client. */
        bool attached;
        uint64_t session; /* badge of the client's session */
        handle_t client_event;
        uint64_t client_bits;

        bool link;
        uint64_t link_changes;
        uint64_t received, received_bytes, sent, sent_bytes, dropped, violations, interrupts;
};

/* Claims the component's device and creates the server and its event. Ends the program with status
 * 0 if this machine has no such device, and with 1 on any failure. */
void nic_prepare(struct nic *nic, const struct nic_driver *driver, void *context);

/* Registers as `nic` and serves, for ever. The device is reset and may master the bus. */
_Noreturn void nic_serve(struct nic *nic);

/* Ends the driver: a line in the log, then status 1. */
_Noreturn void nic_fail(const struct nic *nic, const char *why);

/* The same at the start, where the device turns out to be none that the driver can use: the line
 * names it, and tells who waits for the node that it will not come up. */
_Noreturn void nic_unusable(const struct nic *nic, const char *why);

/* Hands the client a frame that the device has put at `offset` of the area; `more`: the first or
 * next piece of one. If it cannot be, because it is too short or too long or a piece has no length,
 * the buffers are idle again and the frame counts as dropped. */
void nic_received(struct nic *nic, uint32_t offset, uint32_t length, bool more);

/* The next frame to send, valid until the next call; NULL: none that is whole. Frames longer than
 * the MTU allows are dropped on the way. A device whose queue has as many places as the pool has
 * buffers always has room for it. */
const struct nic_frame *nic_transmit_next(struct nic *nic);

/* The device has read the piece of a frame that began at `offset`. */
void nic_transmitted(struct nic *nic, uint32_t offset);

/* The device says that its link has changed, or may have: reads it and notes it. */
void nic_link_changed(struct nic *nic);

/* Where the device sees an offset of the area. */
static inline uint64_t nic_physical(const struct nic *nic, uint32_t offset)
{
        return nic->area.physical + offset;
}

#endif
