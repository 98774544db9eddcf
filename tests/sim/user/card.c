/* The driver of the simulated card: the drivers' common part (drivers/lib/nic.h) over the
 * simulator's card, which moves frames itself instead of reading memory. What that part asks of the
 * PCI bus is answered here, too: this machine has none. */
#include <stdlib.h>
#include <string.h>
#include "drivers/lib/nic.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/start/startup.h"
#include "tests/sim/user/machine.h"

enum { BATCH = 64 };

/* ---- the bus -------------------------------------------------------------------------------- */

outcome_t pci_device_claim(struct pci_device *device)
{
        *device = (struct pci_device){.vendor = 0x1234, .device = 0x5678};
        return OUTCOME_OK;
}

outcome_t pci_device_dma(struct pci_device *device, uint64_t bytes, struct dma_memory *dma)
{
        (void)device;
        dma->bytes = page_up(bytes);
        outcome_t outcome =
            sys_memory_create(0, dma->bytes, MEMORY_DMA, rt_handle("hardware"), &dma->memory);
        return outcome == OUTCOME_OK
                   ? rt_memory_map(dma->memory, 0, dma->bytes, MAP_READ | MAP_WRITE, &dma->address)
                   : outcome;
}

outcome_t pci_device_master(struct pci_device *device, bool on)
{
        (void)device, (void)on;
        return OUTCOME_OK;
}

/* A simulated processor halts at no cost: nobody polls. */
void halt_poll_start(struct halt_poll *poll, const struct packet_area *area)
{
        (void)poll, (void)area;
}

void halt_poll_wake(struct halt_poll *poll)
{
        (void)poll;
}

/* ---- the card ------------------------------------------------------------------------------- */

static uint64_t line; /* of the interrupt */

static bool card_start(struct nic *nic)
{
        (void)nic;
        sim_card_start((unsigned)line);
        return true;
}

static bool card_stop(struct nic *nic)
{
        (void)nic;
        sim_card_stop();
        return true;
}

static void card_interrupt(struct nic *nic)
{
        nic_link_changed(nic);
}

static uint8_t bytes[PACKET_FRAME_MAX]; /* of the frame that is moved */

/* Whether there are buffers for the longest frame. */
static bool has_buffers(struct nic *nic)
{
        if (nic->end.idle_count < PACKET_PIECES_MAX)
                packet_reclaim(&nic->end);
        return nic->end.idle_count >= PACKET_PIECES_MAX;
}

static bool receive(struct nic *nic)
{
        size_t length = has_buffers(nic) ? sim_card_receive(bytes, sizeof(bytes)) : 0;
        for (size_t at = 0; at < length; at += PACKET_PIECE_MAX) {
                uint32_t offset = packet_buffer_get(&nic->end) + PACKET_FRAME_START;
                bool more = length - at > PACKET_PIECE_MAX;
                size_t piece = more ? PACKET_PIECE_MAX : length - at;
                memcpy(packet_address(&nic->end, offset), bytes + at, piece);
                nic_received(nic, offset, (uint32_t)piece, more);
        }
        return length > 0;
}

static bool transmit(struct nic *nic)
{
        const struct nic_frame *frame = nic_transmit_next(nic);
        size_t length = 0;
        for (unsigned i = 0; frame && i < frame->pieces; i++) {
                const struct packet_descriptor *piece = &frame->piece[i];
                memcpy(bytes + length, packet_address(&nic->end, piece->offset), piece->length);
                length += piece->length;
                nic_transmitted(nic, piece->offset);
        }
        if (frame)
                sim_card_transmit(bytes, length);
        return frame;
}

static bool card_work(struct nic *nic)
{
        unsigned moved = 0;
        while (moved < BATCH && receive(nic))
                moved++;
        while (moved < 2 * BATCH && transmit(nic))
                moved++;
        return moved >= BATCH;
}

/* What has come and finds no buffers is no work, as for a device whose queue is empty: the client's
 * return of buffers wakes the driver. */
static bool card_rest(struct nic *nic)
{
        return sim_card_rest() || !has_buffers(nic);
}

static bool card_link_up(struct nic *nic)
{
        (void)nic;
        return sim_card_link();
}

int main(void)
{
        static const struct nic_driver driver = {
            .start = card_start,
            .stop = card_stop,
            .interrupt = card_interrupt,
            .work = card_work,
            .rest = card_rest,
            .link_up = card_link_up,
        };
        static struct nic nic;
        handle_t interrupt;
        uint64_t address;
        nic_prepare(&nic, &driver, NULL);
        nic.mac = sim_card_address();
        nic.mtu = NIC_MTU_MAX;
        nic.buffers = NIC_BUFFERS_MAX;
        if (sys_interrupt_create(rt_handle("hardware"), INTERRUPT_MSI, &interrupt, &address,
                                 &line) != OUTCOME_OK ||
            sys_interrupt_bind(interrupt, nic.event, NIC_EVENT_INTERRUPT) != OUTCOME_OK)
                nic_fail(&nic, "no interrupt");
        nic_serve(&nic);
}
