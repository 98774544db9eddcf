/* Resets, negotiates with and starts a modern virtio device (virtio_pci.h). The order in which
 * status bits are set is the specification's (section 3.1.1). */
#include <stddef.h>
#include <string.h>
#include <linux/virtio_config.h>
#include "drivers/lib/virtio_caps.h"
#include "drivers/lib/virtio_pci.h"
#include "servers/rt/task/log.h"

_Static_assert(sizeof(struct virtio_pci_common_cfg) == 56, "virtio 1.1, 4.1.4.3");
_Static_assert(offsetof(struct virtio_pci_common_cfg, queue_desc_lo) == 32, "virtio 1.1, 4.1.4.3");

#define POLL_INTERVAL RT_MILLISECOND

static volatile void *structure_map(struct virtio_device *device, uint8_t type, uint32_t bytes,
                                    struct virtio_place *place)
{
        if (!virtio_place_find(&device->pci->config, type, bytes, place))
                return NULL;
        return pci_device_registers(device->pci, place->bar, place->offset, place->bytes);
}

bool virtio_open(struct virtio_device *device, struct pci_device *pci, uint32_t config_bytes)
{
        struct virtio_place place = {0};
        memset(device, 0, sizeof *device);
        device->pci = pci;
        device->config = structure_map(device, VIRTIO_PCI_CAP_DEVICE_CFG, config_bytes, &place);
        device->common = structure_map(device, VIRTIO_PCI_CAP_COMMON_CFG,
                                       sizeof(struct virtio_pci_common_cfg), &place);
        device->notify = structure_map(device, VIRTIO_PCI_CAP_NOTIFY_CFG, 2, &place);
        device->notify_bytes = place.bytes;
        device->notify_multiplier = place.multiplier;
        return device->config && device->common && device->notify;
}

bool virtio_reset(struct virtio_device *device)
{
        uint64_t deadline = rt_after(VIRTIO_RESET_WAIT);
        device->common->device_status = 0;
        while (device->common->device_status != 0) {
                if (rt_now() >= deadline) {
                        rt_log("the device does not answer a reset (status %02x)",
                               device->common->device_status);
                        return false;
                }
                sys_sleep(rt_after(POLL_INTERVAL));
        }
        return true;
}

static void status_add(struct virtio_device *device, unsigned bits)
{
        device->common->device_status = (uint8_t)(device->common->device_status | bits);
}

static uint64_t features_offered(struct virtio_device *device)
{
        uint64_t low;
        device->common->device_feature_select = 0;
        low = device->common->device_feature;
        device->common->device_feature_select = 1;
        return (uint64_t)device->common->device_feature << 32 | low;
}

bool virtio_negotiate(struct virtio_device *device, uint64_t required, uint64_t wanted,
                      uint64_t *features)
{
        uint64_t offered;
        status_add(device, VIRTIO_CONFIG_S_ACKNOWLEDGE);
        status_add(device, VIRTIO_CONFIG_S_DRIVER);
        offered = features_offered(device);
        *features = offered & (wanted | required);
        if ((offered & required) != required) {
                rt_log("the device lacks features: offers %lx, required %lx", offered, required);
                return false;
        }
        device->common->guest_feature_select = 0;
        device->common->guest_feature = (uint32_t)*features;
        device->common->guest_feature_select = 1;
        device->common->guest_feature = (uint32_t)(*features >> 32);
        status_add(device, VIRTIO_CONFIG_S_FEATURES_OK);
        if (device->common->device_status & VIRTIO_CONFIG_S_FEATURES_OK)
                return true;
        rt_log("the device does not accept features %lx of %lx", *features, offered);
        return false;
}

unsigned virtio_queue_size(struct virtio_device *device, unsigned index)
{
        unsigned size;
        if (index >= device->common->num_queues)
                return 0;
        device->common->queue_select = (uint16_t)index;
        size = device->common->queue_size;
        if ((size & (size - 1)) != 0)
                return 0;
        return size < VIRTQUEUE_SIZE_MAX ? size : VIRTQUEUE_SIZE_MAX;
}

bool virtio_queue_start(struct virtio_device *device, unsigned index, const struct virtqueue *queue,
                        unsigned vector)
{
        volatile struct virtio_pci_common_cfg *common = device->common;
        uint64_t descriptors = virtqueue_descriptors(queue);
        uint64_t available = virtqueue_available(queue);
        uint64_t used = virtqueue_used(queue);
        common->queue_select = (uint16_t)index;
        common->queue_size = queue->size;
        common->queue_msix_vector = (uint16_t)vector;
        if (common->queue_msix_vector != vector) {
                rt_log("queue %u does not take interrupt %u", index, vector);
                return false;
        }
        common->queue_desc_lo = (uint32_t)descriptors;
        common->queue_desc_hi = (uint32_t)(descriptors >> 32);
        common->queue_avail_lo = (uint32_t)available;
        common->queue_avail_hi = (uint32_t)(available >> 32);
        common->queue_used_lo = (uint32_t)used;
        common->queue_used_hi = (uint32_t)(used >> 32);
        common->queue_enable = 1;
        return true;
}

bool virtio_config_vector(struct virtio_device *device, unsigned vector)
{
        device->common->msix_config = (uint16_t)vector;
        return device->common->msix_config == vector;
}

void virtio_ready(struct virtio_device *device)
{
        status_add(device, VIRTIO_CONFIG_S_DRIVER_OK);
}

volatile uint16_t *virtio_notifier(struct virtio_device *device, unsigned index)
{
        uint64_t offset;
        device->common->queue_select = (uint16_t)index;
        offset = (uint64_t)device->common->queue_notify_off * device->notify_multiplier;
        if (offset % 2 != 0 || offset + 2 > device->notify_bytes)
                return NULL;
        return (volatile uint16_t *)(device->notify + offset);
}

bool virtio_failed(const struct virtio_device *device)
{
        return device->common->device_status & VIRTIO_CONFIG_S_NEEDS_RESET;
}
