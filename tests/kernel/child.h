/* Support for a program that is the kernel's first task and needs other threads and other address
 * spaces: the tests here, and the benchmark (tests/bench/kernel).
 *
 * A child is a task with a copy of the program at the same addresses, so that it can run any
 * function of it. The page at SHARED is common to all of them. Children have no C library: they use
 * system calls and SHARED alone.
 *
 * Everything made here is noted, and destroyed by made_destroy(). */
#ifndef TESTS_KERNEL_CHILD_H
#define TESTS_KERNEL_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"
#include "tests/guest_check.h"

/* Before anything else: maps SHARED and starts what settle() needs. */
void children_init(void);

/* Destroys everything made since the last call, and clears SHARED. */
void made_destroy(void);

#define SOON (rt_now() + 60 * RT_SECOND) /* a deadline that nobody reaches but in a failure */
/* One that passes while the test waits; no guest stands still for so long on a busy machine. */
#define SHORTLY (rt_now() + RT_SECOND / 2)

/* ---- threads and children ---- */

typedef void test_function(uint64_t argument);

void rt_linux_entry(void); /* this image's handler of Linux system calls, by which it is known */

/* A thread of this image, started; it ends when the function returns. */
handle_t thread_run(test_function *function, uint64_t argument, unsigned priority);

/* A task of its own account with a copy of this program; not started. */
struct child {
        handle_t account, task, thread;
};

struct child child_create(test_function *function, uint64_t argument, unsigned priority);
void child_start(const struct child *child);
/* A handle of ours, copied into the child: its number there. */
handle_t child_grant(const struct child *child, handle_t handle);

/* A page that all tasks share, zeroed before each test. */
struct shared {
        volatile uint64_t word[64];
        char bytes[2048];
};
#define SHARED ((struct shared *)0x30000000)

/* Returns when every other thread waits for something: nothing of a higher priority than the lowest
 * is ready. Tests wait by this, never for a time to pass in which something ought to have happened.
 */
void settle(void);

/* Waits until the clock has passed a time. */
void wait_until(uint64_t time);

/* ---- objects ---- */

handle_t make_port(void);
handle_t make_right(handle_t port, uint64_t badge);
handle_t make_event(void);
handle_t make_memory(uint64_t pages);
/* Maps the whole object readable and writable at an address. */
void map_at(handle_t memory, uint64_t address);

/* ---- messages: the registers of the system calls; the block is the calling thread's ---- */

/* A message block of this task for the calling thread, zeroed. */
struct message_block *own_block(void);

outcome_t call(handle_t right, uint64_t header, uint64_t deadline, struct message_registers *r);
outcome_t receive(handle_t port, uint64_t deadline, struct message_registers *r);
outcome_t reply(handle_t reply, uint64_t header, struct message_registers *r);

enum { INTERFACE = 77, METHOD = 3 };
#define HEADER(words) message_header(INTERFACE, METHOD, words)

/* Serves SHARED->word[0], a port handle: adds 1 to each word and answers. */
void serve_increment(uint64_t rounds);

#endif
