/* One pair of sockets: two pipes between two ends, and rights that go beside the bytes. What is
 * sent is a stream of bytes, or keeps its borders (records): each is received by itself, as a whole
 * or cut off. In the ring the length of a record stands before it.
 *
 *      end 0 ──send──> pipes[1] ──receive──> end 1          pipes[e] is what end e receives
 *            <─receive── pipes[0] <──send──
 *
 *      a right:   STAGED ──send──> QUEUED ──receive──> TAKEN ──claim──> gone
 *                 by a sender's    at the first byte   by a receiver's
 *                 mark │           that it goes with   mark
 *                      └──unpass──> gone
 *
 * When there are too many, one that is STAGED gives way to a new one: its sender is told when it
 * sends. One that is QUEUED stays as long as its end: it was sent. So does one that is TAKEN, until
 * so much was received since (PAIR_PATIENCE) that who took it is gone.
 *
 *      an end that nobody has      streams, packets: end of file, or RESET once if it leaves
 *                                  unread what the other one sent; datagrams: nothing comes
 *
 * Rights and those who wait are words of the caller's own (0: none), as in pipe.h. Pure. Context:
 * one thread. */
#ifndef STREAM_PAIR_H
#define STREAM_PAIR_H

#include "servers/proto/sockets.h"
#include "servers/stream/watch.h"

enum {
        PAIR_ENDS = 2,
        PAIR_RIGHTS = 8,     /* on their way to one end */
        PAIR_PATIENCE = 4096 /* receptions until a claim; a receiver's own call makes fewer */
};

enum { BORDER_BYTES = sizeof(uint32_t) }; /* bytes of a record's length */

enum passing_stage { PASSING_STAGED = 1, PASSING_QUEUED, PASSING_TAKEN };

struct passed {
        uint64_t right;
        uint64_t kind, flags, offset; /* what it is, as those who pass it say */
};

struct passing {
        enum passing_stage stage; /* 0: the place is free, and so are all behind it */
        uint64_t mark;            /* STAGED, TAKEN */
        size_t place, end;        /* QUEUED, TAKEN: of the bytes that it goes with, counted */
        struct passed passed;
};

struct pair {
        enum socket_type type;
        struct pipe pipes[PAIR_ENDS];
        bool open[PAIR_ENDS];     /* somebody has the end */
        bool mute[PAIR_ENDS];     /* of datagrams: it does not send, which nobody is told */
        bool reset[PAIR_ENDS];    /* what it has sent was not received: to be told once */
        uint64_t marks;           /* of receivers so far */
        size_t bounds[PAIR_ENDS]; /* where the bytes end that came with the last rights */
        struct passing passings[PAIR_ENDS][PAIR_RIGHTS]; /* to that end, in the order of passing */
};

/* What came with bytes. */
struct arrived {
        size_t length; /* bytes that were received */
        size_t whole;  /* of a record, those that it has; of a stream as length */
        size_t taken;  /* of the ring */
        uint64_t mark; /* by which the rights are claimed */
        unsigned rights;
};

/* Begins with both ends open; two rings of PIPE_BYTES each. */
void pair_begin(struct pair *pair, enum socket_type type, uint8_t *rings[PAIR_ENDS]);

/* Keeps a right for what the end sends with that mark. False: there are too many, of which none
 * gives way. *displaced: one that had to; 0: none. */
bool pair_pass(struct pair *pair, unsigned end, uint64_t mark, const struct passed *passed,
               uint64_t *displaced);

/* A right that is kept for that mark, and that is the caller's to drop: it will not be sent. 0:
 * there is none. */
uint64_t pair_unpass(struct pair *pair, unsigned end, uint64_t mark);

/* How many rights are kept for that mark. */
unsigned pair_staged(const struct pair *pair, unsigned end, uint64_t mark);

/* Whether sending so many bytes waits for room. */
bool pair_is_full(const struct pair *pair, unsigned end, size_t count);

/* Whether the end is to be told now that what it has sent was not received; it is so once. By a
 * stream it is told who would receive (receiving), when nothing is left to be received. */
bool pair_reset(struct pair *pair, unsigned end, bool receiving);

/* Sends, as pipe_write() does, a record (of RECORD_MOST bytes at most) as a whole; rights of that
 * mark go with the first byte. *done: bytes of the ring, so a record is more than it has.
 * PIPE_BROKEN: nobody receives, or the end does not send any more. */
enum pipe_answer pair_send(struct pair *pair, unsigned end, uint64_t writer, const uint8_t *from,
                           size_t count, uint64_t mark, size_t *done);

/* Whether receiving waits. */
bool pair_is_empty(const struct pair *pair, unsigned end);

/* Whether what would be received goes with other rights than those that came last, or with none. */
bool pair_is_bound(const struct pair *pair, unsigned end);

/* Receives, as pipe_read() does, at most up to where other rights go with the bytes, or none; of
 * records the first, of which what is beyond `count` (not 0) is lost. */
enum pipe_answer pair_receive(struct pair *pair, unsigned end, uint64_t reader, uint8_t *to,
                              size_t count, struct arrived *arrived);

/* Copies what would be received, which stays. */
struct arrived pair_peek(const struct pair *pair, unsigned end, uint8_t *to, size_t count);

/* Bytes to be received: of datagrams, those of the first. */
size_t pair_available(const struct pair *pair, unsigned end);

/* What was received has not arrived: it is to be received again. */
void pair_return(struct pair *pair, unsigned end, const struct arrived *arrived);

/* The next right that was received with that mark. False: there is none. */
bool pair_claim(struct pair *pair, unsigned end, uint64_t mark, struct passed *passed);

/* The end does not receive any more, or does not send. */
void pair_shut(struct pair *pair, unsigned end, bool receives, bool sends);

/* Nobody has the end any more. True: nor the other, and the rings are the caller's again. */
bool pair_close(struct pair *pair, unsigned end);

/* A right that nobody will claim, and that is the caller's to drop: of an end that nobody has, or
 * that does not receive. 0: none. */
uint64_t pair_right_left(struct pair *pair);

/* Those who wait, as in pipe.h. */
uint64_t pair_reader_due(struct pair *pair, unsigned end, size_t *count);
uint64_t pair_writer_due(struct pair *pair, unsigned end, bool *broken);
bool pair_forget(struct pair *pair, unsigned end, uint64_t who);

/* What can be done at an end. */
struct readiness pair_ready(const struct pair *pair, unsigned end);

#endif
