/* What a cluster needs in the run directory before its first node starts, and its removal. */
#ifndef PTL_FILES_H
#define PTL_FILES_H

#include <stdbool.h>

#include "tools/ptl/boot.h"
#include "tools/ptl/layout.h"
#include "tools/ptl/options.h"

/* Checks what the options name and what must have been built, and writes the system description,
 * the archive of host files and the TFTP folder. Fills in the plan. On failure complains, and
 * leaves nothing of it behind. */
bool files_prepare(const struct layout *layout, const struct options *options,
                   struct boot_plan *plan);

/* Writes the script that the node loads next; entropy is fresh for every start. Returns false with
 * errno. */
bool files_script(const struct boot_plan *plan, unsigned node, uint64_t entropy);

/* Removes what a node's machine has left: its process id and its sockets, which nobody serves. */
void files_machine_remove(unsigned number);

/* Removes what files_prepare made and what the nodes' machines leave: sockets and process ids. Logs
 * stay, until the next cluster's. */
void files_remove(void);

#endif
