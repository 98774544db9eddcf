/* In each program's image: from its first instruction to main() and its exit, in the place of
 * servers/rt/start/begin.c. Time, randomness and memory come from the simulator; libc's functions
 * for them are replaced by the linker (__wrap_). */
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include "servers/rt/task/memory.h"
#include "servers/rt/task/random.h"
#include "servers/rt/start/self.h"
#include "servers/rt/message/syscall.h"
#include "servers/rt/task/time.h"
#include "tests/sim/user/machine.h"

int main(int count, char **arguments);

struct runtime_block the_block;

/* ---- the runtime's -------------------------------------------------------------------------- */

uint64_t rt_now(void)
{
        return sim_clock();
}

static uint64_t boot_date;

uint64_t rt_boot_date(void)
{
        return boot_date;
}

void rt_date_set(uint64_t date)
{
        boot_date = date - rt_now();
}

bool random_bytes(void *to, size_t count)
{
        sim_random_bytes(to, count);
        return true;
}

bool random_distinct(void *to, size_t count)
{
        return random_bytes(to, count);
}

enum random_quality random_quality(void)
{
        return RANDOM_SECRET;
}

void random_stir(const void *from, size_t count, enum random_quality quality)
{
        (void)from, (void)count, (void)quality;
}

outcome_t rt_memory_allocate(size_t bytes, void **address)
{
        *address = sim_allocate(bytes);
        return *address ? OUTCOME_OK : not_executed(REASON_NO_MEMORY);
}

outcome_t rt_memory_map(handle_t object, size_t offset, size_t bytes, unsigned flags,
                        void **address)
{
        uint64_t at;
        outcome_t outcome = sys_memory_map(0, object, 0, offset, page_up(bytes), flags, &at);
        *address = (void *)at;
        return outcome;
}

void rt_memory_free(void *address, size_t bytes)
{
        if ((uint64_t)address < SIM_MEMORY_END)
                sys_memory_unmap(0, (uint64_t)address, page_up(bytes));
        else
                sim_release(address);
}

/* ---- libc's ---------------------------------------------------------------------------------- */

void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *block, size_t bytes);
void __wrap_free(void *block);
ssize_t __wrap_getrandom(void *to, size_t count, unsigned flags);
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap_abort(void);
_Noreturn void __wrap___assert_fail(const char *expression, const char *file, unsigned line,
                                    const char *function);

void *__wrap_malloc(size_t bytes)
{
        return sim_allocate(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
        size_t all;
        void *block = __builtin_mul_overflow(count, bytes, &all) ? NULL : sim_allocate(all);
        return block ? memset(block, 0, all) : NULL;
}

void *__wrap_realloc(void *block, size_t bytes)
{
        return sim_reallocate(block, bytes);
}

void __wrap_free(void *block)
{
        sim_release(block);
}

ssize_t __wrap_getrandom(void *to, size_t count, unsigned flags)
{
        (void)flags;
        sim_random_bytes(to, count);
        return (ssize_t)count;
}

void __wrap_exit(int status)
{
        sys_task_exit((uint64_t)status);
        __builtin_unreachable();
}

void __wrap_abort(void)
{
        sim_program_failed("abort()");
}

void __wrap___assert_fail(const char *expression, const char *file, unsigned line,
                          const char *function)
{
        (void)file, (void)line, (void)function;
        sim_program_failed(expression);
}

/* ---- the start ------------------------------------------------------------------------------- */

/* The first task learns its node's name from the command line, which begins with it. */
static void bootinfo_take(const struct bootinfo *info)
{
        static const char key[] = "node=";
        const char *at = info->command_line;
        rt_self.bootinfo = info;
        if (strncmp(at, key, sizeof key - 1) == 0)
                memcpy(rt_self.node, at + sizeof key - 1, strcspn(at + sizeof key - 1, " "));
}

__attribute__((visibility("default"))) void image_begin(const void *page);
void image_begin(const void *page)
{
        char *arguments[STARTUP_ARGUMENTS + 1] = {"init"};
        int count = 0;
        the_block.serving_deadline = TIME_NEVER;
        sys_thread_control(0, THREAD_SET_BLOCK, (uint64_t)&the_block.message);
        if (*(const uint64_t *)page == BOOTINFO_MAGIC)
                bootinfo_take(page);
        else
                rt_self.startup = page;
        while (rt_self.startup && count < STARTUP_ARGUMENTS &&
               (arguments[count] = (char *)startup_argument(rt_self.startup, (unsigned)count)))
                count++;
        __wrap_exit(main(count, arguments));
}
