/* What processes hear of each other, as Linux has it: ends, stops, signals, groups. Its first
 * argument says what it does; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/expect.h"

static const char *self;
static char *environment[] = {"FRUIT=fig", NULL};

/* ---- ends ------------------------------------------------------------------------------------ */

static volatile sig_atomic_t heard_of;

static void hears(int signal, siginfo_t *info, void *context)
{
        (void)signal, (void)context;
        heard_of = info->si_pid;
}

/* A parent that waits for a signal hears of its child's end. */
static void heard(void)
{
        const struct sigaction action = {.sa_sigaction = hears, .sa_flags = SA_SIGINFO};
        sigset_t blocked, before;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGCHLD);
        EXPECT(sigaction(SIGCHLD, &action, NULL) == 0);
        EXPECT(sigprocmask(SIG_BLOCK, &blocked, &before) == 0);
        pid_t child = fork();
        if (child == 0)
                _exit(0);
        while (!heard_of)
                sigsuspend(&before);
        EXPECT(heard_of == child && exited(status_of(child), 0));
        /* Signals go from one to the other. */
        EXPECT(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
        if ((child = fork()) == 0)
                for (;;)
                        pause();
        EXPECT(kill(child, SIGTERM) == 0);
        int status = status_of(child);
        EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* There are no statuses of children whose parent wants none. */
static void ignored(void)
{
        enum { LOOKS = 60000, BETWEEN = 1000 };
        const struct sigaction unwanted = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
        EXPECT(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
        for (int i = 0; i < 4; i++) {
                pid_t child = fork();
                if (child == 0)
                        _exit(0);
                EXPECT(child > 0);
                for (int look = 0; look < LOOKS && kill(child, 0) == 0; look++)
                        usleep(BETWEEN);
                EXPECT(kill(child, 0) == -1 && errno == ESRCH);
                EXPECT(sigaction(SIGCHLD, &unwanted, NULL) == 0);
        }
        EXPECT(wait(NULL) == -1 && errno == ECHILD);
        /* Who waits all the same waits for all of them. */
        int ends[2];
        EXPECT(pipe(ends) == 0);
        for (int i = 0; i < 3; i++)
                if (fork() == 0) {
                        close(ends[0]);
                        usleep((useconds_t)i * 20 * BETWEEN);
                        _exit(0);
                }
        char byte;
        EXPECT(close(ends[1]) == 0 && wait(NULL) == -1 && errno == ECHILD);
        EXPECT(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 && read(ends[0], &byte, 1) == 0);
}

/* ---- signals -------------------------------------------------------------------------------- */

static volatile sig_atomic_t told_to;

static void goes_on(int signal)
{
        (void)signal;
        told_to = 1;
}

/* Takes what its parent has sent it once it is told that this is all: their number and order. */
static void takes_all(const sigset_t *set, int ready, int all)
{
        static const struct timespec none = {0, 0};
        sigset_t before;
        siginfo_t info;
        int count = 0, number;
        EXPECT(write(ready, "", 1) == 1 && sigprocmask(SIG_SETMASK, NULL, &before) == 0);
        sigdelset(&before, SIGUSR1);
        while (!told_to)
                sigsuspend(&before);
        EXPECT(read(all, &number, sizeof number) == sizeof number);
        while (count < number)
                if (sigtimedwait(set, &info, &none) > 0)
                        EXPECT(info.si_value.sival_int == count++ && info.si_pid == getppid());
        EXPECT(sigtimedwait(set, &info, &none) == -1 && errno == EAGAIN);
}

/* What was sent to another process is there, however much waits, and whatever else comes. */
static void queued(void)
{
        enum { MOST = 100000 };
        int ready[2], all[2], sent;
        char byte;
        sigset_t set, blocked;
        EXPECT(pipe(ready) == 0 && pipe(all) == 0);
        sigemptyset(&set);
        sigaddset(&set, SIGRTMIN);
        blocked = set;
        sigaddset(&blocked, SIGUSR1);
        EXPECT(sigprocmask(SIG_BLOCK, &blocked, NULL) == 0);
        EXPECT(signal(SIGUSR1, goes_on) != SIG_ERR);
        pid_t child = fork();
        if (child == 0) {
                takes_all(&set, ready[1], all[0]);
                _exit(0);
        }
        EXPECT(read(ready[0], &byte, 1) == 1);
        for (sent = 0; sent < MOST && sigqueue(child, SIGRTMIN, (union sigval){sent}) == 0; sent++)
                ;
        EXPECT(sent >= 32 && (sent == MOST || errno == EAGAIN));
        EXPECT(write(all[1], &sent, sizeof sent) == sizeof sent && kill(child, SIGUSR1) == 0);
        EXPECT(exited(status_of(child), 0));
}

/* ---- stops and groups ------------------------------------------------------------------------ */

static void ticks(void)
{
        for (;;) {
                EXPECT(write(1, ".", 1) == 1);
                usleep(10000);
        }
}

/* Whether something comes from the end within so many ms, when what is there now is gone. */
static bool comes(int end, int within)
{
        struct pollfd look = {.fd = end, .events = POLLIN};
        char got[64];
        while (poll(&look, 1, 0) == 1)
                EXPECT(read(end, got, sizeof got) > 0);
        return poll(&look, 1, within) == 1;
}

/* A program as this one that is no other's, so that nobody has read it before. */
static void copy_make(const char *path, char with)
{
        static char bytes[1 << 16];
        ssize_t length;
        int from = open(self, O_RDONLY), to = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
        EXPECT(from >= 0 && to >= 0);
        while ((length = read(from, bytes, sizeof bytes)) > 0)
                EXPECT(write(to, bytes, (size_t)length) == length);
        EXPECT(length == 0 && write(to, &with, 1) == 1 && close(to) == 0 && close(from) == 0);
}

/* Who is stopped on his way to another program does nothing until he goes on: a little later each
 * time, so that it happens everywhere on that way. */
static void held(void)
{
        enum { TIMES = 8, LATER = 15000 /* us */, WATCHED = 100 /* ms */ };
        char *arguments[] = {"groups", "ticks", NULL}, byte;
        int ends[2], status;
        EXPECT(pipe(ends) == 0);
        for (int i = 0; i < TIMES; i++) {
                copy_make("/tmp/held", (char)i);
                pid_t child = fork();
                if (child == 0) {
                        EXPECT(dup2(ends[1], 1) == 1 && write(1, "x", 1) == 1);
                        execve("/tmp/held", arguments, environment);
                        _exit(99);
                }
                EXPECT(read(ends[0], &byte, 1) == 1 && byte == 'x');
                usleep((useconds_t)i * LATER);
                EXPECT(kill(child, SIGSTOP) == 0);
                EXPECT(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
                EXPECT(!comes(ends[0], WATCHED) && kill(child, SIGCONT) == 0);
                EXPECT(read(ends[0], &byte, 1) == 1 && kill(child, SIGKILL) == 0);
                EXPECT(WIFSIGNALED(status_of(child)) && !comes(ends[0], 0));
        }
        EXPECT(unlink("/tmp/held") == 0);
}

static int hears_at;

static void tells(int signal)
{
        (void)signal;
        EXPECT(write(hears_at, "hup ", 4) == 4);
}

/* Who is stopped when the last ends who could let him go on is told, and does; and a terminal does
 * not stop him any more. */
static void orphaned(void)
{
        char got[16] = "";
        int ends[2], status;
        EXPECT(pipe(ends) == 0);
        pid_t middle = fork();
        if (middle == 0) {
                EXPECT(setpgid(0, 0) == 0);
                pid_t child = fork();
                if (child == 0) {
                        hears_at = ends[1];
                        close(ends[0]);
                        EXPECT(setpgid(0, 0) == 0 && signal(SIGHUP, tells) == SIG_DFL);
                        raise(SIGSTOP);
                        raise(SIGTSTP);
                        _exit(write(ends[1], "on", 2) != 2);
                }
                EXPECT(waitpid(child, &status, WUNTRACED) == child && WIFSTOPPED(status));
                _exit(0);
        }
        EXPECT(exited(status_of(middle), 0) && close(ends[1]) == 0);
        EXPECT(read(ends[0], got, 4) == 4 && memcmp(got, "hup ", 4) == 0);
        EXPECT(read(ends[0], got, sizeof got) == 2 && memcmp(got, "on", 2) == 0);
        EXPECT(read(ends[0], got, 1) == 0);
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"heard", heard}, {"ignored", ignored}, {"queued", queued},
            {"held", held},   {"ticks", ticks},     {"orphaned", orphaned},
        };
        self = getenv("SELF") ? getenv("SELF") : arguments[0];
        (void)count;
        return action_run(actions, sizeof actions / sizeof *actions, arguments[1]);
}
