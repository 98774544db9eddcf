/* One pipe, as its two ends see it.
 *
 *                       ┌── ring is empty: waits ──┐
 *      read  ──> bytes ─┤                          ├──> bytes, or the end: no writer is left
 *      write ──> bytes ─┴── ring is full: waits  ──┘    no reader is left: BROKEN
 *
 * Who waits is a word of the caller's own (0: nobody), which the functions hand back when its time
 * has come. Pure: no message is sent here. Context: one thread. */
#ifndef STREAM_PIPE_H
#define STREAM_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PIPE_BYTES = 16384, PIPE_READERS = 16, PIPE_WRITERS = 16 };

/* So much is written as a whole, and a pipe is ready if it can be: PIPE_BUF of pipe(7). */
enum { PIPE_ATOMIC = 4096 };

enum pipe_end { PIPE_READ, PIPE_WRITE };

struct pipe_reader {
        uint64_t who;
        size_t count; /* bytes at most */
};

struct pipe {
        uint8_t *ring;     /* PIPE_BYTES; NULL: the pipe is free */
        size_t taken, put; /* running counts: put - taken bytes are there */
        bool open[2];      /* by enum pipe_end: somebody has it */
        size_t least;      /* bytes of room for which writers wait */
        unsigned waiting;  /* readers who wait for bytes, the first come first */
        struct pipe_reader readers[PIPE_READERS];
        uint64_t writers[PIPE_WRITERS]; /* wait for room */
};

enum pipe_answer {
        PIPE_DONE,
        PIPE_LATER,   /* the caller now waits */
        PIPE_BROKEN,  /* nobody can read what would be written */
        PIPE_TOO_MANY /* wait already */
};

/* Begins with both ends open. */
void pipe_begin(struct pipe *pipe, uint8_t *ring);

/* Takes at most `count` bytes; *length 0 with PIPE_DONE: the end. */
enum pipe_answer pipe_read(struct pipe *pipe, uint64_t reader, uint8_t *to, size_t count,
                           size_t *length);

/* Adds as much as there is room for, at least one byte if any is given: *done. What is no longer
 * than PIPE_ATOMIC is added as a whole. */
enum pipe_answer pipe_write(struct pipe *pipe, uint64_t writer, const uint8_t *from, size_t count,
                            size_t *done);

/* Adds bytes for which there is room, whether or not somebody can read them. */
void pipe_add(struct pipe *pipe, const uint8_t *from, size_t count);

/* Takes the last bytes that were added, at most `count`, back. */
size_t pipe_take_back(struct pipe *pipe, uint8_t *to, size_t count);

/* Waits for room as a writer. */
enum pipe_answer pipe_await_room(struct pipe *pipe, uint64_t writer);

/* Bytes that can be read now. */
size_t pipe_length(const struct pipe *pipe);

/* Bytes that can be written now. */
size_t pipe_room(const struct pipe *pipe);

/* The byte that is read so many bytes from now; it is there. */
uint8_t pipe_peek(const struct pipe *pipe, size_t ahead);

/* The first reader that waits, who then waits no longer; 0: none. */
uint64_t pipe_reader_drop(struct pipe *pipe, size_t *count);

/* A reader whose time has come; it waits no longer, and reads by pipe_read. 0: none. */
uint64_t pipe_reader_due(struct pipe *pipe, size_t *count);

/* A writer whose time has come: there is room, or nobody will make any (*broken). 0: none. */
uint64_t pipe_writer_due(struct pipe *pipe, bool *broken);

/* Nobody has the end any more. True if the pipe is now free: its ring is the caller's again. */
bool pipe_close(struct pipe *pipe, enum pipe_end end);

/* Who waits no longer waits. False: it did not. */
bool pipe_forget(struct pipe *pipe, uint64_t who);

#endif
