/* How a program ends that finds itself wrong: assert() and abort() instead of libc's, which would
 * ask for signals that there are not. The thread faults where it stands, so that whoever supervises
 * it reports the chain of calls (servers/init/fault.c knows abort by its name). */
#include <stdlib.h>

#include "servers/rt/task/log.h"

_Noreturn void __assert_fail(const char *expression, const char *file, int line,
                             const char *function);

/* Not to become one with what calls it. */
__attribute__((noinline)) _Noreturn void abort(void)
{
        __builtin_trap();
}

_Noreturn void __assert_fail(const char *expression, const char *file, int line,
                             const char *function)
{
        rt_log("assertion failed: %s (%s:%d, in %s)", expression, file, line, function);
        abort();
}
