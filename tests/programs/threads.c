/* A program with threads and signals, as anybody builds it for Linux: with musl, and with glibc.
 * Its first argument says what it does; it ends with 0, or says what was not as expected.
 * Nothing here waits for a time to pass, but where a timer is what is tested. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { THREADS = 4, ROUNDS = 2000 };

/* ---- threads --------------------------------------------------------------------------------- */

static struct {
        pthread_mutex_t lock;
        pthread_cond_t changed;
        int count, turn;
} shared = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static __thread int own;

static void *add(void *argument)
{
        for (int i = 0; i < ROUNDS; i++) {
                EXPECT(pthread_mutex_lock(&shared.lock) == 0);
                int before = shared.count;
                if (i % 16 == 0)
                        sched_yield(); /* the others find the lock taken */
                shared.count = before + 1;
                own++;
                EXPECT(pthread_mutex_unlock(&shared.lock) == 0);
        }
        EXPECT(own == ROUNDS && gettid() != getpid());
        return argument;
}

/* Each thread in its turn. */
static void *pass(void *argument)
{
        int me = (int)(long)argument;
        for (int round = 0; round < 100; round++) {
                pthread_mutex_lock(&shared.lock);
                while (shared.turn != me)
                        EXPECT(pthread_cond_wait(&shared.changed, &shared.lock) == 0);
                shared.turn = (me + 1) % THREADS;
                pthread_cond_broadcast(&shared.changed);
                pthread_mutex_unlock(&shared.lock);
        }
        return NULL;
}

static void locks(void)
{
        pthread_t threads[THREADS];
        for (long i = 0; i < THREADS; i++)
                threads[i] = start(add, (void *)i);
        for (long i = 0; i < THREADS; i++)
                EXPECT(join(threads[i]) == (void *)i);
        EXPECT(shared.count == THREADS * ROUNDS && own == 0 && gettid() == getpid());
        for (long i = 0; i < THREADS; i++)
                threads[i] = start(pass, (void *)i);
        for (int i = 0; i < THREADS; i++)
                join(threads[i]);
        struct timespec soon;
        clock_gettime(CLOCK_REALTIME, &soon);
        pthread_mutex_lock(&shared.lock);
        EXPECT(pthread_cond_timedwait(&shared.changed, &shared.lock, &soon) == ETIMEDOUT);
        pthread_mutex_unlock(&shared.lock);
}

static void *nothing(void *argument)
{
        return argument;
}

static void many(void)
{
        for (long i = 0; i < 500; i++)
                EXPECT(join(start(nothing, (void *)i)) == (void *)i);
        cpu_set_t set;
        EXPECT(sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) >= 1);
}

/* What is asked of scheduling is answered, and what would change it refused. */
static void scheduled(void)
{
        struct sched_param parameters = {.sched_priority = 0};
        struct timespec interval;
        struct tms times_;
        cpu_set_t set;
        uid_t real, effective, saved;
        EXPECT(syscall(SYS_sched_getscheduler, 0) == SCHED_OTHER);
        EXPECT(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &parameters) == 0);
        parameters.sched_priority = 10;
        EXPECT(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &parameters) == -1 && errno == EPERM);
        EXPECT(syscall(SYS_sched_setparam, 0, &parameters) == -1 && errno == EINVAL);
        EXPECT(syscall(SYS_sched_setscheduler, 0, 77, &parameters) == -1 && errno == EINVAL);
        EXPECT(syscall(SYS_sched_getparam, 0, &parameters) == 0 && !parameters.sched_priority);
        EXPECT(syscall(SYS_sched_getparam, 0, NULL) == -1 && errno == EINVAL);
        EXPECT(sched_get_priority_max(SCHED_FIFO) == 99 && sched_get_priority_min(SCHED_RR) == 1);
        EXPECT(sched_get_priority_max(77) == -1 && errno == EINVAL);
        EXPECT(syscall(SYS_sched_rr_get_interval, 0, &interval) == 0 && interval.tv_nsec > 0);
        CPU_ZERO(&set);
        EXPECT(sched_setaffinity(0, sizeof set, &set) == -1 && errno == EINVAL);
        CPU_SET(0, &set);
        EXPECT(sched_setaffinity(0, sizeof set, &set) == 0 && sched_getcpu() == 0);
        errno = 0;
        EXPECT(getpriority(PRIO_PROCESS, 0) == 0 && !errno && setpriority(PRIO_PROCESS, 0, 0) == 0);
        EXPECT(setpriority(PRIO_PROCESS, 0, 5) == -1 && getpriority(9, 0) == -1);
        EXPECT(times(&times_) > 0 && times_.tms_utime >= 0);
        EXPECT(getresuid(&real, &effective, &saved) == 0 && !real && !effective && !saved);
        EXPECT(setuid(0) == 0 && setresuid(-1, 0, -1) == 0 && getgroups(0, NULL) == 0);
        EXPECT(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
               prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
}

static void *dies_with_lock(void *argument)
{
        pthread_mutex_lock(argument);
        return NULL;
}

static void robust(void)
{
        pthread_mutexattr_t attributes;
        pthread_mutex_t lock;
        pthread_mutexattr_init(&attributes);
        EXPECT(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
        EXPECT(pthread_mutex_init(&lock, &attributes) == 0);
        join(start(dies_with_lock, &lock));
        EXPECT(pthread_mutex_lock(&lock) == EOWNERDEAD);
        EXPECT(pthread_mutex_consistent(&lock) == 0 && pthread_mutex_unlock(&lock) == 0);
}

/* With priority inheritance. */
static void owned(void)
{
        pthread_mutexattr_t attributes;
        pthread_t threads[THREADS];
        pthread_mutexattr_init(&attributes);
        EXPECT(pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT) == 0);
        EXPECT(pthread_mutex_init(&shared.lock, &attributes) == 0);
        for (long i = 0; i < THREADS; i++)
                threads[i] = start(add, (void *)i);
        for (long i = 0; i < THREADS; i++)
                join(threads[i]);
        EXPECT(shared.count == THREADS * ROUNDS);
}

static sem_t ready;

static void *waits_for_input(void *pipe)
{
        char byte;
        sem_post(&ready);
        read(*(int *)pipe, &byte, 1); /* standard input, of which nothing comes */
        return NULL;
}

static void *runs_for_ever(void *argument)
{
        (void)argument;
        pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
        sem_post(&ready);
        for (volatile int i = 0;; i++)
                ;
        return NULL;
}

static void unlock(void *lock)
{
        pthread_mutex_unlock(lock);
}

static void *waits_for_change(void *argument)
{
        (void)argument;
        pthread_mutex_lock(&shared.lock);
        pthread_cleanup_push(unlock, &shared.lock);
        sem_post(&ready);
        for (;;)
                pthread_cond_wait(&shared.changed, &shared.lock);
        pthread_cleanup_pop(1);
        return NULL;
}

static void cancel(void)
{
        int input = 0;
        void *(*const what[])(void *) = {waits_for_input, runs_for_ever, waits_for_change};
        for (int i = 0; i < 3; i++) {
                sem_init(&ready, 0, 0);
                pthread_t thread = start(what[i], &input);
                sem_wait(&ready);
                EXPECT(pthread_cancel(thread) == 0 && join(thread) == PTHREAD_CANCELED);
        }
        EXPECT(pthread_mutex_trylock(&shared.lock) == 0); /* it was unlocked on the way out */
}

/* ---- signals --------------------------------------------------------------------------------- */

static volatile sig_atomic_t seen, number;
static void *volatile seen_address;
static sigjmp_buf back;

static void note(int signal, siginfo_t *info, void *context)
{
        (void)context;
        seen++;
        number = signal;
        seen_address = info->si_addr;
}

static void leap(int signal, siginfo_t *info, void *context)
{
        note(signal, info, context);
        siglongjmp(back, 1);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *), int flags)
{
        struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
        EXPECT(sigaction(signal, &action, NULL) == 0);
        seen = 0;
}

static void sent(void)
{
        sigset_t set, old, pending;
        handle(SIGUSR1, note, 0);
        EXPECT(raise(SIGUSR1) == 0 && seen == 1 && number == SIGUSR1);
        EXPECT(kill(getpid(), SIGUSR1) == 0 && seen == 2);
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        EXPECT(pthread_sigmask(SIG_BLOCK, &set, &old) == 0);
        EXPECT(kill(getpid(), SIGUSR1) == 0 && seen == 2);
        EXPECT(sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
        EXPECT(sigsuspend(&old) == -1 && errno == EINTR && seen == 3);
        EXPECT(kill(getpid(), SIGUSR1) == 0 && seen == 3);
        siginfo_t info;
        struct timespec none = {0, 0};
        EXPECT(sigtimedwait(&set, &info, &none) == SIGUSR1 && info.si_pid == getpid());
        EXPECT(sigtimedwait(&set, &info, &none) == -1 && errno == EAGAIN && seen == 3);
        EXPECT(pthread_sigmask(SIG_SETMASK, &old, NULL) == 0 && seen == 3);
}

/* The next of a set that waits, with what was sent; 0: none does. */
static int next_of(const sigset_t *set, int *value)
{
        static const struct timespec none = {0, 0};
        siginfo_t info;
        int signal = sigtimedwait(set, &info, &none);
        EXPECT(signal > 0 || errno == EAGAIN);
        *value = signal > 0 ? info.si_value.sival_int : 0;
        return signal > 0 ? signal : 0;
}

static void *waits_for_none(void *set)
{
        int value;
        EXPECT(next_of(set, &value) == 0);
        return NULL;
}

/* Those of real time come as often as they were sent, each number in its order, others once; who
 * sends too many is told, and has lost none. */
static void queued(void)
{
        enum { LEAST = 32, MOST = 100000 }; /* _POSIX_SIGQUEUE_MAX */
        const int low = SIGRTMIN, high = SIGRTMIN + 1;
        sigset_t set;
        int value, sent;
        sigemptyset(&set);
        sigaddset(&set, low);
        sigaddset(&set, high);
        sigaddset(&set, SIGUSR1);
        EXPECT(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
        for (int i = 0; i < 10; i++)
                EXPECT(sigqueue(getpid(), i % 2 ? low : high, (union sigval){i}) == 0);
        EXPECT(kill(getpid(), SIGUSR1) == 0 && kill(getpid(), SIGUSR1) == 0);
        EXPECT(next_of(&set, &value) == SIGUSR1);
        for (int i = 1; i < 10; i += 2)
                EXPECT(next_of(&set, &value) == low && value == i);
        for (int i = 0; i < 10; i += 2)
                EXPECT(next_of(&set, &value) == high && value == i);
        EXPECT(next_of(&set, &value) == 0);
        for (sent = 0; sent < MOST && sigqueue(getpid(), low, (union sigval){sent}) == 0; sent++)
                ;
        EXPECT(sent >= LEAST && (sent == MOST || errno == EAGAIN));
        for (int i = 0; i < sent; i++)
                EXPECT(next_of(&set, &value) == low && value == i);
        EXPECT(next_of(&set, &value) == 0);
        /* A thread's own are nobody else's. */
        EXPECT(raise(high) == 0 && raise(high) == 0);
        join(start(waits_for_none, &set));
        EXPECT(next_of(&set, &value) == high && next_of(&set, &value) == high);
        EXPECT(next_of(&set, &value) == 0);
}

static volatile double sum; /* vector registers are as they were */

static void scribble(int signal)
{
        (void)signal;
        for (int i = 0; i < 100; i++)
                sum += i * 0.5;
        seen++;
}

static void *interrupts(void *thread)
{
        for (int i = 0; i < 200; i++) {
                int before = seen;
                pthread_kill(*(pthread_t *)thread, SIGUSR2);
                while (seen == before)
                        sched_yield();
        }
        return NULL;
}

/* One that computes is interrupted anywhere, and its result is what it would have been. */
static void running(void)
{
        pthread_t self = pthread_self();
        seen = 0;
        EXPECT(signal(SIGUSR2, scribble) == SIG_DFL);
        pthread_t other = start(interrupts, &self);
        double first = 0;
        unsigned long all = 0;
        while (seen < 200) {
                double a = 0;
                unsigned long b = 1;
                for (int i = 1; i < 1000; i++) {
                        a += 1.0 / i;
                        b = b * 6364136223846793005ul + (unsigned long)i;
                }
                if (first == 0) {
                        first = a;
                        all = b;
                }
                EXPECT(a == first && b == all);
        }
        join(other);
}

static void *interrupts_once(void *thread)
{
        sem_wait(&ready);
        sched_yield();
        pthread_kill(*(pthread_t *)thread, SIGUSR1);
        return NULL;
}

/* What waits ends with EINTR, and a sleep says what is left of it. */
static void interrupted(void)
{
        pthread_t self = pthread_self();
        char byte;
        sem_init(&ready, 0, 0);
        handle(SIGUSR1, note, 0);
        pthread_t other = start(interrupts_once, &self);
        sem_post(&ready);
        EXPECT(read(0, &byte, 1) == -1 && errno == EINTR && seen == 1);
        join(other);
        other = start(interrupts_once, &self);
        struct timespec hour = {3600, 0}, left = {0, 0};
        sem_post(&ready);
        EXPECT(nanosleep(&hour, &left) == -1 && errno == EINTR && left.tv_sec >= 3500);
        join(other);
}

static void clocked(void)
{
        struct itimerval often = {{0, 2000}, {0, 2000}}, never = {{0, 0}, {0, 0}}, old;
        sigset_t none;
        sigemptyset(&none);
        handle(SIGALRM, note, SA_RESTART);
        EXPECT(setitimer(ITIMER_REAL, &often, NULL) == 0);
        while (seen < 5)
                ; /* it comes into the midst of this */
        EXPECT(setitimer(ITIMER_REAL, &never, &old) == 0 && old.it_interval.tv_usec == 2000);
        seen = 0;
        EXPECT(alarm(1000) == 0 && alarm(1) == 1000);
        EXPECT(pause() == -1 && errno == EINTR && seen == 1);
}

static void faults(void)
{
        static char room[64 << 10];
        stack_t stack = {.ss_sp = room, .ss_flags = SS_ONSTACK, .ss_size = sizeof room}, old;
        char *volatile nowhere = (char *)0x12345000;
        volatile int zero = 0;
        EXPECT(syscall(SYS_sigaltstack, &stack, NULL) == 0 && sigaltstack(NULL, &old) == 0);
        EXPECT(old.ss_sp == room && old.ss_flags == 0);
        handle(SIGSEGV, leap, SA_ONSTACK);
        handle(SIGFPE, leap, 0);
        if (!sigsetjmp(back, 1))
                *nowhere = 1;
        EXPECT(seen == 1 && number == SIGSEGV && seen_address == nowhere);
        if (!sigsetjmp(back, 1))
                zero = number / zero;
        EXPECT(seen == 2 && number == SIGFPE);
}

static volatile unsigned long deep;

__attribute__((noipa)) static int dig(int depth)
{
        volatile char room[4096];
        room[0] = room[4095] = (char)depth;
        deep = (unsigned long)room;
        return depth > 1 << 20 ? 0 : dig(depth + 1) + room[0];
}

/* The handler runs though the stack is used up. */
static void overflow(void)
{
        static char room[64 << 10];
        stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
        EXPECT(sigaltstack(&stack, NULL) == 0);
        handle(SIGSEGV, leap, SA_ONSTACK);
        if (!sigsetjmp(back, 1))
                dig(0);
        EXPECT(seen == 1 && deep - (unsigned long)seen_address < 3 * 4096);
}

/* A stack ends where its limit is by now, and goes on when that is raised again. */
static void shallow(void)
{
        enum { LIMIT = 256 << 10, DEEPER = 100 }; /* frames of 4 KiB */
        static char room[64 << 10];
        stack_t stack = {.ss_sp = room, .ss_size = sizeof room};
        struct rlimit before, limit, now;
        char here;
        EXPECT(sigaltstack(&stack, NULL) == 0 && getrlimit(RLIMIT_STACK, &before) == 0);
        limit = (struct rlimit){LIMIT, before.rlim_max};
        EXPECT(setrlimit(RLIMIT_STACK, &limit) == 0 && getrlimit(RLIMIT_STACK, &now) == 0);
        EXPECT(now.rlim_cur == LIMIT && now.rlim_max == before.rlim_max);
        handle(SIGSEGV, leap, SA_ONSTACK);
        if (!sigsetjmp(back, 1))
                dig((1 << 20) - DEEPER);
        EXPECT(seen == 1 && (unsigned long)&here - (unsigned long)seen_address <= LIMIT + 2 * 4096);
        EXPECT(setrlimit(RLIMIT_STACK, &before) == 0);
        dig((1 << 20) - DEEPER);
        EXPECT(seen == 1 && (unsigned long)&here - deep > LIMIT + 2 * 4096);
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"locks", locks},       {"many", many},       {"robust", robust},
            {"cancel", cancel},     {"sent", sent},       {"running", running},
            {"clocked", clocked},   {"faults", faults},   {"interrupted", interrupted},
            {"overflow", overflow}, {"owned", owned},     {"scheduled", scheduled},
            {"queued", queued},     {"shallow", shallow},
        };
        (void)count;
        return action_run(actions, sizeof actions / sizeof *actions, arguments[1]);
}
