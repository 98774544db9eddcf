/* What wakes init's event loop (init.h). */
#include "servers/init/init.h"

void init_work(struct init *init)
{
        sys_event_signal(init->event, INIT_WORK);
}

void init_wake_at(struct init *init, uint64_t time)
{
        init->server.deadline = rt_earlier(init->server.deadline, time);
}
