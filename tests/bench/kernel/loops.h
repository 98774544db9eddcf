/* The timed loops, in assembly: one turn is one operation, with nothing but the loop around it.
 * They work on bench_loop, of which each address space has its own; one thread at a time may use
 * it.
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
        uint64_t reply;    /* bench_answer: the first to be answered; then the next */
        uint64_t header;   /* of what is sent */
        uint64_t deadline; /* of the first operation; a nanosecond later for each one after it */
        uint64_t count;    /* turns, at least 1; 0 afterwards */
        uint64_t failures; /* outcomes, ORed in */
        uint64_t words[MESSAGE_WORDS];
};

_Static_assert(offsetof(struct bench_loop, words) == 56 && sizeof(struct bench_loop) == 120,
               "loops.S");
_Static_assert(SYSCALL_receive == 0x1002 && SYSCALL_reply_receive == 0x1004, "loops.S");

extern struct bench_loop bench_loop;

/* `count` messages, one after the other: call or send. */
void bench_message(void);

/* Answers calls until a receive fails; takes one-way messages until then. */
void bench_serve(void);
void bench_receive(void);

/* Answers `reply` and waits for the next message, `count` times. */
void bench_answer(void);

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
