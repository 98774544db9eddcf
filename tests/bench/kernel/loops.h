/* The timed loops, in assembly: one turn is one operation, with nothing but the loop around it.
 * Each runs on a struct bench_loop, which it uses as its stack: nothing is pushed there.
 *
 * Context: any task; no C library. */
#ifndef TESTS_BENCH_KERNEL_LOOPS_H
#define TESTS_BENCH_KERNEL_LOOPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/syscall.h"

struct bench_loop {
        uint64_t number;   /* bench_message: the system call */
        uint64_t handle;   /* right or port */
        uint64_t second;   /* bench_async: the call; bench_answer: the first to be answered, later
                              the next */
        uint64_t event;    /* bench_async: whose bit 0 the call's end sets; bench_keyed: the port
                              that hears of it */
        uint64_t header;   /* of what is sent */
        uint64_t deadline; /* of the first operation; a nanosecond later for each one after it */
        uint64_t count;    /* turns, at least 1; 0 afterwards */
        uint64_t failures; /* outcomes, ORed in */
        const handle_t *received; /* bench_serve_caps: where the kernel says what has come */
        uint64_t stack;           /* the caller's, until the loop ends */
        uint64_t words[MESSAGE_WORDS];
};

_Static_assert(offsetof(struct bench_loop, second) == 16 &&
                   offsetof(struct bench_loop, header) == 32 &&
                   offsetof(struct bench_loop, received) == 64 &&
                   offsetof(struct bench_loop, words) == 80 && sizeof(handle_t) == 8,
               "loops.S");
_Static_assert(SYSCALL_receive == 0x1002 && SYSCALL_reply_receive == 0x1004 &&
                   SYSCALL_call_start == 0x1005 && SYSCALL_call_finish == 0x1006 &&
                   SYSCALL_handle_close == 0x1011 && SYSCALL_event_wait == 0x103c,
               "loops.S");

/* `count` messages, one after the other: call or send. */
void bench_message(struct bench_loop *loop);

/* `count` times: starts a call, waits for its end, at an event or a port, and takes the answer. */
void bench_async(struct bench_loop *loop);
void bench_keyed(struct bench_loop *loop);

/* Answers calls until a receive fails; the same, closing the capability that each brings; takes
 * one-way messages until then. */
void bench_serve(struct bench_loop *loop);
void bench_serve_caps(struct bench_loop *loop);
void bench_receive(struct bench_loop *loop);

/* Answers `second` and waits for the next message, `count` times. */
void bench_answer(struct bench_loop *loop);

/* Faults for ever; each fault that is answered lets it go on to the next. */
void bench_fault(void);

/* Fills all vector registers with numbers from `seed` on, and says whether they are still there. */
void bench_vectors_load(uint32_t seed);
bool bench_vectors_same(uint32_t seed);

/* A new row begins; what is between the other two is measured. */
void bench_mark_row(void);
void bench_mark_begin(void);
void bench_mark_end(void);

#endif
