/* A modern virtio device on PCI (Virtual I/O Device, version 1.1, sections 3.1 and 4.1).
 *
 *      virtio_open ─> virtio_reset ─> virtio_negotiate ─> virtio_queue_start… ─> virtio_ready
 *                          ^                                                          |
 *                          '----------------- each start and stop --------------------'
 *
 * What the device says is checked where it is used; a device that does not do what it should is
 * given up with the reason in the log.
 *
 * Context: the driver's one thread. Only virtio_open waits for the bus server; virtio_reset may
 * wait VIRTIO_RESET_WAIT for the device. */
#ifndef DRIVERS_LIB_VIRTIO_PCI_H
#define DRIVERS_LIB_VIRTIO_PCI_H

#include <stdbool.h>
#include <linux/virtio_pci.h>
#include "drivers/lib/pci_device.h"
#include "drivers/lib/virtqueue.h"
#include "servers/rt/task/time.h"

#define VIRTIO_RESET_WAIT RT_SECOND

enum { VIRTIO_NO_VECTOR = VIRTIO_MSI_NO_VECTOR };

struct virtio_device {
        struct pci_device *pci;
        volatile struct virtio_pci_common_cfg *common;
        volatile uint8_t *notify;
        uint32_t notify_bytes, notify_multiplier;
        volatile uint8_t *config; /* the device's own; NULL if it has none of that size */
};

/* Finds the registers; the device's own configuration has `config_bytes`. False: it has none of a
 * modern device. */
bool virtio_open(struct virtio_device *device, struct pci_device *pci, uint32_t config_bytes);

/* Stops the device: it forgets all queues. False: it does not answer. */
bool virtio_reset(struct virtio_device *device);

/* After a reset: accepts those of `wanted` that the device offers. False, with a line in the log:
 * it lacks one of `required`, or does not accept our choice. */
bool virtio_negotiate(struct virtio_device *device, uint64_t required, uint64_t wanted,
                      uint64_t *features);

/* The largest size of a queue, at most VIRTQUEUE_SIZE_MAX; 0: there is no such queue, or its size
 * is not a power of two. */
unsigned virtio_queue_size(struct virtio_device *device, unsigned index);

/* After negotiation: tells the device where the queue is and which interrupt it uses. */
bool virtio_queue_start(struct virtio_device *device, unsigned index, const struct virtqueue *queue,
                        unsigned vector);

/* Which interrupt tells of changes of the configuration. False: the device does not take it. */
bool virtio_config_vector(struct virtio_device *device, unsigned vector);

/* Everything is set up: the device may begin. */
void virtio_ready(struct virtio_device *device);

/* The register that tells the device of new buffers in a started queue; NULL if it has none. */
volatile uint16_t *virtio_notifier(struct virtio_device *device, unsigned index);

/* Whether the device asks to be reset. */
bool virtio_failed(const struct virtio_device *device);

#endif
