/* Descriptors, pipes within a process, lists of them, devices and temporary files, as Linux has
 * them. Its first argument says what it does; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { LENGTH = 1 << 20, MOST = 200 };

/* ---- pipes ----------------------------------------------------------------------------------- */

static void *writes(void *end)
{
        static char bytes[LENGTH];
        for (int i = 0; i < LENGTH; i++)
                bytes[i] = (char)(i * 7 + i / 256);
        EXPECT(write(*(int *)end, bytes, LENGTH) == LENGTH);
        EXPECT(close(*(int *)end) == 0);
        return NULL;
}

static void pipes(void)
{
        int ends[2];
        char part[5000];
        struct pollfd wait;
        struct stat status;
        EXPECT(pipe2(ends, O_NONBLOCK) == 0 && read(ends[0], part, 1) == -1 && errno == EAGAIN);
        wait = (struct pollfd){.fd = ends[0], .events = POLLIN};
        EXPECT(poll(&wait, 1, 0) == 0 && fcntl(ends[0], F_SETFL, 0) == 0);
        EXPECT(fstat(ends[0], &status) == 0 && S_ISFIFO(status.st_mode));
        EXPECT(lseek(ends[0], 0, SEEK_CUR) == -1 && errno == ESPIPE);
        while (write(ends[1], part, sizeof part) > 0)
                ;
        EXPECT(errno == EAGAIN && close(ends[0]) == 0 && close(ends[1]) == 0);

        EXPECT(pipe(ends) == 0);
        pthread_t writer = start(writes, &ends[1]);
        wait.fd = ends[0];
        EXPECT(poll(&wait, 1, -1) == 1 && wait.revents & POLLIN);
        fd_set set;
        FD_ZERO(&set);
        FD_SET(ends[0], &set);
        EXPECT(select(ends[0] + 1, &set, NULL, NULL, NULL) == 1 && FD_ISSET(ends[0], &set));
        ssize_t length;
        int at = 0;
        for (; (length = read(ends[0], part, sizeof part)) > 0; at += length)
                for (int i = 0; i < length; i++)
                        EXPECT(part[i] == (char)((at + i) * 7 + (at + i) / 256));
        EXPECT(length == 0 && at == LENGTH && !join(writer));
        EXPECT(poll(&wait, 1, -1) == 1 && wait.revents & POLLHUP && close(ends[0]) == 0);

        EXPECT(signal(SIGPIPE, SIG_IGN) == SIG_DFL && pipe(ends) == 0 && close(ends[0]) == 0);
        EXPECT(write(ends[1], "x", 1) == -1 && errno == EPIPE);

        char other[4];
        struct iovec places[] = {{part, 4}, {other, 4}};
        EXPECT(close(ends[1]) == 0 && pipe(ends) == 0 && write(ends[1], "four", 4) == 4);
        EXPECT(readv(ends[0], places, 2) == 4); /* it does not wait for the second place */
}

static void *adds(void *file)
{
        uint64_t more = 3;
        EXPECT(write(*(int *)file, &more, sizeof more) == sizeof more);
        return NULL;
}

static void counts(void)
{
        int file = eventfd(0, 0);
        uint64_t count;
        struct pollfd look = {.fd = file, .events = POLLIN | POLLOUT};
        EXPECT(file >= 0 && poll(&look, 1, 0) == 1 && look.revents == POLLOUT);
        pthread_t thread = start(adds, &file);
        EXPECT(read(file, &count, sizeof count) == sizeof count && count == 3);
        EXPECT(!join(thread) && read(file, &count, 4) == -1 && errno == EINVAL);
        file = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
        EXPECT(read(file, &count, sizeof count) == sizeof count && count == 1);
        EXPECT(read(file, &count, sizeof count) == sizeof count && count == 1);
        EXPECT(read(file, &count, sizeof count) == -1 && errno == EAGAIN);
}

/* A list of two pipes: what is ready is told, at its edge once, and what is closed no more. */
static void lists(void)
{
        int list = epoll_create1(EPOLL_CLOEXEC), first[2], second[2];
        char bytes[8];
        EXPECT(list >= 0 && pipe(first) == 0 && pipe(second) == 0);
        struct epoll_event level = {EPOLLIN, {.u64 = 1}}, edge = {EPOLLIN | EPOLLET, {.u64 = 2}};
        struct epoll_event found[4];
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, first[0], &level) == 0);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, first[0], &level) == -1 && errno == EEXIST);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, second[0], &edge) == 0);
        EXPECT(epoll_wait(list, found, 4, 0) == 0 && epoll_wait(list, found, 4, 1) == 0);
        EXPECT(write(first[1], "x", 1) == 1 && write(second[1], "x", 1) == 1);
        EXPECT(epoll_wait(list, found, 4, -1) == 2);
        EXPECT(epoll_wait(list, found, 4, -1) == 1 && found[0].data.u64 == 1);
        EXPECT(write(second[1], "x", 1) == 1 && read(first[0], bytes, 8) == 1);
        EXPECT(epoll_wait(list, found, 4, -1) == 1 && found[0].data.u64 == 2);
        EXPECT(close(second[0]) == 0 && epoll_wait(list, found, 4, 0) == 0);
        level.events = EPOLLIN | EPOLLONESHOT;
        EXPECT(epoll_ctl(list, EPOLL_CTL_MOD, first[0], &level) == 0 &&
               write(first[1], "x", 1) == 1);
        EXPECT(epoll_wait(list, found, 4, -1) == 1 && epoll_wait(list, found, 4, 0) == 0);
        EXPECT(epoll_ctl(list, EPOLL_CTL_DEL, first[0], NULL) == 0);
        EXPECT(epoll_ctl(list, EPOLL_CTL_DEL, first[0], NULL) == -1 && errno == ENOENT);
        EXPECT(pipe2(second, O_NONBLOCK) == 0); /* whoever writes is told that nobody reads */
        edge.events = EPOLLOUT | EPOLLET;
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, second[1], &edge) == 0);
        EXPECT(epoll_wait(list, found, 4, -1) == 1 && epoll_wait(list, found, 4, 0) == 0);
        EXPECT(close(second[0]) == 0 && epoll_wait(list, found, 4, 0) == 1);
        EXPECT(found[0].events & EPOLLERR && epoll_wait(list, found, 4, 0) == 0);
        int file = open("/", O_RDONLY);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, file, &level) == -1 && errno == EPERM);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, list, &level) == -1 && errno == EINVAL);
}

/* A list is ready when something in it is, and may stand in another, but in no circle. */
static void nested(void)
{
        int list = epoll_create1(0), outer = epoll_create1(0), file = eventfd(0, 0);
        uint64_t count = 1;
        struct epoll_event in = {EPOLLIN, {.u64 = 7}}, found;
        struct pollfd look = {list, POLLIN, 0};
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, file, &in) == 0 && poll(&look, 1, 0) == 0);
        EXPECT(epoll_ctl(outer, EPOLL_CTL_ADD, list, &in) == 0);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, outer, &in) == -1 && errno == ELOOP);
        EXPECT(epoll_wait(outer, &found, 1, 10) == 0);
        EXPECT(write(file, &count, sizeof count) == sizeof count && poll(&look, 1, -1) == 1);
        EXPECT(look.revents == POLLIN && epoll_wait(outer, &found, 1, -1) == 1);
        EXPECT(found.events == EPOLLIN && read(file, &count, sizeof count) == sizeof count);
        EXPECT(epoll_wait(outer, &found, 1, 10) == 0 && poll(&look, 1, 0) == 0);
        for (int depth = 2; depth < 5; depth++) {
                int next = epoll_create1(0);
                EXPECT(epoll_ctl(next, EPOLL_CTL_ADD, outer, &in) == 0);
                outer = next;
        }
        EXPECT(epoll_ctl(epoll_create1(0), EPOLL_CTL_ADD, outer, &in) == -1 && errno == ELOOP);
}

/* A child has its parent's lists and timers, as they were. */
static void forked(void)
{
        const struct itimerspec soon = {.it_value.tv_nsec = 20000000};
        int list = epoll_create1(0), timer = timerfd_create(CLOCK_MONOTONIC, 0);
        struct epoll_event in = {EPOLLIN, {.u64 = 5}}, found;
        EXPECT(timerfd_settime(timer, 0, &soon, NULL) == 0);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, timer, &in) == 0);
        pid_t child = fork();
        if (child == 0) {
                EXPECT(epoll_wait(list, &found, 1, 10000) == 1 && found.data.u64 == 5);
                exit(0);
        }
        EXPECT(exited(status_of(child), 0));
        EXPECT(epoll_wait(list, &found, 1, 10000) == 1 && found.data.u64 == 5);
}

/* What the stream server has memory for (its README), each another file, and
 * a wait for all, of which none is ready. */
static void many(void)
{
        enum { PIPES = 24, PAIRS = 2 };
        static int pipes[PIPES][2], pairs[PAIRS][2];
        static struct pollfd all[2 * PIPES + PAIRS];
        struct stat one, other;
        for (int i = 0; i < PIPES; i++) {
                EXPECT(pipe(pipes[i]) == 0);
                all[i] = (struct pollfd){pipes[i][0], POLLIN, 0};
                all[PIPES + PAIRS + i] = (struct pollfd){pipes[i][1], 0, 0};
        }
        EXPECT(fstat(pipes[0][0], &one) == 0 && fstat(pipes[1][0], &other) == 0);
        EXPECT(one.st_ino != other.st_ino && one.st_dev == other.st_dev && one.st_dev);
        for (int i = 0; i < PAIRS; i++) {
                EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pairs[i]) == 0);
                all[PIPES + i] = (struct pollfd){pairs[i][0], POLLIN, 0};
        }
        pid_t child = fork();
        if (child == 0)
                exit(0);
        EXPECT(exited(status_of(child), 0));
        EXPECT(fstat(pipes[0][0], &one) == 0 && fstat(pipes[1][0], &other) == 0);
        EXPECT(S_ISFIFO(one.st_mode) && one.st_ino != other.st_ino);
        EXPECT(poll(all, 2 * PIPES + PAIRS, 50) == 0);
        EXPECT(write(pipes[PIPES - 1][1], "x", 1) == 1 && write(pairs[0][1], "x", 1) == 1);
        EXPECT(poll(all, 2 * PIPES + PAIRS, -1) > 0);
        EXPECT(all[PIPES - 1].revents == POLLIN || all[PIPES].revents == POLLIN);
}

/* Signals that are blocked are read, as many as there are, and wake who waits for them. */
static void *raises(void *unused)
{
        EXPECT(kill(getpid(), SIGUSR2) == 0);
        return unused;
}

static void signals(void)
{
        sigset_t set, both;
        struct signalfd_siginfo got[3];
        struct pollfd look = {.events = POLLIN};
        sigemptyset(&set);
        sigaddset(&set, SIGUSR2);
        both = set;
        sigaddset(&both, SIGUSR1);
        EXPECT(sigprocmask(SIG_BLOCK, &both, NULL) == 0);
        int file = look.fd = signalfd(-1, &set, SFD_CLOEXEC);
        EXPECT(file >= 0 && raise(SIGUSR1) == 0 && poll(&look, 1, 0) == 0);
        pthread_t thread = start(raises, NULL);
        EXPECT(poll(&look, 1, -1) == 1 && look.revents == POLLIN && !join(thread));
        EXPECT(read(file, got, sizeof got) == sizeof *got && got[0].ssi_signo == SIGUSR2);
        EXPECT(got[0].ssi_pid == (unsigned)getpid() && got[0].ssi_code == SI_USER);
        thread = start(raises, NULL);
        EXPECT(read(file, got, sizeof got) == sizeof *got && !join(thread));
        EXPECT(signalfd(file, &both, 0) == file && raise(SIGUSR2) == 0);
        EXPECT(read(file, got, sizeof got) == 2 * sizeof *got && got[0].ssi_signo == SIGUSR1);
        EXPECT(read(file, got, 1) == -1 && errno == EINVAL);
        EXPECT(write(file, got, sizeof got) == -1 && errno == EINVAL && close(file) == 0);
        file = signalfd(-1, &both, SFD_NONBLOCK);
        EXPECT(read(file, got, sizeof got) == -1 && errno == EAGAIN);
        EXPECT(signalfd(0, &both, 0) == -1 && errno == EINVAL);
}

/* ---- timers and streams ---------------------------------------------------------------------- */

/* A timer is ready when its time has come, and says how often. */
static void timers(void)
{
        int file = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), list;
        struct itimerspec soon = {{0, 1000000}, {0, 1000000}}, none = {{0, 0}, {0, 0}}, old;
        struct pollfd wait = {.fd = file, .events = POLLIN};
        struct epoll_event edge = {EPOLLIN | EPOLLET, {.u64 = 1}};
        uint64_t count;
        EXPECT(file >= 0 && read(file, &count, 8) == -1 && errno == EAGAIN);
        EXPECT(poll(&wait, 1, 0) == 0 && timerfd_settime(file, 0, &soon, NULL) == 0);
        EXPECT(poll(&wait, 1, -1) == 1 && read(file, &count, 8) == 8 && count >= 1);
        EXPECT((list = epoll_create1(0)) >= 0);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, file, &edge) == 0);
        EXPECT(epoll_wait(list, &edge, 1, -1) == 1 && epoll_wait(list, &edge, 1, 0) == 0);
        EXPECT(read(file, &count, 8) == 8 && epoll_wait(list, &edge, 1, -1) == 1);
        EXPECT(timerfd_settime(file, 0, &none, &old) == 0 && old.it_interval.tv_nsec == 1000000);
        EXPECT(timerfd_gettime(file, &old) == 0 && old.it_value.tv_nsec == 0);
        EXPECT(poll(&wait, 1, 0) == 0 && timerfd_settime(0, 0, &none, NULL) == -1);
        EXPECT(errno == EINVAL && read(file, &count, 7) == -1 && errno == EINVAL);
        EXPECT(fcntl(file, F_SETFL, 0) == 0 && timerfd_settime(file, 0, &soon, NULL) == 0);
        EXPECT(read(file, &count, 8) == 8 && count >= 1); /* it waits */
        EXPECT(write(file, &count, 8) == -1 && errno == EINVAL);
        EXPECT(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0) == -1 && errno == EINVAL);
}

/* Standard input is a stream of which nothing comes. */
static void silence(void)
{
        int file = eventfd(0, 0), list = epoll_create1(0);
        struct pollfd both[] = {{.fd = 0, .events = POLLIN}, {.fd = file, .events = POLLIN}};
        struct epoll_event in = {EPOLLIN, {.u64 = 1}}, found;
        uint64_t count;
        EXPECT(poll(both, 1, 0) == 0 && poll(both, 2, 0) == 0 && poll(both, 1, 1) == 0);
        pthread_t thread = start(adds, &file);
        EXPECT(poll(both, 2, -1) == 1 && !both[0].revents && both[1].revents == POLLIN);
        EXPECT(!join(thread) && read(file, &count, 8) == 8);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, 0, &in) == 0 && epoll_wait(list, &found, 1, 0) == 0);
        in.data.u64 = 2;
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, file, &in) == 0);
        thread = start(adds, &file);
        EXPECT(epoll_wait(list, &found, 1, -1) == 1 && found.data.u64 == 2 && !join(thread));
        char byte;
        EXPECT(fcntl(0, F_SETFL, O_NONBLOCK) == 0 && read(0, &byte, 1) == -1 && errno == EAGAIN);
}

enum { WORDS = 200 };

/* Writes to a stream whenever it is ready, more than it takes at once. */
static void talk(void)
{
        static char word[5000];
        struct pollfd out = {.fd = 1, .events = POLLOUT};
        EXPECT(fcntl(1, F_SETFL, O_NONBLOCK) == 0);
        for (int left = WORDS * (int)sizeof word; left > 0;) {
                EXPECT(poll(&out, 1, -1) == 1 && out.revents & POLLOUT);
                ssize_t done = write(1, word, left < (int)sizeof word ? (size_t)left : sizeof word);
                EXPECT(done > 0 || (done == -1 && errno == EAGAIN));
                left -= done > 0 ? (int)done : 0;
        }
}

/* Reads what talk() writes, as it comes: told of it by level, and then by edges. */
static void hear(void)
{
        char part[8192];
        struct pollfd in = {.fd = 0, .events = POLLIN};
        ssize_t length = 1, total = 0;
        while (total < WORDS * 5000 / 2) {
                EXPECT(poll(&in, 1, -1) == 1 && in.revents & POLLIN);
                EXPECT((length = read(0, part, sizeof part)) > 0);
                total += length;
        }
        int list = epoll_create1(0);
        struct epoll_event edge = {EPOLLIN | EPOLLET, {.u64 = 1}};
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, 0, &edge) == 0 && fcntl(0, F_SETFL, O_NONBLOCK) == 0);
        while (length) {
                EXPECT(epoll_wait(list, &edge, 1, -1) == 1);
                while ((length = read(0, part, sizeof part)) > 0)
                        total += length;
                EXPECT(length == 0 || errno == EAGAIN);
        }
        EXPECT(total == WORDS * 5000 && poll(&in, 1, -1) == 1 && in.revents == POLLHUP);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void numbers(void)
{
        struct rlimit limit;
        int files[MOST], file = open("/dev/null", O_RDWR | O_CLOEXEC);
        EXPECT(file >= 3 && fcntl(file, F_GETFD) == FD_CLOEXEC);
        for (int i = 0; i < MOST; i++)
                EXPECT((files[i] = open("/dev/null", O_RDONLY)) > file);
        EXPECT(dup3(file, file, 0) == -1 && errno == EINVAL && dup2(file, file) == file);
        EXPECT(dup3(file, 300, O_CLOEXEC) == 300 && fcntl(300, F_GETFD) == FD_CLOEXEC);
        EXPECT((files[0] = dup(files[0])) > 3 && fcntl(files[0], F_GETFD) == 0);
        EXPECT(fcntl(file, F_DUPFD, -1) == -1 && errno == EINVAL);
        for (int i = 0; i < MOST; i++)
                EXPECT(close(files[i]) == 0);
        EXPECT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= 1024);
        limit.rlim_cur = 8;
        EXPECT(setrlimit(RLIMIT_NOFILE, &limit) == 0);
        while ((file = dup(0)) >= 0)
                EXPECT(file < 8);
        EXPECT(errno == EMFILE && fcntl(300, F_GETFD) == FD_CLOEXEC);
        limit.rlim_max++;
        EXPECT(getrlimit(RLIMIT_DATA, &limit) == 0);
        limit.rlim_cur = 0;
        EXPECT(setrlimit(RLIMIT_DATA, &limit) == 0);
        void *volatile memory = malloc(1 << 20);
        EXPECT(!memory && errno == ENOMEM);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void names(void)
{
        char bytes[4] = "abc", path[] = "/tmp/nameXXXXXX";
        struct stat status;
        int file = open("/dev/zero", O_RDONLY), full = open("/dev/full", O_WRONLY);
        EXPECT(read(file, bytes, 4) == 4 && memcmp(bytes, "\0\0\0", 4) == 0);
        EXPECT(write(full, "x", 1) == -1 && errno == ENOSPC);
        EXPECT(stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
        FILE *temporary = tmpfile();
        EXPECT(temporary && fputs("text", temporary) >= 0 && fclose(temporary) == 0);
        EXPECT((file = mkstemp(path)) >= 0 && stat(path, &status) == 0 && S_ISREG(status.st_mode));
        EXPECT(write(file, "text", 4) == 4 && close(file) == 0 && unlink(path) == 0);
        EXPECT(stat("/tmp", &status) == 0 && S_ISDIR(status.st_mode));
        EXPECT(stat("/tmpx", &status) == -1 && errno == ENOENT);
}

int main(int count, char **arguments)
{
        const char *what = count > 1 ? arguments[1] : "";
        if (strcmp(what, "pipes") == 0)
                pipes();
        else if (strcmp(what, "counts") == 0)
                counts();
        else if (strcmp(what, "lists") == 0)
                lists();
        else if (strcmp(what, "nested") == 0)
                nested();
        else if (strcmp(what, "forked") == 0)
                forked();
        else if (strcmp(what, "many") == 0)
                many();
        else if (strcmp(what, "signals") == 0)
                signals();
        else if (strcmp(what, "timers") == 0)
                timers();
        else if (strcmp(what, "silence") == 0)
                silence();
        else if (strcmp(what, "talk") == 0)
                talk();
        else if (strcmp(what, "hear") == 0)
                hear();
        else if (strcmp(what, "numbers") == 0)
                numbers();
        else if (strcmp(what, "names") == 0)
                names();
        else
                return 255;
        return 0;
}
