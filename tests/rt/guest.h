/* In-guest tests of the runtime: one program, which the kernel starts as its first task, and a
 * child that it starts itself (child.c). Each test is a function; its first failed CHECK ends
 * it. */
#ifndef TESTS_RT_GUEST_H
#define TESTS_RT_GUEST_H

#include <stdbool.h>
#include <stdint.h>
#include "servers/rt/start/spawn.h"
#include "servers/rt/task/time.h"
#include "tests/guest_check.h"

struct test {
        const char *name;
        void (*run)(void);
};

/* One list for each file, ended by a NULL name. */
extern const struct test libc_tests[], program_tests[], image_tests[], call_tests[], file_tests[],
    layer_tests[];

/* A deadline that is reached only if something fails. */
#define SOON rt_after(5 * RT_SECOND)

enum { CHILD_MEMORY = 2 << 20 };

/* Where the tests move programs to: among the addresses of programs that are alone. */
#define ELSEWHERE 0x0000000540000000ull

/* A boot module, mapped for reading. */
const void *module_map(const char *name, size_t *size);

/* The child program with one argument and grants besides its own; spawned, not started. */
struct spawn child_spawn(const char *const *argument, const struct spawn_grant *grants,
                         unsigned grant_count);
outcome_t child_make(const struct spawn *spawn, struct spawned *child);

/* Waits until the task has ended; its status. */
uint64_t child_wait(const struct spawned *child);

/* Bytes that the account of the first task has used. */
uint64_t account_used(void);

#endif
