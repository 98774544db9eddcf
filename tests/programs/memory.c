/* Memory that comes when it is touched, and addresses that are none, as Linux has them. Its first
 * argument says what it does; it ends with 0, or says what was not as expected. It is run with much
 * less memory than it maps. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { PAGE = 4096, MANY = 20 };

static const size_t ARENA = 64 << 20;

static char *arena(int protection, int flags)
{
        char *at = mmap(NULL, ARENA, protection, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
        EXPECT(at != MAP_FAILED);
        return at;
}

/* ---- promised memory ------------------------------------------------------------------------- */

/* Far more is mapped than there is; what the program and the kernel touch of it comes. */
static void promised(void)
{
        char *at = arena(PROT_READ | PROT_WRITE, 0), *later = arena(PROT_NONE, MAP_NORESERVE);
        for (size_t i = 0; i < ARENA; i += ARENA / 16)
                EXPECT(at[i] == 0 && (at[i + 1] = 1));
        EXPECT(mprotect(later, ARENA, PROT_READ | PROT_WRITE) == 0);
        later[ARENA - 1] = 7;
        int file = open("/dev/zero", O_RDONLY), ends[2];
        EXPECT(read(file, at + 5 * (1 << 20) + 1, 3 << 20) == 3 << 20);
        EXPECT(pipe(ends) == 0 && write(ends[1], later + (1 << 20), 9000) == 9000);
        EXPECT(read(ends[0], later + (2 << 20), 9000) == 9000);
        EXPECT(getcwd(later + (9 << 20), 1 << 20));
        EXPECT(munmap(at, ARENA) == 0 && munmap(later, ARENA) == 0);
        char *heap = malloc(ARENA);
        EXPECT(heap && (heap[ARENA / 2] = 1) && (heap = realloc(heap, 2 * ARENA)));
        EXPECT(heap[ARENA / 2] == 1);
        free(heap);
        EXPECT(mmap(NULL, (size_t)1 << 40, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                    0) == MAP_FAILED &&
               errno == ENOMEM);
}

static void *works(void *argument)
{
        char *room = malloc(1000);
        EXPECT(room && memset(room, 1, 1000));
        volatile char deep[100000];
        deep[0] = deep[sizeof deep - 1] = 1;
        free(room);
        return argument;
}

/* With the stacks and arenas that libc gives them. */
static void many(void)
{
        pthread_t threads[MANY];
        for (long i = 0; i < MANY; i++)
                EXPECT(pthread_create(&threads[i], NULL, works, (void *)i) == 0);
        for (long i = 0; i < MANY; i++)
                EXPECT(join(threads[i]) == (void *)i);
}

/* What is given back can be touched elsewhere, for ever. */
static void returned(void)
{
        const size_t part = 4 << 20;
        char *at = arena(PROT_READ | PROT_WRITE, 0);
        for (size_t i = 0; i < ARENA; i += part) {
                memset(at + i, 1, part);
                EXPECT(madvise(at + i, part, MADV_DONTNEED) == 0 && at[i] == 0);
        }
        memset(at, 1, 3 * PAGE);
        EXPECT(madvise(at + PAGE, PAGE, MADV_DONTNEED) == 0);
        EXPECT(at[PAGE - 1] == 1 && at[PAGE] == 0 && at[2 * PAGE - 1] == 0 && at[2 * PAGE] == 1);
        EXPECT(mprotect(at, PAGE, PROT_READ) == 0 && madvise(at, PAGE, MADV_DONTNEED) == 0);
        EXPECT(at[0] == 0 && mprotect(at, PAGE, PROT_READ | PROT_WRITE) == 0 && (at[0] = 1));
        EXPECT(madvise(at + ARENA, PAGE, MADV_DONTNEED) == -1 && errno == ENOMEM);
        EXPECT(madvise(at + 1, PAGE, MADV_DONTNEED) == -1 && errno == EINVAL);
}

/* What is locked is there at once, as far as there is memory for it. */
static void locked(void)
{
        char *at = arena(PROT_READ | PROT_WRITE, 0);
        EXPECT(mlock(at, 1 << 20) == 0 && munlock(at, 1 << 20) == 0);
        EXPECT(mlock(at, ARENA) == -1 && errno == ENOMEM && munmap(at, ARENA) == 0);
        EXPECT(mlockall(MCL_CURRENT) == 0 && mlockall(0) == -1 && errno == EINVAL);
        EXPECT(mlockall(MCL_FUTURE) == 0);
        EXPECT(mmap(NULL, ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
               MAP_FAILED);
        EXPECT(munlockall() == 0 && arena(PROT_READ | PROT_WRITE, 0));
}

static sigjmp_buf back;
static volatile int number, code;

static void leap(int signal, siginfo_t *info, void *context)
{
        (void)context;
        number = signal;
        code = info->si_code;
        siglongjmp(back, 1);
}

/* A program that touches more than there is can hear of it, and give something back. */
static void shortage(void)
{
        struct sigaction action = {.sa_sigaction = leap, .sa_flags = SA_SIGINFO};
        char *at = arena(PROT_READ | PROT_WRITE, 0);
        EXPECT(sigaction(SIGBUS, &action, NULL) == 0 && sigaction(SIGSEGV, &action, NULL) == 0);
        if (!sigsetjmp(back, 1))
                memset(at, 1, ARENA);
        EXPECT(number == SIGBUS && code == BUS_ADRERR);
        EXPECT(madvise(at, ARENA, MADV_DONTNEED) == 0 && (at[ARENA - 1] = 1));
        EXPECT(mprotect(at, ARENA, PROT_READ) == 0 && at[1 << 20] == 0);
        if (!sigsetjmp(back, 1))
                at[2 << 20] = 1;
        EXPECT(number == SIGSEGV);
}

static void greedy(void)
{
        memset(arena(PROT_READ | PROT_WRITE, 0), 1, ARENA);
}

/* ---- addresses that are none ----------------------------------------------------------------- */

#define BAD(call) SAYS(EFAULT, call)

/* at: an address; each call that would use it says EFAULT. */
static void bad_at(char *at)
{
        int file = open("/dev/zero", O_RDONLY), ends[2], list = epoll_create1(0);
        char here[PAGE];
        EXPECT(pipe(ends) == 0);
        struct iovec vector = {at, 8};
        BAD((SYS_read, file, at, 10));
        BAD((SYS_pread64, file, at, 10, 0));
        BAD((SYS_readv, file, &vector, 1));
        BAD((SYS_readv, file, at, 1));
        BAD((SYS_write, ends[1], at, 10));
        BAD((SYS_writev, ends[1], &vector, 1));
        BAD((SYS_writev, 1, &vector, 1));
        BAD((SYS_open, at, O_RDONLY));
        BAD((SYS_openat, AT_FDCWD, at, O_RDONLY));
        BAD((SYS_stat, at, here));
        BAD((SYS_stat, "/", at));
        BAD((SYS_newfstatat, AT_FDCWD, "/", at, 0));
        BAD((SYS_fstat, file, at));
        BAD((SYS_statfs, "/", at));
        BAD((SYS_fcntl, file, F_SETLK, at));
        BAD((SYS_access, at, 0));
        BAD((SYS_mkdir, at, 0));
        BAD((SYS_unlink, at));
        BAD((SYS_rename, "/fs/none", at));
        BAD((SYS_symlink, at, "/fs/none"));
        BAD((SYS_readlink, at, here, 10));
        BAD((SYS_chdir, at));
        BAD((SYS_getcwd, at, PAGE));
        BAD((SYS_pipe, at));
        BAD((SYS_poll, at, 1, 0));
        BAD((SYS_select, 8, at, NULL, NULL, NULL));
        BAD((SYS_select, 0, NULL, NULL, NULL, at));
        BAD((SYS_epoll_ctl, list, EPOLL_CTL_ADD, ends[0], at));
        BAD((SYS_epoll_wait, list, at, 1, 0));
        BAD((SYS_clock_gettime, CLOCK_MONOTONIC, at));
        BAD((SYS_nanosleep, at, NULL));
        BAD((SYS_setitimer, ITIMER_REAL, at, NULL));
        BAD((SYS_uname, at));
        BAD((SYS_sysinfo, at));
        BAD((SYS_getrandom, at, 8, 0));
        BAD((SYS_getrlimit, RLIMIT_DATA, at));
        BAD((SYS_prlimit64, 0, RLIMIT_DATA, at, NULL));
        BAD((SYS_getrusage, RUSAGE_SELF, at));
        BAD((SYS_rt_sigaction, SIGUSR1, at, NULL, 8));
        BAD((SYS_rt_sigaction, SIGUSR1, NULL, at, 8));
        BAD((SYS_rt_sigprocmask, SIG_BLOCK, at, NULL, 8));
        BAD((SYS_rt_sigpending, at, 8));
        BAD((SYS_sigaltstack, at, NULL));
        BAD((SYS_futex, at, 0, 0, NULL, NULL, 0));
        BAD((SYS_sched_getaffinity, 0, 128, at));
        close(file);
        close(list);
        close(ends[0]);
        close(ends[1]);
}

static void bad(void)
{
        char *pages =
            mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        EXPECT(pages != MAP_FAILED && munmap(pages + PAGE, PAGE) == 0);
        bad_at((char *)0x123456789000);
        bad_at((char *)-PAGE);
        bad_at((char *)0x8000000000000000);
        bad_at(pages + PAGE);
        EXPECT(mprotect(pages + 2 * PAGE, PAGE, PROT_NONE) == 0);
        bad_at(pages + 2 * PAGE);
        /* As far as it is there. */
        int file = open("/dev/zero", O_RDONLY);
        EXPECT(read(file, pages + PAGE - 100, 200) == 100);
        EXPECT(mprotect(pages, PAGE, PROT_READ) == 0);
        EXPECT(read(file, pages, 1) == -1 && errno == EFAULT);
        EXPECT(syscall(SYS_writev, 1, pages, 1025) == -1 && errno == EINVAL);
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"promised", promised}, {"many", many},         {"returned", returned}, {"bad", bad},
            {"locked", locked},     {"shortage", shortage}, {"greedy", greedy},
        };
        (void)count;
        return action_run(actions, sizeof actions / sizeof *actions, arguments[1]);
}
