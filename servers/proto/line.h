/* A serial line that log, screen and commands of a node share, as the driver `line` speaks there
 * (drivers/char/serial).
 *
 *      from the node   log                      whatever stands outside of a piece
 *                      SCREEN … LOG             a piece of the interactive terminal, as it is
 *                      BATCH … LOG              a piece of the batch terminal (shell.h); there the
 *                                               marks and ESCAPE come as ESCAPE and the byte ^ FLIP
 *      to the node     keys                     for the interactive terminal
 *                      COMMAND … \n or Ctrl-C   for the batch terminal, with its end
 *
 * No piece has a mark within, whatever programs write: on the screen such bytes come as `?`, which
 * nobody misses, and in the log there are none. So no output can pass for a piece of another kind.
 * A terminal that knows nothing of this shows log and screen: it ignores the marks. */
#ifndef PROTO_LINE_H
#define PROTO_LINE_H

enum line_mark {
        LINE_SCREEN = 0x1c,
        LINE_BATCH = 0x1d,
        LINE_LOG = 0x1f,
        LINE_ESCAPE = 0x10,
        LINE_FLIP = 0x40,
        LINE_COMMAND = 0x1e, /* Ctrl-^, which a user does without */
};

#endif
