/* The line of a node whose log and shells share one serial port (servers/proto/line.h): the keeper
 * holds it, and serves what other nodes have ports for.
 *
 *                       ┌── log ─────> nK/serial.log
 *      nK/line.sock ────┼── screen ──> nK/shell.sock <── keys
 *       (the machine)   └── batch ───> nK/batch.sock <── commands
 *
 * One client at a time has each of the two sockets, as QEMU would have it. Nothing here blocks: a
 * command goes out when it is whole, so that no key comes between; who does not take answers of
 * commands makes the line wait, who does not look at the screen misses some of it. */
#ifndef PTL_KEEPER_LINE_H
#define PTL_KEEPER_LINE_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "servers/proto/shell.h"
#include "tools/lib/listener.h"
#include "tools/ptl/channels.h"

enum { LINE_SHELL, LINE_COMMANDS, LINE_SIDES };

enum { LINE_POLLS = 1 + 2 * LINE_SIDES, LINE_OUT = 3 * SHELL_LINE_MAX, LINE_PIECE = 4096 };

struct line_side {
        struct listener listener;
        int client; /* -1: none */
};

struct line {
        int fd;  /* the machine's end; -1: it has none */
        int log; /* serial.log, to be added to */
        struct line_side sides[LINE_SIDES];
        struct channels channels;
        size_t out_length, held_length, command_length;
        char out[LINE_OUT];               /* for the machine */
        char held[LINE_PIECE];            /* for who sent the command, and not taken so far */
        char command[SHELL_LINE_MAX + 2]; /* not whole yet; one that is too long stays so */
};

/* Before anything else: there is none. */
void line_clear(struct line *line);

/* Connects to the machine, which has just been started and waits for it, and listens for clients.
 * False, with errno, if that cannot be done. */
bool line_open(struct line *line, unsigned node);

void line_close(struct line *line);

/* What to wait for, and what to do then. */
void line_polls(struct line *line, struct pollfd set[LINE_POLLS]);
void line_serve(struct line *line, const struct pollfd set[LINE_POLLS]);

#endif
