/* The keeper: the process that owns a cluster. The switch and every node's QEMU are its children
 * and die with it, whatever ends it. It outlives the `ptl up` that started it and serves the
 * control socket of the run directory; the keeper of `ptl run` ends with that ptl, even by SIGKILL,
 * because a starter that is gone without having said `release` ends the cluster.
 *
 * The control protocol is lines. A client sends
 *
 *      wait            answered when all nodes are up, or one cannot come up
 *      release         the cluster may outlive this client
 *      start n2        power on; answered when it is up, or cannot come up. Refused if what it
 *                      would boot has been built anew since the cluster was started
 *      start-old n2    the same, but boots what the cluster was started with
 *      stop n2         power off, as if the plug were pulled
 *      nodes           one line a node: `n1 on joined 4711`, `n2 off`; for the
 *                      stage there may stand `failed`; the number is QEMU's process id
 *      down            ends all; answered when no process is left
 *
 * and gets `= TEXT` (data), `: TEXT` (progress and notices, for standard error), `failed n2`
 * (it stopped, panicked or could not come up), `failed capture` (it cannot be written any more)
 * and, for each command in turn, `ok` or `error: TEXT`.
 */
#ifndef PTL_KEEPER_H
#define PTL_KEEPER_H

#include <sys/types.h>

#include "tools/ptl/boot.h"
#include "tools/ptl/layout.h"
#include "tools/ptl/options.h"

struct keeper_setup {
        const struct layout *layout;
        const struct options *options;
        const struct boot_plan *plan;
        const char *accelerator;
        int lock; /* of the run directory; the keeper holds it to its end */
};

/* Starts the keeper, which starts the switch and all nodes. *control becomes a connection to it, on
 * which `wait` has been sent. Returns its process id, or -1 with a complaint. */
pid_t keeper_start(const struct keeper_setup *setup, int *control);

#endif
