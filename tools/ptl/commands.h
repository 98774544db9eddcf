/* Commands on standard input, one a line, for the batch shell of a node: for `ptl run` and `ptl sh`
 * without a terminal. Each is done in its turn, its output alone goes to standard output, and what
 * cannot be passed on as it stands is refused by the number of its line; those behind it still run.
 *
 *      standard input ──bytes──> command_take ──a line──> batch shell ──> standard output
 *                                     └──too long, or a byte that cannot be passed──> refused */
#ifndef PTL_COMMANDS_H
#define PTL_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "tools/ptl/batch.h"
#include "tools/ptl/control.h"

/* All zero: at the beginning. */
struct command_line {
        unsigned number; /* of the line that is being read, from 0 */
        bool complete;   /* the next byte begins another line */
        bool broken;     /* it has a byte that no command can have */
        size_t length;   /* BATCH_LINE_MAX + 1: it is too long */
        char text[BATCH_LINE_MAX + 1];
};

enum command_take {
        COMMAND_MORE,
        COMMAND_LINE, /* text is a command, or blank */
        COMMAND_LONG, /* the line is longer than BATCH_LINE_MAX */
        COMMAND_BYTE, /* the line has a byte 0 or Ctrl-C */
};

/* Takes one byte of the input; `\n` at the end of input stands for the end of its last line. After
 * anything but COMMAND_MORE the line is complete, and number counts it from 1. Pure. */
enum command_take command_take(struct command_line *line, char byte);

/* Runs the lines of standard input as commands on the node, up to the end of input or `exit`, then
 * waits for those in the background. signals is a signalfd; control may be NULL, else what it tells
 * is shown meanwhile. Returns ptl's status: that of `exit STATUS`, else whether all succeeded;
 * EXIT_INTERRUPTED after a signal. */
int commands_run(unsigned node, int signals, struct control *control);

#endif
