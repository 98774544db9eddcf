/* Process groups and sessions: the process server has them, for all processes of its node.
 *
 * Sources: setpgid(2), getpgid(2), setsid(2), getsid(2). */
#include <errno.h>

#include "servers/proto/process.h"
#include "servers/rt/linux/foreground.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/outside.h"
#include "servers/rt/message/message.h"
#include "servers/rt/start/startup.h"

int64_t process_error(outcome_t outcome)
{
        switch (outcome_reason(outcome)) {
        case REASON_NOT_FOUND:
                return -ESRCH;
        case REASON_REFUSED:
                return -EPERM;
        default:
                return linux_error(outcome);
        }
}

int64_t group_of(int64_t process, uint64_t *group, uint64_t *session)
{
        *group = *session = 0;
        if (!outside_is_there())
                return -ENOSYS;
        if (process < 0)
                return -ESRCH;
        return process_error(
            process_member(rt_handle("log"), RT_DEADLINE, (uint64_t)process, group, session));
}

int64_t linux_getpgid(int64_t process)
{
        uint64_t group, session;
        int64_t error = group_of(process, &group, &session);
        return error ? error : (int64_t)group;
}

int64_t linux_getsid(int64_t process)
{
        uint64_t group, session;
        int64_t error = group_of(process, &group, &session);
        return error ? error : (int64_t)session;
}

int64_t linux_setpgid(int64_t process, int64_t group)
{
        if (!outside_is_there())
                return -ENOSYS;
        if (group < 0 || process < 0)
                return group > 0 ? -ESRCH : -EINVAL; /* group 0: that of the same number */
        foreground_forget();
        return process_error(
            process_join(rt_handle("log"), RT_DEADLINE, (uint64_t)process, (uint64_t)group));
}

int64_t linux_setsid(void)
{
        if (!outside_is_there())
                return -ENOSYS;
        foreground_forget();
        int64_t error = process_error(process_lead(rt_handle("log"), RT_DEADLINE));
        return error ? error : linux_getpid();
}
