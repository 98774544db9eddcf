/* See nic.h. */
#include "tools/check/nic.h"

#include <string.h>

static const struct {
        const char *card;
        uint32_t vendor, device;
} known[] = {{"virtio", 0x1af4, 0x1041}, {"e1000", 0x8086, 0x100e}};

enum { KNOWN = sizeof known / sizeof known[0] };

static bool are(const char *cards, const char *card)
{
        return strcmp(cards, card) == 0 || strcmp(cards, "mixed") == 0;
}

bool nic_known(const char *cards)
{
        for (unsigned i = 0; i < KNOWN; i++)
                if (are(cards, known[i].card))
                        return true;
        return false;
}

static bool drives(const struct system *system, component_ref nic, uint32_t vendor, uint32_t device)
{
        FOR_EACH_MANIFEST(system, nic, entry)
        for (unsigned i = 0; i < entry->manifest.device_count; i++) {
                const struct manifest_device *entry_device = &entry->manifest.devices[i];
                if (entry_device->kind == DEVICE_PCI && entry_device->first == vendor &&
                    entry_device->second == device)
                        return true;
        }
        return false;
}

static void drivers_check(struct system *system, component_ref nic, const char *cards)
{
        for (unsigned i = 0; i < KNOWN; i++)
                if (are(cards, known[i].card) &&
                    !drives(system, nic, known[i].vendor, known[i].device))
                        system_complain(system, system->file, nic->line,
                                        "no manifest of component %s has the device %s (pci "
                                        "%x:%x)",
                                        shown(nic->name).text, known[i].card, known[i].vendor,
                                        known[i].device);
}

void check_nic(struct system *system, const char *cards)
{
        for (unsigned i = 0; i < system->description.count; i++)
                if (component_provides(system, component_at(system, i), text_of("nic")))
                        drivers_check(system, component_at(system, i), cards);
}
