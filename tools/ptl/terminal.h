/* The user's terminal on a node's interactive shell (nK/shell.sock): bytes both ways, in raw mode,
 * so that Ctrl-C and the arrows reach the shell (servers/proto/shell.h). The port is one stream, so
 * it is one user's at a time: who has it holds the lock nK/shell.lock. */
#ifndef PTL_TERMINAL_H
#define PTL_TERMINAL_H

#include "tools/ptl/control.h"

enum bridge_end {
        BRIDGE_LEFT,   /* the user left the shell, or typed Ctrl-] */
        BRIDGE_CLOSED, /* the node has no power (any more) */
        BRIDGE_SIGNAL, /* a signal came */
        BRIDGE_KEEPER, /* the keeper is gone */
        BRIDGE_BUSY,   /* another ptl has the node's shell; nothing was passed */
};

/* Connects standard input and output with the node's shell until one of the ends above. signals is
 * a signalfd. control may be NULL; else what it tells is shown meanwhile. The shell is told how
 * large the terminal is. The terminal is as before when this returns, and while ptl is stopped by
 * SIGTSTP; whatever stopped ptl, it is raw again when ptl goes on. */
enum bridge_end terminal_bridge(unsigned node, int signals, struct control *control);

/* Finds the word by which the shell says that its user left, 0x1e `exit` and a newline, in a stream
 * that comes in pieces. */
struct leaving {
        unsigned matched;
};

/* Removes the word from the piece. Returns the bytes to show, written to output (count +
 * LEAVING_MAX bytes of room), and sets *left once the word is whole; what follows it is dropped. */
enum { LEAVING_MAX = 8 };
size_t leaving_filter(struct leaving *leaving, const char *bytes, size_t count, char *output,
                      bool *left);

#endif
