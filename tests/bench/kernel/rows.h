/* What is measured in the kernel, one function a row. A row makes what it needs, runs
 * samples_take() or has it run, and destroys it all. */
#ifndef TESTS_BENCH_KERNEL_ROWS_H
#define TESTS_BENCH_KERNEL_ROWS_H

#include <stdint.h>
#include "kernel/abi/bootinfo.h"

enum { ROUNDS = 63, SAMPLES_MAX = 512 };

extern const struct bootinfo *boot;

/* What a round is: `count` operations by loop(count), between two readings of the time stamp
 * counter; undo(count), if there is one, is not timed. */
struct round {
        void (*loop)(unsigned count);
        void (*undo)(unsigned count);
        unsigned count;
};

/* Runs all rounds and writes their ticks where samples_print() finds them, whatever address space
 * this is. */
void samples_take(const struct round *round);

/* For rows that time each operation by itself: the ticks of a round, added up. */
void sample_put(unsigned round, uint64_t ticks);

/* Prints `bench NAME ticks MEDIAN LEAST MOST COUNT ROUNDS`, of a whole round. */
void samples_print(const char *name, unsigned count);

/* Rows of one thread (rows_local.c). */
void row_null_syscall(void);
void row_signal(void);
void row_map_page(void);

/* Rows of messages (rows_message.c). */
void row_call_0(void);
void row_call_4(void);
void row_call_8(void);
void row_call_64(void);
void row_call_cap(void);
void row_call_async(void);
void row_call_keyed(void);
void row_call_same(void);
void row_send(void);
void row_fault(void);

/* Rows from a cause to the thread that it wakes (rows_wake.c). */
void row_signal_wake(void);
void row_irq_to_user(void);

/* Priorities: the program itself is above all; a server is below its caller, so that it serves with
 * an inherited one. */
enum { PRIORITY_SERVER = 80, PRIORITY_CALLER = 120, PRIORITY_RECEIVER = 140 };

/* Deadlines of what is measured, and of the other timers: before and after them. */
enum { OTHER_TIMERS = 1000 };
#define TIMED_DEADLINE (30 * RT_SECOND)
#define TIMERS_FROM    (10 * RT_SECOND)
#define TIMERS_APART   (40 * RT_MILLISECOND)

#endif
