/* The handles that the runtime has looked up for itself and keeps from call to call: all of
 * them, so that whoever makes a copy of this task knows what to grant to it. Beside them the
 * runtime keeps only what the startup page names (rt_handle) and what the program has opened
 * (linux/descriptors.h).
 *
 * Each is a handle of the task's own table, or 0. Context: any thread, also in the handler of Linux
 * system calls: `log` under the log's lock, the others under that of files (linux/threads.h). */
#ifndef RT_HELD_H
#define RT_HELD_H

#include <stdbool.h>
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

enum { HELD_SERVICE_NAME = 2 * STARTUP_NAME }; /* NODE/SERVICE */

struct held {
        /* The startup page's last rights to the name service and to the log. When a successor is
         * granted they are still open, so that its handle has another number, and closed then. */
        handle_t names, log;
        bool log_dead; /* `log` is of no more use */

        /* The file service that a path led to last (linux/paths.c); without a name: none yet. */
        struct service files;
        char files_name[HELD_SERVICE_NAME];

        struct service streams; /* where pipes between processes are (linux/local_pipe.h) */
};

extern struct held rt_held;

#endif
