/* The driver of a virtio entropy device (Virtual I/O Device, version 1.1, section 5.4): one queue,
 * whose buffers the device fills; interface entropy.
 *
 *      IDLE ──offered──► FILLING ──used──► IDLE, and the bytes are handed out
 *                          │ deadline: the next who asks waits for the same buffer
 *
 * One request at a time: it waits for the device, which is the host; others wait in the port. */
#include <stdlib.h>
#include <string.h>
#include <linux/virtio_config.h>
#include "drivers/lib/virtio_pci.h"
#include "servers/proto/entropy.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"

#define PATIENCE (2 * RT_SECOND)

enum { QUEUE = 0, VECTOR = 0, BIT_INTERRUPT = 1, RING = 2, RING_ROOM = 1024, MOST = 64 };

static struct {
        struct server server;
        struct pci_device pci;
        struct virtio_device device;
        struct virtqueue queue;
        volatile uint16_t *notify;
        handle_t interrupt; /* an event of its own: nothing else waits meanwhile */
        uint8_t *buffer;    /* of MOST bytes, behind the ring */
        uint64_t physical;  /* where the device sees it */
        bool filling;
        uint8_t drawn[MOST]; /* what is being handed out */
} driver;

_Noreturn static void give_up(const char *why)
{
        rt_log("given up: %s", why);
        exit(EXIT_FAILURE);
}

static void require(const char *what, bool good)
{
        if (!good)
                give_up(what);
}

/* ---- the device --------------------------------------------------------------------------------
 */

static void buffer_offer(void)
{
        if (driver.filling)
                return;
        driver.filling = virtqueue_add(&driver.queue, driver.physical, MOST, true, 0);
        require("no room for one buffer", driver.filling);
        if (virtqueue_publish(&driver.queue))
                *driver.notify = QUEUE;
}

/* How many bytes of the buffer the device has filled; 0: none by the deadline. */
static size_t buffer_filled(uint64_t deadline)
{
        uint32_t cookie, length;
        uint64_t bits;
        buffer_offer();
        while (!virtqueue_take_used(&driver.queue, &cookie, &length)) {
                if (driver.queue.broken)
                        give_up(driver.queue.broken);
                if (sys_event_wait(driver.interrupt, BIT_INTERRUPT, deadline, &bits) != OUTCOME_OK)
                        return 0;
        }
        driver.filling = false;
        require("the device gives a buffer back empty", length > 0);
        return length;
}

static void queue_start(void)
{
        struct dma_memory memory;
        require("no DMA memory",
                pci_device_dma(&driver.pci, RING_ROOM + MOST, &memory) == OUTCOME_OK);
        require("the device has no queue", virtio_queue_size(&driver.device, QUEUE) >= RING);
        virtqueue_init(&driver.queue, memory.address, memory.physical, RING, false);
        driver.buffer = (uint8_t *)memory.address + RING_ROOM;
        driver.physical = memory.physical + RING_ROOM;
        driver.notify = virtio_notifier(&driver.device, QUEUE);
        require("the device does not take the queue",
                driver.notify && virtio_queue_start(&driver.device, QUEUE, &driver.queue, VECTOR));
}

static void device_start(void)
{
        const uint64_t wanted = 1ull << VIRTIO_F_VERSION_1;
        uint64_t features;
        handle_t line;
        outcome_t outcome = pci_device_claim(&driver.pci);
        if (outcome_reason(outcome) == REASON_NOT_FOUND) {
                rt_log("no such device in this machine");
                exit(EXIT_SUCCESS);
        }
        require("cannot claim the device", outcome == OUTCOME_OK);
        require("it is a legacy virtio device; a modern one is needed (virtio 1.0)",
                virtio_open(&driver.device, &driver.pci, 0));
        require("no memory for an event", sys_event_create(&driver.interrupt) == OUTCOME_OK);
        require("no MSI-X, which this driver needs",
                pci_device_interrupt(&driver.pci, VECTOR, driver.interrupt, BIT_INTERRUPT, &line) ==
                        OUTCOME_OK &&
                    line == 0);
        require("the device cannot be used",
                virtio_reset(&driver.device) &&
                    virtio_negotiate(&driver.device, wanted, 0, &features));
        queue_start();
        require("cannot make the device a bus master",
                pci_device_master(&driver.pci, true) == OUTCOME_OK);
        virtio_ready(&driver.device);
}

/* ---- requests ----------------------------------------------------------------------------------
 */

static outcome_t draw(struct request *request, uint64_t count, const void **random,
                      size_t *random_length)
{
        size_t done = 0;
        if (count == 0 || count > MOST)
                return answered(REASON_INVALID);
        const uint64_t deadline = rt_earlier(request->deadline, rt_after(PATIENCE));
        while (done < count) {
                size_t filled = buffer_filled(deadline), part = count - done;
                if (filled == 0)
                        return answered(REASON_OVERLOADED);
                part = filled < part ? filled : part;
                memcpy(driver.drawn + done, driver.buffer, part);
                explicit_bzero(driver.buffer, MOST);
                done += part;
        }
        *random = driver.drawn;
        *random_length = done;
        return OUTCOME_OK;
}

/* The answer has been sent. */
static void on_idle(struct server *server)
{
        (void)server;
        explicit_bzero(driver.drawn, sizeof driver.drawn);
}

static outcome_t driver_start(void)
{
        static const struct entropy_server entropy = {.draw = draw};
        handle_t right;
        device_start();
        outcome_t outcome = rt_server_init(&driver.server);
        driver.server.on_idle = on_idle;
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&driver.server, ENTROPY_INTERFACE, entropy_dispatch,
                                        &entropy, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&driver.server, 1, &right);
        return outcome == OUTCOME_OK ? rt_register("entropy", right) : outcome;
}

int main(void)
{
        outcome_t outcome = driver_start();
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&driver.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
