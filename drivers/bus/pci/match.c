/* Chooses a function for a component, and describes what there is (match.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "drivers/bus/pci/match.h"

unsigned card_read(const char *text)
{
        char *end;
        unsigned long card = strtoul(text, &end, 16);
        return *text == 0 || *end != 0 || card >= CARD_ANY ? CARD_ANY : (unsigned)card;
}

bool card_present(const struct machine_functions *machine, unsigned card)
{
        for (unsigned i = 0; i < machine->count; i++)
                if (machine->functions[i].address == card &&
                    pci_function_is_network(&machine->functions[i]))
                        return true;
        return false;
}

/* Whether it is not a network card beside the preferred one. */
static bool allowed(const struct machine_functions *machine, unsigned index)
{
        const struct pci_function *function = &machine->functions[index];
        return machine->card == CARD_ANY || function->address == machine->card ||
               !pci_function_is_network(function);
}

static const struct pci_id *id_of(const struct pci_id *ids, unsigned count,
                                  const struct pci_function *function)
{
        for (unsigned i = 0; i < count; i++)
                if (ids[i].vendor == function->vendor && ids[i].device == function->device)
                        return &ids[i];
        return NULL;
}

bool ids_match(const struct pci_id *ids, unsigned count, const struct machine_functions *machine,
               unsigned index)
{
        return allowed(machine, index) && id_of(ids, count, &machine->functions[index]);
}

bool driver_choose(const struct pci_id *ids, unsigned count,
                   const struct machine_functions *machine, unsigned *driver)
{
        for (unsigned i = 0; i < machine->count; i++) {
                if (!ids_match(ids, count, machine, i))
                        continue;
                *driver = id_of(ids, count, &machine->functions[i])->driver;
                return true;
        }
        return false;
}

unsigned ids_keep(struct pci_id *ids, unsigned count, unsigned driver)
{
        unsigned kept = 0;
        for (unsigned i = 0; i < count; i++)
                if (ids[i].driver == driver)
                        ids[kept++] = ids[i];
        return kept;
}

/* ---- what is said ---------------------------------------------------------------------------- */

/* PCI Code and ID Assignment Specification 1.11, section 1.3. */
static const char *class_name(uint32_t class)
{
        enum { ETHERNET = 0x0200 };
        return class >> 8 == ETHERNET ? "Ethernet" : "network";
}

void ids_describe(const struct pci_id *ids, unsigned count, char *text, size_t size)
{
        size_t used = 0;
        text[0] = 0;
        for (unsigned i = 0; i < count && used < size; i++)
                used += (size_t)snprintf(text + used, size - used, "%s%04x:%04x", i > 0 ? " " : "",
                                         ids[i].vendor, ids[i].device);
}

/* Adds it to the text, or nothing if it does not go in whole. */
static void card_describe(const struct pci_function *function, char *text, size_t size)
{
        size_t used = strlen(text);
        int more =
            snprintf(text + used, size - used, "%s%04x:%04x (%s, class %04x) at %02x:%02x.%x",
                     used > 0 ? ", " : "", function->vendor, function->device,
                     class_name(function->class), function->class >> 8, function->address >> 8,
                     function->address >> 3 & 0x1f, function->address & 7);
        if (more < 0 || (size_t)more >= size - used)
                text[used] = 0;
}

void cards_describe(const struct machine_functions *machine, bool (*taken)(unsigned index),
                    char *text, size_t size)
{
        text[0] = 0;
        for (unsigned i = 0; i < machine->count; i++)
                if (pci_function_is_network(&machine->functions[i]) && allowed(machine, i) &&
                    !taken(i))
                        card_describe(&machine->functions[i], text, size);
}
