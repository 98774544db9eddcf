/* Interrupts and ranges of I/O ports. A line belongs to at most one interrupt object, which gives
 * it back, masked, when it ends. */
#include "kernel/device/device.h"
#include "kernel/arch/arch.h"
#include "kernel/debug/panic.h"
#include "kernel/account/account.h"

static struct interrupt *interrupts[INTERRUPT_LINES];

struct interrupt *interrupt_create(struct account *account, unsigned line)
{
        struct interrupt *interrupt = account_alloc(account, sizeof(*interrupt));
        if (!interrupt)
                return NULL;
        object_init(&interrupt->object, &interrupt_type, account);
        binding_init(&interrupt->binding);
        kassert(line < INTERRUPT_LINES && !interrupts[line]);
        interrupt->line = line;
        interrupts[line] = interrupt;
        return interrupt;
}

static void interrupt_destroy(struct object *object)
{
        struct interrupt *interrupt = container_of(object, struct interrupt, object);
        kassert(interrupts[interrupt->line] == interrupt);
        interrupts[interrupt->line] = NULL;
        interrupt_release(interrupt->line);
        binding_clear(&interrupt->binding);
        object_free(object);
}

const struct object_type interrupt_type = {
    .kind = OBJECT_INTERRUPT,
    .destroy = interrupt_destroy,
    .unreferenced = interrupt_destroy,
};

void interrupt_fired(unsigned line)
{
        if (interrupts[line])
                binding_signal(&interrupts[line]->binding);
}

struct object *hardware_create(struct account *account)
{
        struct object *hardware = account_alloc(account, sizeof(*hardware));
        if (hardware)
                object_init(hardware, &hardware_type, account);
        return hardware;
}

struct ioport *ioport_create(struct account *account, uint16_t base, uint32_t count)
{
        struct ioport *ioport = account_alloc(account, sizeof(*ioport));
        if (!ioport)
                return NULL;
        object_init(&ioport->object, &ioport_type, account);
        kassert(count > 0 && base + count <= 0x10000 && !ioport_reserved(base, count));
        ioport->base = base;
        ioport->count = count;
        return ioport;
}

bool ioport_covers(const struct ioport *ioport, uint64_t offset, uint64_t width)
{
        return (width == 1 || width == 2 || width == 4) && offset < ioport->count &&
               width <= ioport->count - offset;
}

const struct object_type ioport_type = {
    .kind = OBJECT_IOPORT,
    .destroy = object_free,
    .unreferenced = object_free,
};

const struct object_type hardware_type = {
    .kind = OBJECT_HARDWARE,
    .destroy = object_free,
    .unreferenced = object_free,
};
