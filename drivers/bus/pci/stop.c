/* Stops and resets functions (stop.h). Bus mastering goes first: from then on the device reaches no
 * memory, whatever else fails. */
#include <linux/pci_regs.h>
#include "drivers/bus/pci/stop.h"

enum {
        SAVED_FIRST = PCI_BASE_ADDRESS_0,
        SAVED_WORDS = 6,
};

#define RESET_TIME 100000000ull /* ns, section 6.6.2 */

void function_stop(const struct config_space *space, uint16_t address)
{
        struct pci_config config;
        uint32_t command = config_read(space, address, PCI_COMMAND, 2);
        unsigned capability;
        command &= ~(uint32_t)PCI_COMMAND_MASTER;
        config_write(space, address, PCI_COMMAND, 2, command | PCI_COMMAND_INTX_DISABLE);
        config_copy(space, address, &config);
        capability = pci_capability_find(&config, PCI_CAP_ID_MSIX, 0);
        if (capability != 0)
                config_write(space, address, capability + PCI_MSIX_FLAGS, 2, 0);
        capability = pci_capability_find(&config, PCI_CAP_ID_MSI, 0);
        if (capability != 0)
                config_write(space, address, capability + PCI_MSI_FLAGS, 2, 0);
}

bool function_reset(const struct config_space *space, uint16_t address)
{
        struct pci_config config;
        unsigned capability;
        uint32_t control;
        config_copy(space, address, &config);
        capability = pci_capability_find(&config, PCI_CAP_ID_EXP, 0);
        if (capability == 0 || capability + PCI_EXP_DEVSTA + 2 > PCI_CONFIG_BYTES ||
            (pci_config_32(&config, capability + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR) == 0)
                return false;
        control = pci_config_16(&config, capability + PCI_EXP_DEVCTL);
        config_write(space, address, capability + PCI_EXP_DEVCTL, 2,
                     control | PCI_EXP_DEVCTL_BCR_FLR);
        space->pause(space->context, RESET_TIME);
        for (unsigned i = 0; i < SAVED_WORDS; i++)
                config_write(space, address, SAVED_FIRST + 4 * i, 4,
                             pci_config_32(&config, SAVED_FIRST + 4 * i));
        config_write(space, address, PCI_INTERRUPT_LINE, 1,
                     pci_config_8(&config, PCI_INTERRUPT_LINE));
        config_write(space, address, PCI_COMMAND, 2, pci_config_16(&config, PCI_COMMAND));
        return true;
}

static void stop_endpoint(void *context, const struct pci_function *function)
{
        if (pci_function_is_endpoint(function))
                function_stop(context, function->address);
}

void functions_stop_all(const struct config_space *space)
{
        pci_functions_each(space, stop_endpoint, (void *)space);
}

struct silence {
        const struct config_space *space;
        unsigned count;
};

/* Reading back makes sure that the device has seen it. */
static void silence_function(void *context, const struct pci_function *function)
{
        struct silence *silence = context;
        uint32_t command = config_read(silence->space, function->address, PCI_COMMAND, 2);
        if (function->header != PCI_HEADER_TYPE_NORMAL || (command & PCI_COMMAND_MASTER) == 0)
                return;
        config_write(silence->space, function->address, PCI_COMMAND, 2,
                     command & ~(uint32_t)PCI_COMMAND_MASTER);
        (void)config_read(silence->space, function->address, PCI_COMMAND, 2);
        silence->count++;
}

unsigned functions_silence(const struct config_space *space)
{
        struct silence silence = {.space = space};
        pci_functions_each(space, silence_function, &silence);
        return silence.count;
}
