/* Calls about processes, their limits, times and timers against their manual pages. Its first
 * argument says what it does; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/expect.h"

static const char *self;
static char **words; /* as main() has them */
static char *environment[] = {NULL};

/* ---- children -------------------------------------------------------------------------------- */

static volatile sig_atomic_t heard_of;

static void hears(int signal)
{
        heard_of = signal;
}

/* As clone(2) has them, and one word that no kernel knows. */
struct clone_words {
        uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, more[10], unknown;
};

/* A child that is made as the words say, which ends as it finds a handler of SIGUSR1. */
static int handler_of(struct clone_words *words)
{
        const long child = syscall(SYS_clone3, words, 64);
        if (child == 0) {
                struct sigaction one, two;
                sigaction(SIGUSR1, NULL, &one);
                sigaction(SIGUSR2, NULL, &two);
                _exit((one.sa_handler == SIG_DFL) + 2 * (two.sa_handler == SIG_IGN));
        }
        return WEXITSTATUS(status_of((pid_t)child));
}

static void clones(void)
{
        enum { CLEAR = 32 /* CLONE_CLEAR_SIGHAND */ };
        struct clone_words words = {.exit_signal = SIGCHLD, .unknown = 1};
        SAYS(E2BIG, (SYS_clone3, &words, sizeof words));
        SAYS(EINVAL, (SYS_clone3, &words, 63));
        EXPECT(signal(SIGUSR1, hears) == SIG_DFL && signal(SIGUSR2, SIG_IGN) == SIG_DFL);
        EXPECT(handler_of(&words) == 2);
        words.flags = 1ull << CLEAR;
        EXPECT(handler_of(&words) == 3);
        /* Numbers that are to be told where nobody is told them. */
        const unsigned long none = 0x123456789000, told = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID;
        const pid_t untold = (pid_t)syscall(SYS_clone, told | SIGCHLD, 0, none, none, 0);
        if (untold == 0)
                _exit(7);
        EXPECT(exited(status_of(untold), 7));
        /* The end is told by the signal that was asked for, or there is no child. */
        const pid_t child = (pid_t)syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0);
        if (child == 0)
                _exit(0);
        if (child == -1)
                EXPECT(errno == EINVAL);
        else
                EXPECT(waitpid(child, NULL, __WALL) == child && heard_of == SIGUSR1);
}

/* Of a child that stops only what was asked for is told. */
static void stops(void)
{
        siginfo_t info;
        const pid_t child = fork();
        if (child == 0)
                for (;;)
                        raise(SIGSTOP);
        EXPECT(waitid(P_PID, (id_t)child, &info, WSTOPPED) == 0 && info.si_code == CLD_STOPPED);
        EXPECT(info.si_status == SIGSTOP && kill(child, SIGCONT) == 0);
        EXPECT(waitid(P_PID, (id_t)child, &info, WSTOPPED) == 0 && info.si_pid == child);
        EXPECT(waitid(P_PID, (id_t)child, &info, 0) == -1 && errno == EINVAL);
        EXPECT(kill(child, SIGKILL) == 0 && WIFSIGNALED(status_of(child)));
}

static void burns(long milliseconds)
{
        struct timespec now;
        do
                EXPECT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
        while (now.tv_sec * 1000 + now.tv_nsec / 1000000 < milliseconds);
}

static long milliseconds_of(const struct timeval *time)
{
        return time->tv_sec * 1000 + time->tv_usec / 1000;
}

/* What children have used, and theirs, is told when they were waited for. */
static void usage(void)
{
        enum { EACH = 100 };
        struct rusage before, after, own;
        struct tms ticks;
        EXPECT(getrusage(RUSAGE_CHILDREN, &before) == 0 && milliseconds_of(&before.ru_utime) == 0);
        const pid_t child = fork();
        if (child == 0) {
                const pid_t grandchild = fork();
                if (grandchild == 0) {
                        burns(EACH);
                        _exit(0);
                }
                burns(EACH);
                _exit(status_of(grandchild) != 0);
        }
        EXPECT(wait4(child, NULL, 0, &own) == child && getrusage(RUSAGE_CHILDREN, &after) == 0);
        const long all = milliseconds_of(&after.ru_utime) + milliseconds_of(&after.ru_stime);
        EXPECT(all > EACH && times(&ticks) != -1 && ticks.tms_cutime + ticks.tms_cstime > 0);
        EXPECT(milliseconds_of(&own.ru_utime) + milliseconds_of(&own.ru_stime) == all);
}

/* ---- what the next program keeps ------------------------------------------------------------- */

static void kept(void)
{
        struct rlimit files, data, space;
        struct itimerval timer;
        EXPECT(getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur == 64);
        EXPECT(files.rlim_max == 128 && getrlimit(RLIMIT_DATA, &data) == 0);
        EXPECT(data.rlim_cur == 1 << 30 && data.rlim_max == 2u << 30);
        EXPECT(getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur == 1ull << 40);
        EXPECT(dup2(0, 64) == -1 && errno == EBADF && fcntl(70, F_GETFD) == 0);
        EXPECT(getitimer(ITIMER_REAL, &timer) == 0 && timer.it_interval.tv_sec == 7);
        EXPECT(timer.it_value.tv_sec > 0 && timer.it_value.tv_sec <= 1000);
}

/* A file that is open is run, and no other. */
static void opened(void)
{
        char *arguments[] = {"calls", "none", NULL};
        int program = open(self, O_RDONLY | O_CLOEXEC), null = open("/dev/null", O_RDONLY);
        SAYS(EINVAL, (SYS_execveat, AT_FDCWD, self, arguments, environment, 1));
        SAYS(ENOENT, (SYS_execveat, program, "", arguments, environment, 0));
        SAYS(EBADF, (SYS_execveat, 99, "", arguments, environment, AT_EMPTY_PATH));
        SAYS(EACCES, (SYS_execveat, null, "", arguments, environment, AT_EMPTY_PATH));
        const pid_t child = fork();
        if (child == 0) {
                fexecve(program, arguments, environment);
                _exit(99);
        }
        EXPECT(exited(status_of(child), 2)); /* it has no such action */
        text_write("/tmp/script", "#!/fs/bin/nothing\n");
        EXPECT((program = open("/tmp/script", O_RDONLY)) >= 0 && fchmod(program, 0600) == 0);
        SAYS(EACCES, (SYS_execveat, program, "", arguments, environment, AT_EMPTY_PATH));
        EXPECT(unlink("/tmp/script") == 0);
}

static void keeps(void)
{
        char *arguments[] = {"calls", "kept", NULL};
        const struct rlimit files = {64, 128}, data = {1 << 30, 2u << 30},
                            space = {1ull << 40, 1ull << 41};
        const struct itimerval timer = {{7, 0}, {1000, 0}};
        EXPECT(dup2(0, 70) == 70 && setrlimit(RLIMIT_NOFILE, &files) == 0);
        EXPECT(setrlimit(RLIMIT_DATA, &data) == 0 && setrlimit(RLIMIT_AS, &space) == 0);
        EXPECT(setitimer(ITIMER_REAL, &timer, NULL) == 0);
        execve(self, arguments, environment);
        EXPECT(!"it runs another program");
}

/* What a program has made of the words on its stack is no matter of those who ask for them. */
static void told(void)
{
        char text[64];
        int file = open("/proc/self/cmdline", O_RDONLY);
        EXPECT(file >= 0 && read(file, text, sizeof text) > 0 && close(file) == 0);
        words[0] = (char *)0x123456789000;
        words[1] = NULL;
        EXPECT((file = open("/proc/self/cmdline", O_RDONLY)) >= 0 && close(file) == 0);
}

/* ---- what is said for safety ----------------------------------------------------------------- */

/* What a process runs is told of those that are there. */
static void named(void)
{
        char path[64], own[256] = "", other[256] = "", byte;
        int ends[2];
        struct stat status;
        EXPECT(pipe(ends) == 0 && readlink("/proc/self/exe", own, sizeof own - 1) > 0);
        const pid_t child = fork();
        if (child == 0)
                _exit(close(ends[1]) || read(ends[0], &byte, 1) != 0);
        snprintf(path, sizeof path, "/proc/%d/exe", (int)child);
        EXPECT(readlink(path, other, sizeof other - 1) > 0 && strcmp(own, other) == 0);
        EXPECT(lstat(path, &status) == 0 && S_ISLNK(status.st_mode));
        EXPECT(open(path, O_RDONLY) >= 0 && close(ends[1]) == 0);
        EXPECT(exited(status_of(child), 0) && readlink(path, other, sizeof other) == -1);
        EXPECT(errno == ENOENT);
}

static void safety(void)
{
        int ends[2], pair[2], length = -1;
        struct stat value;
        char byte;
        siginfo_t info = {.si_code = SI_USER};
        sigset_t set;
        SAYS(EINVAL, (SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 1, 0, 0));
        SAYS(EINVAL, (SYS_prctl, PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
        EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
        EXPECT(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
        SAYS(EINVAL, (SYS_prctl, 0x7fffffff, 0, 0, 0, 0));
        SAYS(EINVAL, (SYS_prctl, PR_SET_PDEATHSIG, 99, 0, 0, 0));
        SAYS(EPERM, (SYS_arch_prctl, 0x1002, 1ull << 63));
        SAYS(EINVAL, (SYS_arch_prctl, 0x9999, 0L));
        SAYS(EINVAL, (SYS_getgroups, -1, NULL));
        SAYS(EINVAL, (SYS_sched_getparam, 0, NULL));
        SAYS(EINVAL, (SYS_sched_setscheduler, 0, SCHED_OTHER, NULL));
        EXPECT(syscall(SYS_personality, 0xffffffff) == 0);
        SAYS(ESRCH, (SYS_prlimit64, 0x7ffffff0, RLIMIT_DATA, NULL, NULL));
        SAYS(EINVAL, (SYS_prlimit64, 0, 99, NULL, NULL));
        EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
        SAYS(EINVAL, (SYS_getsockopt, pair[0], SOL_SOCKET, SO_TYPE, &value, &length));
        SAYS(EINVAL, (SYS_getsockname, pair[0], &value, &length));
        SAYS(EPERM, (SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &info));
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        EXPECT(sigprocmask(SIG_BLOCK, &set, NULL) == 0); /* to itself it may say what it likes */
        EXPECT(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &info) == 0);
        EXPECT(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_code == SI_USER);
        /* Who has asked for it hears of the end of his parent. */
        EXPECT(pipe(ends) == 0);
        const pid_t middle = fork();
        if (middle == 0) {
                const pid_t parent = getpid();
                if (fork() == 0) {
                        EXPECT(prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0 &&
                               prctl(PR_GET_PDEATHSIG, &length) == 0);
                        EXPECT(length == SIGUSR1 && close(ends[0]) == 0);
                        EXPECT(getppid() != parent || sigwaitinfo(&set, &info) == SIGUSR1);
                        _exit(write(ends[1], "x", 1) != 1);
                }
                _exit(0);
        }
        EXPECT(exited(status_of(middle), 0) && close(ends[1]) == 0);
        EXPECT(read(ends[0], &byte, 1) == 1 && byte == 'x');
}

/* ---- timers ---------------------------------------------------------------------------------- */

static sem_t posted;

static void posts(union sigval value)
{
        EXPECT(value.sival_int == 7 && sem_post(&posted) == 0);
}

/* The next signal of the set is that timer's. */
static void comes(const sigset_t *set, int value)
{
        siginfo_t info;
        EXPECT(sigwaitinfo(set, &info) > 0 && info.si_code == SI_TIMER);
        EXPECT(info.si_value.sival_int == value);
}

static void timers(void)
{
        const struct itimerspec often = {{0, 1000000}, {0, 1000000}}, none = {{0, 0}, {0, 0}};
        const struct itimerspec far = {{5, 0}, {1000, 0}};
        struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_value = {.sival_int = 42}};
        struct itimerspec left, dated = none;
        timer_t timer, other, thread;
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGRTMIN + 3);
        sigaddset(&set, SIGUSR2);
        EXPECT(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
        event.sigev_signo = SIGRTMIN + 3;
        EXPECT(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
        EXPECT(timer_gettime(timer, &left) == 0 && left.it_value.tv_nsec == 0);
        EXPECT(timer_settime(timer, 0, &often, &left) == 0 && left.it_interval.tv_nsec == 0);
        comes(&set, 42);
        do { /* what nobody takes in time is counted, and comes once */
                usleep(3000);
                comes(&set, 42);
        } while (timer_getoverrun(timer) == 0);
        event.sigev_signo = SIGUSR2;
        event.sigev_value.sival_int = 43;
        EXPECT(timer_settime(timer, 0, &none, NULL) == 0);
        EXPECT(timer_create(CLOCK_REALTIME, &event, &other) == 0);
        EXPECT(clock_gettime(CLOCK_REALTIME, &dated.it_value) == 0);
        EXPECT(timer_settime(other, TIMER_ABSTIME, &dated, NULL) == 0);
        siginfo_t info;
        while (sigwaitinfo(&set, &info) != SIGUSR2) /* one of the first may still be there */
                EXPECT(info.si_value.sival_int == 42);
        EXPECT(info.si_value.sival_int == 43 && timer_getoverrun(other) == 0);
        EXPECT(timer_settime(other, 0, &far, NULL) == 0 && timer_gettime(other, &left) == 0);
        EXPECT(left.it_value.tv_sec >= 900 && left.it_interval.tv_sec == 5);
        SAYS(EINVAL, (SYS_timer_settime, 0, 0, &(struct itimerspec){{0, -1}, {1, 0}}, NULL));
        SAYS(EINVAL, (SYS_timer_gettime, 12345, &left));
        SAYS(EFAULT, (SYS_timer_create, CLOCK_MONOTONIC, NULL, 0x123456789000L));
        SAYS(EINVAL, (SYS_timer_create, 99, NULL, &left));
        /* One that comes again after all time comes once. */
        const struct itimerspec once = {{INT64_MAX, 0}, {0, 1}};
        const struct timespec soon = {0, 20000000};
        EXPECT(timer_settime(other, 0, &once, NULL) == 0 && sigwaitinfo(&set, NULL) == SIGUSR2);
        EXPECT(sigtimedwait(&set, NULL, &soon) == -1 && errno == EAGAIN);
        event.sigev_signo = 65;
        EXPECT(timer_create(CLOCK_MONOTONIC, &event, &thread) == -1 && errno == EINVAL);
        EXPECT(timer_delete(other) == 0 && timer_delete(timer) == 0);
        struct sigevent runs = {.sigev_notify = SIGEV_THREAD, .sigev_value = {.sival_int = 7}};
        runs.sigev_notify_function = posts;
        EXPECT(sem_init(&posted, 0, 0) == 0);
        EXPECT(timer_create(CLOCK_MONOTONIC, &runs, &thread) == 0);
        EXPECT(timer_settime(thread, 0, &often, NULL) == 0);
        EXPECT(sem_wait(&posted) == 0 && sem_wait(&posted) == 0 && timer_delete(thread) == 0);
}

/* ---- barriers -------------------------------------------------------------------------------- */

static void *unshares(void *nothing)
{
        SAYS(ENOMEM, (SYS_close_range, 50, ~0U, 2 /* CLOSE_RANGE_UNSHARE */));
        return nothing;
}

/* What one processor has anyway; and a table of descriptors that is nobody else's. */
static void barriers(void)
{
        enum { QUERY, GLOBAL, PRIVATE = 8, REGISTER = 16, SYNC_CORE = 32 };
        const int file = dup(1);
        EXPECT((syscall(SYS_membarrier, QUERY, 0) & (GLOBAL | PRIVATE | REGISTER)) ==
               (GLOBAL | PRIVATE | REGISTER));
        SAYS(EINVAL, (SYS_membarrier, QUERY, 1));
        SAYS(EINVAL, (SYS_membarrier, 1 << 20, 0));
        SAYS(EPERM, (SYS_membarrier, PRIVATE, 0));
        EXPECT(syscall(SYS_membarrier, REGISTER, 0) == 0 &&
               syscall(SYS_membarrier, PRIVATE, 0) == 0);
        EXPECT(syscall(SYS_membarrier, GLOBAL, 0) == 0);
        if (!(syscall(SYS_membarrier, QUERY, 0) & SYNC_CORE))
                SAYS(EINVAL, (SYS_membarrier, SYNC_CORE, 0));
        pid_t child = fork();
        if (child == 0)
                _exit((int)syscall(SYS_membarrier, PRIVATE, 0));
        EXPECT(exited(status_of(child), 0));
        EXPECT(syscall(SYS_close_range, file, file, 2 | 4) == 0 &&
               fcntl(file, F_GETFD) == FD_CLOEXEC);
        EXPECT(syscall(SYS_close_range, file, ~0U, 2) == 0 && fcntl(file, F_GETFD) == -1);
        EXPECT(!join(start(unshares, NULL)));
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"clones", clones}, {"stops", stops},       {"usage", usage}, {"keeps", keeps},
            {"opened", opened}, {"named", named},       {"kept", kept},   {"safety", safety},
            {"timers", timers}, {"barriers", barriers}, {"told", told},
        };
        self = arguments[0];
        words = arguments;
        (void)count;
        return action_run(actions, sizeof actions / sizeof *actions, arguments[1]);
}
