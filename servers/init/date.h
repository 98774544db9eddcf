/* The date, from the machine's real-time clock: read once, and told to all that init starts. */
#ifndef INIT_DATE_H
#define INIT_DATE_H

#include "kernel/abi/rights.h"

/* `hardware`: the right to make rights to I/O ports. */
void date_read(handle_t hardware);

#endif
