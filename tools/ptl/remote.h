/* Runs a program of the host on a node, or installs it for a component there: by the node's agent
 * (servers/common/remote.h), over one of its lines (nK/hostL.sock). A line is one user's at a time:
 * who has it holds the lock nK/hostL.lock. */
#ifndef PTL_REMOTE_H
#define PTL_REMOTE_H

#include <stdint.h>
#include "tools/ptl/names.h"

/* The lines of a machine, from 1. */
enum { REMOTE_LINES = 4 };

/* The name of a line in QEMU, and of its files: `host1`. */
enum { REMOTE_LINE_NAME = 8 };
void remote_line_name(unsigned line, char name[REMOTE_LINE_NAME]);

enum remote_end {
        REMOTE_DONE,        /* *status is the program's: 0 to 255, or 128 and a signal's number */
        REMOTE_UNREACHABLE, /* no such node, or it has no power */
        REMOTE_BUSY,        /* all lines are in use */
        REMOTE_SILENT,      /* no agent answers */
        REMOTE_WRONG,       /* the program does not run: what the node says was shown */
        REMOTE_FILE,        /* the file cannot be read; the user was told */
        REMOTE_LOST,        /* the line ended meanwhile */
        REMOTE_CLOSED,      /* the output cannot be written */
        REMOTE_INTERRUPTED, /* a second signal came */
};

/* Runs the file with the arguments (argv[0] is its name; NULL behind the last), standard input,
 * output and error as its own. memory: bytes, 0: the node's default. signals: a signalfd; what
 * comes is the program's, SIGTSTP and SIGWINCH too. A second SIGTERM, SIGQUIT … does not wait for
 * what it does. Complains only where it says so. */
enum remote_end remote_run(unsigned node, const char *file, char **argv, uint64_t memory,
                           int signals, int *status);

/* Installs the file as the program of a component: returns when that has started with it. *status
 * is 0 then. A signal ends the wait alone. */
enum remote_end remote_push(unsigned node, const char *component, const char *file, int signals,
                            int *status);

/* What the end means, for an error message. */
const char *remote_end_text(enum remote_end end);

#endif
