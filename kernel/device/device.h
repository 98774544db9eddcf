/* What drivers are granted: interrupts and ranges of I/O ports. Device memory is a memory object.
 *
 * An interrupt signals an event. A level-triggered line stays masked until interrupt_ack.
 *
 * Context of all functions: kernel lock held. */
#ifndef KERNEL_DEVICE_DEVICE_H
#define KERNEL_DEVICE_DEVICE_H

#include "kernel/abi/outcome.h"
#include "kernel/ipc/event.h"
#include "kernel/object/object.h"

struct interrupt {
        struct object object;
        struct binding binding;
        unsigned line; /* of the machine */
};

extern const struct object_type interrupt_type;

/* The authority over devices, the log and the machine. */
struct hardware {
        struct object object;
};

extern const struct object_type hardware_type;

struct ioport {
        struct object object;
        uint16_t base;
        uint32_t count;
};

extern const struct object_type ioport_type;

/* An interrupt for a line from interrupt_route_gsi() or _msi(); NULL: account used up. */
struct interrupt *interrupt_create(struct account *account, unsigned line);

/* The authority over all devices, for the first task; NULL: account used up. */
struct object *hardware_create(struct account *account);

/* The machine's line has fired. */
void interrupt_fired(unsigned line);

struct ioport *ioport_create(struct account *account, uint16_t base, uint32_t count);

/* Whether an access of `width` bytes at `offset` lies in the range. */
bool ioport_covers(const struct ioport *ioport, uint64_t offset, uint64_t width);

#endif
