/* The driver of the simulated card: the drivers' common part (drivers/lib/nic.h) over the
 * simulator's card, which moves frames itself instead of reading memory. What that part asks of the
 * PCI bus is answered here, too: this machine has none. */
#include <stdlib.h>
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

static bool card_work(struct nic *nic)
{
        struct packet_descriptor frame;
        unsigned moved = 0;
        uint32_t buffer;
        while (moved < BATCH && (buffer = packet_buffer_get(&nic->end)) != 0) {
                size_t length = sim_card_receive(
                    packet_address(&nic->end, buffer + PACKET_FRAME_START), NIC_MTU + NIC_HEADER);
                if (length == 0) {
                        packet_buffer_put(&nic->end, buffer);
                        break;
                }
                nic_received(nic, buffer + PACKET_FRAME_START, (uint32_t)length);
                moved++;
        }
        for (; moved < 2 * BATCH && nic_transmit_next(nic, &frame); moved++) {
                sim_card_transmit(packet_address(&nic->end, frame.offset), frame.length);
                nic_transmitted(nic, frame.offset);
        }
        return moved >= BATCH;
}

static bool card_rest(struct nic *nic)
{
        (void)nic;
        return sim_card_rest();
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
        nic.mtu = NIC_MTU;
        nic.buffers = NIC_BUFFERS_MAX;
        if (sys_interrupt_create(rt_handle("hardware"), INTERRUPT_MSI, &interrupt, &address,
                                 &line) != OUTCOME_OK ||
            sys_interrupt_bind(interrupt, nic.event, NIC_EVENT_INTERRUPT) != OUTCOME_OK)
                nic_fail(&nic, "no interrupt");
        nic_serve(&nic);
}
