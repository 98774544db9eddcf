/* The directory is read entry by entry, each byte once; see fw_cfg.h. Numbers in it are big-endian.
 */
#include "servers/rt/pure/fw_cfg.h"

#include <stdbool.h>

enum { KEY_SIGNATURE = 0, KEY_DIRECTORY = 0x19, NAME = 56 };

/* struct FWCfgFile of the specification, as bytes. */
struct entry {
        uint32_t size;
        uint16_t key;
        char name[NAME];
};

static uint32_t number(const struct fw_cfg *device, unsigned bytes)
{
        uint32_t value = 0;
        for (unsigned i = 0; i < bytes; i++)
                value = value << 8 | device->next(device->context);
        return value;
}

static bool is_there(const struct fw_cfg *device)
{
        enum { QEMU = 0x51454d55 };
        device->select(device->context, KEY_SIGNATURE);
        return number(device, 4) == QEMU;
}

static struct entry entry_next(const struct fw_cfg *device)
{
        struct entry entry = {.size = number(device, 4)};
        entry.key = (uint16_t)number(device, 2);
        number(device, 2); /* reserved */
        for (unsigned i = 0; i < NAME; i++)
                entry.name[i] = (char)device->next(device->context);
        return entry;
}

/* A name in the directory may lack its end. */
static bool is_named(const struct entry *entry, const char *name)
{
        unsigned i = 0;
        while (i < NAME && entry->name[i] && entry->name[i] == name[i])
                i++;
        return !name[i] && (i == NAME || !entry->name[i]);
}

static bool find(const struct fw_cfg *device, const char *name, struct entry *found)
{
        if (!is_there(device))
                return false;
        device->select(device->context, KEY_DIRECTORY);
        uint32_t count = number(device, 4);
        for (uint32_t i = 0; i < count && i < FW_CFG_FILES_MAX; i++) {
                *found = entry_next(device);
                if (is_named(found, name))
                        return true;
        }
        return false;
}

outcome_t fw_cfg_read(const struct fw_cfg *device, const char *name, void *to, size_t room,
                      size_t *length)
{
        struct entry file;
        uint8_t *out = to;
        if (!find(device, name, &file))
                return not_executed(REASON_NOT_FOUND);
        if (file.size > room)
                return not_executed(REASON_TOO_LONG);
        device->select(device->context, file.key);
        for (uint32_t i = 0; i < file.size; i++)
                out[i] = device->next(device->context);
        *length = file.size;
        return OUTCOME_OK;
}
