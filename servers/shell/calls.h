/* Calls that block one fiber instead of the shell, and that Ctrl-C ends.
 *
 * The shell is linked with --wrap=rt_call, so that every generated stub that a fiber uses
 * becomes call_start, other fibers' turns, call_finish: commands are written as if calls
 * blocked. Each fiber has a call object of its own, whose completion signals the bit of the
 * fiber's number.
 *
 * What files are read ahead with (servers/rt/file) is waited for in the same way: any such call
 * that ends wakes all fibers, which look whether it was theirs. So does whoever else is given the
 * event, to signal CALLS_NEWS.
 *
 * Cancelling a fiber cancels its call under way; the fiber still waits for the real outcome, at
 * most until the call's deadline. Every further call fails at once as not executed. */
#ifndef SHELL_CALLS_H
#define SHELL_CALLS_H

#include "servers/rt/message/message.h"
#include "servers/shell/fiber.h"

#define CALLS_BITS   ((1ull << FIBERS) - 1)
#define CALLS_CANCEL (1ull << 32) /* the terminal's Ctrl-C */
#define CALLS_NEWS   (1ull << 33) /* something else that a fiber may wait for has come */

/* Creates the event that the shell waits for. To be called before any other function. */
outcome_t calls_init(void);

/* The event, to be signalled with CALLS_CANCEL or CALLS_NEWS: for servers of this node, whose word
 * is taken. */
handle_t calls_event(void);

/* Waits for an event, at most until the deadline, and wakes the fibers whose calls completed.
 * Returns CALLS_CANCEL, or 0. */
uint64_t calls_wait(uint64_t deadline);

/* Cancels what a fiber does. A fiber that is started is not cancelled: calls_fresh(its number). */
void calls_cancel(int fiber);
void calls_fresh(int fiber);

/* Whether the running fiber was cancelled. */
bool calls_cancelled(void);

/* Waits `wait` ns; false: cancelled meanwhile. */
bool calls_sleep(uint64_t wait);

#endif
