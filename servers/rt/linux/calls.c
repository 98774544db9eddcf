/* What each Linux system call reads and writes of the program's memory: looked at before the call
 * begins, so that no function behind it meets an address that is none (user.h). A call that is not
 * named here has no pointers, or looks itself:
 *
 *      read, write and their relatives     transfer.c, as far as they come
 *      clone, futex lists, signal frames   where a thread begins and ends
 *
 * Sizes are those of the kernel's structures, in the manual page of each call. */
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include "servers/common/least.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/futex.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/sockets.h"
#include "servers/rt/linux/user.h"

enum {
        TIME = 16, /* struct timespec, struct timeval */
        WORD = 8,
        INT = 4,
        STATX = 256,
        SIGNAL_EVENT = 64,
        RUSAGE = 144,
        SYSINFO = 112,
        TERMIOS = 36,
        WINDOW = 8,
};

/* What may be left out. */
static bool reads_if(uint64_t address, uint64_t bytes)
{
        return !address || user_reads(address, bytes);
}

static bool writes_if(uint64_t address, uint64_t bytes)
{
        return !address || user_writes(address, bytes);
}

/* A buffer of which less may be filled than there is. */
static bool writes_some(uint64_t address, uint64_t *bytes)
{
        const uint64_t asked = *bytes;
        *bytes = user_extent(address, asked, true);
        return *bytes || !asked;
}

/* count × bytes, of which there are at most `most`: whoever asks for more is told so later. */
static bool writes_list(uint64_t address, uint64_t count, uint64_t most, uint64_t bytes)
{
        return count > most || user_writes(address, count * bytes);
}

static bool set_writes_if(uint64_t address, uint64_t count)
{
        return !address || writes_list(address, (count + 63) / 64, FD_SETSIZE / 64, WORD);
}

/* The arguments of pselect6: a pointer to the set's address and length. */
static bool set_reads_if(uint64_t address)
{
        const uint64_t *at = (const uint64_t *)address;
        return !address || (user_reads(address, 2 * WORD) && reads_if(at[0], WORD));
}

static bool ioctl_uses(const struct linux_arguments *in)
{
        switch ((uint32_t)in->b) {
        case TIOCGWINSZ:
                return user_writes(in->c, WINDOW);
        case TIOCSWINSZ:
                return user_reads(in->c, WINDOW);
        case TCGETS:
                return user_writes(in->c, TERMIOS);
        case TCSETS:
        case TCSETSW:
        case TCSETSF:
                return user_reads(in->c, TERMIOS);
        case FIONBIO:
        case TIOCSPGRP:
                return user_reads(in->c, INT);
        case FIONREAD:
        case TIOCGPGRP:
        case TIOCGSID:
                return user_writes(in->c, INT);
        default:
                return true;
        }
}

static bool fcntl_uses(const struct linux_arguments *in)
{
        switch ((int)in->b) {
        case F_GETLK:
        case F_OFD_GETLK:
                return user_writes(in->c, sizeof(struct flock));
        case F_SETLK:
        case F_SETLKW:
        case F_OFD_SETLK:
        case F_OFD_SETLKW:
                return user_reads(in->c, sizeof(struct flock));
        default:
                return true;
        }
}

/* Vectors, each of which is there. */
static bool vectors_there(uint64_t address, uint64_t count, bool writes)
{
        const struct iovec *vector = (const struct iovec *)address;
        if (count > IOV_MAX)
                return true; /* whoever asks for more is told so later */
        if (!user_reads(address, count * sizeof *vector))
                return false;
        for (uint64_t i = 0; i < count; i++)
                if (vector[i].iov_len <= INT64_MAX &&
                    user_extent((uint64_t)vector[i].iov_base, vector[i].iov_len, writes) !=
                        vector[i].iov_len)
                        return false;
        return true;
}

static bool file_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_readv:
        case SYS_preadv:
        case SYS_preadv2:
                return vectors_there(in->b, in->c, true);
        case SYS_writev:
        case SYS_pwritev:
        case SYS_pwritev2:
                return vectors_there(in->b, in->c, false);
        case SYS_sendfile:
                return writes_if(in->c, WORD);
        case SYS_copy_file_range:
                return writes_if(in->b, WORD) && writes_if(in->d, WORD);
        case SYS_fstat:
                return user_writes(in->b, sizeof(struct stat));
        case SYS_fstatfs:
                return user_writes(in->b, sizeof(struct statfs));
        case SYS_getdents64:
                return writes_some(in->b, &in->c);
        case SYS_ioctl:
                return ioctl_uses(in);
        case SYS_fcntl:
                return fcntl_uses(in);
        case SYS_signalfd:
        case SYS_signalfd4:
                return user_reads(in->b, WORD);
        case SYS_epoll_ctl:
                return (int)in->b == EPOLL_CTL_DEL || user_reads(in->d, sizeof(struct epoll_event));
        case SYS_pipe:
        case SYS_pipe2:
                return user_writes(in->a, 2 * INT);
        default:
                return true;
        }
}

static bool path_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_open:
        case SYS_access:
        case SYS_mkdir:
        case SYS_unlink:
        case SYS_rmdir:
        case SYS_truncate:
        case SYS_chdir:
        case SYS_chmod:
        case SYS_mknod:
        case SYS_chown:
        case SYS_lchown:
        case SYS_creat:
        case SYS_memfd_create:
                return user_text(in->a);
        case SYS_rename:
        case SYS_symlink:
        case SYS_link:
                return user_text(in->a) && user_text(in->b);
        case SYS_stat:
        case SYS_lstat:
                return user_text(in->a) && user_writes(in->b, sizeof(struct stat));
        case SYS_statfs:
                return user_text(in->a) && user_writes(in->b, sizeof(struct statfs));
        case SYS_readlink:
                return user_text(in->a) && ((int)in->c <= 0 || writes_some(in->b, &in->c));
        case SYS_getcwd:
                return writes_some(in->a, &in->b);
        default:
                return true;
        }
}

static bool path_at_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_openat:
        case SYS_faccessat:
        case SYS_faccessat2:
        case SYS_mkdirat:
        case SYS_unlinkat:
        case SYS_fchmodat:
        case SYS_mknodat:
        case LINUX_FCHMODAT2:
        case SYS_fchownat:
                return user_text(in->b);
        case LINUX_OPENAT2:
                return user_text(in->b) && (in->d > PAGE_SIZE || user_reads(in->c, in->d));
        case SYS_symlinkat:
                return user_text(in->a) && user_text(in->c);
        case SYS_renameat:
        case SYS_renameat2:
        case SYS_linkat:
                return user_text(in->b) && user_text(in->d);
        case SYS_newfstatat:
                return user_text(in->b) && user_writes(in->c, sizeof(struct stat));
        case SYS_statx:
                return user_text(in->b) && user_writes(in->e, STATX);
        case SYS_readlinkat:
                return user_text(in->b) && ((int)in->d <= 0 || writes_some(in->c, &in->d));
        case SYS_utimensat: /* without a path: the descriptor's own */
                return (!in->b || user_text(in->b)) && reads_if(in->c, 2 * TIME);
        default:
                return true;
        }
}

static bool time_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_clock_gettime:
                return user_writes(in->b, TIME);
        case SYS_clock_getres:
                return writes_if(in->b, TIME);
        case SYS_time:
                return writes_if(in->a, WORD);
        case SYS_gettimeofday:
                return writes_if(in->a, TIME) && writes_if(in->b, WORD);
        case SYS_clock_nanosleep:
                return user_reads(in->c, TIME) && writes_if(in->d, TIME);
        case SYS_nanosleep:
                return user_reads(in->a, TIME) && writes_if(in->b, TIME);
        case SYS_timer_create:
                return reads_if(in->b, SIGNAL_EVENT) && user_writes(in->c, INT);
        case SYS_timer_gettime:
                return user_writes(in->b, 2 * TIME);
        case SYS_timer_settime:
        case SYS_timerfd_settime:
                return user_reads(in->c, 2 * TIME) && writes_if(in->d, 2 * TIME);
        case SYS_timerfd_gettime:
                return user_writes(in->b, 2 * TIME);
        case SYS_setitimer:
                return reads_if(in->b, 2 * TIME) && writes_if(in->c, 2 * TIME);
        case SYS_getitimer:
                return user_writes(in->b, 2 * TIME);
        default:
                return true;
        }
}

/* The room for events of an epoll, which never tells of more than it can watch. */
static bool events_writes(const struct linux_arguments *in)
{
        const int count = (int)in->c;
        return count <= 0 || user_writes(in->b, least((uint64_t)count, EPOLL_WATCHES) *
                                                    sizeof(struct epoll_event));
}

static bool wait_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_poll:
                return writes_list(in->a, in->b, OPEN_FILES, sizeof(struct pollfd));
        case SYS_ppoll:
                return writes_list(in->a, in->b, OPEN_FILES, sizeof(struct pollfd)) &&
                       reads_if(in->c, TIME) && reads_if(in->d, WORD);
        case SYS_select:
        case SYS_pselect6:
                return set_writes_if(in->b, in->a) && set_writes_if(in->c, in->a) &&
                       set_writes_if(in->d, in->a) && reads_if(in->e, TIME) &&
                       (number == SYS_select || set_reads_if(in->f));
        case SYS_epoll_wait:
                return events_writes(in);
        case SYS_epoll_pwait:
                return events_writes(in) && reads_if(in->e, WORD);
        case LINUX_EPOLL_PWAIT2:
                return events_writes(in) && reads_if(in->d, TIME) && reads_if(in->e, WORD);
        default:
                return true;
        }
}

/* The arguments and the environment of a program: strings, up to NULL. */
static bool strings_there(uint64_t address)
{
        for (;; address += WORD) {
                if (!user_reads(address, WORD))
                        return false;
                const uint64_t string = *(const uint64_t *)address;
                if (!string)
                        return true;
                if (!user_text(string))
                        return false;
        }
}

static bool strings_there_if(uint64_t address)
{
        return !address || strings_there(address);
}

static bool child_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_execve:
                return user_text(in->a) && strings_there_if(in->b) && strings_there_if(in->c);
        case SYS_execveat:
                return user_text(in->b) && strings_there_if(in->c) && strings_there_if(in->d);
        case SYS_wait4:
                return writes_if(in->b, INT) && writes_if(in->d, RUSAGE);
        case SYS_waitid:
                return writes_if(in->c, sizeof(struct signal_info)) && writes_if(in->e, RUSAGE);
        default:
                return true;
        }
}

static bool process_uses(uint64_t number, struct linux_arguments *in)
{
        enum { GET_FS = 0x1003 }; /* ARCH_GET_FS, arch_prctl(2) */
        switch (number) {
        case SYS_arch_prctl:
                return (int)in->a != GET_FS || user_writes(in->b, WORD);
        case SYS_getrandom:
                return writes_some(in->a, &in->b);
        case SYS_uname:
                return user_writes(in->a, sizeof(struct utsname));
        case SYS_prlimit64:
                return reads_if(in->c, 2 * WORD) && writes_if(in->d, 2 * WORD);
        case SYS_getrlimit:
                return user_writes(in->b, 2 * WORD);
        case SYS_setrlimit:
                return user_reads(in->b, 2 * WORD);
        case SYS_getrusage:
                return user_writes(in->b, RUSAGE);
        case SYS_sysinfo:
                return user_writes(in->a, SYSINFO);
        case SYS_prctl:
                return (int)in->a == PR_SET_NAME        ? user_text(in->b)
                       : (int)in->a == PR_GET_NAME      ? user_writes(in->b, THREAD_NAME)
                       : (int)in->a == PR_GET_PDEATHSIG ? user_writes(in->b, INT)
                                                        : true;
        default:
                return true;
        }
}

static bool futex_uses(const struct linux_arguments *in)
{
        switch ((int)in->b & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET:
                return user_reads(in->a, INT) && reads_if(in->d, TIME);
        case FUTEX_LOCK_PI:
                return user_writes(in->a, INT) && reads_if(in->d, TIME);
        case FUTEX_TRYLOCK_PI:
        case FUTEX_UNLOCK_PI:
                return user_writes(in->a, INT);
        case FUTEX_CMP_REQUEUE:
                return user_reads(in->a, INT);
        default: /* to wake nobody is no fault: the word is not looked at */
                return true;
        }
}

static bool thread_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_futex:
                return in->a % INT || futex_uses(in);
        case SYS_clone3:
                return user_reads(in->a, in->b < PAGE_SIZE ? in->b : PAGE_SIZE);
        case SYS_get_robust_list:
                return user_writes(in->b, WORD) && user_writes(in->c, WORD);
        default:
                return true;
        }
}

static bool scheduling_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_sched_getaffinity:
                return in->b < WORD || user_writes(in->c, WORD);
        case SYS_sched_setaffinity:
                return !in->b || user_reads(in->c, 1);
        case SYS_sched_setscheduler:
                return reads_if(in->c, INT);
        case SYS_sched_setparam:
                return reads_if(in->b, INT);
        case SYS_sched_getparam:
                return writes_if(in->b, INT);
        case SYS_sched_rr_get_interval:
                return user_writes(in->b, TIME);
        case SYS_getcpu:
                return writes_if(in->a, INT) && writes_if(in->b, INT);
        case SYS_times:
                return writes_if(in->a, 4 * WORD);
        case SYS_getresuid:
        case SYS_getresgid:
                return user_writes(in->a, INT) && user_writes(in->b, INT) &&
                       user_writes(in->c, INT);
        default:
                return true;
        }
}

static bool signal_uses(uint64_t number, struct linux_arguments *in)
{
        switch (number) {
        case SYS_rt_sigaction:
                return reads_if(in->b, sizeof(struct kernel_action)) &&
                       writes_if(in->c, sizeof(struct kernel_action));
        case SYS_rt_sigprocmask:
                return reads_if(in->b, WORD) && writes_if(in->c, WORD);
        case SYS_rt_sigpending:
                return user_writes(in->a, WORD);
        case SYS_rt_sigsuspend:
                return user_reads(in->a, WORD);
        case SYS_rt_sigtimedwait:
                return user_reads(in->a, WORD) && writes_if(in->b, sizeof(struct signal_info)) &&
                       reads_if(in->c, TIME);
        case SYS_sigaltstack:
                return reads_if(in->a, sizeof(stack_t)) && writes_if(in->b, sizeof(stack_t));
        case SYS_rt_sigqueueinfo:
                return user_reads(in->c, sizeof(struct signal_info));
        case SYS_rt_tgsigqueueinfo:
                return user_reads(in->d, sizeof(struct signal_info));
        default:
                return true;
        }
}

bool call_memory_there(uint64_t number, struct linux_arguments *in)
{
        return file_uses(number, in) && thread_uses(number, in) && time_uses(number, in) &&
               wait_uses(number, in) && path_uses(number, in) && path_at_uses(number, in) &&
               scheduling_uses(number, in) && signal_uses(number, in) && process_uses(number, in) &&
               child_uses(number, in) && socket_memory_there(number, in);
}
