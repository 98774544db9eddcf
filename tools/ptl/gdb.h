/* GDB=n2: what to type to debug that node. */
#ifndef PTL_GDB_H
#define PTL_GDB_H

#include "tools/ptl/layout.h"
#include "tools/ptl/options.h"

/* Checks that the TCP port of GDB=n2:1234 is free, or that gdb can reach the unix socket; complains
 * if not. True without GDB. */
bool gdb_check(const struct layout *layout, const struct options *options);

/* Prints on standard error the line that connects gdb to the waiting node, with the symbols of the
 * kernel and of all programs of the boot image. Nothing without GDB. */
void gdb_announce(const struct layout *layout, const struct options *options);

#endif
