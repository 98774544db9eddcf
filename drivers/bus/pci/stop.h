/* Stopping a function whose driver is gone, so that nothing it was told can still happen:
 *
 *      bus mastering off, line off, messages off
 *        -> reset, if it offers one
 *             -> its DMA memory may be used again
 *
 * A device without a function-level reset keeps its state, but cannot reach memory; its next driver
 * resets it by its own registers before it asks for bus mastering. Pure. */
#ifndef DRIVERS_BUS_PCI_STOP_H
#define DRIVERS_BUS_PCI_STOP_H

#include <stdbool.h>
#include "drivers/bus/pci/functions.h"

/* Ends the function's access to memory and its interrupts. */
void function_stop(const struct config_space *space, uint16_t address);

/* Function-level reset (PCI Express Base Specification 3.0, section 6.6.2); takes 100 ms and keeps
 * the base addresses and the interrupt line. False: the function offers none, and nothing was done.
 */
bool function_reset(const struct config_space *space, uint16_t address);

/* What the server does once at its start: stops all endpoints, as the firmware may have left some
 * running. */
void functions_stop_all(const struct config_space *space);

/* What init does when the server is gone: takes bus mastering from all type 0 functions, so that
 * none reads or writes memory any more, nor sends an interrupt as a message. Returns from how
 * many. */
unsigned functions_silence(const struct config_space *space);

#endif
