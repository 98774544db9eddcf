/* The process: what it is, and what it may use. Its user is 0. */
#include <errno.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

#include "servers/proto/process.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/spawn.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/random.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/time.h"

enum { PRCTL_SET_FS = 0x1002, PRCTL_GET_FS = 0x1003 }; /* ARCH_SET_FS …, arch_prctl(2) */

/* The GS base is the runtime's. */
int64_t linux_arch_prctl(int code, uint64_t address)
{
        struct thread *thread = thread_self();
        if (code == PRCTL_GET_FS) {
                *(uint64_t *)address = thread->fs_base;
                return 0;
        }
        if (code != PRCTL_SET_FS)
                return -EINVAL;
        outcome_t outcome = sys_thread_control(0, THREAD_SET_FS_BASE, address);
        if (outcome != OUTCOME_OK)
                return -EPERM; /* it is no address of the program's */
        thread->fs_base = address;
        return 0;
}

/* What there is of secret randomness a process has from its first moment: none comes later. So
 * where there is none nobody is kept waiting for it. */
int64_t linux_getrandom(void *to, uint64_t count, unsigned flags)
{
        enum { NONBLOCK = 1, RANDOM = 2, INSECURE = 4 }; /* <linux/random.h> */
        static bool said;
        if (flags & ~(NONBLOCK | RANDOM | INSECURE) || (flags & RANDOM && flags & INSECURE))
                return -EINVAL;
        state_lock();
        bool made = flags & INSECURE ? random_distinct(to, count) : random_bytes(to, count);
        state_unlock();
        if (made || count == 0)
                return (int64_t)count;
        if (!said)
                rt_log(
                    "there is no secret source of randomness: neither RDRAND nor a seed by fw_cfg");
        said = true;
        return flags & NONBLOCK ? -EAGAIN : -ENOSYS;
}

int64_t linux_uname(void *name)
{
        struct utsname *to = name;
        bytes_zero(to, sizeof *to);
        /* What programs ask for is which ABI they have. glibc refuses a release that is too old. */
        string_set(to->sysname, sizeof to->sysname, "Linux");
        string_set(to->nodename, sizeof to->nodename, rt_node());
        string_set(to->release, sizeof to->release, "6.1.0-portolan");
        string_set(to->version, sizeof to->version, "Portolan");
        string_set(to->machine, sizeof to->machine, "x86_64");
        return 0;
}

/* The signal that the process gets when its parent ends: set, or told. */
static int64_t death_signal(struct optional_word set, int32_t *to)
{
        const struct startup *startup = rt_startup();
        uint64_t signal = 0;
        if (!startup || !startup->program.entry)
                return -EINVAL; /* a component has no parent */
        const int64_t error =
            linux_error(process_death_signal(rt_handle("log"), RT_DEADLINE, set, &signal));
        if (!error && to)
                *to = (int32_t)signal;
        return error;
}

/* The thread's name, of which nothing else depends; and that no program gains rights by what it
 * runs (PR_SET_NO_NEW_PRIVS), which is so for all. */
int64_t linux_prctl(const struct linux_arguments *in)
{
        char *name = thread_self()->name;
        const bool alone = !in->c && !in->d && !in->e; /* nothing is said beside the first */
        switch ((int)in->a) {
        case PR_SET_NAME:
                string_set(name, THREAD_NAME, (const char *)in->b);
                return 0;
        case PR_GET_NAME:
                bytes_copy((char *)in->b, name, THREAD_NAME);
                return 0;
        case PR_SET_PDEATHSIG:
                return in->b > SIGNALS ? -EINVAL : death_signal(optional_word(in->b), NULL);
        case PR_GET_PDEATHSIG:
                return death_signal(optional_none(), (int32_t *)in->b);
        case PR_GET_NO_NEW_PRIVS:
                return alone && !in->b ? 1 : -EINVAL;
        case PR_SET_NO_NEW_PRIVS:
                return alone && in->b == 1 ? 0 : -EINVAL;
        default:
                return -EINVAL;
        }
}

/* What a program has was decided by who started it: that can be neither more nor less. */
static struct rlimit limit_fixed(int resource)
{
        const struct startup *startup = rt_startup();
        uint64_t limit = RLIM_INFINITY;
        if (resource == RLIMIT_CORE)
                limit = 0;
        else if (resource == RLIMIT_STACK)
                limit = startup ? startup->stack : SPAWN_STACK_DEFAULT;
        return (struct rlimit){limit, limit};
}

/* Of a program, whose stack grows up to it (the process server sees to that); NULL: a component. */
static struct rlimit *stack_limit(void)
{
        static bool known;
        static struct rlimit limit;
        const struct startup *startup = rt_startup();
        if (!startup || !startup->program.entry)
                return NULL;
        if (!known)
                limit.rlim_cur = limit.rlim_max = SPAWN_STACK_TOP - startup->program.stack_end;
        known = true;
        return &limit;
}

/* The limits that are kept, and can be set; NULL: not this one. */
static struct rlimit *limit_kept(int resource)
{
        return resource == RLIMIT_NOFILE  ? descriptor_limit()
               : resource == RLIMIT_STACK ? stack_limit()
                                          : memory_limit(resource);
}

/* A limit that nobody keeps can be set to what it is; to another it would be a lie. */
static int64_t limit_set(int resource, const struct rlimit *now, const struct rlimit *new)
{
        struct rlimit *kept = limit_kept(resource);
        if (new->rlim_cur > new->rlim_max)
                return -EINVAL;
        if (kept && new->rlim_max <= now->rlim_max) {
                outcome_t outcome = OUTCOME_OK;
                if (resource == RLIMIT_STACK)
                        outcome = process_limit_stack(rt_handle("log"), RT_DEADLINE, new->rlim_cur);
                if (outcome == OUTCOME_OK)
                        *kept = *new;
                return linux_error(outcome);
        }
        return new->rlim_cur == now->rlim_cur &&new->rlim_max == now->rlim_max ? 0 : -EPERM;
}

int64_t linux_prlimit(int64_t process, int resource, const void *set, void *old)
{
        struct rlimit now, new;
        if (resource < 0 || resource >= RLIM_NLIMITS)
                return -EINVAL;
        if (process != 0 && process != linux_getpid()) { /* another one's are its own affair */
                const int64_t error = process < 0 ? -ESRCH : linux_kill(process, 0);
                return error ? error : -EPERM;
        }
        if (set)
                bytes_copy(&new, set, sizeof new);
        now = limit_kept(resource) ? *limit_kept(resource) : limit_fixed(resource);
        int64_t error = set ? limit_set(resource, &now, &new) : 0;
        if (old && !error)
                bytes_copy(old, &now, sizeof now);
        return error;
}

int64_t linux_sysinfo(void *info)
{
        /* The kernel's structure ends behind mem_unit; musl's goes on, and glibc's does not. */
        enum { KERNEL_BYTES = 112 };
        struct sysinfo *to = info;
        uint64_t used = 0, limit = 0;
        _Static_assert(offsetof(struct sysinfo, mem_unit) + 4 <= KERNEL_BYTES, "sysinfo(2)");
        bytes_zero(to, KERNEL_BYTES);
        sys_account_info(rt_handle("account"), &used, &limit);
        to->uptime = rt_now() / RT_SECOND;
        to->totalram = limit;
        to->freeram = limit > used ? limit - used : 0;
        to->procs = 1;
        to->mem_unit = 1;
        return 0;
}

/* A user or group may become what it is already (0), or stay it (-1). */
int64_t linux_identity_set(const uint64_t *numbers, unsigned count)
{
        for (unsigned i = 0; i < count; i++)
                if ((int32_t)numbers[i] != 0 && (int32_t)numbers[i] != -1)
                        return -EPERM;
        return 0;
}

int64_t linux_identity_get(uint32_t *real, uint32_t *effective, uint32_t *saved)
{
        *real = *effective = *saved = 0;
        return 0;
}

int64_t linux_getpid(void)
{
        const struct startup *startup = rt_startup();
        return startup && startup->process ? (int64_t)startup->process : 1;
}
