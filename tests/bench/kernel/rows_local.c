/* Rows that need no second thread. The loop is what the compiler makes of the stub that programs
 * use. They run in a thread of their own, like all that is measured. */
#include "tests/bench/kernel/loops.h"
#include "tests/bench/kernel/rows.h"
#include "tests/kernel/child.h"

enum { OFTEN = 256, MAPS = 32 };

static handle_t object;
/* Outcomes, ORed together: the measured thread has no C library to complain with. */
static volatile outcome_t failed;

static void null_loop(unsigned count)
{
        outcome_t failures = 0;
        while (count--)
                failures |= sys_null();
        failed |= failures;
}

static void signal_loop(unsigned count)
{
        outcome_t failures = 0;
        while (count--)
                failures |= sys_event_signal(object, 1);
        failed |= failures;
}

#define MAP_AT 0x50000000ull

static void map_loop(unsigned count)
{
        outcome_t failures = 0;
        for (uint64_t offset = 0; offset < (uint64_t)count * PAGE_SIZE; offset += PAGE_SIZE)
                failures |= sys_memory_map(0, object, MAP_AT + offset, offset, PAGE_SIZE,
                                           MAP_READ | MAP_WRITE, NULL);
        failed |= failures;
}

static void map_undo(unsigned count)
{
        failed |= sys_memory_unmap(0, MAP_AT, (uint64_t)count * PAGE_SIZE);
}

static const struct round null_round = {null_loop, NULL, OFTEN};
static const struct round signal_round = {signal_loop, NULL, OFTEN};
static const struct round map_round = {map_loop, map_undo, MAPS};

enum { SEED = 77 };

static void measured(uint64_t round)
{
        bench_vectors_load(SEED);
        samples_take((const struct round *)round);
        if (!bench_vectors_same(SEED))
                failed |= not_executed(REASON_FAULT);
}

static void row_run(const char *name, const struct round *round)
{
        thread_run(measured, (uint64_t)round, PRIORITY_CALLER);
        settle();
        CHECK_OK(failed);
        samples_print(name, round->count);
        made_destroy();
}

void row_null_syscall(void)
{
        row_run("null_syscall", &null_round);
}

/* Nobody waits for the event: no switch. */
void row_signal(void)
{
        object = make_event();
        row_run("signal", &signal_round);
}

/* One page of a memory object at an address whose page table is there already. */
void row_map_page(void)
{
        object = make_memory(MAPS);
        map_loop(MAPS);
        *(volatile uint64_t *)MAP_AT = 1;
        map_undo(MAPS);
        row_run("map_page", &map_round);
}
