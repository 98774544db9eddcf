/* A terminal as programs know it, between a keyboard with its screen and the programs that read and
 * write it: termios(3), with Linux's numbers.
 *
 *      keyboard ──type──> line ──its end──> input ──read──> program     as whole lines (ICANON)
 *               ──type────────────────────> input ──read──> program     or byte by byte
 *                  └──echo──> screen
 *      screen <──shown── output <──write── program
 *
 * What is typed never waits: what finds no room is dropped, with a bell. Its echo is apart from
 * what programs write, so that who has the screen may trust it more. Characters that stand for
 * signals (ISIG) are told to the keyboard's side, which has the rights to the programs.
 *
 * What no program has read is the keyboard's again by terminal_take_back(), as on a machine where
 * the next program reads the same terminal.
 *
 * Of the modes all may be set, and those mean something that are named in terminal.c; the others
 * are of serial lines. Not there: VTIME, flow control by VSTOP, width of a tab that is erased.
 * Who waits is a word of the caller's own, as with pipes (pipe.h). Pure. Context: one thread. */
#ifndef STREAM_TERMINAL_H
#define STREAM_TERMINAL_H

#include "servers/proto/terminals.h"
#include "servers/stream/pipe.h"
#include "servers/stream/watch.h"

enum { TERMINAL_LINE = 1024, TERMINAL_ENDS = 8 };

struct terminal {
        struct pipe input, output;
        struct terminal_mode mode;
        uint16_t rows, columns;
        uint8_t line[TERMINAL_LINE]; /* being typed */
        size_t line_length;
        size_t ends[TERMINAL_ENDS]; /* where in the input VEOF was typed: counts as input.put */
        unsigned end_count;
        struct terminal_echo *echo; /* of what is being typed */
        struct watches watches;
        /* Groups of processes, by number: the one in the foreground (0: nobody has said), and that
         * of the reader that waits (0: it has said none). */
        uint64_t foreground, reader_group;
        size_t taken_back; /* bytes of the input: put goes back by them, and progress may not */
        bool hung_up;      /* whose session it was has no leader any more: nobody reads it */
};

/* What is to be seen of what was typed. */
enum { TERMINAL_ECHO = 8192 };
struct terminal_echo {
        size_t length;
        uint8_t bytes[TERMINAL_ECHO]; /* what is longer is not seen */
};

/* Begins with both sides open, whole lines and echo. The two rings are of PIPE_BYTES. */
void terminal_begin(struct terminal *terminal, uint8_t *input, uint8_t *output, uint16_t rows,
                    uint16_t columns);

/* Takes what was typed. Returns the signals that it asks for: bit N for number N. */
uint64_t terminal_type(struct terminal *terminal, const uint8_t *bytes, size_t count,
                       struct terminal_echo *echo);

/* Takes what was typed last and no program has read back, at most `count` bytes, from the end on:
 * the line that was begun, then what could be read. 0: nothing is left. Where VEOF was typed is
 * forgotten. */
size_t terminal_take_back(struct terminal *terminal, uint8_t *to, size_t count);

/* A program reads: at most a line, or what there is; *length 0 with PIPE_DONE: the end. */
enum pipe_answer terminal_read(struct terminal *terminal, uint64_t reader, uint8_t *to,
                               size_t count, size_t *length, uint64_t *older);

/* A program writes. *done: bytes of its own that were taken. */
enum pipe_answer terminal_write(struct terminal *terminal, uint64_t writer, const uint8_t *from,
                                size_t count, size_t *done);

/* The group is in the foreground from now on. A reader of another one waits no longer, and is
 * handed back; 0: there is none. */
uint64_t terminal_set_foreground(struct terminal *terminal, uint64_t group);

/* Whether a process of that group may read, and write. */
bool terminal_may_read(const struct terminal *terminal, uint64_t group);
bool terminal_may_write(const struct terminal *terminal, uint64_t group);

/* What programs can do. */
struct readiness terminal_ready(const struct terminal *terminal);

/* A program's reader whose time has come, as pipe_reader_due. */
uint64_t terminal_reader_due(struct terminal *terminal, size_t *count);

/* Whether the mode can be had; it is, then. `drop`: input that nobody has read is. */
bool terminal_set_mode(struct terminal *terminal, const struct terminal_mode *mode, bool drop);

/* Whether programs draw on the screen themselves: they get bytes, not lines. */
bool terminal_is_raw(const struct terminal *terminal);

#endif
