/* How far a node has come, as its console and the switch tell it:
 *
 *      off → power → DHCP → TFTP → kernel → init → servers → shell → joined
 *
 * DHCP and TFTP are events of the switch (`event n1 dhcp 10.77.0.11`); the rest are lines of the
 * node's log, `boot: STAGE [text]`, which may follow the name of the component that says so (`net:
 * boot: …`). Stages may be skipped (BOOT=direct has no DHCP), never undone.
 */
#ifndef PTL_STAGE_H
#define PTL_STAGE_H

#include <stdbool.h>

enum stage {
        STAGE_OFF,
        STAGE_POWER,
        STAGE_DHCP,
        STAGE_TFTP,
        STAGE_KERNEL,
        STAGE_INIT,
        STAGE_SERVERS,
        STAGE_SHELL,
        STAGE_JOINED,
};

/* What stands in progress lines and errors: "DHCP", "kernel". */
const char *stage_name(enum stage stage);

/* True if a line of a node's log tells a stage; text is what stands behind it, perhaps "". */
bool stage_of_log(const char *line, enum stage *stage, const char **text);

/* True if a line of the log says how much of its archive the file server serves: text is what
 * stands behind `fs: boot: files`, such as "7 of 8". */
bool stage_of_files(const char *line, const char **text);

/* True if a line of the log, `boot: failed REASON`, says that the node will not come up, and
 * why. */
bool stage_is_failure(const char *line, const char **reason);

/* True if a line of the log is the first of a kernel panic. */
bool stage_is_panic(const char *line);

/* True if an event of the switch tells a stage; node is the number of the node. */
bool stage_of_event(const char *line, unsigned *node, enum stage *stage, const char **text);

/* True if an event of the switch says that it cannot write the "capture" or the "keylog", and
 * why. */
bool stage_is_output_failure(const char *line, const char *what, const char **reason);

/* True if a list of node names separated by spaces, such as "n2 n3", holds that one. */
bool stage_peers_include(const char *peers, const char *name);

#endif
