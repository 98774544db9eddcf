/* Intel 82540EM, QEMU's `e1000` (317453: see registers.h).
 *
 * Zero copy: descriptors point into the packet pools. The chip may write 2048 bytes wherever a
 * receive descriptor points: that is a whole buffer. A frame that is longer comes in several.
 *
 * Interrupts are a level-triggered line: an interrupt is masked in the chip (IMC), its causes read,
 * which ends the level, and the line acknowledged; they are asked for again (IMS) before the next
 * wait. Causes that come in between are kept by the chip. The line may be shared with nobody: the
 * bus server sees to that. */
#include <stdlib.h>
#include "drivers/lib/nic.h"
#include "drivers/net/e1000/rings.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

enum { BATCH = 64, CHIP_BUFFER = 2048, LINE_VECTOR = 0 };

_Static_assert((int)CHIP_BUFFER <= (int)PACKET_BUFFER_SIZE, "no frame reaches the next buffer");

#define RESET_WAIT    RT_SECOND
#define POLL_INTERVAL RT_MILLISECOND
#define RING_BYTES    ((uint64_t)E1000_SLOTS * 16)

enum {
        CAUSES_RECEIVE = E1000_INTERRUPT_RXT0 | E1000_INTERRUPT_RXDMT0 | E1000_INTERRUPT_RXO,
        CAUSES_ALWAYS = CAUSES_RECEIVE | E1000_INTERRUPT_LSC,
};

struct e1000 {
        struct nic nic;
        volatile uint8_t *registers;
        handle_t line;
        struct dma_memory receive_memory, transmit_memory;
        struct e1000_receive_ring receive;
        struct e1000_transmit_ring transmit;
};

static struct e1000 driver_state;

static struct e1000 *chip_of(struct nic *nic)
{
        return nic->context;
}

static uint32_t register_read(const struct e1000 *chip, enum e1000_register offset)
{
        return *(volatile uint32_t *)(chip->registers + offset);
}

static void register_write(const struct e1000 *chip, enum e1000_register offset, uint32_t value)
{
        *(volatile uint32_t *)(chip->registers + offset) = value;
}

/* ---- moving frames --------------------------------------------------------------------------- */

static void receive_fill(struct nic *nic)
{
        struct e1000 *chip = chip_of(nic);
        uint32_t before = chip->receive.next;
        uint32_t buffer;
        while ((buffer = packet_buffer_get(&nic->end)) != 0)
                e1000_receive_add(&chip->receive, nic_physical(nic, buffer), buffer);
        if (chip->receive.next != before)
                register_write(chip, E1000_RDT, e1000_tail(chip->receive.next));
}

static bool receive_work(struct nic *nic)
{
        uint32_t buffer, length;
        unsigned taken = 0;
        bool more;
        while (taken < BATCH &&
               e1000_receive_take(&chip_of(nic)->receive, &buffer, &length, &more)) {
                nic_received(nic, buffer, length, more);
                taken++;
        }
        receive_fill(nic);
        return taken == BATCH;
}

static bool transmit_work(struct nic *nic)
{
        struct e1000 *chip = chip_of(nic);
        const struct nic_frame *frame;
        uint32_t offset;
        unsigned sent = 0;
        while (e1000_transmit_take(&chip->transmit, &offset))
                nic_transmitted(nic, offset);
        while (sent < BATCH && (frame = nic_transmit_next(nic))) {
                const struct packet_descriptor *piece = frame->piece;
                for (unsigned i = 0; i < frame->pieces; i++)
                        e1000_transmit_add(&chip->transmit, nic_physical(nic, piece[i].offset),
                                           piece[i].length, i + 1 < frame->pieces, piece[i].offset);
                sent++;
        }
        if (sent > 0)
                register_write(chip, E1000_TDT, e1000_tail(chip->transmit.next));
        return sent == BATCH;
}

static bool e1000_work(struct nic *nic)
{
        bool more = receive_work(nic);
        return transmit_work(nic) || more;
}

/* Reads the causes, which clears them. */
static void causes_take(struct nic *nic)
{
        if (register_read(chip_of(nic), E1000_ICR) & E1000_INTERRUPT_LSC)
                nic_link_changed(nic);
}

static bool e1000_rest(struct nic *nic)
{
        struct e1000 *chip = chip_of(nic);
        uint32_t under_way = chip->transmit.next - chip->transmit.first;
        /* Causes of what was done already would only interrupt again. */
        causes_take(nic);
        if (e1000_receive_pending(&chip->receive))
                return false;
        register_write(chip, E1000_IMS,
                       CAUSES_ALWAYS | (under_way > nic->buffers / 2 ? E1000_INTERRUPT_TXDW : 0u));
        return true;
}

static void e1000_interrupt(struct nic *nic)
{
        struct e1000 *chip = chip_of(nic);
        register_write(chip, E1000_IMC, UINT32_MAX);
        causes_take(nic);
        sys_interrupt_ack(chip->line);
}

/* ---- start and stop -------------------------------------------------------------------------- */

/* Both engines off first: a chip that is in the middle of a frame ends it before its reset. */
static bool e1000_stop(struct nic *nic)
{
        struct e1000 *chip = chip_of(nic);
        uint64_t deadline = rt_after(RESET_WAIT);
        register_write(chip, E1000_IMC, UINT32_MAX);
        register_write(chip, E1000_RCTL, 0);
        register_write(chip, E1000_TCTL, 0);
        register_write(chip, E1000_CTRL, register_read(chip, E1000_CTRL) | E1000_CTRL_RST);
        do {
                sys_sleep(rt_after(POLL_INTERVAL));
                if (rt_now() >= deadline) {
                        rt_log("the device does not answer a reset");
                        return false;
                }
        } while (register_read(chip, E1000_CTRL) & E1000_CTRL_RST);
        register_write(chip, E1000_IMC, UINT32_MAX);
        (void)register_read(chip, E1000_ICR);
        return true;
}

static void address_write(const struct e1000 *chip)
{
        uint64_t swapped = __builtin_bswap64(chip->nic.mac << 16);
        register_write(chip, E1000_RAL0, (uint32_t)swapped);
        register_write(chip, E1000_RAH0, (uint32_t)(swapped >> 32) | 1u << E1000_RAH_AV_BIT);
        for (unsigned i = 0; i < E1000_MTA_WORDS; i++)
                register_write(chip, (enum e1000_register)(E1000_MTA + 4 * i), 0);
}

static void rings_write(const struct e1000 *chip)
{
        register_write(chip, E1000_RDBAL, (uint32_t)chip->receive_memory.physical);
        register_write(chip, E1000_RDBAH, (uint32_t)(chip->receive_memory.physical >> 32));
        register_write(chip, E1000_RDLEN, RING_BYTES);
        register_write(chip, E1000_RDH, 0);
        register_write(chip, E1000_RDT, 0);
        register_write(chip, E1000_TDBAL, (uint32_t)chip->transmit_memory.physical);
        register_write(chip, E1000_TDBAH, (uint32_t)(chip->transmit_memory.physical >> 32));
        register_write(chip, E1000_TDLEN, RING_BYTES);
        register_write(chip, E1000_TDH, 0);
        register_write(chip, E1000_TDT, 0);
}

static bool e1000_start(struct nic *nic)
{
        struct e1000 *chip = chip_of(nic);
        e1000_receive_init(&chip->receive, chip->receive_memory.address);
        e1000_transmit_init(&chip->transmit, chip->transmit_memory.address);
        address_write(chip);
        rings_write(chip);
        register_write(chip, E1000_CTRL,
                       register_read(chip, E1000_CTRL) | E1000_CTRL_SLU | E1000_CTRL_ASDE);
        register_write(chip, E1000_ITR, 0);
        register_write(chip, E1000_RDTR, 0);
        register_write(chip, E1000_TIPG, E1000_TIPG_COPPER);
        register_write(chip, E1000_TCTL,
                       E1000_TCTL_EN | E1000_TCTL_PSP | E1000_TCTL_CT | E1000_TCTL_COLD);
        register_write(chip, E1000_RCTL,
                       E1000_RCTL_EN | E1000_RCTL_MPE | E1000_RCTL_LPE | E1000_RCTL_BAM |
                           E1000_RCTL_SECRC);
        receive_fill(nic);
        return true;
}

static bool e1000_link_up(struct nic *nic)
{
        return (register_read(chip_of(nic), E1000_STATUS) & E1000_STATUS_LU) != 0;
}

/* The chip has loaded its address from the EEPROM by the reset. */
static void address_read(struct e1000 *chip)
{
        uint64_t low = register_read(chip, E1000_RAL0);
        uint64_t high = register_read(chip, E1000_RAH0) & 0xffff;
        chip->nic.mac = __builtin_bswap64(high << 32 | low) >> 16;
}

int main(void)
{
        static const struct nic_driver driver = {
            .start = e1000_start,
            .stop = e1000_stop,
            .interrupt = e1000_interrupt,
            .work = e1000_work,
            .rest = e1000_rest,
            .link_up = e1000_link_up,
        };
        struct e1000 *chip = &driver_state;
        struct nic *nic = &chip->nic;
        nic_prepare(nic, &driver, chip);
        chip->registers = pci_device_registers(&nic->pci, 0, 0, E1000_REGISTER_BYTES);
        if (!chip->registers || !e1000_stop(nic))
                nic_fail(nic, "the device cannot be used");
        address_read(chip);
        nic->mtu = NIC_MTU_MAX;
        nic->buffers = E1000_BUFFERS;
        if (pci_device_interrupt(&nic->pci, LINE_VECTOR, nic->event, NIC_EVENT_INTERRUPT,
                                 &chip->line) != OUTCOME_OK ||
            chip->line == 0)
                nic_fail(nic, "the device has no interrupt line");
        if (pci_device_dma(&nic->pci, RING_BYTES, &chip->receive_memory) != OUTCOME_OK ||
            pci_device_dma(&nic->pci, RING_BYTES, &chip->transmit_memory) != OUTCOME_OK)
                nic_fail(nic, "no DMA memory for the rings");
        nic_serve(nic);
}
