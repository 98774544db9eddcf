/* The commands of the control socket, without the socket: one line in, its output lines and a
 * closing `ok` or `error: …` out. README.md describes them for users. */
#ifndef SWITCH_COMMAND_H
#define SWITCH_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "tools/switch/capture.h"
#include "tools/switch/fabric.h"
#include "tools/switch/journal.h"
#include "tools/switch/buffer.h"

/* What commands act on. */
struct testbed {
        struct fabric *fabric;
        struct capture *capture;
        struct journal *journal;
        uint64_t time_shift; /* for captures … */
        int key_log;         /* … and what they begin with, or -1 */
        bool quit;           /* the switch is to end */
};

/* Starts a capture with an interface for each port. */
bool testbed_capture(struct testbed *testbed, const char *path, struct problem *problem);

/* Runs a line (without newline, any content) and adds its answer. True if the connection is from
 * now on to be told of events. */
bool command_run(struct testbed *testbed, const char *line, struct buffer *answer);

#endif
