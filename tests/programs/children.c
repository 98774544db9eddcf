/* Processes that a program makes, as Linux has them: what they share with it, and what is heard of
 * their ends. Its first argument says what it does; it ends with 0, or says what was not as
 * expected. What they run in place of it is in execs.c. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { LENGTH = 3000, MANY = 40, PARTS = 100 };

static const char *self;
static volatile int *nowhere;
static char *environment[] = {"FRUIT=fig", NULL};

/* ---- fork ------------------------------------------------------------------------------------ */

static void statuses(void)
{
        pid_t child = fork();
        if (child == 0)
                _exit(7);
        EXPECT(exited(status_of(child), 7));
        EXPECT(waitpid(child, NULL, 0) == -1 && errno == ECHILD);
        EXPECT(wait(NULL) == -1 && errno == ECHILD);
        if ((child = fork()) == 0)
                abort();
        int status = status_of(child);
        EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        if ((child = fork()) == 0)
                *nowhere = 1;
        status = status_of(child);
        EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);

        int ends[2];
        char byte;
        EXPECT(pipe(ends) == 0);
        if ((child = fork()) == 0) {
                close(ends[1]);
                _exit(read(ends[0], &byte, 1) == 0 ? 3 : 4);
        }
        EXPECT(waitpid(-1, &status, WNOHANG) == 0 && waitpid(child, &status, WNOHANG) == 0);
        close(ends[0]);
        close(ends[1]);
        siginfo_t info;
        EXPECT(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) == 0);
        EXPECT(info.si_pid == child && info.si_code == CLD_EXITED && info.si_status == 3);
        EXPECT(waitid(P_ALL, 0, &info, WEXITED) == 0 && info.si_pid == child);
        EXPECT(waitid(P_ALL, 0, &info, WEXITED) == -1 && errno == ECHILD);
}

/* ---- memory that is shared ------------------------------------------------------------------- */

enum { SHARED = 3 * 64 << 10, PAGE = 4096, ROUNDS = 20 };

struct common {
        sem_t ours, theirs;
        pthread_mutex_t lock;
        int count;
};

static void *common_map(size_t bytes, int protection)
{
        void *at = mmap(NULL, bytes, protection, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        EXPECT(at != MAP_FAILED);
        return at;
}

/* A child's child writes, into all parts that are there. */
static void writes_all(volatile char *at)
{
        pid_t child = fork();
        if (child == 0) {
                EXPECT(mprotect((void *)(at + SHARED - PAGE), PAGE, PROT_READ | PROT_WRITE) == 0);
                at[0] = 'a';
                at[SHARED - 1] = 'z';
                _exit(0);
        }
        _exit(exited(status_of(child), 0) ? 0 : 1);
}

/* Parent and child in turn, and both at one lock. */
static void takes_turns(struct common *common, sem_t *wait, sem_t *post)
{
        for (int i = 0; i < ROUNDS; i++) {
                EXPECT(sem_wait(wait) == 0 && pthread_mutex_lock(&common->lock) == 0);
                common->count++;
                EXPECT(pthread_mutex_unlock(&common->lock) == 0 && sem_post(post) == 0);
        }
}

/* What the other process's thread does not have it waits for, and is not told that it has it. */
static void *waits_for_lock(void *unused)
{
        struct common *common = unused;
        struct timespec soon;
        EXPECT(clock_gettime(CLOCK_REALTIME, &soon) == 0);
        EXPECT(pthread_mutex_timedlock(&common->lock, &soon) == ETIMEDOUT);
        return NULL;
}

static pid_t waiter;

static void *holds_lock(void *argument)
{
        struct common *common = argument;
        EXPECT(pthread_mutex_lock(&common->lock) == 0 && sem_post(&common->ours) == 0);
        EXPECT(exited(status_of(waiter), 0) && pthread_mutex_unlock(&common->lock) == 0);
        return NULL;
}

/* A lock knows its owner by a number, which no thread of another process has: both processes' first
 * threads beside their own. */
static void owners(void)
{
        struct common *common = common_map(sizeof *common, PROT_READ | PROT_WRITE);
        pthread_mutexattr_t attributes;
        EXPECT(pthread_mutexattr_init(&attributes) == 0);
        EXPECT(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
        EXPECT(pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK) == 0);
        EXPECT(pthread_mutex_init(&common->lock, &attributes) == 0);
        EXPECT(sem_init(&common->ours, 1, 0) == 0);
        if ((waiter = fork()) == 0) {
                EXPECT(sem_wait(&common->ours) == 0);
                join(start(waits_for_lock, common));
                _exit(0);
        }
        join(start(holds_lock, common));
}

static void shares(void)
{
        volatile char *at = common_map(SHARED, PROT_READ | PROT_WRITE);
        char *none = common_map(PAGE, PROT_NONE);
        EXPECT(mprotect((void *)(at + SHARED - PAGE), PAGE, PROT_NONE) == 0);
        EXPECT(munmap((void *)(at + SHARED / 3), SHARED / 3) == 0);
        pid_t child = fork();
        if (child == 0)
                writes_all(at);
        EXPECT(exited(status_of(child), 0) && at[0] == 'a');
        EXPECT(mprotect((void *)(at + SHARED - PAGE), PAGE, PROT_READ) == 0);
        EXPECT(at[SHARED - 1] == 'z' && mprotect(none, PAGE, PROT_READ) == 0 && !*none);
        EXPECT(madvise((void *)at, PAGE, MADV_DONTNEED) == 0 && at[0] == 'a');

        struct common *common = common_map(sizeof *common, PROT_READ | PROT_WRITE);
        pthread_mutexattr_t attributes;
        EXPECT(pthread_mutexattr_init(&attributes) == 0);
        EXPECT(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
        EXPECT(pthread_mutex_init(&common->lock, &attributes) == 0);
        EXPECT(sem_init(&common->ours, 1, 0) == 0 && sem_init(&common->theirs, 1, 1) == 0);
        if ((child = fork()) == 0) {
                takes_turns(common, &common->theirs, &common->ours);
                _exit(0);
        }
        takes_turns(common, &common->ours, &common->theirs);
        EXPECT(exited(status_of(child), 0) && common->count == 2 * ROUNDS);
        for (int i = 0; i < 1000; i++) /* what is given back is there again */
                EXPECT(munmap(common_map(PAGE, PROT_READ), PAGE) == 0);
}

static void numbers(void)
{
        int ends[2];
        pid_t parent = getpid(), told[2];
        EXPECT(pipe(ends) == 0);
        pid_t child = fork();
        if (child == 0) {
                told[0] = getpid();
                told[1] = getppid();
                EXPECT(gettid() == getpid());
                _exit(write(ends[1], told, sizeof told) == sizeof told ? 0 : 1);
        }
        EXPECT(read(ends[0], told, sizeof told) == sizeof told);
        EXPECT(told[0] == child && told[1] == parent && child != parent && getpid() == parent);
        EXPECT(exited(status_of(child), 0));
        /* A grandchild whose parent has ended is init's. */
        if ((child = fork()) == 0) {
                pid_t middle = getpid();
                if (fork() == 0) {
                        while (getppid() == middle)
                                usleep(1000);
                        told[0] = getppid();
                        _exit(write(ends[1], told, sizeof told[0]) != sizeof told[0]);
                }
                _exit(0);
        }
        EXPECT(exited(status_of(child), 0));
        EXPECT(read(ends[0], told, sizeof told[0]) == sizeof told[0] && told[0] == 1);
        EXPECT(wait(NULL) == -1 && errno == ECHILD);
}

/* Each has its own of what was before: data, heap, stack, mapped and hidden memory. */
static void memory(void)
{
        static int data = 1;
        int stack = 2, *heap = malloc(sizeof *heap);
        char *mapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        EXPECT(heap && mapped != MAP_FAILED);
        *heap = 3;
        strcpy(mapped, "before");
        strcpy(mapped + 4096, "hidden");
        EXPECT(mprotect(mapped + 4096, 4096, PROT_NONE) == 0);
        pid_t child = fork();
        if (child == 0) {
                EXPECT(data == 1 && stack == 2 && *heap == 3 && strcmp(mapped, "before") == 0);
                EXPECT(mprotect(mapped + 4096, 4096, PROT_READ) == 0);
                EXPECT(strcmp(mapped + 4096, "hidden") == 0);
                data = stack = *heap = 9;
                strcpy(mapped, "after");
                void *more = malloc(100000);
                EXPECT(more && munmap(mapped, 4096) == 0);
                free(more);
                exit(0);
        }
        EXPECT(exited(status_of(child), 0));
        EXPECT(data == 1 && stack == 2 && *heap == 3 && strcmp(mapped, "before") == 0);
}

/* What was in a pipe before, and what comes then, arrives once; the end is seen when all have
 * closed it. */
static void pipes(void)
{
        static char bytes[LENGTH], got[LENGTH];
        int ends[2];
        EXPECT(pipe(ends) == 0 && write(ends[1], "first ", 6) == 6);
        pid_t child = fork();
        if (child == 0) {
                close(ends[0]);
                memset(bytes, 'x', sizeof bytes);
                for (int i = 0; i < PARTS; i++)
                        EXPECT(write(ends[1], bytes, sizeof bytes) == sizeof bytes);
                _exit(0);
        }
        EXPECT(close(ends[1]) == 0 && read(ends[0], got, 6) == 6 && memcmp(got, "first ", 6) == 0);
        long total = 0;
        ssize_t length;
        while ((length = read(ends[0], got, sizeof got)) > 0)
                total += length;
        EXPECT(length == 0 && total == (long)LENGTH * PARTS && exited(status_of(child), 0));
        /* Nobody reads any more. */
        close(ends[0]);
        EXPECT(pipe(ends) == 0);
        if ((child = fork()) == 0) {
                close(ends[0]);
                while (write(ends[1], bytes, sizeof bytes) > 0)
                        ;
                _exit(0);
        }
        close(ends[0]);
        int status = status_of(child);
        EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

/* A place in a file is one for all that have it from the same open. */
static void files(void)
{
        char got[8] = "";
        int file = open("/tmp/shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
        EXPECT(file >= 0 && write(file, "one ", 4) == 4);
        pid_t child = fork();
        if (child == 0)
                _exit(write(file, "two ", 4) != 4);
        EXPECT(exited(status_of(child), 0) && write(file, "end", 3) == 3);
        EXPECT(pread(file, got, 8, 4) == 7 && memcmp(got, "two end", 7) == 0);
        EXPECT(close(file) == 0 && unlink("/tmp/shared") == 0);
}

/* ---- threads --------------------------------------------------------------------------------- */

static void *counts(void *stop)
{
        static volatile unsigned long count;
        while (!__atomic_load_n((int *)stop, __ATOMIC_SEQ_CST))
                count++;
        return NULL;
}

static void *reads(void *end)
{
        static char got[8];
        EXPECT(read(*(int *)end, got, sizeof got) == 5);
        return got;
}

static void *forks(void *unused)
{
        (void)unused;
        pid_t child = fork();
        if (child == 0)
                _exit(gettid() == getpid() ? 5 : 6);
        EXPECT(exited(status_of(child), 5));
        return NULL;
}

/* The child has the one thread that made it, whichever that is; another that reads a pipe meanwhile
 * gets what is written. */
static void threads(void)
{
        int stop = 0, ends[2];
        EXPECT(pipe(ends) == 0);
        pthread_t counter = start(counts, &stop), reader = start(reads, &ends[0]);
        join(start(forks, NULL));
        pid_t child = fork();
        if (child == 0) {
                EXPECT(write(ends[1], "hello", 5) == 5);
                join(start(forks, NULL));
                _exit(0);
        }
        EXPECT(strcmp(join(reader), "hello") == 0);
        EXPECT(exited(status_of(child), 0));
        __atomic_store_n(&stop, 1, __ATOMIC_SEQ_CST);
        join(counter);
}

/* What cannot be run leaves the program as it was. */
static void failures(void)
{
        static char *none[] = {"none", NULL};
        static char long_one[100 << 10];
        char *longer[] = {"none", long_one, NULL};
        memset(long_one, 'a', sizeof long_one - 1);
        errno = 0;
        EXPECT(execve("/fs/nothing", none, none) == -1 && errno == ENOENT);
        EXPECT(execve("/fs", none, none) == -1 && errno == EACCES);
        text_write("/tmp/text", "no program\n");
        EXPECT(execve("/tmp/text", none, none) == -1 && errno == ENOEXEC);
        EXPECT(chmod("/tmp/text", 0644) == 0);
        EXPECT(execve("/tmp/text", none, none) == -1 && errno == EACCES);
        text_write("/tmp/loop", "#!/tmp/loop\n");
        EXPECT(execve("/tmp/loop", none, none) == -1 && errno == ELOOP);
        text_write("/tmp/lost", "#!/fs/nothing x\n");
        EXPECT(execve("/tmp/lost", none, none) == -1 && errno == ENOENT);
        EXPECT(execve(self, longer, none) == -1 && errno == E2BIG);
        EXPECT(unlink("/tmp/text") == 0 && unlink("/tmp/loop") == 0 && unlink("/tmp/lost") == 0);
        statuses();
}

/* ---- many ------------------------------------------------------------------------------------ */

static int times = MANY; /* a number behind the name says otherwise */

static void many(void)
{
        for (int i = 0; i < times; i++) {
                pid_t child = fork();
                if (child == 0)
                        _exit(i & 0xff);
                EXPECT(exited(status_of(child), i & 0xff));
        }
}

static void spawns(void)
{
        char *arguments[] = {"children", "nothing", NULL};
        for (int i = 0; i < times; i++) {
                pid_t child;
                EXPECT(posix_spawn(&child, self, NULL, NULL, arguments, environment) == 0);
                EXPECT(exited(status_of(child), 0));
        }
}

/* A process and its children that make ever more of them: there is an end, and nothing hangs. */
static void bomb(void)
{
        int children = 0, ends[2];
        char byte;
        EXPECT(pipe(ends) == 0);
        for (pid_t child; (child = fork()) >= 0; children++)
                if (child == 0) {
                        close(ends[1]);
                        _exit(read(ends[0], &byte, 1) == 0 ? 0 : 1);
                }
        EXPECT(errno == EAGAIN && children > 0);
        close(ends[1]);
        for (int status; children-- > 0;)
                EXPECT(wait(&status) > 0 && exited(status, 0));
        many();
}

/* A child that runs on when its parent has ended. */
static void orphan(void)
{
        if (fork() == 0) {
                close(1);
                close(2);
                for (;;)
                        pause();
        }
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"statuses", statuses}, {"files", files},     {"numbers", numbers}, {"memory", memory},
            {"pipes", pipes},       {"threads", threads}, {"many", many},       {"shares", shares},
            {"spawns", spawns},     {"owners", owners},   {"bomb", bomb},       {"orphan", orphan},
            {"failures", failures},
        };
        self = getenv("SELF") ? getenv("SELF") : arguments[0];
        const char *name = count > 1 ? arguments[1] : "";
        if (strcmp(name, "nothing") == 0)
                return 0;
        if (count > 2)
                times = atoi(arguments[2]);
        return action_run(actions, sizeof actions / sizeof *actions, name);
}
