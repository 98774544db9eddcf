/* Interrupts, I/O ports, device memory: COM2 and the PCI host bridge are the guinea pigs. */
#include "tests/kernel/harness.h"

enum { COM2 = 0x2f8, COM2_IRQ = 3, IER = 1, MCR = 4, IER_TRANSMIT = 2, MCR_OUT2 = 8 };

static outcome_t ports(uint64_t base, uint64_t count, handle_t *handle)
{
        return sys_ioport_create(boot->hardware, base, count, handle);
}

static outcome_t write_port(handle_t handle, unsigned offset, unsigned value)
{
        return sys_ioport_write(handle, offset, 1, value);
}

static void io_ports_are_granted_by_range(void)
{
        uint64_t value;
        handle_t com2, other;
        CHECK_OK(ports(COM2, 8, &com2));
        CHECK_OK(write_port(com2, 7, 0x5a)); /* the scratch register */
        CHECK_OK(sys_ioport_read(com2, 7, 1, &value));
        CHECK_EQ(value, 0x5a);
        CHECK_NOT(write_port(com2, 8, 0), MALFORMED);
        CHECK_NOT(sys_ioport_write(com2, 7, 2, 0), MALFORMED);
        CHECK_NOT(sys_ioport_write(com2, 0, 3, 0), MALFORMED);
        CHECK_NOT(ports(0xffff, 2, &other), MALFORMED);
        CHECK_NOT(ports(0x10000, 1, &other), MALFORMED);
        CHECK_NOT(ports(COM2, 0, &other), MALFORMED);
        CHECK_NOT(ports(0x20, 2, &other), REFUSED); /* the interrupt controller */
        CHECK_NOT(sys_ioport_create(boot->account, COM2, 8, &other), WRONG_TYPE);
        sys_handle_close(com2);
}

static void an_interrupt_signals_its_event(void)
{
        uint64_t bits = 0;
        handle_t com2, interrupt, second, event = make_event();
        CHECK_OK(ports(COM2, 8, &com2));
        CHECK_OK(sys_interrupt_create(boot->hardware, COM2_IRQ, &interrupt, NULL, NULL));
        CHECK_NOT(sys_interrupt_create(boot->hardware, COM2_IRQ, &second, NULL, NULL), BUSY);
        CHECK_OK(sys_interrupt_bind(interrupt, event, 0x100));
        CHECK_OK(write_port(com2, MCR, MCR_OUT2));
        for (unsigned i = 0; i < 3; i++) {
                /* The transmitter is empty: enabling its interrupt raises it. */
                CHECK_OK(write_port(com2, IER, 0));
                CHECK_OK(write_port(com2, IER, IER_TRANSMIT));
                CHECK_OK(sys_event_wait(event, 0x100, SOON, &bits));
                CHECK_EQ(bits, 0x100);
                CHECK_OK(write_port(com2, IER, 0));
                CHECK_OK(sys_interrupt_ack(interrupt));
        }
        sys_handle_close(interrupt);
        sys_handle_close(com2);
}

static void message_interrupts_have_an_address(void)
{
        handle_t first, second;
        uint64_t address, data, other;
        CHECK_OK(sys_interrupt_create(boot->hardware, INTERRUPT_MSI, &first, &address, &data));
        CHECK_OK(sys_interrupt_create(boot->hardware, INTERRUPT_MSI, &second, NULL, &other));
        CHECK_EQ(address >> 20, 0xfee);
        CHECK(data != other);
        sys_handle_close(first);
        sys_handle_close(second);
}

/* Such a page would fault for ever: the processor takes its address for reserved bits. */
static void device_memory_has_an_address_of_the_processors(void)
{
        handle_t memory;
        CHECK_NOT(sys_device_memory(boot->hardware, 1ull << 45, 4096, &memory), MALFORMED);
        CHECK_NOT(sys_device_memory(boot->hardware, (1ull << 40) - 4096, 8192, &memory), MALFORMED);
}

/* Two kinds of mapping of one page of RAM at once are what processors do not define. */
static void ram_is_never_mapped_uncached(void)
{
        handle_t memory = make_memory(1);
        CHECK_NOT(sys_memory_map(0, memory, 0x50000000, 0, 4096, MAP_READ | MAP_UNCACHED, NULL),
                  MALFORMED);
        map_at(memory, 0x50000000);
        CHECK_NOT(sys_memory_protect(0, 0x50000000, 4096, MAP_READ | MAP_UNCACHED), MALFORMED);
        CHECK_OK(sys_memory_unmap(0, 0x50000000, 4096));
}

/* A driver that begins anew found its memory free, but in pieces. What had to move is as it was. */
static void free_memory_can_be_had_for_dma(void)
{
        enum { PIECES = 20000 };
        static handle_t pieces[PIECES];
        volatile uint64_t *word = (uint64_t *)0x50000000;
        unsigned made = 0;
        handle_t dma;
        while (made < PIECES && sys_memory_create(0, 4096, 0, 0, &pieces[made]) == OUTCOME_OK)
                made++;
        for (unsigned i = 0; i < 2; i++) /* for records of mappings */
                sys_handle_close(pieces[--made]);
        for (unsigned i = 1; i < made; i += 2) {
                map_at(pieces[i], (uint64_t)word);
                *word = i;
                CHECK_OK(sys_memory_unmap(0, (uint64_t)word, 4096));
        }
        for (unsigned i = 0; i < made; i += 2)
                sys_handle_close(pieces[i]);
        map_at(pieces[1], (uint64_t)word);
        CHECK_EQ(*word, 1);
        CHECK_OK(sys_memory_create(0, 64 << 10, MEMORY_DMA, boot->hardware, &dma));
        CHECK_EQ(*word, 1);
        CHECK_OK(sys_memory_unmap(0, (uint64_t)word, 4096));
        for (unsigned i = 1; i < made; i += 2) {
                map_at(pieces[i], (uint64_t)word);
                CHECK_EQ(*word, i);
                CHECK_OK(sys_memory_unmap(0, (uint64_t)word, 4096));
                sys_handle_close(pieces[i]);
        }
        sys_handle_close(dma);
}

static void device_memory_is_no_ram(void)
{
        handle_t memory;
        uint64_t physical = boot->pci_ecam;
        CHECK_NOT(sys_device_memory(boot->hardware, 0x200000, 4096, &memory), REFUSED);
        CHECK_NOT(sys_device_memory(boot->hardware, 0xfee00000, 4096, &memory), REFUSED);
        CHECK_NOT(sys_device_memory(boot->hardware, 123, 4096, &memory), MALFORMED);
        CHECK_NOT(sys_device_memory(boot->hardware, 1ull << 60, 4096, &memory), MALFORMED);
        if (!physical)
                return;
        CHECK_OK(sys_device_memory(boot->hardware, physical, 4096, &memory));
        CHECK_OK(sys_memory_map(0, memory, 0x50000000, 0, 4096, MAP_READ, NULL));
        CHECK_EQ(*(volatile uint16_t *)0x50000000, 0x8086); /* the host bridge's vendor */
        CHECK_OK(sys_memory_unmap(0, 0x50000000, 4096));
        sys_handle_close(memory);
}

static void the_log_can_be_read_back(void)
{
        static char text[] = "a line for the log\n", back[64];
        uint64_t count, end;
        CHECK_OK(sys_log_read(boot->hardware, UINT64_MAX, back, 0, NULL, &end));
        CHECK_OK(sys_log_write(boot->hardware, text, sizeof(text) - 1));
        CHECK_OK(sys_log_read(boot->hardware, end, back, sizeof(back), &count, NULL));
        CHECK_EQ(count, sizeof(text) - 1);
        CHECK_EQ(back[0], 'a');
        CHECK_NOT(sys_log_write(boot->hardware, text, 1025), TOO_LONG);
        CHECK_NOT(sys_log_write(boot->hardware, (void *)0xdead0000, 10), FAULT);
        CHECK_NOT(sys_log_write(boot->task, text, 1), WRONG_TYPE);
}

static outcome_t log_write_by(handle_t hardware)
{
        static char text[] = "a line by a weak handle\n";
        return sys_log_write(hardware, text, sizeof(text) - 1);
}

static outcome_t log_read_by(handle_t hardware)
{
        static char back[16];
        return sys_log_read(hardware, 0, back, sizeof(back), NULL, NULL);
}

static void reading_and_writing_the_log_are_rights_of_their_own(void)
{
        handle_t reader, writer, made;
        CHECK_OK(sys_handle_copy(boot->hardware, RIGHT_READ, &reader));
        CHECK_OK(sys_handle_copy(boot->hardware, RIGHT_WRITE, &writer));
        CHECK_OK(log_read_by(reader));
        CHECK_OK(log_write_by(writer));
        CHECK_NOT(log_write_by(reader), REFUSED);
        CHECK_NOT(log_read_by(writer), REFUSED);
        sys_handle_close(reader);
        sys_handle_close(writer);
        /* Both together open no device. */
        CHECK_OK(sys_handle_copy(boot->hardware, RIGHT_READ | RIGHT_WRITE, &reader));
        CHECK_NOT(sys_ioport_create(reader, COM2, 8, &made), REFUSED);
        CHECK_NOT(sys_interrupt_create(reader, COM2_IRQ, &made, NULL, NULL), REFUSED);
        CHECK_NOT(sys_device_memory(reader, 0xe0000000, 4096, &made), REFUSED);
        CHECK_NOT(sys_memory_create(0, 4096, MEMORY_DMA, reader, &made), REFUSED);
        CHECK_NOT(sys_machine_control(reader, MACHINE_CONSOLE, 1), REFUSED);
        sys_handle_close(reader);
}

const struct test device_tests[] = {
    {"io_ports_are_granted_by_range", io_ports_are_granted_by_range},
    {"an_interrupt_signals_its_event", an_interrupt_signals_its_event},
    {"message_interrupts_have_an_address", message_interrupts_have_an_address},
    {"device_memory_has_an_address_of_the_processors",
     device_memory_has_an_address_of_the_processors},
    {"ram_is_never_mapped_uncached", ram_is_never_mapped_uncached},
    {"free_memory_can_be_had_for_dma", free_memory_can_be_had_for_dma},
    {"device_memory_is_no_ram", device_memory_is_no_ram},
    {"the_log_can_be_read_back", the_log_can_be_read_back},
    {"reading_and_writing_the_log_are_rights_of_their_own",
     reading_and_writing_the_log_are_rights_of_their_own},
    {0}};
