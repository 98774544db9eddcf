/* Dispatches Linux system calls: each number to its function, with the arguments from the
 * registers, when calls.c has found that what they point to is there: a new call with pointers has
 * its line there, too. */
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
                *result = linux_madvise(in->a, in->b, in->c);
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
        case SYS_munlock: /* nothing is paged out, locked or not */
                *result = 0;
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

/* Calls on descriptors. */
static bool file_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        int file = (int)in->a;
        switch (number) {
        case SYS_read:
                *result = linux_read(file, (void *)in->b, in->c);
                return true;
        case SYS_write:
                *result = linux_write(file, (const void *)in->b, in->c);
                return true;
        case SYS_readv:
                *result = linux_readv(file, (const void *)in->b, in->c);
                return true;
        case SYS_writev:
                *result = linux_writev(file, (const void *)in->b, in->c);
                return true;
        case SYS_pread64:
                *result = linux_pread(file, (void *)in->b, in->c, in->d);
                return true;
        case SYS_pwrite64:
                *result = linux_pwrite(file, (const void *)in->b, in->c, in->d);
                return true;
        case SYS_preadv: /* with 64 bits to a word, in->d is the whole offset */
                *result = linux_preadv(file, (const void *)in->b, in->c, in->d);
                return true;
        case SYS_pwritev:
                *result = linux_pwritev(file, (const void *)in->b, in->c, in->d);
                return true;
        case SYS_lseek:
                *result = linux_lseek(file, (int64_t)in->b, (int)in->c);
                return true;
        case SYS_close:
                *result = linux_close(file);
                return true;
        case SYS_fstat:
                *result = linux_fstat(file, (void *)in->b);
                return true;
        case SYS_getdents64:
                *result = linux_getdents(file, (void *)in->b, in->c);
                return true;
        case SYS_fcntl:
                *result = linux_fcntl(file, (int)in->b, in->c);
                return true;
        case SYS_mmap:
                *result = linux_map_file(in);
                return true;
        case SYS_flock:
                *result = linux_flock(file, (int)in->b);
                return true;
        case SYS_ioctl:
                *result = linux_ioctl(file, in->b, in->c);
                return true;
        case SYS_dup:
                *result = linux_dup(file, 0, false);
                return true;
        case SYS_dup2:
                *result = linux_dup2(file, (int)in->b);
                return true;
        case SYS_dup3:
                *result = linux_dup3(file, (int)in->b, (int)in->c);
                return true;
        case SYS_close_range:
                *result = linux_close_range((unsigned)in->a, (unsigned)in->b, (unsigned)in->c);
                return true;
        case SYS_epoll_create:
                *result = file <= 0 ? -EINVAL : linux_epoll_create(0);
                return true;
        case SYS_epoll_create1:
                *result = linux_epoll_create((int)in->a);
                return true;
        case SYS_epoll_ctl:
                *result = linux_epoll_ctl(file, (int)in->b, (int)in->c, (const void *)in->d);
                return true;
        case SYS_eventfd:
                *result = linux_eventfd((unsigned)in->a, 0);
                return true;
        case SYS_eventfd2:
                *result = linux_eventfd((unsigned)in->a, (int)in->b);
                return true;
        case SYS_timerfd_create:
                *result = linux_timerfd_create(file, (int)in->b);
                return true;
        case SYS_timerfd_settime:
                *result =
                    linux_timerfd_settime(file, (int)in->b, (const void *)in->c, (void *)in->d);
                return true;
        case SYS_timerfd_gettime:
                *result = linux_timerfd_gettime(file, (void *)in->b);
                return true;
        case SYS_pipe:
                *result = linux_pipe((int32_t *)in->a, 0);
                return true;
        case SYS_pipe2:
                *result = linux_pipe((int32_t *)in->a, (int)in->b);
                return true;
        case SYS_ftruncate:
                *result = linux_ftruncate(file, in->b);
                return true;
        case SYS_fchmod:
                *result = linux_fchmod(file, (unsigned)in->b);
                return true;
        case SYS_fchown:
                *result = linux_fchown(file, (unsigned)in->b, (unsigned)in->c);
                return true;
        case SYS_fstatfs:
                *result = linux_fstatfs(file, (void *)in->b);
                return true;
        case SYS_fchdir:
                *result = linux_fchdir(file);
                return true;
        case SYS_sendfile: /* as of files that it is not for: they are read and written then */
                *result = -EINVAL;
                return true;
        case SYS_fallocate: /* libc writes zeros then */
                *result = -EOPNOTSUPP;
                return true;
        case SYS_fadvise64:
                *result = linux_fadvise(file, (int64_t)in->c, (int)in->d);
                return true;
        case SYS_syncfs:
                *result = linux_syncfs(file);
                return true;
        case SYS_sync: /* what is written is with its server */
                *result = 0;
                return true;
        case SYS_fsync:
        case SYS_fdatasync:
                *result = linux_fsync(file);
                return true;
        default:
                return false;
        }
}

/* Calls by path, relative to an open folder. */
static bool path_at_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        int directory = (int)in->a;
        const char *path = (const char *)in->b;
        switch (number) {
        case SYS_openat:
                *result = linux_openat(directory, path, (int)in->c, (unsigned)in->d);
                return true;
        case SYS_newfstatat:
                *result = linux_stat(directory, path, (void *)in->c, (int)in->d);
                return true;
        case SYS_faccessat:
                *result = linux_access(directory, path, (int)in->c, 0);
                return true;
        case SYS_faccessat2:
                *result = linux_access(directory, path, (int)in->c, (int)in->d);
                return true;
        case SYS_fchmodat:
                *result = linux_chmod(directory, path, (unsigned)in->c, 0);
                return true;
        case LINUX_FCHMODAT2:
                *result = linux_chmod(directory, path, (unsigned)in->c, (int)in->d);
                return true;
        case SYS_fchownat:
                *result =
                    linux_chown(directory, path, (unsigned)in->c, (unsigned)in->d, (int)in->e);
                return true;
        case SYS_readlinkat:
                *result = linux_readlink(directory, path, (char *)in->c, in->d);
                return true;
        case SYS_symlinkat:
                *result = linux_symlink((const char *)in->a, (int)in->b, (const char *)in->c);
                return true;
        case SYS_mkdirat:
                *result = linux_mkdir(directory, path, (unsigned)in->c);
                return true;
        case SYS_unlinkat:
                *result = linux_unlink(directory, path, (int)in->c);
                return true;
        case SYS_execveat:
                *result = linux_execve(directory, path, (const char *const *)in->c,
                                       (const char *const *)in->d, (int)in->e);
                return true;
        case SYS_mknodat:
                *result = linux_mknod(directory, path, (unsigned)in->c);
                return true;
        case SYS_link:
        case SYS_linkat: /* link(2): of a server that has no second names */
                *result = -EPERM;
                return true;
        case SYS_statx:
                *result = linux_statx(directory, path, (int)in->c, (void *)in->e);
                return true;
        case SYS_utimensat:
                *result = linux_utimensat(directory, path, (const void *)in->c, (int)in->d);
                return true;
        case SYS_renameat:
        case SYS_renameat2:
                *result = in->e && number == SYS_renameat2
                              ? -EINVAL
                              : linux_rename(directory, path, (int)in->c, (const char *)in->d);
                return true;
        default:
                return false;
        }
}

/* Their older forms. */
static bool path_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        const char *path = (const char *)in->a;
        switch (number) {
        case SYS_open:
                *result = linux_openat(AT_FDCWD, path, (int)in->b, (unsigned)in->c);
                return true;
        case SYS_creat:
                *result =
                    linux_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, (unsigned)in->b);
                return true;
        case SYS_mknod:
                *result = linux_mknod(AT_FDCWD, path, (unsigned)in->b);
                return true;
        case SYS_chmod:
                *result = linux_chmod(AT_FDCWD, path, (unsigned)in->b, 0);
                return true;
        case SYS_chown:
                *result = linux_chown(AT_FDCWD, path, (unsigned)in->b, (unsigned)in->c, 0);
                return true;
        case SYS_lchown:
                *result = linux_chown(AT_FDCWD, path, (unsigned)in->b, (unsigned)in->c,
                                      AT_SYMLINK_NOFOLLOW);
                return true;
        case SYS_stat:
                *result = linux_stat(AT_FDCWD, path, (void *)in->b, 0);
                return true;
        case SYS_lstat:
                *result = linux_stat(AT_FDCWD, path, (void *)in->b, AT_SYMLINK_NOFOLLOW);
                return true;
        case SYS_access:
                *result = linux_access(AT_FDCWD, path, (int)in->b, 0);
                return true;
        case SYS_readlink:
                *result = linux_readlink(AT_FDCWD, path, (char *)in->b, in->c);
                return true;
        case SYS_symlink:
                *result = linux_symlink(path, AT_FDCWD, (const char *)in->b);
                return true;
        case SYS_mkdir:
                *result = linux_mkdir(AT_FDCWD, path, (unsigned)in->b);
                return true;
        case SYS_unlink:
                *result = linux_unlink(AT_FDCWD, path, 0);
                return true;
        case SYS_rmdir:
                *result = linux_unlink(AT_FDCWD, path, AT_REMOVEDIR);
                return true;
        case SYS_rename:
                *result = linux_rename(AT_FDCWD, path, AT_FDCWD, (const char *)in->b);
                return true;
        case SYS_execve:
                *result = linux_execve(AT_FDCWD, path, (const char *const *)in->b,
                                       (const char *const *)in->c, 0);
                return true;
        case SYS_truncate:
                *result = linux_truncate(path, in->b);
                return true;
        case SYS_statfs:
                *result = linux_statfs(path, (void *)in->b);
                return true;
        case SYS_chdir:
                *result = linux_chdir(AT_FDCWD, path);
                return true;
        case SYS_getcwd:
                *result = linux_getcwd((char *)in->a, in->b);
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
                *result = linux_gettimeofday((void *)in->a);
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
        case SYS_ppoll:
                *result =
                    linux_ppoll((void *)in->a, in->b, (const void *)in->c, (const void *)in->d);
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
                return false;
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
        case SYS_getgroups: /* none */
                *result = 0;
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
                return true;
        case SYS_umask:
                *result = linux_umask((unsigned)in->a);
                return true;
        case SYS_rseq: /* libc does without it */
                *result = -ENOSYS;
                return true;
        case SYS_prctl:
                *result = linux_prctl((int)in->a, (const char *)in->b, (char *)in->b);
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

/* Calls about files are made one after the other; one that waits for a pipe or a terminal gives the
 * lock back meanwhile (console.c). */
static bool any_file_call(uint64_t number, const struct linux_arguments *in, int64_t *result)
{
        files_lock();
        bool known = file_call(number, in, result) || path_call(number, in, result) ||
                     path_at_call(number, in, result);
        files_unlock();
        return known;
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
               identity_call(number, in, result) || any_file_call(number, in, result);
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
