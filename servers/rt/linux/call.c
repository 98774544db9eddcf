/* Dispatches Linux system calls: each number to its function, with the arguments from the
 * registers, when calls.c has found that what they point to is there: a new call with pointers has
 * its line there, too. Those about files are in call_file.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/locks.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/message/syscall.h"

/* A call that is not supported is named in the log once. */
static void name_missing(uint64_t number)
{
        enum { NUMBERS = 512 };
        static uint8_t named[NUMBERS / 8];
        if (number >= NUMBERS || named[number / 8] & 1 << number % 8)
                return;
        named[number / 8] |= (uint8_t)(1 << number % 8);
        rt_log("Linux system call %lu is not there: it answers ENOSYS", number);
}

/* Memory. False, here and below: not one of these calls. */
static bool memory_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        switch (number) {
        case SYS_mmap:
                if (!(in->d & MAP_ANONYMOUS))
                        return false; /* a file is looked for first */
                *result = linux_mmap(in);
                return true;
        case SYS_msync:
                *result = linux_msync(in->a, in->b, (int)in->c);
                return true;
        case SYS_munmap:
                *result = linux_munmap(in->a, in->b);
                return true;
        case SYS_mprotect:
                *result = linux_mprotect(in->a, in->b, in->c);
                return true;
        case SYS_mremap:
                *result = linux_mremap(in);
                return true;
        case SYS_madvise:
                *result = linux_madvise(in->a, in->b, (int)in->c);
                return true;
        case SYS_mlock:
                *result = linux_mlock(in->a, in->b, 0);
                return true;
        case SYS_mlock2:
                *result = linux_mlock(in->a, in->b, in->c);
                return true;
        case SYS_mlockall:
                *result = linux_mlockall(in->a);
                return true;
        case SYS_munlock:
                *result = linux_munlock(in->a, in->b);
                return true;
        case SYS_munlockall:
                *result = linux_munlockall();
                return true;
        case SYS_brk:
                *result = linux_brk(in->a);
                return true;
        default:
                return false;
        }
}

static bool timer_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        const int64_t id = (int)in->a;
        switch (number) {
        case SYS_timer_create:
                *result = linux_timer_create((int)in->a, (const void *)in->b, (int32_t *)in->c);
                return true;
        case SYS_timer_settime:
                *result = linux_timer_settime(id, (int)in->b, (const void *)in->c, (void *)in->d);
                return true;
        case SYS_timer_gettime:
                *result = linux_timer_gettime(id, (void *)in->b);
                return true;
        case SYS_timer_getoverrun:
                *result = linux_timer_getoverrun(id);
                return true;
        case SYS_timer_delete:
                *result = linux_timer_delete(id);
                return true;
        default:
                return false;
        }
}

static bool time_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        switch (number) {
        case SYS_clock_gettime:
                *result = linux_clock_gettime((int)in->a, (void *)in->b);
                return true;
        case SYS_clock_getres:
                *result = linux_clock_getres((int)in->a, (void *)in->b);
                return true;
        case SYS_time:
                *result = linux_time((int64_t *)in->a);
                return true;
        case SYS_gettimeofday:
                *result = linux_gettimeofday((void *)in->a, (void *)in->b);
                return true;
        case SYS_clock_nanosleep:
                *result = linux_clock_nanosleep((int)in->a, (int)in->b, (const void *)in->c,
                                                (void *)in->d);
                return true;
        case SYS_nanosleep:
                *result = linux_clock_nanosleep(1, 0, (const void *)in->a, (void *)in->b);
                return true;
        case SYS_poll:
                *result = linux_poll((void *)in->a, in->b, (int)in->c);
                return true;
        case SYS_select:
                *result = linux_select(in);
                return true;
        case SYS_pselect6:
                *result = linux_pselect(in);
                return true;
        case SYS_epoll_wait:
                *result = linux_epoll_wait(in, NULL);
                return true;
        case SYS_epoll_pwait:
                *result = linux_epoll_wait(in, (const void *)in->e);
                return true;
        case LINUX_EPOLL_PWAIT2:
                *result = linux_epoll_pwait2(in);
                return true;
        case SYS_ppoll:
                *result = linux_ppoll(in);
                return true;
        case SYS_setitimer:
                *result = linux_setitimer((int)in->a, (const void *)in->b, (void *)in->c);
                return true;
        case SYS_getitimer:
                *result = linux_setitimer((int)in->a, NULL, (void *)in->b);
                return true;
        case SYS_alarm:
                *result = linux_alarm((unsigned)in->a);
                return true;
        default:
                return timer_call(number, in, result);
        }
}

static bool scheduling_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        const int64_t id = (int)in->a;
        switch (number) {
        case SYS_sched_getscheduler:
                *result = linux_sched_getscheduler(id);
                return true;
        case SYS_sched_setscheduler:
                *result = linux_sched_setscheduler(id, (int)in->b, (const int *)in->c);
                return true;
        case SYS_sched_getparam:
                *result = linux_sched_getparam(id, (int *)in->b);
                return true;
        case SYS_sched_setparam:
                *result = linux_sched_setparam(id, (const int *)in->b);
                return true;
        case SYS_sched_get_priority_max:
        case SYS_sched_get_priority_min:
                *result = linux_sched_priority((int)in->a, number == SYS_sched_get_priority_max);
                return true;
        case SYS_sched_rr_get_interval:
                *result = linux_sched_interval(id, (void *)in->b);
                return true;
        case SYS_sched_getaffinity:
                *result = linux_sched_getaffinity(id, in->b, (void *)in->c);
                return true;
        case SYS_sched_setaffinity:
                *result = linux_sched_setaffinity(id, in->b, (const void *)in->c);
                return true;
        case SYS_membarrier:
                *result = linux_membarrier((int)in->a, (unsigned)in->b);
                return true;
        case SYS_getcpu:
                *result = linux_getcpu((unsigned *)in->a, (unsigned *)in->b);
                return true;
        case SYS_getpriority:
                *result = linux_getpriority((int)in->a, (int)in->b);
                return true;
        case SYS_setpriority:
                *result = linux_setpriority((int)in->a, (int)in->b, (int)in->c);
                return true;
        case SYS_times:
                *result = linux_times((void *)in->a);
                return true;
        default:
                return false;
        }
}

static bool identity_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        switch (number) {
        case SYS_getuid:
        case SYS_geteuid:
        case SYS_getgid:
        case SYS_getegid:
                *result = 0;
                return true;
        case SYS_getgroups: /* none */
                *result = (int)in->a < 0 ? -EINVAL : 0;
                return true;
        case SYS_setgroups:
                *result = in->a ? -EPERM : 0;
                return true;
        case SYS_setuid:
        case SYS_setgid:
                *result = (int)in->a == -1 ? -EINVAL : linux_identity_set(&in->a, 1);
                return true;
        case SYS_setreuid:
        case SYS_setregid:
                *result = linux_identity_set(&in->a, 2);
                return true;
        case SYS_setresuid:
        case SYS_setresgid:
                *result = linux_identity_set(&in->a, 3);
                return true;
        case SYS_getresuid:
        case SYS_getresgid:
                *result =
                    linux_identity_get((uint32_t *)in->a, (uint32_t *)in->b, (uint32_t *)in->c);
                return true;
        default:
                return false;
        }
}

enum { PERSONALITY_ASK = 0xffffffff }; /* personality(2): there is the one that is 0 */

/* The process itself: one user (0). */
static bool process_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        *result = 0;
        switch (number) {
        case SYS_arch_prctl:
                *result = linux_arch_prctl((int)in->a, in->b);
                return true;
        case SYS_getrandom:
                *result = linux_getrandom((void *)in->a, in->b, (unsigned)in->c);
                return true;
        case SYS_uname:
                *result = linux_uname((void *)in->a);
                return true;
        case SYS_prlimit64:
                *result =
                    linux_prlimit((int64_t)in->a, (int)in->b, (const void *)in->c, (void *)in->d);
                return true;
        case SYS_getrlimit:
                *result = linux_prlimit(0, (int)in->a, NULL, (void *)in->b);
                return true;
        case SYS_setrlimit:
                *result = linux_prlimit(0, (int)in->a, (const void *)in->b, NULL);
                return true;
        case SYS_getrusage:
                *result = linux_getrusage((int)in->a, (void *)in->b);
                return true;
        case SYS_sysinfo:
                *result = linux_sysinfo((void *)in->a);
                return true;
        case SYS_getpid:
                *result = linux_getpid();
                return true;
        case SYS_getppid:
                *result = linux_getppid();
                return true;
        case SYS_wait4:
                *result = linux_wait4((int)in->a, (void *)in->b, (int)in->c, (void *)in->d);
                return true;
        case SYS_waitid:
                *result =
                    linux_waitid((int)in->a, (int)in->b, (void *)in->c, (int)in->d, (void *)in->e);
                return true;
        case SYS_umask:
                *result = linux_umask((unsigned)in->a);
                return true;
        case SYS_rseq: /* libc does without it */
                *result = -ENOSYS;
                return true;
        case SYS_prctl:
                *result = linux_prctl(in);
                return true;
        case SYS_personality:
                *result = (uint32_t)in->a == PERSONALITY_ASK || !in->a ? 0 : -EINVAL;
                return true;
        default:
                return false;
        }
}

static bool thread_call(uint64_t number, const struct linux_context *context, int64_t *result)
{
        const struct linux_arguments *in = &context->arguments;
        switch (number) {
        case SYS_futex:
                *result = linux_futex(in);
                return true;
        case SYS_clone:
                *result = linux_clone(context);
                break;
        case SYS_clone3:
                *result = linux_clone3(context);
                break;
        case SYS_fork:
                *result = linux_fork(context, false);
                break;
        case SYS_vfork:
                *result = linux_fork(context, true);
                break;
        case SYS_exit:
                *result = linux_exit((int)in->a);
                return true;
        case SYS_exit_group:
                locks_exit();
                *result = linux_exit_group((int)in->a);
                return true;
        case SYS_gettid:
                *result = linux_gettid();
                return true;
        case SYS_set_tid_address:
                *result = linux_set_tid_address(in->a);
                return true;
        case SYS_set_robust_list:
                *result = linux_set_robust_list(in->a, in->b);
                return true;
        case SYS_get_robust_list:
                *result = linux_get_robust_list((int)in->a, (uint64_t *)in->b, (uint64_t *)in->c);
                return true;
        case SYS_sched_yield:
                *result = 0;
                sys_yield();
                return true;
        default:
                return false;
        }
        return *result != -ENOSYS; /* of clone: a component has no threads and no children */
}

static bool signal_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        switch (number) {
        case SYS_rt_sigaction:
                *result = linux_sigaction((int)in->a, (const void *)in->b, (void *)in->c, in->d);
                return true;
        case SYS_rt_sigprocmask:
                *result = linux_sigprocmask((int)in->a, (const void *)in->b, (void *)in->c, in->d);
                return true;
        case SYS_rt_sigpending:
                *result = linux_sigpending((void *)in->a, in->b);
                return true;
        case SYS_rt_sigsuspend:
                *result = linux_sigsuspend((const void *)in->a, in->b);
                return true;
        case SYS_rt_sigtimedwait:
                *result = linux_sigtimedwait((const void *)in->a, (void *)in->b,
                                             (const void *)in->c, in->d);
                return true;
        case SYS_pause:
                *result = linux_pause();
                return true;
        case SYS_sigaltstack:
                *result = linux_sigaltstack((const void *)in->a, (void *)in->b);
                return true;
        case SYS_getpgid:
                *result = linux_getpgid((int)in->a);
                return true;
        case SYS_getpgrp:
                *result = linux_getpgid(0);
                return true;
        case SYS_getsid:
                *result = linux_getsid((int)in->a);
                return true;
        case SYS_setpgid:
                *result = linux_setpgid((int)in->a, (int)in->b);
                return true;
        case SYS_setsid:
                *result = linux_setsid();
                return true;
        case SYS_kill:
                *result = linux_kill((int)in->a, (int)in->b);
                return true;
        case SYS_tkill:
                *result = linux_tgkill(linux_getpid(), (int)in->a, (int)in->b);
                return true;
        case SYS_tgkill:
                *result = linux_tgkill((int)in->a, (int)in->b, (int)in->c);
                return true;
        case SYS_rt_sigqueueinfo:
                *result = linux_sigqueue((int)in->a, 0, (int)in->b, (const void *)in->c);
                return true;
        case SYS_rt_tgsigqueueinfo:
                *result = linux_sigqueue((int)in->a, (int)in->b, (int)in->c, (const void *)in->d);
                return true;
        default:
                return false;
        }
}

static bool any_memory_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        memory_lock();
        bool known = memory_call(number, in, result);
        memory_unlock();
        return known;
}

static bool any_call(uint64_t number, const struct linux_arguments *in,
                     const struct linux_context *context, int64_t *result)
{
        return any_memory_call(number, in, result) || thread_call(number, context, result) ||
               signal_call(number, in, result) || time_call(number, in, result) ||
               process_call(number, in, result) || scheduling_call(number, in, result) ||
               identity_call(number, in, result) || linux_file_call(number, in, result);
}

bool linux_call(struct linux_context *context)
{
        struct thread *thread = thread_self();
        struct linux_arguments in = context->arguments;
        const uint64_t number = context->rax;
        int64_t result = -ENOSYS;
        thread->call_number = number;
        if (number == SYS_rt_sigreturn) {
                linux_sigreturn();
                return true;
        }
        if (!user_check(number, &in))
                result = -EFAULT;
        else if (!any_call(number, &in, context, &result)) {
                name_missing(number);
                result = -ENOSYS;
        }
        if (result == -RESTART)
                thread->block->attention = 1;
        context->rax = (uint64_t)result;
        return false;
}
