/* A virtio console device with several ports (Virtual I/O Device, version 1.1, section 5.3; layouts
 * from <linux/virtio_console.h>): its queues and the memory that they use.
 *
 *      queue    2             3             2 + 2·port         3 + 2·port
 *      control  from device   to device     port: from device  port: to device
 *
 * All memory is allocated at the start. What has been received stays in its buffer until it was
 * read; a device without buffers stops to take bytes from the host, so nothing is lost. A device
 * that breaks the rules ends the driver, with the reason in the log.
 *
 * Context: the driver's one thread; nothing blocks after device_start. */
#ifndef VIRTIO_CONSOLE_DEVICE_H
#define VIRTIO_CONSOLE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "drivers/char/virtio_console/lines.h"
#include "drivers/lib/virtio_pci.h"

enum { CONSOLE_RING = 8, CONSOLE_BUFFERS = 4, CONSOLE_BUFFER = 4096, CONSOLE_CONTROL = 64 };

struct console_queue {
        struct virtqueue queue;
        unsigned index; /* the device's number of it */
        volatile uint16_t *notify;
        uint8_t *buffers; /* `count` of `bytes` each, one behind the other */
        uint64_t physical;
        unsigned count, bytes;
};

/* A buffer that has been received, and how much of it was read. */
struct console_filled {
        uint32_t buffer, length, taken;
};

struct console_port {
        struct console_queue receive, transmit;
        struct console_filled filled[CONSOLE_BUFFERS]; /* the oldest first */
        unsigned filled_count;
        bool idle[CONSOLE_BUFFERS]; /* of transmit */
};

struct console {
        struct pci_device pci;
        struct virtio_device device;
        struct dma_memory memory;
        struct console_queue control_receive, control_transmit;
        bool control_idle[CONSOLE_RING];
        struct console_port ports[LINES];
};

/* Claims the device and starts it; its interrupts signal bits of the event. Ends the program if
 * there is no such device (with success), or none that can be used. */
void device_start(struct console *console, handle_t event, uint64_t bits);

/* Takes the next control message; 0: there is none. Returns its length, at most CONSOLE_CONTROL. */
size_t device_control(struct console *console, uint8_t bytes[CONSOLE_CONTROL]);

/* Sends one. */
void device_tell(struct console *console, const struct line_message *message);

/* Copies at most `most` of the oldest bytes that came on a line, without taking them; returns how
 * many. Takes the `count` oldest, which must be there. */
size_t device_peek(struct console *console, unsigned line, void *to, size_t most);
void device_drop(struct console *console, unsigned line, size_t count);

/* Sends a part or all of the bytes, as much as one buffer holds; 0: there is no room now. */
size_t device_write(struct console *console, unsigned line, const void *from, size_t count);

/* Throws away what was received. */
void device_discard(struct console *console, unsigned line);

#endif
