/* The device; see device.h. */
#include "drivers/char/virtio_console/device.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <linux/virtio_config.h>
#include <linux/virtio_console.h>
#include "servers/rt/task/log.h"

#define FEATURES (1ull << VIRTIO_F_VERSION_1 | 1ull << VIRTIO_CONSOLE_F_MULTIPORT)

enum {
        VECTOR = 0,
        CONTROL_RECEIVE = 2,
        CONTROL_TRANSMIT = 3,
        RING_ROOM = 1024, /* of one ring; virtqueue_bytes(CONSOLE_RING) is less */
        RINGS = 2 + 2 * LINES,
        CONTROL_ROOM = 2 * CONSOLE_RING * CONSOLE_CONTROL,
        PORT_ROOM = CONSOLE_BUFFERS * CONSOLE_BUFFER,
        MEMORY = RINGS * RING_ROOM + CONTROL_ROOM + 2 * LINES * PORT_ROOM,
};

_Noreturn static void give_up(const char *why)
{
        rt_log("given up: %s", why);
        exit(EXIT_FAILURE);
}

static void check(const struct console_queue *queue)
{
        if (queue->queue.broken)
                give_up(queue->queue.broken);
}

/* ---- start -------------------------------------------------------------------------------------
 */

/* What is left of the memory. */
struct room {
        uint8_t *at;
        uint64_t physical;
};

static struct room room_take(struct room *room, size_t bytes)
{
        struct room taken = *room;
        room->at += bytes;
        room->physical += bytes;
        return taken;
}

static void queue_start(struct console *console, struct console_queue *queue, unsigned index,
                        unsigned count, unsigned bytes, struct room *room)
{
        struct room ring = room_take(room, RING_ROOM), buffers = room_take(room, count * bytes);
        unsigned size = virtio_queue_size(&console->device, index);
        if (size < CONSOLE_RING)
                give_up("the device has fewer queues than it says, or smaller ones");
        virtqueue_init(&queue->queue, ring.at, ring.physical, CONSOLE_RING, false);
        queue->index = index;
        queue->buffers = buffers.at;
        queue->physical = buffers.physical;
        queue->count = count;
        queue->bytes = bytes;
        queue->notify = virtio_notifier(&console->device, index);
        if (!queue->notify || !virtio_queue_start(&console->device, index, &queue->queue, VECTOR))
                give_up("the device does not take a queue");
}

static void queue_publish(struct console_queue *queue)
{
        if (virtqueue_publish(&queue->queue))
                *queue->notify = (uint16_t)queue->index;
}

static void buffer_add(struct console_queue *queue, uint32_t buffer, uint32_t bytes,
                       bool device_writes)
{
        bool added = virtqueue_add(&queue->queue, queue->physical + buffer * queue->bytes, bytes,
                                   device_writes, buffer);
        assert(added); /* there are no more buffers than places */
        (void)added;
}

static void queue_fill(struct console_queue *queue)
{
        for (uint32_t i = 0; i < queue->count; i++)
                buffer_add(queue, i, queue->bytes, true);
        queue_publish(queue);
}

static void queues_start(struct console *console)
{
        struct room room = {console->memory.address, console->memory.physical};
        queue_start(console, &console->control_receive, CONTROL_RECEIVE, CONSOLE_RING,
                    CONSOLE_CONTROL, &room);
        queue_start(console, &console->control_transmit, CONTROL_TRANSMIT, CONSOLE_RING,
                    CONSOLE_CONTROL, &room);
        for (unsigned i = 0; i < LINES; i++) {
                struct console_port *port = &console->ports[i];
                queue_start(console, &port->receive, 2 + 2 * (i + 1), CONSOLE_BUFFERS,
                            CONSOLE_BUFFER, &room);
                queue_start(console, &port->transmit, 3 + 2 * (i + 1), CONSOLE_BUFFERS,
                            CONSOLE_BUFFER, &room);
                memset(port->idle, true, sizeof port->idle);
        }
        memset(console->control_idle, true, sizeof console->control_idle);
        assert((size_t)(room.at - (uint8_t *)console->memory.address) == MEMORY);
}

static void require(const char *what, bool good)
{
        if (!good)
                give_up(what);
}

void device_start(struct console *console, handle_t event, uint64_t bits)
{
        const struct line_message ready = {VIRTIO_CONSOLE_BAD_ID, VIRTIO_CONSOLE_DEVICE_READY, 1};
        uint64_t features;
        handle_t line;
        _Static_assert(RING_ROOM % VIRTQUEUE_ALIGNMENT == 0, "rings stay aligned");
        outcome_t outcome = pci_device_claim(&console->pci);
        if (outcome_reason(outcome) == REASON_NOT_FOUND) {
                rt_log("no such device in this machine");
                exit(EXIT_SUCCESS);
        }
        require("cannot claim the device", outcome == OUTCOME_OK);
        require("it is a legacy virtio device; a modern one is needed (virtio 1.0)",
                virtio_open(&console->device, &console->pci, sizeof(struct virtio_console_config)));
        require("no DMA memory",
                pci_device_dma(&console->pci, MEMORY, &console->memory) == OUTCOME_OK);
        require("no MSI-X, which this driver needs",
                pci_device_interrupt(&console->pci, VECTOR, event, bits, &line) == OUTCOME_OK &&
                    line == 0);
        require("the device cannot be used",
                virtio_reset(&console->device) &&
                    virtio_negotiate(&console->device, FEATURES, 0, &features));
        queues_start(console);
        require("cannot make the device a bus master",
                pci_device_master(&console->pci, true) == OUTCOME_OK);
        virtio_ready(&console->device);
        queue_fill(&console->control_receive);
        for (unsigned i = 0; i < LINES; i++)
                queue_fill(&console->ports[i].receive);
        device_tell(console, &ready);
}

/* ---- control messages --------------------------------------------------------------------------
 */

size_t device_control(struct console *console, uint8_t bytes[CONSOLE_CONTROL])
{
        struct console_queue *queue = &console->control_receive;
        uint32_t buffer, length;
        bool taken = virtqueue_take_used(&queue->queue, &buffer, &length);
        check(queue);
        if (!taken)
                return 0;
        memcpy(bytes, queue->buffers + buffer * queue->bytes, length);
        buffer_add(queue, buffer, queue->bytes, true);
        queue_publish(queue);
        return length;
}

/* Collects the buffers that the device has read. */
static void collect(struct console_queue *queue, bool *idle)
{
        uint32_t buffer, unused;
        while (virtqueue_take_used(&queue->queue, &buffer, &unused))
                idle[buffer] = true;
        check(queue);
}

/* A buffer that is free to send; `count`: there is none. */
static uint32_t idle_find(struct console_queue *queue, const bool *idle)
{
        uint32_t buffer = 0;
        while (buffer < queue->count && !idle[buffer])
                buffer++;
        return buffer;
}

static void send(struct console_queue *queue, bool *idle, uint32_t buffer, const void *from,
                 size_t count)
{
        memcpy(queue->buffers + buffer * queue->bytes, from, count);
        idle[buffer] = false;
        buffer_add(queue, buffer, (uint32_t)count, false);
        queue_publish(queue);
}

void device_tell(struct console *console, const struct line_message *message)
{
        struct console_queue *queue = &console->control_transmit;
        uint8_t bytes[LINE_MESSAGE_BYTES];
        collect(queue, console->control_idle);
        uint32_t buffer = idle_find(queue, console->control_idle);
        require("the device reads no control messages", buffer < queue->count);
        line_message_write(message, bytes);
        send(queue, console->control_idle, buffer, bytes, sizeof bytes);
}

/* ---- lines -------------------------------------------------------------------------------------
 */

/* Notes the buffers that have been received since. */
static void gather(struct console_port *port)
{
        struct console_filled filled = {0};
        while (virtqueue_take_used(&port->receive.queue, &filled.buffer, &filled.length)) {
                assert(port->filled_count < CONSOLE_BUFFERS);
                port->filled[port->filled_count++] = filled;
        }
        check(&port->receive);
}

size_t device_peek(struct console *console, unsigned line, void *to, size_t most)
{
        struct console_port *port = &console->ports[line];
        size_t done = 0;
        gather(port);
        for (unsigned i = 0; i < port->filled_count && done < most; i++) {
                const struct console_filled *filled = &port->filled[i];
                size_t part = filled->length - filled->taken;
                part = part < most - done ? part : most - done;
                memcpy((uint8_t *)to + done,
                       port->receive.buffers + filled->buffer * CONSOLE_BUFFER + filled->taken,
                       part);
                done += part;
        }
        return done;
}

/* The device gets the oldest buffer again. */
static void oldest_return(struct console_port *port)
{
        buffer_add(&port->receive, port->filled[0].buffer, CONSOLE_BUFFER, true);
        memmove(&port->filled[0], &port->filled[1], --port->filled_count * sizeof port->filled[0]);
}

void device_drop(struct console *console, unsigned line, size_t count)
{
        struct console_port *port = &console->ports[line];
        while (port->filled_count > 0) {
                struct console_filled *filled = &port->filled[0];
                size_t part = filled->length - filled->taken;
                part = part < count ? part : count;
                filled->taken += (uint32_t)part;
                count -= part;
                if (filled->taken < filled->length)
                        break;
                oldest_return(port);
        }
        assert(count == 0);
        queue_publish(&port->receive);
}

void device_discard(struct console *console, unsigned line)
{
        struct console_port *port = &console->ports[line];
        gather(port);
        while (port->filled_count > 0)
                oldest_return(port);
        queue_publish(&port->receive);
}

size_t device_write(struct console *console, unsigned line, const void *from, size_t count)
{
        struct console_port *port = &console->ports[line];
        collect(&port->transmit, port->idle);
        uint32_t buffer = idle_find(&port->transmit, port->idle);
        if (buffer == port->transmit.count)
                return 0;
        count = count < CONSOLE_BUFFER ? count : CONSOLE_BUFFER;
        send(&port->transmit, port->idle, buffer, from, count);
        return count;
}
