/* Which function a component gets, and what is said if there is none for it.
 *
 * A node belongs to one network: that of the card that it booted from, if the boot loader says
 * which one that was. Other network cards are then handed to nobody. Pure. */
#ifndef DRIVERS_BUS_PCI_MATCH_H
#define DRIVERS_BUS_PCI_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include "drivers/bus/pci/functions.h"
#include "servers/proto/pci_layout.h"

/* No card is preferred: the boot loader said nothing. */
enum { CARD_ANY = 1 << 16 };

/* The functions of a machine. */
struct machine_functions {
        const struct pci_function *functions;
        unsigned count;
        unsigned card; /* address of the card that the node booted from, or CARD_ANY */
};

/* Reads the value of the argument `card`, an address in hexadecimal, with or without 0x; CARD_ANY
 * if it is none. */
unsigned card_read(const char *text);

/* Whether the machine has a network card at that address. */
bool card_present(const struct machine_functions *machine, unsigned card);

/* Whether a component with these ids may have the function. */
bool ids_match(const struct pci_id *ids, unsigned count, const struct machine_functions *machine,
               unsigned index);

/* The number of the driver for the first function that matches; false: there is none. */
bool driver_choose(const struct pci_id *ids, unsigned count,
                   const struct machine_functions *machine, unsigned *driver);

/* Keeps the ids of one driver, in place; returns how many these are. */
unsigned ids_keep(struct pci_id *ids, unsigned count, unsigned driver);

/* "1af4:1041 1af4:1000", as far as there is room. */
void ids_describe(const struct pci_id *ids, unsigned count, char *text, size_t size);

/* "8086:10d3 (Ethernet, class 0200) at 00:10.0, …": the network cards that nobody has taken, but
 * those beside the preferred one, as far as there is room. */
void cards_describe(const struct machine_functions *machine, bool (*taken)(unsigned index),
                    char *text, size_t size);

#endif
