/* Fibers: cooperative threads of control within one thread, so that a job can wait for an answer
 * while the user types, and nothing needs a lock.
 *
 *      FREE ──start──> READY <──wake, deadline── WAITING
 *        ^               │ ^                        ^
 *        │               v │                        │
 *        └──────end── RUNNING ──────fiber_wait──────┘
 *
 * A fiber runs until it waits or ends; nothing interrupts it. A wake that comes while it does not
 * wait is kept, and the next wait returns at once: so `while (!condition) fiber_wait(…)` misses
 * nothing. The program's own loop runs them with fibers_run() and, when none is ready, waits for
 * the world outside, at most until fibers_deadline().
 *
 * Pure but for the stack switch (fiber_switch.S: x86-64, System V). All state is in one structure
 * of fiber.c; one thread uses it. */
#ifndef SHELL_FIBER_H
#define SHELL_FIBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FIBERS = 8, FIBER_STACK = 64 * 1024 };

#define FIBER_NEVER UINT64_MAX

/* Starts a fiber that runs function(argument) and ends when that returns. Its number, 0 to FIBERS -
 * 1, or -1: there are too many. */
int fiber_start(void (*function)(void *argument), void *argument);

/* The number of the fiber that runs; -1 in the program's own loop. */
int fiber_current(void);

/* Lets others run until the fiber is woken (true) or fibers_time() has passed the deadline
 * (false). */
bool fiber_wait(uint64_t deadline);

/* Makes a fiber go on; harmless if it does not wait or has ended. */
void fiber_wake(int number);

/* Wakes all fibers: for conditions that rarely change. */
void fibers_wake_all(void);

/* Runs fibers until none is ready. Not from within a fiber. */
void fibers_run(void);

/* The earliest deadline that a fiber waits for; FIBER_NEVER if there is none. */
uint64_t fibers_deadline(void);

/* Says what time it is: fibers whose deadline has passed become ready. */
void fibers_time(uint64_t now);

#endif
