/* See wait.h. The event is made when it is first needed. */
#include "servers/rt/file/wait.h"

#include "servers/rt/message/syscall.h"

enum { ENDED = 1 };

static struct {
        handle_t event; /* 0: not made yet */
} waiting;

outcome_t reader_call(handle_t *call)
{
        outcome_t outcome = waiting.event ? OUTCOME_OK : sys_event_create(&waiting.event);
        *call = 0;
        return outcome == OUTCOME_OK ? sys_call_create(waiting.event, ENDED, call) : outcome;
}

void reader_wait_renew(void)
{
        waiting.event = 0;
}

outcome_t reader_wait(uint64_t deadline)
{
        uint64_t bits;
        return sys_event_wait(waiting.event, ENDED, deadline, &bits);
}
