/* The batch shell of a node, over its third serial port (nK/batch.sock): what is spoken there is in
 * servers/proto/shell.h. ptl sends one line, which the shell answers with output and a status; an
 * empty line with status 0 and no output. SHELL_CANCEL ends the running command, which then has a
 * status as ever. After SHELL_ANEW nobody will answer what was asked before.
 *
 * The port is one stream for all: ptl holds the lock nK/batch.lock while it speaks. A client that
 * dies in the middle leaves its command running; the lock file is not empty then, which tells the
 * next one to cancel that first. */
#ifndef PTL_BATCH_H
#define PTL_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/proto/shell.h"

enum { BATCH_LINE_MAX = SHELL_LINE_MAX, BATCH_HELD = 8 };

/* A file in the folder of a node that has no such port: its commands go through n1's batch shell,
 * as `on NODE 'COMMAND'`. */
#define BATCH_WAY_NOTE "way"

enum { BATCH_WAY = 1 /* the number of n1 */ };

/* Takes the stream apart, byte by byte. */
struct batch_parser {
        unsigned held; /* bytes that may be the end's, or output after all */
        char hold[BATCH_HELD];
};

enum { BATCH_MORE = -1, BATCH_ANEW = -2 };

/* Takes the next byte. output gets the bytes of output that are now known, *count of them. Returns
 * the status if the byte was the last of an answer, BATCH_ANEW if it was the last of the news that
 * the shell has just started, else BATCH_MORE. */
int batch_parse(struct batch_parser *parser, char byte, char output[BATCH_HELD], size_t *count);

enum batch_end {
        BATCH_DONE,
        BATCH_UNREACHABLE, /* no such node, or it has no power */
        BATCH_DENIED,      /* this host does not let us reach it */
        BATCH_DEADLINE,
        BATCH_INTERRUPTED, /* a signal came */
        BATCH_LOST,        /* the machine went away meanwhile */
        BATCH_RESTARTED,   /* the shell died over it, and there is another */
        BATCH_OUTPUT,      /* the sink refused output */
        BATCH_NO_WAY,      /* the node through which it is reached has no power */
        BATCH_TOO_LONG,    /* with what leads to the node it is no line any more; it was not run */
};

/* Called whenever the descriptor is readable. Returns false if the machine cannot answer any
 * more. */
struct batch_watch {
        int fd;
        bool (*ready)(void *context);
        void *context;
};

struct batch {
        int socket;
        int lock;
        unsigned node;
        bool through; /* … through n1 */
        int signals;  /* a signalfd: if it is readable, the command is cancelled; or -1 */
        struct batch_watch *watch; /* what else to look at while a command runs; or NULL */
        struct batch_parser parser;
};

/* Gets the output. Returns false to have the command cancelled. */
typedef bool batch_sink(void *context, const char *bytes, size_t count);

/* Connects to the node's batch shell and makes sure that it is ready for a command. On success the
 * batch is open and must be closed. Complains about nothing. */
enum batch_end batch_open(struct batch *batch, unsigned node, int signals, int64_t deadline);

/* Whether the node is reached through n1. */
bool batch_goes_through(unsigned node);

/* Writes the line for n1's shell that runs the command on the node. False: it would be too long.
 * Pure. */
bool batch_line_through(unsigned node, const char *command, char line[BATCH_LINE_MAX + 1]);

/* Whether it can be a command: one line of at most BATCH_LINE_MAX bytes, without SHELL_CANCEL in
 * it, which would drop what stands before. */
bool batch_takes(const char *command);

/* Runs what batch_takes(). After BATCH_DONE *status is its status; after anything else the batch
 * can only be closed. */
enum batch_end batch_run(struct batch *batch, const char *command, int64_t deadline,
                         batch_sink *sink, void *context, int *status);

void batch_close(struct batch *batch);

/* What the end means, for an error message. */
const char *batch_end_text(enum batch_end end);

#endif
