/* Configuration space as memory, mapped bus by bus (ecam.h). Accesses have just the width that is
 * asked for: some registers change when they are read or written. */
#include <string.h>
#include "drivers/bus/pci/ecam.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

enum { BUS_BYTES = 1 << 20, FUNCTION_SHIFT = 12 };

static volatile uint8_t *bus_map(struct ecam *ecam, unsigned bus)
{
        handle_t memory;
        void *address = NULL;
        outcome_t outcome;
        if (ecam->tried[bus])
                return ecam->bus[bus];
        ecam->tried[bus] = true;
        outcome = sys_device_memory(ecam->hardware, ecam->physical + (uint64_t)bus * BUS_BYTES,
                                    BUS_BYTES, &memory);
        if (outcome == OUTCOME_OK) {
                outcome = rt_memory_map(memory, 0, BUS_BYTES, MAP_READ | MAP_WRITE, &address);
                sys_handle_close(memory);
        }
        if (outcome != OUTCOME_OK)
                rt_log("bus %u: cannot map its configuration space: %s", bus,
                       reason_text(outcome_reason(outcome)));
        ecam->bus[bus] = address;
        return ecam->bus[bus];
}

/* The register's address; NULL if there is no such bus. */
static volatile void *register_at(struct ecam *ecam, uint16_t address, unsigned offset)
{
        volatile uint8_t *bus = bus_map(ecam, address >> 8);
        return bus ? bus + ((address & 0xffu) << FUNCTION_SHIFT) + offset : NULL;
}

static uint32_t ecam_read(void *context, uint16_t address, unsigned offset, unsigned width)
{
        volatile void *at = register_at(context, address, offset);
        if (!at)
                return UINT32_MAX >> (32 - 8 * width);
        switch (width) {
        case 1:
                return *(volatile uint8_t *)at;
        case 2:
                return *(volatile uint16_t *)at;
        default:
                return *(volatile uint32_t *)at;
        }
}

static void ecam_write(void *context, uint16_t address, unsigned offset, unsigned width,
                       uint32_t value)
{
        volatile void *at = register_at(context, address, offset);
        if (!at)
                return;
        switch (width) {
        case 1:
                *(volatile uint8_t *)at = (uint8_t)value;
                break;
        case 2:
                *(volatile uint16_t *)at = (uint16_t)value;
                break;
        default:
                *(volatile uint32_t *)at = value;
        }
}

static void ecam_pause(void *context, uint64_t duration)
{
        (void)context;
        sys_sleep(rt_after(duration));
}

void ecam_init(struct ecam *ecam, handle_t hardware, uint64_t physical, unsigned bus_first,
               unsigned bus_last)
{
        memset(ecam, 0, sizeof *ecam);
        ecam->hardware = hardware;
        ecam->physical = physical;
        ecam->space = (struct config_space){
            .read = ecam_read,
            .write = ecam_write,
            .pause = ecam_pause,
            .context = ecam,
            .bus_first = bus_first,
            .bus_last = bus_last < ECAM_BUSES ? bus_last : ECAM_BUSES - 1,
        };
}

void ecam_close(struct ecam *ecam)
{
        for (unsigned bus = 0; bus < ECAM_BUSES; bus++) {
                if (ecam->bus[bus])
                        rt_memory_free((void *)ecam->bus[bus], BUS_BYTES);
                ecam->bus[bus] = NULL;
                ecam->tried[bus] = false;
        }
}
