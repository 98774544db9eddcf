/* A split virtqueue, the driver's side (Virtual I/O Device, version 1.1, section 2.6; layouts from
 * <linux/virtio_ring.h>). Every buffer is one descriptor, or a chain of them, for what the device
 * reads in several pieces (2.6.5).
 *
 *      free id --virtqueue_add--> offered --virtqueue_publish--> the device's
 *         ^                                                          |
 *         '------ virtqueue_take_used <--------- used ring <---------'
 *
 * The ring lies in memory that only this driver and the device see. The device is not believed: an
 * index that runs ahead, an id that is not with the device or a length beyond the buffer breaks the
 * queue for good (`broken`), and nothing of what it said is used. The driver then gives up; its
 * successor resets the device.
 *
 * Concurrency: one thread; the device runs at the same time. Nothing blocks, no system call. */
#ifndef DRIVERS_LIB_VIRTQUEUE_H
#define DRIVERS_LIB_VIRTQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/virtio_ring.h>

enum { VIRTQUEUE_SIZE_MAX = 256, VIRTQUEUE_ALIGNMENT = 64, VIRTQUEUE_NONE = 0xffff };

struct virtqueue {
        struct vring ring;
        uint64_t physical; /* where the device sees the ring's first byte */
        uint16_t size;
        uint16_t offered; /* next value of the available index */
        uint16_t published;
        uint16_t used; /* used entries taken so far */
        uint16_t free_count;
        uint16_t last;      /* descriptor added last */
        uint16_t rest;      /* of a chain that is being taken back; VIRTQUEUE_NONE: nothing */
        bool event_index;   /* VIRTIO_RING_F_EVENT_IDX was negotiated */
        const char *broken; /* NULL, or how the device misbehaved */
        uint16_t free[VIRTQUEUE_SIZE_MAX];
        bool with_device[VIRTQUEUE_SIZE_MAX];
        uint16_t next[VIRTQUEUE_SIZE_MAX]; /* in its chain, or VIRTQUEUE_NONE */
        uint32_t cookie[VIRTQUEUE_SIZE_MAX];
        uint32_t capacity[VIRTQUEUE_SIZE_MAX]; /* bytes that the device may write */
};

/* Bytes of DMA memory for a ring; 0 if size is not a power of two up to VIRTQUEUE_SIZE_MAX. */
size_t virtqueue_bytes(unsigned size);

/* Sets up an empty queue in `memory`: virtqueue_bytes(size) bytes, aligned to VIRTQUEUE_ALIGNMENT,
 * which the device sees at `physical`. The device must not know of the memory yet. */
void virtqueue_init(struct virtqueue *queue, void *memory, uint64_t physical, unsigned size,
                    bool event_index);

/* Physical addresses of the three parts, for the device's registers. */
uint64_t virtqueue_descriptors(const struct virtqueue *queue);
uint64_t virtqueue_available(const struct virtqueue *queue);
uint64_t virtqueue_used(const struct virtqueue *queue);

/* Offers a buffer that the device reads, or (device_writes) fills. The cookie comes back with it.
 * False: all descriptors are in use. */
bool virtqueue_add(struct virtqueue *queue, uint64_t physical, uint32_t bytes, bool device_writes,
                   uint32_t cookie);

/* Adds a piece to the buffer that was added last, which the device reads and has not been shown
 * yet. False: all descriptors are in use. */
bool virtqueue_add_piece(struct virtqueue *queue, uint64_t physical, uint32_t bytes,
                         uint32_t cookie);

/* Shows the device what was added. True: it has to be notified. */
bool virtqueue_publish(struct virtqueue *queue);

/* Takes back the next buffer: its cookie and how many bytes the device wrote, at most those given;
 * of one in pieces, each in its turn. False: none, or the queue is broken. */
bool virtqueue_take_used(struct virtqueue *queue, uint32_t *cookie, uint32_t *written);

/* Whether virtqueue_take_used() would find something. */
bool virtqueue_used_waits(const struct virtqueue *queue);

/* No interrupt is wanted (the device may still send some). */
void virtqueue_interrupts_off(struct virtqueue *queue);

/* An interrupt is wanted once `count` (at least 1) more buffers are used. False: they are already,
 * and no interrupt will come for them. Without event indices `count` is taken as 1.
 *
 * QEMU before 8.1 leaves memory barriers out where it emulates a machine with one processor, though
 * its devices run beside that (mended by its commit c914d46d): so a wish and a used buffer may miss
 * each other there, and no interrupt comes. Whoever waits for one therefore asks
 * virtqueue_used_waits() as often as it is awake. */
bool virtqueue_interrupts_on(struct virtqueue *queue, unsigned count);

#endif
