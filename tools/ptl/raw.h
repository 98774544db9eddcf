/* The terminal of standard input while its keys are somebody else's on a node: everything passes as
 * it comes. Whoever enters leaves before ptl stops or ends. */
#ifndef PTL_RAW_H
#define PTL_RAW_H

#include <stdbool.h>
#include <termios.h>

struct raw {
        bool is_terminal; /* standard input is one */
        bool is_raw;
        struct termios before;
};

/* Looks at the terminal: how it is to be again. */
void raw_begin(struct raw *raw);

/* screen: what is shown is passed as it comes, too; else newlines still get their carriage
 * returns. In the background this stops ptl (SIGTTOU) until the user brings it back. */
void raw_enter(struct raw *raw, bool screen);

void raw_leave(struct raw *raw);

#endif
