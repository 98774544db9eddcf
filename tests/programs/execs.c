/* Other programs that a program runs, as Linux does: execve, scripts, posix_spawn and vfork, and
 * what goes on with them. Its first argument says what it does; it ends with 0, or says what was
 * not as expected. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/expect.h"

static const char *self;
static char *environment[] = {"FRUIT=fig", NULL};

static int run(char *const arguments[])
{
        pid_t child = fork();
        if (child == 0) {
                execve(self, arguments, environment);
                _exit(99);
        }
        return status_of(child);
}

/* In the program that was run: what it was given is as `told` says. */
static void is(int count, char **arguments)
{
        EXPECT(count == 5 && strcmp(arguments[0], "another name") == 0);
        EXPECT(arguments[2][0] == 0 && strcmp(arguments[3], "a b") == 0);
        EXPECT(strcmp(getenv("FRUIT"), "fig") == 0 && !getenv("HOME") && !getenv("PATH"));
        EXPECT(getpid() == atoi(arguments[4]));
        EXPECT(fcntl(10, F_GETFD) == 0 && fcntl(11, F_GETFD) == -1 && errno == EBADF);
        EXPECT(signal(SIGUSR1, SIG_DFL) == SIG_IGN && signal(SIGUSR2, SIG_DFL) == SIG_DFL);
        sigset_t set;
        EXPECT(sigprocmask(SIG_SETMASK, NULL, &set) == 0 && sigismember(&set, SIGHUP));
        EXPECT(write(10, "seen", 4) == 4);
        exit(42);
}

static void handler(int signal)
{
        (void)signal;
}

static void exec(void)
{
        char number[16], got[8];
        int ends[2];
        char *arguments[] = {"another name", "is", "", "a b", number, NULL};
        EXPECT(pipe(ends) == 0);
        pid_t child = fork();
        if (child == 0) {
                sigset_t set;
                snprintf(number, sizeof number, "%d", getpid());
                sigemptyset(&set);
                sigaddset(&set, SIGHUP);
                sigprocmask(SIG_SETMASK, &set, NULL);
                signal(SIGUSR1, SIG_IGN);
                signal(SIGUSR2, handler);
                EXPECT(dup2(ends[1], 10) == 10 && dup3(ends[1], 11, O_CLOEXEC) == 11);
                close(ends[1]);
                EXPECT(unsetenv("PATH") == 0);
                execve(self, arguments, environment);
                _exit(99);
        }
        close(ends[1]);
        EXPECT(read(ends[0], got, sizeof got) == 4 && memcmp(got, "seen", 4) == 0);
        EXPECT(read(ends[0], got, sizeof got) == 0 && exited(status_of(child), 42));
        char *fails[] = {"execs", "nonsense", NULL};
        EXPECT(exited(run(fails), 2));
}

enum { COUNTER = 20, TIMER, LIST, FOLDER, AGAIN, LOCKED, SHARED };

static const char shared[] = "/dev/shm/kept"; /* of the node's memory */

static int lock(int file)
{
        struct flock flock = {.l_type = F_WRLCK, .l_len = 1};
        return fcntl(file, F_SETLK, &flock);
}

/* In the program that was run: what is open is what it was, and the lock is held, but for that of
 * the file that has closed. */
static void keeps(void)
{
        struct epoll_event event;
        char path[16];
        uint64_t value;
        int status;
        EXPECT(read(COUNTER, &value, 8) == 8 && value == 1 && read(AGAIN, &value, 8) == 8);
        EXPECT(read(TIMER, &value, 8) == 8 && value > 0);
        EXPECT(epoll_wait(LIST, &event, 1, 0) == 1 && event.data.u64 == 77);
        EXPECT(event.events == EPOLLIN && read(COUNTER, &value, 8) == 8);
        EXPECT(read(AGAIN, &value, 8) == -1 && errno == EAGAIN &&
               epoll_wait(LIST, &event, 1, 0) == 0);
        EXPECT(fchdir(FOLDER) == 0 && getcwd(path, sizeof path) && strcmp(path, "/fs/bin") == 0);
        EXPECT(faccessat(FOLDER, ".", F_OK, 0) == 0);
        pid_t child = fork();
        if (child == 0) {
                int held = open("/tmp/kept", O_RDWR), closed = open("/tmp/closed", O_RDWR);
                EXPECT(lock(held) == -1 && errno == EAGAIN && lock(closed) == 0);
                EXPECT((held = open(shared, O_RDWR)) >= 0 && lock(held) == -1 && errno == EAGAIN);
                _exit(0);
        }
        EXPECT(waitpid(child, &status, 0) == child && status == 0);
        exit(44);
}

static void kept(void)
{
        const struct itimerspec soon = {{0, 1000}, {0, 1000}};
        struct epoll_event event = {.events = EPOLLIN, .data.u64 = 77};
        char *arguments[] = {"execs", "keeps", NULL};
        pid_t child = fork();
        if (child == 0) {
                EXPECT(dup2(eventfd(3, EFD_SEMAPHORE | EFD_NONBLOCK), COUNTER) == COUNTER);
                EXPECT(dup2(timerfd_create(CLOCK_MONOTONIC, 0), TIMER) == TIMER);
                EXPECT(timerfd_settime(TIMER, 0, &soon, NULL) == 0);
                EXPECT(dup2(epoll_create1(0), LIST) == LIST);
                EXPECT(epoll_ctl(LIST, EPOLL_CTL_ADD, COUNTER, &event) == 0);
                EXPECT(dup2(open("/fs/bin", O_RDONLY | O_DIRECTORY), FOLDER) == FOLDER);
                EXPECT(dup2(COUNTER, AGAIN) == AGAIN);
                EXPECT(dup2(open("/tmp/kept", O_RDWR | O_CREAT, 0600), LOCKED) == LOCKED);
                EXPECT(dup2(open(shared, O_RDWR | O_CREAT, 0600), SHARED) == SHARED);
                for (int file = 3; file < COUNTER; file++)
                        close(file);
                EXPECT(lock(open("/tmp/closed", O_RDWR | O_CREAT | O_CLOEXEC, 0600)) == 0);
                EXPECT(lock(LOCKED) == 0 && lock(SHARED) == 0);
                execve(self, arguments, environment);
                _exit(99);
        }
        EXPECT(exited(status_of(child), 44));
        EXPECT(unlink("/tmp/kept") == 0 && unlink("/tmp/closed") == 0 && unlink(shared) == 0);
}

/* As many descriptors as go to another program (STARTUP_DESCRIPTORS), all of files but the standard
 * ones; a folder that is one too many is not in the way. */
enum { CROWD = 16 };

static void crowd(void)
{
        char got;
        for (int file = 4; file <= CROWD; file++)
                EXPECT(pread(file, &got, 1, 0) == 1 && got == 'x');
        exit(45);
}

static void crowded(void)
{
        char *arguments[] = {"execs", "crowd", NULL};
        int status;
        pid_t child = fork();
        if (child == 0) {
                int file = open("/tmp/crowd", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
                EXPECT(write(file, "x", 1) == 1 && (file = fcntl(file, F_DUPFD_CLOEXEC, 100)) >= 0);
                EXPECT(dup2(open("/fs", O_RDONLY | O_DIRECTORY), 3) == 3 && dup2(3, 90) == 90);
                for (int to = 4; to <= CROWD; to++)
                        EXPECT(dup2(file, to) == to);
                EXPECT(unlink("/tmp/crowd") == 0);
                execve(self, arguments, environment);
                _exit(99);
        }
        EXPECT(waitpid(child, &status, 0) == child && exited(status, 45));
}

/* Who has more open than goes to another program goes on, and has all of it alone. */
static void full(void)
{
        char *prints[] = {"execs", "prints", NULL}, got;
        int ends[2];
        EXPECT(pipe(ends) == 0 && fcntl(ends[0], F_SETFD, FD_CLOEXEC) == 0);
        for (int to = 20; to < 20 + 2 * CROWD; to++)
                EXPECT(dup2(0, to) == to);
        alarm(20);
        EXPECT(execve(self, prints, environment) == -1 && errno == EMFILE);
        EXPECT(close(ends[1]) == 0 && read(ends[0], &got, 1) == 0);
}

/* A script's arguments: the interpreter's own, the script, and those of the call. */
static void script(void)
{
        char text[300], *arguments[] = {"ignored", "one", "two", NULL};
        snprintf(text, sizeof text, "#! %s scripted\nwhatever\n", self);
        text_write("/tmp/script", text);
        pid_t child = fork();
        if (child == 0) {
                execve("/tmp/script", arguments, environment);
                _exit(99);
        }
        EXPECT(exited(status_of(child), 43));
        EXPECT(unlink("/tmp/script") == 0);
}

static void scripted(int count, char **arguments)
{
        EXPECT(count == 5 && strcmp(arguments[0], self) == 0);
        EXPECT(strcmp(arguments[2], "/tmp/script") == 0 && strcmp(arguments[3], "one") == 0);
        EXPECT(strcmp(arguments[4], "two") == 0);
        exit(43);
}

/* system() and popen() ask for /bin/sh. */
static void shell(void)
{
        char got[16] = "";
        FILE *output = popen("echo a shell", "r");
        EXPECT(output && fgets(got, sizeof got, output) && strcmp(got, "a shell\n") == 0);
        EXPECT(exited(pclose(output), 0) && exited(system("exit 5"), 5));
}

/* As make and others do it. */
static void spawned(void)
{
        char *prints[] = {"execs", "prints", NULL}, got[16];
        posix_spawn_file_actions_t actions;
        int ends[2];
        pid_t child;
        EXPECT(pipe2(ends, O_CLOEXEC) == 0 && posix_spawn_file_actions_init(&actions) == 0);
        EXPECT(posix_spawn_file_actions_adddup2(&actions, ends[1], 1) == 0);
        EXPECT(posix_spawn(&child, self, &actions, NULL, prints, environment) == 0);
        close(ends[1]);
        EXPECT(read(ends[0], got, sizeof got) == 5 && memcmp(got, "text\n", 5) == 0);
        EXPECT(read(ends[0], got, sizeof got) == 0 && exited(status_of(child), 0));
        child = vfork();
        if (child == 0) {
                execve(self, prints + 1, environment);
                _exit(99);
        }
        EXPECT(exited(status_of(child), 2));
        EXPECT(posix_spawn(&child, "/fs/nothing", NULL, NULL, prints, environment) == ENOENT);
        EXPECT(posix_spawnp(&child, "nothing", NULL, NULL, prints, environment) == ENOENT);
        EXPECT(wait(NULL) == -1 && errno == ECHILD);
}

/* What a child of vfork writes to its caller's variables is there, all else is not. */
static void borrowed(void)
{
        static volatile int apart = 1;
        volatile int here = 2, before = 3;
        char *prints[] = {"execs", "prints", NULL};
        pid_t child = vfork();
        if (child == 0) {
                execve("/fs/nothing", prints, environment);
                here = errno;
                apart = 9;
                _exit(5);
        }
        EXPECT(exited(status_of(child), 5) && here == ENOENT && before == 3 && apart == 1);
        if ((child = vfork()) == 0) {
                here = 7;
                execve(self, prints, environment);
                _exit(99);
        }
        EXPECT(exited(status_of(child), 0) && here == 7 && before == 3);
        if ((child = fork()) == 0) {
                here = 8;
                _exit(0);
        }
        EXPECT(exited(status_of(child), 0) && here == 7);
}

static volatile bool over;

/* Counts up a variable until it is over; NULL: nobody else has changed it. */
static void *counts_up(void *variable)
{
        volatile long *count = variable;
        for (long i = 0; !over; i++) {
                if (*count != i)
                        return variable;
                *count = i + 1;
        }
        return NULL;
}

/* What another thread writes to such a variable meanwhile stays. */
static void counted(void)
{
        volatile long count = 0;
        pthread_t counter = start(counts_up, (void *)&count);
        while (!count)
                ;
        for (int i = 0; i < 8; i++) {
                pid_t child = vfork();
                if (child == 0)
                        _exit(0);
                EXPECT(exited(status_of(child), 0));
        }
        over = true;
        EXPECT(!join(counter));
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"exec", exec},         {"kept", kept},       {"crowded", crowded},
            {"script", script},     {"shell", shell},     {"spawned", spawned},
            {"borrowed", borrowed}, {"counted", counted}, {"full", full},
        };
        self = getenv("SELF") ? getenv("SELF") : arguments[0];
        const char *name = count > 1 ? arguments[1] : "";
        if (strcmp(name, "is") == 0)
                is(count, arguments);
        if (strcmp(name, "keeps") == 0)
                keeps();
        if (strcmp(name, "crowd") == 0)
                crowd();
        if (strcmp(name, "scripted") == 0)
                scripted(count, arguments);
        if (strcmp(name, "prints") == 0)
                return puts("text") < 0;
        return action_run(actions, sizeof actions / sizeof *actions, name);
}
