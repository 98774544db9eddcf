/* The marks (marks.h): functions that do nothing, each at an address of its own. */
#include "tests/bench/marks.h"

#define MARK __attribute__((noinline, noclone, used))

MARK void bench_mark_row(void)
{
        __asm__ volatile("# row");
}

MARK void bench_mark_begin(void)
{
        __asm__ volatile("# begin");
}

MARK void bench_mark_end(void)
{
        __asm__ volatile("# end");
}
