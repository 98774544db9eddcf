/* The children of this process: how they have ended, stopped or gone on, which the process server
 * tells.
 *
 * Sources: wait(2), waitid(2), <sys/wait.h>. */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"

enum {
        OF_WAITID = 1 << 16, /* the layer's own, beside those of wait(2) */
        OPTIONS_KNOWN = WNOHANG | WUNTRACED | WCONTINUED | WEXITED | WNOWAIT | __WALL | __WNOTHREAD
};

/* What there is to be told of a child; id 0: nothing. */
struct end {
        uint64_t id, status, cpu;
};

/* Waits for one. 0, or a negated errno. */
static int64_t end_ask(int64_t which, int options, struct end *end)
{
        const handle_t server = rt_handle("log");
        struct thread *thread = thread_self();
        const uint64_t child = which > 0 ? (uint64_t)which : which < -1 ? (uint64_t)-which : 0;
        const uint64_t flags =
            (options & WNOHANG ? PROCESS_REAP_NOW : 0) |
            (options & WNOWAIT ? PROCESS_REAP_KEEP : 0) |
            (options & WUNTRACED ? PROCESS_REAP_STOPPED : 0) |
            (options & WCONTINUED ? PROCESS_REAP_CONTINUED : 0) |
            (options & OF_WAITID && !(options & WEXITED) ? PROCESS_REAP_TURNED : 0) |
            (which == 0 || which < -1 ? PROCESS_REAP_GROUP : 0);
        outcome_t outcome;
        if (call_interruptible(thread)) {
                outcome = process_reap_start(server, thread->call, TIME_NEVER, child, flags);
                if (outcome == OUTCOME_OK) {
                        call_wait(thread);
                        outcome =
                            process_reap_finish(thread->call, &end->id, &end->status, &end->cpu);
                }
        } else {
                outcome = process_reap(server, TIME_NEVER, child, flags, &end->id, &end->status,
                                       &end->cpu);
        }
        switch (outcome_reason(outcome)) {
        case REASON_NOT_FOUND:
                return -ECHILD;
        case REASON_CANCELLED:
                return -RESTART;
        default:
                return linux_error(outcome);
        }
}

static bool by_signal(const struct end *end)
{
        return end->status & PROCESS_SIGNALLED;
}

/* sigaction(2): who ignores SIGCHLD, or says so, wants no statuses of children. */
static bool ends_unwanted(void)
{
        const struct kernel_action *action = signal_action(SIGCHLD);
        return action->handler == (uint64_t)SIG_IGN || action->flags & SA_NOCLDWAIT;
}

/* Waits as wait4 and waitid do: where ends are not wanted, up to that of the last child, of which
 * nothing is told either. */
static int64_t end_wait(int64_t which, int options, struct end *end)
{
        int64_t error;
        bool unwanted;
        do {
                error = end_ask(which, options, end);
                unwanted = !error && end->id && !(options & WNOWAIT) &&
                           !(end->status & (PROCESS_STOPPED | PROCESS_CONTINUED)) &&
                           ends_unwanted();
        } while (unwanted);
        return error;
}

void children_ended(void)
{
        struct end end = {.id = 1};
        if (!ends_unwanted())
                return;
        while (end.id && process_reap(rt_handle("log"), RT_DEADLINE, 0, PROCESS_REAP_NOW, &end.id,
                                      &end.status, &end.cpu) == OUTCOME_OK)
                ;
}

/* As wait(2) has a status. */
static int status_of(const struct end *end)
{
        enum { IS_STOPPED = 0x7f, GOES_ON = 0xffff };
        if (end->status & PROCESS_CONTINUED)
                return GOES_ON;
        if (end->status & PROCESS_STOPPED)
                return (int)(end->status & 0xff) << 8 | IS_STOPPED;
        return by_signal(end) ? (int)(end->status - PROCESS_SIGNALLED) & 0x7f
                              : (int)(end->status & 0xff) << 8;
}

/* Its time is all that is known of what it used. */
static void usage_fill(struct rusage *usage, const struct end *end)
{
        bytes_zero(usage, offsetof(struct rusage, ru_nsignals) + sizeof(long) * 3);
        usage->ru_utime = time_coarse(end->cpu);
}

int64_t linux_wait4(int64_t which, void *status, int options, void *usage)
{
        struct end end = {0};
        if (options & ~OPTIONS_KNOWN || options & (WEXITED | WNOWAIT))
                return -EINVAL;
        int64_t error = end_wait(which, options, &end);
        if (error || !end.id)
                return error;
        if (status)
                *(int *)status = status_of(&end);
        if (usage)
                usage_fill(usage, &end);
        return (int64_t)end.id;
}

int64_t linux_waitid(int kind, int64_t which, void *to, int options, void *usage)
{
        struct signal_info info = {0};
        struct end end = {0};
        if (options & ~OPTIONS_KNOWN || !(options & (WEXITED | WSTOPPED | WCONTINUED)) ||
            (kind == P_PID && which <= 0) || (kind != P_ALL && kind != P_PID && kind != P_PGID))
                return -EINVAL;
        int64_t error = end_wait(kind == P_PID   ? which
                                 : kind == P_ALL ? -1
                                                 : -which,
                                 options | OF_WAITID, &end);
        if (error)
                return error;
        if (end.id) {
                info.number = SIGCHLD;
                info.code = end.status & PROCESS_CONTINUED ? CLD_CONTINUED
                            : end.status & PROCESS_STOPPED ? CLD_STOPPED
                            : by_signal(&end)              ? CLD_KILLED
                                                           : CLD_EXITED;
                info.sender.process = (int32_t)end.id;
                info.sender.value = end.status & PROCESS_CONTINUED ? SIGCONT : end.status & 0xff;
        }
        if (to)
                bytes_copy(to, &info, sizeof info);
        if (usage && end.id)
                usage_fill(usage, &end);
        return 0;
}

/* Whose parent has ended has init's number for it, as on Linux. */
int64_t linux_getppid(void)
{
        enum { INIT = 1 };
        uint64_t parent = 0;
        const struct startup *startup = rt_startup();
        if (startup && startup->program.entry)
                process_parent(rt_handle("log"), RT_DEADLINE, &parent);
        return parent ? (int64_t)parent : INIT;
}
