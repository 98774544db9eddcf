/* The driver's side of a split virtqueue (virtqueue.h). Fields that the device writes are read
 * once, with __atomic_load_n; x86 and virtio 1 are both little-endian, so the layouts are used as
 * they are. */
#include <string.h>
#include "drivers/lib/virtqueue.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "virtio 1 is little-endian");
_Static_assert(sizeof(struct vring_desc) == 16, "virtio 1.1, 2.6.5");
_Static_assert(sizeof(struct vring_used_elem) == 8, "virtio 1.1, 2.6.8");

size_t virtqueue_bytes(unsigned size)
{
        if (size == 0 || size > VIRTQUEUE_SIZE_MAX || (size & (size - 1)) != 0)
                return 0;
        return vring_size(size, VIRTQUEUE_ALIGNMENT);
}

void virtqueue_init(struct virtqueue *queue, void *memory, uint64_t physical, unsigned size,
                    bool event_index)
{
        memset(queue, 0, sizeof *queue);
        memset(memory, 0, virtqueue_bytes(size));
        vring_init(&queue->ring, size, memory, VIRTQUEUE_ALIGNMENT);
        queue->physical = physical;
        queue->size = (uint16_t)size;
        queue->event_index = event_index;
        queue->rest = VIRTQUEUE_NONE;
        for (unsigned i = 0; i < size; i++)
                queue->free[queue->free_count++] = (uint16_t)(size - 1 - i);
}

static uint64_t physical_of(const struct virtqueue *queue, const void *part)
{
        return queue->physical + (uint64_t)((const char *)part - (const char *)queue->ring.desc);
}

uint64_t virtqueue_descriptors(const struct virtqueue *queue)
{
        return physical_of(queue, queue->ring.desc);
}

uint64_t virtqueue_available(const struct virtqueue *queue)
{
        return physical_of(queue, queue->ring.avail);
}

uint64_t virtqueue_used(const struct virtqueue *queue)
{
        return physical_of(queue, queue->ring.used);
}

/* Fills a descriptor that is free; false: none is. */
static bool descriptor_fill(struct virtqueue *queue, uint64_t physical, uint32_t bytes,
                            uint16_t flags, uint32_t cookie)
{
        uint16_t id;
        if (queue->free_count == 0)
                return false;
        id = queue->last = queue->free[--queue->free_count];
        queue->ring.desc[id] = (struct vring_desc){.addr = physical, .len = bytes, .flags = flags};
        queue->next[id] = VIRTQUEUE_NONE;
        queue->cookie[id] = cookie;
        queue->capacity[id] = flags & VRING_DESC_F_WRITE ? bytes : 0;
        return true;
}

bool virtqueue_add_piece(struct virtqueue *queue, uint64_t physical, uint32_t bytes,
                         uint32_t cookie)
{
        uint16_t before = queue->last;
        if (!descriptor_fill(queue, physical, bytes, 0, cookie))
                return false;
        queue->next[before] = queue->last;
        queue->ring.desc[before].next = queue->last;
        queue->ring.desc[before].flags = VRING_DESC_F_NEXT;
        return true;
}

bool virtqueue_add(struct virtqueue *queue, uint64_t physical, uint32_t bytes, bool device_writes,
                   uint32_t cookie)
{
        uint16_t id;
        if (!descriptor_fill(queue, physical, bytes, device_writes ? VRING_DESC_F_WRITE : 0,
                             cookie))
                return false;
        id = queue->last;
        queue->with_device[id] = true;
        queue->ring.avail->ring[queue->offered & (queue->size - 1)] = id;
        queue->offered++;
        return true;
}

/* The words behind the two rings by which the sides ask for events (2.6.7, 2.6.8). */
static uint16_t *interrupt_wish(const struct virtqueue *queue)
{
        return &queue->ring.avail->ring[queue->size];
}

static uint16_t *notification_wish(const struct virtqueue *queue)
{
        return (void *)&queue->ring.used->ring[queue->size];
}

static uint16_t device_index(const struct virtqueue *queue)
{
        return __atomic_load_n(&queue->ring.used->idx, __ATOMIC_ACQUIRE);
}

bool virtqueue_publish(struct virtqueue *queue)
{
        uint16_t before = queue->published;
        uint16_t now = queue->offered;
        uint16_t wanted;
        if (before == now)
                return false;
        queue->published = now;
        __atomic_store_n(&queue->ring.avail->idx, now, __ATOMIC_RELEASE);
        /* The index must be visible before the device's wish is read (2.6.13.4.1). */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        if (!queue->event_index)
                return (__atomic_load_n(&queue->ring.used->flags, __ATOMIC_RELAXED) &
                        VRING_USED_F_NO_NOTIFY) == 0;
        wanted = __atomic_load_n(notification_wish(queue), __ATOMIC_RELAXED);
        return vring_need_event(wanted, now, before);
}

static bool break_queue(struct virtqueue *queue, const char *how)
{
        queue->broken = how;
        return false;
}

bool virtqueue_used_waits(const struct virtqueue *queue)
{
        return device_index(queue) != queue->used;
}

/* The descriptor is free; the next one of its chain comes back with the next call. */
static void take_back(struct virtqueue *queue, uint16_t id, uint32_t *cookie)
{
        queue->rest = queue->next[id];
        queue->free[queue->free_count++] = id;
        *cookie = queue->cookie[id];
}

bool virtqueue_take_used(struct virtqueue *queue, uint32_t *cookie, uint32_t *written)
{
        uint16_t ahead = (uint16_t)(device_index(queue) - queue->used);
        vring_used_elem_t *element;
        uint32_t id, length;
        if (!queue->broken && queue->rest != VIRTQUEUE_NONE) {
                take_back(queue, queue->rest, cookie);
                *written = 0;
                return true;
        }
        if (queue->broken || ahead == 0)
                return false;
        if (ahead > (uint16_t)(queue->size - queue->free_count))
                return break_queue(queue, "used index beyond what was offered");
        element = &queue->ring.used->ring[queue->used & (queue->size - 1)];
        id = __atomic_load_n(&element->id, __ATOMIC_RELAXED);
        length = __atomic_load_n(&element->len, __ATOMIC_RELAXED);
        if (id >= queue->size || !queue->with_device[id])
                return break_queue(queue, "used id that the device does not have");
        if (queue->capacity[id] != 0 && length > queue->capacity[id])
                return break_queue(queue, "more bytes written than there was room for");
        queue->with_device[id] = false;
        take_back(queue, (uint16_t)id, cookie);
        queue->used++;
        *written = queue->capacity[id] != 0 ? length : 0;
        return true;
}

void virtqueue_interrupts_off(struct virtqueue *queue)
{
        /* With event indices: an index that the device reaches only after a whole round. */
        if (queue->event_index)
                __atomic_store_n(interrupt_wish(queue), (uint16_t)(queue->used - 1),
                                 __ATOMIC_RELAXED);
        else
                __atomic_store_n(&queue->ring.avail->flags, VRING_AVAIL_F_NO_INTERRUPT,
                                 __ATOMIC_RELAXED);
}

bool virtqueue_interrupts_on(struct virtqueue *queue, unsigned count)
{
        if (!queue->event_index)
                count = 1;
        if (queue->event_index)
                __atomic_store_n(interrupt_wish(queue), (uint16_t)(queue->used + count - 1),
                                 __ATOMIC_RELAXED);
        else
                __atomic_store_n(&queue->ring.avail->flags, 0, __ATOMIC_RELAXED);
        /* The wish must be visible before the index is read, or both sides may miss each other. */
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
        return (uint16_t)(device_index(queue) - queue->used) < count;
}
