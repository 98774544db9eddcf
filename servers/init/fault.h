/* What init says when a component faults or hangs. */
#ifndef INIT_FAULT_H
#define INIT_FAULT_H

#include "servers/init/init.h"

/* Which component of a task a KERNEL_FAULT message is about; `first`: whose run it names. */
struct component *fault_component(struct init *init, struct component *first,
                                  const struct request *request);

/* Writes the report of a KERNEL_FAULT message to the log: reason, address, registers, and the
 * functions that were being called, by name. Reads the component's memory, which must still be
 * there. */
void fault_report(const struct component *component, const struct request *request);

/* Stops the component's thread, and writes where it stands: functions and registers. */
void stop_report(const struct component *component);

#endif
