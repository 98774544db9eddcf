/* See gather.h. The priority is lowered for one yield only, and never left so. */
#include "netipc/server/gather.h"
#include "servers/rt/message/syscall.h"

enum {
        PRIORITY_OWN = 180, /* as the manifest says */
        GATHER_MAX = 64,    /* messages before those of the network get their turn */
};

static struct {
        bool wanted, going;
        unsigned taken;
} gather;

static outcome_t priority_set(unsigned priority)
{
        return sys_thread_control(0, THREAD_SET_PRIORITY,
                                  thread_scheduling(priority, PRIORITY_OWN, 0));
}

outcome_t gather_init(void)
{
        return priority_set(PRIORITY_OWN);
}

void gather_want(void)
{
        gather.wanted = true;
}

bool gather_wanted(void)
{
        return gather.wanted;
}

static void others_run(void)
{
        priority_set(PRIORITY_DEFAULT);
        sys_yield();
        priority_set(PRIORITY_OWN);
}

bool gather_more(bool message)
{
        if (gather.going) {
                gather.going = message && ++gather.taken < GATHER_MAX;
        } else if (gather.wanted) {
                others_run();
                gather.going = true;
                gather.taken = 0;
        }
        gather.wanted = false;
        return gather.going;
}

bool gathering(void)
{
        return gather.going;
}
