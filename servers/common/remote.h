/* What `ptl run` and `ptl push` and a node's agent say to each other on a line
 * (servers/proto/host.idl): frames of a kind, a length and so many bytes.
 *
 *      byte   0      1..3   4..7     8..
 *             kind   zero   length   payload         numbers are big-endian
 *
 *      host                                    node
 *        │            <── READY (a mark)         │   the line was accepted: nothing is said before
 *        ├── RUN, PROGRAM… ──>                   │
 *        │            <── STARTED or REFUSED     │
 *        ├── INPUT…, SIGNAL, SIZE ──>            │
 *        │   <── OUTPUT…, ERRORS…, SCREEN…, TAKEN│
 *        │            <── STOPPED                │   only of a program with a terminal
 *        │            <── ENDED                  │   the last one: the host closes the line
 *        │                                       │
 *        ├── PUSH, PROGRAM… ──>                  │   instead of RUN: a component's new program
 *        │            <── ENDED or REFUSED       │
 *
 * A node that serves a line says so every REMOTE_ALIVE_S seconds, and with anything else that it
 * says: one that is silent for REMOTE_SILENCE_S is given up.
 *
 * Input flows by credit: the host has sent at most REMOTE_CREDIT bytes more than TAKEN has told. A
 * line that is closed early ends the program.
 *
 * What is a terminal at the host is one for the program, one and the same (bits of `terminals`):
 * input that comes from it is keys then, and what the program shows there, with the echo of the
 * keys, is SCREEN.
 *
 * The host passes over what comes before the mark of READY: that may be the rest of what an earlier
 * program had to say. Pure; both sides are hostile to each other's parser. */
#ifndef COMMON_REMOTE_H
#define COMMON_REMOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum remote_kind {
        REMOTE_READY = 'r',   /* node: REMOTE_MARK */
        REMOTE_RUN = 'R',     /* host: struct remote_run */
        REMOTE_PUSH = 'U',    /* host: struct remote_push */
        REMOTE_PROGRAM = 'P', /* host: the next bytes of the program's file */
        REMOTE_INPUT = 'I',   /* host: of standard input; no bytes: its end */
        REMOTE_SIGNAL = 'S',  /* host: one byte, 1 to 64: for the program */
        REMOTE_SIZE = 'W',    /* host: rows and columns of its terminal, 16 bits each */
        REMOTE_STARTED = 's', /* node: the program runs */
        REMOTE_REFUSED = 'n', /* node: why it does not, a sentence */
        REMOTE_OUTPUT = 'o',  /* node: of standard output */
        REMOTE_ERRORS = 'e',  /* node: of standard error */
        REMOTE_SCREEN = 'c',  /* node: for the screen of the terminal */
        REMOTE_STOPPED = 'z', /* node: the program has stopped, until it gets SIGCONT */
        REMOTE_TAKEN = 't',   /* node: 32 bits, so many more bytes of the input were taken */
        REMOTE_ALIVE = 'a',   /* node: nothing to say */
        REMOTE_ENDED = 'x',   /* node: 16 bits, as PROCESS_SIGNALLED has it (programs.h) */
};

enum {
        REMOTE_HEADER = 8,
        REMOTE_PAYLOAD_MOST = 16 << 10,
        REMOTE_FRAME_MOST = REMOTE_HEADER + REMOTE_PAYLOAD_MOST,
        REMOTE_CREDIT = 16 << 10,
        REMOTE_ALIVE_S = 5,
        REMOTE_SILENCE_S = 60,
};

#define REMOTE_MARK "\x1e\x02portolan agent\x03\x1f"
enum { REMOTE_MARK_BYTES = sizeof REMOTE_MARK - 1 };

struct remote_frame {
        enum remote_kind kind;
        const uint8_t *payload; /* within the bytes that were given */
        size_t length;
};

enum remote_answer { REMOTE_WHOLE, REMOTE_MORE, REMOTE_BROKEN };

/* The frame at the beginning of the bytes; *used: how many it takes. MORE: it is not all there yet.
 * BROKEN: no frame begins so. */
enum remote_answer remote_frame_take(const uint8_t *bytes, size_t length,
                                     struct remote_frame *frame, size_t *used);

/* The header of a frame with so many bytes, at most REMOTE_PAYLOAD_MOST. */
void remote_header_write(uint8_t header[REMOTE_HEADER], enum remote_kind kind, size_t length);

/* Of a terminal; 0: not known. */
struct remote_size {
        uint16_t rows, columns;
};

/* The payload of SIZE. Reading it is false if it is none. */
enum { REMOTE_SIZE_BYTES = 4 };
bool remote_size_read(const uint8_t *payload, size_t length, struct remote_size *size);
void remote_size_write(uint8_t payload[REMOTE_SIZE_BYTES], struct remote_size size);

/* What a program is to be run with. */
struct remote_run {
        uint64_t program;   /* bytes of its file */
        uint64_t memory;    /* that it may use; 0: the process server's default */
        uint32_t terminals; /* bit N: descriptor N is a terminal */
        struct remote_size size;
        const char *arguments;
        size_t arguments_length; /* strings, each with a 0 behind it; at least one */
        const char *environment;
        size_t environment_length;
};

/* The payload of RUN. Reading it is false if it is none: the strings then lie within it. Writing it
 * returns its length; 0: it does not fit. */
bool remote_run_read(const uint8_t *payload, size_t length, struct remote_run *run);
size_t remote_run_write(uint8_t payload[REMOTE_PAYLOAD_MOST], const struct remote_run *run);

/* Whose program is to be another one. */
struct remote_push {
        uint64_t program; /* bytes of its file */
        const char *component;
        size_t component_length; /* 1 to NAME_LONGEST */
};

/* The payload of PUSH, likewise; writing it always fits. */
bool remote_push_read(const uint8_t *payload, size_t length, struct remote_push *push);
size_t remote_push_write(uint8_t payload[REMOTE_PAYLOAD_MOST], const struct remote_push *push);

#endif
