/* Those who wait at a terminal of a serial line: who reads, who writes, and who is told of Ctrl-C.
 *
 *      line ──> input, gap ──> the waiting reader
 *        └─────Ctrl-C────────> the attached event
 *      writers ──> the line (answers wait while too much is on its way)
 *
 * Context: the driver's one thread. */
#ifndef SERIAL_TTY_H
#define SERIAL_TTY_H

#include <stdbool.h>

#include "drivers/char/serial/queue.h"
#include "servers/rt/serve/serve.h"

enum { TTY_READ_MOST = 4096, TTY_WRITERS = 8 };

/* The first two are set, zero else: nobody is there. */
struct tty {
        struct queue *input;
        uint64_t *lost; /* bytes that were lost behind those of `input` (uart.h) */

        /* The read that waits for bytes: reply 0 if there is none. */
        handle_t reader;
        uint64_t reader_count, reader_deadline;

        struct tty_writer {
                handle_t reply;
                uint64_t count; /* bytes taken of what it wrote */
        } writers[TTY_WRITERS];
        unsigned writer_count;

        handle_t attached; /* 0: nobody */
        uint64_t attached_bits;
};

/* What a handler of tty.read returns. */
outcome_t tty_read_begin(struct tty *tty, const struct request *request, uint64_t count);

/* The writer of so many bytes is answered when there is room again. False: too many wait. */
bool tty_write_wait(struct tty *tty, handle_t reply, uint64_t count);

/* Who is told of Ctrl-C from now on: what a handler of tty.attach returns. */
outcome_t tty_attach_to(struct tty *tty, struct received_cap *interrupt, uint64_t bits);

/* Ctrl-C has come. */
void tty_interrupt(const struct tty *tty);

/* Answers those whose time has come. */
void tty_serve(struct tty *tty, bool has_room);

/* Who waits by that reply does so no longer, and is answered. False: nobody waits by it. */
bool tty_cancel(struct tty *tty, handle_t reply);

#endif
