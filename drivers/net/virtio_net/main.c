/* virtio-net, modern interface only (Virtual I/O Device, version 1.1, section 5.1).
 *
 * Zero copy: the buffers of the packet pools are what the queues' descriptors point to. The
 * device's 12-byte header lies in the first one's headroom, right before the frame. A frame that is
 * longer than a buffer is sent as a chain of descriptors, and comes in as many buffers as its
 * header says (VIRTIO_NET_F_MRG_RXBUF), so the ring stays as small as it is for short ones.
 *
 *      receive queue (0)    buffers from the receive pool -> frames to the client
 *      transmit queue (1)   frames of the client -> their buffers back to it
 *
 * No offload is negotiated, so a header says nothing else: it is zero when sent.
 *
 * Interrupts. Received frames always want one while the driver waits; until it comes, turns that
 * only send leave the receive queue alone. Sent ones are collected on the way when more than a
 * quarter of the pool is under way, and want an interrupt when more than half is, so that a client
 * without buffers is never left waiting. */
#include <stdlib.h>
#include <string.h>
#include <linux/virtio_config.h>
#include <linux/virtio_net.h>
#include "drivers/lib/nic.h"
#include "drivers/lib/virtio_pci.h"
#include "servers/rt/task/log.h"

_Static_assert(sizeof(struct virtio_net_hdr_v1) == 12, "virtio 1.1, 5.1.6");

enum {
        QUEUE_RECEIVE = 0,
        QUEUE_TRANSMIT = 1,
        VECTOR_QUEUES = 0,
        VECTOR_CONFIG = 1,
        HEADER = sizeof(struct virtio_net_hdr_v1),
        RECEIVE_BYTES = PACKET_PIECE_MAX, /* of a buffer that the device fills */
        CONFIG_BYTES = 12,                /* of struct virtio_net_config: up to the MTU */
        BATCH = 16,                       /* frames each way in one round of work */
        FILL_PART = 8, /* the device gets new buffers when it lacks one in so many */
        MTU_MIN = 68,  /* RFC 791, section 3.2 */
};

_Static_assert((int)PACKET_HEADROOM >= (int)HEADER, "the header fits before every frame");
_Static_assert((int)RECEIVE_BYTES >= HEADER + NIC_HEADER + (int)NIC_MTU,
               "a frame of the usual length fits one buffer");

#define FEATURE(bit)      (1ull << (bit))
#define FEATURES_REQUIRED (FEATURE(VIRTIO_F_VERSION_1) | FEATURE(VIRTIO_NET_F_MAC))
#define FEATURES_WANTED                                                                            \
        (FEATURE(VIRTIO_NET_F_STATUS) | FEATURE(VIRTIO_NET_F_MTU) |                                \
         FEATURE(VIRTIO_NET_F_MRG_RXBUF) | FEATURE(VIRTIO_RING_F_EVENT_IDX))

struct virtio_net {
        struct nic nic;
        struct virtio_device device;
        uint64_t features;
        bool merges;            /* a frame may come in several buffers */
        unsigned pieces_left;   /* of the frame that is coming */
        unsigned config_vector; /* VIRTIO_NO_VECTOR: the link is only looked at when asked for */
        struct dma_memory ring_memory[2];
        struct virtqueue receive, transmit;
        bool armed; /* an interrupt comes with the next frame: none need be looked for */
        volatile uint16_t *notify_receive, *notify_transmit;
};

static struct virtio_net driver_state;

static struct virtio_net *net_of(struct nic *nic)
{
        return nic->context;
}

/* ---- moving frames --------------------------------------------------------------------------- */

static void queue_check(struct nic *nic, const struct virtqueue *queue)
{
        if (queue->broken)
                nic_fail(nic, queue->broken);
}

/* Gives the device all receive buffers that there are. */
static void receive_fill(struct nic *nic)
{
        struct virtio_net *net = net_of(nic);
        uint32_t buffer;
        while ((buffer = packet_buffer_get(&nic->end)) != 0) {
                uint32_t start = buffer + PACKET_FRAME_START - HEADER;
                virtqueue_add(&net->receive, nic_physical(nic, start), RECEIVE_BYTES, true, buffer);
        }
        if (virtqueue_publish(&net->receive))
                *net->notify_receive = QUEUE_RECEIVE;
}

/* In how many buffers the frame comes whose first one begins there. What the device says is read
 * once; a frame of more than there can be is dropped when its last has come. */
static unsigned pieces_of(const struct virtio_net *net, uint32_t start)
{
        const struct virtio_net_hdr_v1 *header = packet_address(&net->nic.end, start);
        unsigned pieces = net->merges ? *(const volatile uint16_t *)&header->num_buffers : 1;
        return pieces > 0 ? pieces : 1;
}

static void piece_received(struct nic *nic, uint32_t buffer, uint32_t written)
{
        struct virtio_net *net = net_of(nic);
        uint32_t start = buffer + PACKET_FRAME_START - HEADER, header = 0;
        if (net->pieces_left == 0) {
                net->pieces_left = pieces_of(net, start);
                header = HEADER;
        }
        net->pieces_left--;
        nic_received(nic, start + header, written > header ? written - header : 0,
                     net->pieces_left > 0);
}

static bool receive_work(struct nic *nic)
{
        struct virtio_net *net = net_of(nic);
        uint32_t buffer, written;
        unsigned taken = 0;
        while (taken < BATCH && virtqueue_take_used(&net->receive, &buffer, &written)) {
                piece_received(nic, buffer, written);
                taken++;
        }
        queue_check(nic, &net->receive);
        return taken == BATCH;
}

static unsigned under_way(const struct virtio_net *net)
{
        return (unsigned)net->transmit.size - net->transmit.free_count;
}

static void transmit_collect(struct nic *nic)
{
        struct virtio_net *net = net_of(nic);
        uint32_t offset, unused;
        while (virtqueue_take_used(&net->transmit, &offset, &unused))
                nic_transmitted(nic, offset);
        queue_check(nic, &net->transmit);
}

static bool transmit_work(struct nic *nic)
{
        struct virtio_net *net = net_of(nic);
        const struct nic_frame *frame;
        unsigned sent = 0;
        while (sent < BATCH && (frame = nic_transmit_next(nic))) {
                const struct packet_descriptor *piece = frame->piece;
                uint32_t start = piece->offset - HEADER;
                memset(packet_address(&nic->end, start), 0, HEADER);
                virtqueue_add(&net->transmit, nic_physical(nic, start), HEADER + piece->length,
                              false, piece->offset);
                for (unsigned i = 1; i < frame->pieces; i++)
                        virtqueue_add_piece(&net->transmit, nic_physical(nic, piece[i].offset),
                                            piece[i].length, piece[i].offset);
                sent++;
        }
        if (virtqueue_publish(&net->transmit))
                *net->notify_transmit = QUEUE_TRANSMIT;
        if (under_way(net) > net->transmit.size / 4u)
                transmit_collect(nic);
        return sent == BATCH;
}

static void interrupts_off(struct virtio_net *net)
{
        virtqueue_interrupts_off(&net->receive);
        virtqueue_interrupts_off(&net->transmit);
        net->armed = false;
}

/* Sending comes first: what else there is to do is done while the frame is on its way. Frames may
 * wait though no interrupt came: virtqueue_interrupts_on() says where. */
static bool net_work(struct nic *nic)
{
        struct virtio_net *net = net_of(nic);
        bool more = transmit_work(nic);
        if (net->armed && virtqueue_used_waits(&net->receive))
                interrupts_off(net);
        if (!net->armed)
                more = receive_work(nic) || more;
        if (net->receive.free_count >= net->receive.size / FILL_PART)
                receive_fill(nic);
        return more;
}

static bool net_rest(struct nic *nic)
{
        struct virtio_net *net = net_of(nic);
        bool quiet = net->armed = net->armed || virtqueue_interrupts_on(&net->receive, 1);
        if (under_way(net) > net->transmit.size / 2u)
                quiet = virtqueue_interrupts_on(&net->transmit, under_way(net) / 2) && quiet;
        return quiet;
}

/* It was a message: there is nothing to acknowledge. */
static void net_interrupt(struct nic *nic)
{
        interrupts_off(net_of(nic));
}

/* ---- start and stop -------------------------------------------------------------------------- */

static bool net_stop(struct nic *nic)
{
        return virtio_reset(&net_of(nic)->device);
}

static bool queues_start(struct virtio_net *net)
{
        bool events = (net->features & FEATURE(VIRTIO_RING_F_EVENT_IDX)) != 0;
        unsigned size = net->nic.buffers;
        virtqueue_init(&net->receive, net->ring_memory[QUEUE_RECEIVE].address,
                       net->ring_memory[QUEUE_RECEIVE].physical, size, events);
        virtqueue_init(&net->transmit, net->ring_memory[QUEUE_TRANSMIT].address,
                       net->ring_memory[QUEUE_TRANSMIT].physical, size, events);
        interrupts_off(net);
        net->pieces_left = 0;
        net->notify_receive = virtio_notifier(&net->device, QUEUE_RECEIVE);
        net->notify_transmit = virtio_notifier(&net->device, QUEUE_TRANSMIT);
        return net->notify_receive && net->notify_transmit &&
               virtio_queue_start(&net->device, QUEUE_RECEIVE, &net->receive, VECTOR_QUEUES) &&
               virtio_queue_start(&net->device, QUEUE_TRANSMIT, &net->transmit, VECTOR_QUEUES);
}

/* From reset to where queues can be set up: what a fresh start and each attach have in common. */
static bool device_prepare(struct virtio_net *net)
{
        return virtio_reset(&net->device) &&
               virtio_negotiate(&net->device, FEATURES_REQUIRED, FEATURES_WANTED, &net->features) &&
               virtio_config_vector(&net->device, net->config_vector);
}

static bool net_start(struct nic *nic)
{
        struct virtio_net *net = net_of(nic);
        if (!device_prepare(net) || !queues_start(net))
                return false;
        virtio_ready(&net->device);
        receive_fill(nic);
        return true;
}

static uint16_t config_16(const struct virtio_net *net, size_t offset)
{
        return *(volatile uint16_t *)(net->device.config + offset);
}

static bool net_link_up(struct nic *nic)
{
        const struct virtio_net *net = net_of(nic);
        /* Told by the same interrupt as the link (2.1.2). */
        if (virtio_failed(&net->device))
                nic_fail(nic, "the device asks to be reset");
        return (net->features & FEATURE(VIRTIO_NET_F_STATUS)) == 0 ||
               (config_16(net, offsetof(struct virtio_net_config, status)) &
                VIRTIO_NET_S_LINK_UP) != 0;
}

static void config_read(struct virtio_net *net)
{
        struct nic *nic = &net->nic;
        for (unsigned i = 0; i < ETH_ALEN; i++)
                nic->mac = nic->mac << 8 | net->device.config[i];
        net->merges = (net->features & FEATURE(VIRTIO_NET_F_MRG_RXBUF)) != 0;
        nic->mtu = NIC_MTU;
        if (net->features & FEATURE(VIRTIO_NET_F_MTU)) {
                uint32_t most = net->merges ? NIC_MTU_MAX : NIC_MTU;
                uint32_t mtu = config_16(net, offsetof(struct virtio_net_config, mtu));
                nic->mtu = mtu < most ? mtu : most;
        }
}

/* Queues and pools have one size, so that no queue can be full while the client has buffers. */
static unsigned queue_size_choose(struct virtio_net *net)
{
        unsigned receive = virtio_queue_size(&net->device, QUEUE_RECEIVE);
        unsigned transmit = virtio_queue_size(&net->device, QUEUE_TRANSMIT);
        unsigned size = receive < transmit ? receive : transmit;
        return size < NIC_BUFFERS_MAX ? size : NIC_BUFFERS_MAX;
}

static void rings_allocate(struct virtio_net *net)
{
        for (unsigned i = 0; i < 2; i++) {
                outcome_t outcome = pci_device_dma(&net->nic.pci, virtqueue_bytes(net->nic.buffers),
                                                   &net->ring_memory[i]);
                if (outcome != OUTCOME_OK)
                        nic_fail(&net->nic, "no DMA memory for the queues");
        }
}

static void interrupts_open(struct virtio_net *net)
{
        struct pci_device *pci = &net->nic.pci;
        handle_t line;
        if (pci_device_interrupt(pci, VECTOR_QUEUES, net->nic.event, NIC_EVENT_INTERRUPT, &line) !=
                OUTCOME_OK ||
            line != 0)
                nic_unusable(&net->nic, "has no MSI-X, which this driver needs");
        net->config_vector = VIRTIO_NO_VECTOR;
        if (pci_device_interrupt(pci, VECTOR_CONFIG, net->nic.event, NIC_EVENT_CONFIG, &line) ==
            OUTCOME_OK)
                net->config_vector = VECTOR_CONFIG;
}

int main(void)
{
        static const struct nic_driver driver = {
            .start = net_start,
            .stop = net_stop,
            .interrupt = net_interrupt,
            .work = net_work,
            .rest = net_rest,
            .link_up = net_link_up,
        };
        struct virtio_net *net = &driver_state;
        nic_prepare(&net->nic, &driver, net);
        if (!virtio_open(&net->device, &net->nic.pci, CONFIG_BYTES))
                nic_unusable(&net->nic, "is a legacy virtio device, and this driver needs a modern "
                                        "one (virtio 1.0; in QEMU without disable-modern)");
        interrupts_open(net);
        if (!device_prepare(net))
                nic_fail(&net->nic, "the device cannot be used");
        config_read(net);
        net->nic.buffers = queue_size_choose(net);
        if (net->nic.mtu < MTU_MIN || packet_area_bytes(net->nic.buffers) == 0)
                nic_fail(&net->nic, "the device says impossible sizes");
        rings_allocate(net);
        nic_serve(&net->nic);
}
