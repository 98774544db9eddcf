/* Pairs of sockets, and open files that go through them, as Linux has them. Its first argument says
 * what it does; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { LENGTH = 1 << 18 };

static const char *self;

static void ends_make(int ends[2])
{
        EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
}

static void ends_close(const int ends[2])
{
        EXPECT(close(ends[0]) == 0 && close(ends[1]) == 0);
}

static bool gets(int end, const char *text)
{
        char got[64];
        const ssize_t length = (ssize_t)strlen(text);
        return recv(end, got, sizeof got, 0) == length && memcmp(got, text, (size_t)length) == 0;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static void *sends(void *end)
{
        static char bytes[LENGTH];
        for (int i = 0; i < LENGTH; i++)
                bytes[i] = (char)(i * 7 + i / 256);
        EXPECT(send(*(int *)end, bytes, LENGTH, 0) == LENGTH);
        EXPECT(shutdown(*(int *)end, SHUT_WR) == 0);
        return NULL;
}

static void bytes(void)
{
        static char got[LENGTH];
        int ends[2];
        char few[8];
        struct stat status;
        ends_make(ends);
        EXPECT(write(ends[0], "to one", 6) == 6 && send(ends[1], "to zero", 7, 0) == 7);
        EXPECT(gets(ends[1], "to one") && read(ends[0], few, sizeof few) == 7);
        EXPECT(fstat(ends[0], &status) == 0 && S_ISSOCK(status.st_mode));
        EXPECT(lseek(ends[0], 0, SEEK_CUR) == -1 && errno == ESPIPE);
        pthread_t sender = start(sends, &ends[0]);
        EXPECT(recv(ends[1], got, LENGTH, MSG_WAITALL) == LENGTH);
        for (int i = 0; i < LENGTH; i++)
                EXPECT(got[i] == (char)(i * 7 + i / 256));
        EXPECT(recv(ends[1], got, 1, 0) == 0 && !join(sender));
        EXPECT(send(ends[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
        EXPECT(send(ends[1], "back", 4, 0) == 4 && gets(ends[0], "back"));
        ends_close(ends);

        ends_make(ends);
        EXPECT(recv(ends[0], few, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
        EXPECT(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
        EXPECT(read(ends[0], few, 1) == -1 && errno == EAGAIN);
        while (write(ends[0], got, 5000) > 0)
                ;
        EXPECT(errno == EAGAIN && close(ends[1]) == 0);
        EXPECT(signal(SIGPIPE, SIG_IGN) == SIG_DFL);
        EXPECT(write(ends[0], "x", 1) == -1 && errno == EPIPE);
        EXPECT(read(ends[0], few, 1) == -1 && errno == ECONNRESET && read(ends[0], few, 1) == 0);
}

/* ---- records --------------------------------------------------------------------------------- */

static const int types[] = {SOCK_SEQPACKET, SOCK_DGRAM};

static void records_make(int type, int ends[2])
{
        EXPECT(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends) == 0);
}

static ssize_t receive_message(int end, struct iovec *places, size_t count, int how, int *flags)
{
        struct msghdr message = {.msg_iov = places, .msg_iovlen = count};
        ssize_t length = recvmsg(end, &message, how);
        *flags = message.msg_flags;
        return length;
}

/* What is sent is received by itself, as a whole or cut off, also what is empty. */
static void borders(int type)
{
        int ends[2], flags;
        char got[64], one[2], two[30];
        struct iovec from[] = {{"ab", 2}, {"", 0}, {"cde", 3}};
        struct iovec to[] = {{one, sizeof one}, {two, sizeof two}}, few = {one, 1};
        struct msghdr message = {.msg_iov = from, .msg_iovlen = 3};
        records_make(type, ends);
        EXPECT(send(ends[0], "first", 5, 0) == 5 && write(ends[0], "second!", 7) == 7);
        EXPECT(send(ends[0], "", 0, 0) == 0 && writev(ends[0], from, 3) == 5);
        EXPECT(sendmsg(ends[0], &message, 0) == 5 && send(ends[1], "back", 4, MSG_EOR) == 4);
        EXPECT(recv(ends[1], got, 2, MSG_PEEK) == 2 && memcmp(got, "fi", 2) == 0);
        EXPECT(recv(ends[1], got, 2, MSG_PEEK | MSG_TRUNC) == 5);
        EXPECT(gets(ends[1], "first") && recv(ends[1], got, 3, 0) == 3);
        EXPECT(memcmp(got, "sec", 3) == 0 && recv(ends[1], got, sizeof got, MSG_WAITALL) == 0);
        EXPECT(read(ends[1], got, 0) == 0 && readv(ends[1], to, 2) == 5);
        EXPECT(memcmp(one, "ab", 2) == 0 && memcmp(two, "cde", 3) == 0);
        EXPECT(receive_message(ends[1], &few, 1, MSG_PEEK, &flags) == 1 && flags == MSG_TRUNC);
        EXPECT(receive_message(ends[1], to, 2, 0, &flags) == 5 && flags == 0);
        EXPECT(send(ends[0], "lost", 4, 0) == 4 && send(ends[0], "whole", 5, 0) == 5);
        EXPECT(receive_message(ends[1], &few, 1, MSG_TRUNC, &flags) == 4 && flags & MSG_TRUNC);
        EXPECT(recv(ends[1], got, 0, 0) == 0 && gets(ends[0], "back"));
        EXPECT(recv(ends[1], got, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
        ends_close(ends);
}

/* How much there is, and room. */
static void rooms(int type)
{
        static char much[1 << 20];
        int ends[2], count = -1, sent = 0;
        records_make(type, ends);
        struct pollfd look = {.fd = ends[0], .events = POLLIN | POLLOUT | POLLRDHUP};
        EXPECT(send(ends[0], much, sizeof much, 0) == -1 && errno == EMSGSIZE);
        EXPECT(poll(&look, 1, 0) == 1 && look.revents == POLLOUT);
        EXPECT(send(ends[1], "12345", 5, 0) == 5 && send(ends[1], "678", 3, 0) == 3);
        EXPECT(poll(&look, 1, 0) == 1 && look.revents == (POLLIN | POLLOUT));
        EXPECT(ioctl(ends[0], FIONREAD, &count) == 0 && count == (type == SOCK_DGRAM ? 5 : 8));
        EXPECT(gets(ends[0], "12345") && gets(ends[0], "678"));
        EXPECT(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
        while (send(ends[0], much, 3000, 0) == 3000)
                sent++;
        EXPECT(errno == EAGAIN && sent >= 4);
        EXPECT(poll(&look, 1, 0) == 0);
        while (sent--)
                EXPECT(recv(ends[1], much, sizeof much, 0) == 3000);
        EXPECT(poll(&look, 1, 0) == 1 && look.revents == POLLOUT);
        ends_close(ends);
}

static void *sends_records(void *end)
{
        static char bytes[8000];
        for (int i = 0; i < 64; i++) {
                memset(bytes, i, sizeof bytes);
                EXPECT(send(*(int *)end, bytes, (size_t)(i % 8 + 1) * 1000, 0) ==
                       (i % 8 + 1) * 1000);
        }
        return NULL;
}

/* Who sends waits for room, who receives for what is sent. */
static void meetings(int type)
{
        static char got[8192];
        int ends[2];
        records_make(type, ends);
        pthread_t sender = start(sends_records, &ends[0]);
        for (int i = 0; i < 64; i++) {
                EXPECT(recv(ends[1], got, sizeof got, 0) == (i % 8 + 1) * 1000);
                EXPECT(got[0] == i && got[(i % 8 + 1) * 1000 - 1] == i);
        }
        EXPECT(!join(sender));
        ends_close(ends);
}

static int signals_seen;

static void on_pipe(int signal)
{
        signals_seen += signal == SIGPIPE;
}

/* Ends that hear of each other's end. */
static void packets_end(void)
{
        int ends[2];
        char got[8];
        records_make(SOCK_SEQPACKET, ends);
        struct pollfd look = {.fd = ends[0], .events = POLLIN | POLLOUT | POLLRDHUP};
        EXPECT(send(ends[1], "last", 4, 0) == 4 && shutdown(ends[1], SHUT_WR) == 0);
        EXPECT(send(ends[1], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
        EXPECT(poll(&look, 1, 0) == 1 && look.revents == (POLLIN | POLLOUT | POLLRDHUP));
        EXPECT(gets(ends[0], "last") && recv(ends[0], got, 8, 0) == 0);
        EXPECT(send(ends[0], "on", 2, 0) == 2 && gets(ends[1], "on") && close(ends[1]) == 0);
        EXPECT(poll(&look, 1, 0) == 1 && look.revents == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP));
        EXPECT(signal(SIGPIPE, on_pipe) == SIG_DFL);
        EXPECT(send(ends[0], "x", 1, 0) == -1 && errno == EPIPE && signals_seen == 0);
        EXPECT(signal(SIGPIPE, SIG_DFL) == on_pipe);
        EXPECT(recv(ends[0], got, 8, 0) == 0 && close(ends[0]) == 0);
}

/* What was sent and not received is told of once. */
static void resets(int type)
{
        const int first = type == SOCK_STREAM ? EPIPE : ECONNRESET;
        int ends[2];
        char got[8];
        records_make(type, ends);
        struct pollfd look = {.fd = ends[0], .events = POLLIN};
        EXPECT(send(ends[0], "unread", 6, 0) == 6 && close(ends[1]) == 0);
        EXPECT(poll(&look, 1, 0) == 1 && look.revents == (POLLIN | POLLHUP | POLLERR));
        EXPECT(recv(ends[0], got, 8, 0) == -1 && errno == ECONNRESET);
        EXPECT(recv(ends[0], got, 8, 0) == 0 && close(ends[0]) == 0);
        records_make(type, ends);
        EXPECT(send(ends[1], "kept", 4, 0) == 4);
        EXPECT(send(ends[0], "unread", 6, 0) == 6 && close(ends[1]) == 0);
        EXPECT(send(ends[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == first);
        EXPECT(send(ends[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
        EXPECT(gets(ends[0], "kept") && close(ends[0]) == 0);
}

/* Ends that do not. */
static void datagrams_end(void)
{
        int ends[2];
        char got[8];
        records_make(SOCK_DGRAM, ends);
        struct pollfd look = {.fd = ends[0], .events = POLLIN | POLLRDHUP};
        EXPECT(shutdown(ends[1], SHUT_WR) == 0 && poll(&look, 1, 0) == 0);
        EXPECT(send(ends[1], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
        EXPECT(shutdown(ends[1], SHUT_RD) == 0);
        EXPECT(send(ends[0], "x", 1, MSG_NOSIGNAL) == -1 && errno == EPIPE);
        EXPECT(close(ends[1]) == 0 && poll(&look, 1, 0) == 0 && look.revents == 0);
        EXPECT(recv(ends[0], got, 8, MSG_DONTWAIT) == -1 && errno == EAGAIN);
        EXPECT(send(ends[0], "x", 1, 0) == -1 && errno == ECONNREFUSED);
        EXPECT(listen(ends[0], 1) == -1 && errno == EOPNOTSUPP && close(ends[0]) == 0);
}

static void records(void)
{
        for (int i = 0; i < 2; i++) {
                borders(types[i]);
                rooms(types[i]);
                meetings(types[i]);
        }
        packets_end();
        datagrams_end();
        resets(SOCK_SEQPACKET);
        resets(SOCK_STREAM);
}

static void looks(void)
{
        int ends[2], count = -1, list = epoll_create1(0), on = 1;
        char got[8];
        ends_make(ends);
        struct pollfd look = {.fd = ends[0], .events = POLLIN | POLLOUT | POLLRDHUP};
        struct epoll_event edge = {EPOLLIN | EPOLLET, {.u64 = 1}}, found;
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, ends[0], &edge) == 0);
        EXPECT(poll(&look, 1, 0) == 1 && look.revents == POLLOUT);
        EXPECT(epoll_wait(list, &found, 1, 0) == 0);
        EXPECT(ioctl(ends[0], FIONREAD, &count) == 0 && count == 0);
        EXPECT(send(ends[1], "12345", 5, 0) == 5);
        EXPECT(epoll_wait(list, &found, 1, -1) == 1 && epoll_wait(list, &found, 1, 0) == 0);
        EXPECT(poll(&look, 1, 0) == 1 && look.revents == (POLLIN | POLLOUT));
        EXPECT(ioctl(ends[0], FIONREAD, &count) == 0 && count == 5);
        EXPECT(recv(ends[0], got, 3, MSG_PEEK) == 3 && recv(ends[0], got, 3, 0) == 3);
        EXPECT(ioctl(ends[0], FIONREAD, &count) == 0 && count == 2);
        EXPECT(recv(ends[0], got, 8, MSG_PEEK) == 2 && memcmp(got, "45", 2) == 0);
        EXPECT(recv(ends[0], got, 8, 0) == 2);
        EXPECT(ioctl(ends[0], FIONBIO, &on) == 0);
        EXPECT(recv(ends[0], got, 1, 0) == -1 && errno == EAGAIN);
        EXPECT(shutdown(ends[1], SHUT_WR) == 0 && poll(&look, 1, -1) == 1);
        EXPECT(look.revents == (POLLIN | POLLOUT | POLLRDHUP));
        EXPECT(close(ends[1]) == 0 && poll(&look, 1, -1) == 1);
        EXPECT(look.revents == (POLLIN | POLLOUT | POLLRDHUP | POLLHUP));
        EXPECT(close(ends[0]) == 0);

        EXPECT(pipe(ends) == 0 && write(ends[1], "abc", 3) == 3);
        EXPECT(ioctl(ends[0], FIONREAD, &count) == 0 && count == 3);
        pid_t child = fork(); /* the pipe is a stream from now on */
        if (child == 0)
                _exit(0);
        EXPECT(exited(status_of(child), 0));
        EXPECT(ioctl(ends[0], FIONREAD, &count) == 0 && count == 3);
        int file = open("/tmp/counted", O_RDWR | O_CREAT | O_TRUNC, 0600);
        EXPECT(write(file, "abcdef", 6) == 6 && lseek(file, 2, SEEK_SET) == 2);
        EXPECT(ioctl(file, FIONREAD, &count) == 0 && count == 4);
        EXPECT(close(file) == 0 && unlink("/tmp/counted") == 0);
}

static int option(int end, int which)
{
        int value = -1;
        socklen_t length = sizeof value;
        EXPECT(getsockopt(end, SOL_SOCKET, which, &value, &length) == 0);
        EXPECT(length == sizeof value);
        return value;
}

static void options(void)
{
        int ends[2], one = 1;
        struct ucred maker;
        struct sockaddr_storage name;
        socklen_t length = sizeof maker;
        ends_make(ends);
        EXPECT(option(ends[0], SO_TYPE) == SOCK_STREAM && option(ends[0], SO_ERROR) == 0);
        EXPECT(option(ends[0], SO_DOMAIN) == AF_UNIX && option(ends[0], SO_SNDBUF) > 0);
        pid_t child = fork();
        if (child == 0) {
                EXPECT(getsockopt(ends[1], SOL_SOCKET, SO_PEERCRED, &maker, &length) == 0);
                EXPECT(maker.pid == getppid() && maker.uid == getuid() && maker.gid == getgid());
                _exit(0);
        }
        EXPECT(exited(status_of(child), 0));
        length = sizeof name;
        EXPECT(getsockname(ends[0], (struct sockaddr *)&name, &length) == 0);
        EXPECT(length == sizeof(sa_family_t) && name.ss_family == AF_UNIX);
        EXPECT(setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &one, sizeof one) == -1);
        EXPECT(errno == ENOPROTOOPT && listen(ends[0], 1) == -1 && errno == EINVAL);
        EXPECT(send(ends[0], "x", 1, MSG_OOB) == -1 && errno == EOPNOTSUPP);
        ends_close(ends);
        EXPECT(socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EAFNOSUPPORT);
        EXPECT(socketpair(AF_INET, SOCK_STREAM, 0, ends) == -1 && errno == EAFNOSUPPORT);
        EXPECT(socketpair(AF_UNIX, SOCK_RDM, 0, ends) == -1 && errno == ESOCKTNOSUPPORT);
        EXPECT(socketpair(AF_UNIX, SOCK_STREAM | 1 << 12, 0, ends) == -1 && errno == EINVAL);
        for (int i = 0; i < 2; i++) {
                records_make(types[i], ends);
                EXPECT(option(ends[0], SO_TYPE) == types[i]);
                EXPECT(send(ends[0], "x", 1, MSG_OOB) == -1 && errno == EOPNOTSUPP);
                ends_close(ends);
        }
        EXPECT(send(0, "x", 1, 0) == -1 && errno == ENOTSOCK);
        EXPECT(send(-1, "x", 1, 0) == -1 && errno == EBADF);
}

/* ---- open files ------------------------------------------------------------------------------ */

enum { FILES = 4 };

/* A buffer for so many. */
union control {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(FILES * sizeof(int))];
};

static void passes(int end, const char *text, const int *files, int count)
{
        union control control = {0};
        struct iovec place = {(void *)text, strlen(text)};
        struct msghdr message = {.msg_iov = &place,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = CMSG_SPACE((size_t)count * sizeof *files)};
        control.head = (struct cmsghdr){.cmsg_len = CMSG_LEN((size_t)count * sizeof *files),
                                        .cmsg_level = SOL_SOCKET,
                                        .cmsg_type = SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.head), files, (size_t)count * sizeof *files);
        EXPECT(sendmsg(end, &message, 0) == (ssize_t)strlen(text));
}

/* How many have come, with these bytes, of which at most `room` are wanted. */
static int receives(int end, const char *text, int *files, int room, int *flags)
{
        union control control = {0};
        char first[2], rest[30];
        struct iovec places[] = {{first, sizeof first}, {rest, sizeof rest}};
        struct msghdr message = {.msg_iov = places,
                                 .msg_iovlen = 2,
                                 .msg_control = &control,
                                 .msg_controllen = CMSG_LEN((size_t)room * sizeof *files)};
        EXPECT(recvmsg(end, &message, MSG_CMSG_CLOEXEC) == (ssize_t)strlen(text));
        EXPECT(memcmp(first, text, 1) == 0);
        *flags = message.msg_flags;
        const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        if (!head)
                return 0;
        EXPECT(head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS);
        const size_t length = head->cmsg_len - CMSG_LEN(0);
        memcpy(files, CMSG_DATA(head), length);
        return (int)(length / sizeof *files);
}

/* A file with its place, and a pipe, of which each has what the other does. */
static void passed(void)
{
        int ends[2], pipe_[2], got[FILES], flags;
        char text[8];
        ends_make(ends);
        int file = open("/tmp/passed", O_RDWR | O_CREAT | O_TRUNC, 0600);
        EXPECT(write(file, "one two", 7) == 7 && lseek(file, 4, SEEK_SET) == 4);
        EXPECT(pipe(pipe_) == 0);
        passes(ends[0], "ab", (int[]){file, pipe_[1]}, 2);
        EXPECT(close(pipe_[1]) == 0 && send(ends[0], "c", 1, 0) == 1);
        EXPECT(receives(ends[1], "ab", got, FILES, &flags) == 2 && !(flags & MSG_CTRUNC));
        EXPECT(fcntl(got[0], F_GETFD) == FD_CLOEXEC);
        EXPECT(read(got[0], text, 8) == 3 && memcmp(text, "two", 3) == 0);
        EXPECT(read(file, text, 8) == 0);
        EXPECT(write(got[1], "through", 7) == 7 && read(pipe_[0], text, 8) == 7);
        EXPECT(close(got[1]) == 0 && read(pipe_[0], text, 8) == 0);
        EXPECT(receives(ends[1], "c", got, FILES, &flags) == 0);
        /* What finds no room, or is not wanted, is closed. */
        EXPECT(pipe(pipe_) == 0);
        passes(ends[0], "de", (int[]){pipe_[1], pipe_[1]}, 2);
        passes(ends[0], "f", &pipe_[1], 1);
        EXPECT(close(pipe_[1]) == 0);
        EXPECT(receives(ends[1], "de", got, 1, &flags) == 1 && flags & MSG_CTRUNC);
        EXPECT(gets(ends[1], "f") && close(got[0]) == 0 && read(pipe_[0], text, 8) == 0);
        /* So is what nobody receives any more. */
        EXPECT(pipe(pipe_) == 0);
        passes(ends[0], "g", &pipe_[1], 1);
        EXPECT(close(pipe_[1]) == 0);
        ends_close(ends);
        EXPECT(read(pipe_[0], text, 8) == 0 && unlink("/tmp/passed") == 0);
}

/* Without what libc looks at itself. */
static bool fails(long number, int end, const void *message, int with)
{
        return syscall(number, end, message, 0) == -1 && errno == with;
}

static void refused(void)
{
        int ends[2], none = -1;
        union control control = {.head = {.cmsg_len = CMSG_LEN(sizeof none),
                                          .cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS}};
        struct iovec place = {"x", 1};
        struct msghdr message = {
            .msg_iov = &place, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = 24};
        ends_make(ends);
        memcpy(CMSG_DATA(&control.head), &none, sizeof none);
        EXPECT(fails(SYS_sendmsg, ends[0], &message, EBADF));
        memcpy(CMSG_DATA(&control.head), ends, sizeof none);
        EXPECT(fails(SYS_sendmsg, ends[0], &message, ETOOMANYREFS));
        control.head.cmsg_len = 3;
        EXPECT(fails(SYS_sendmsg, ends[0], &message, EINVAL));
        control.head.cmsg_len = 25;
        EXPECT(fails(SYS_sendmsg, ends[0], &message, EINVAL));
        message.msg_control = (void *)8;
        EXPECT(fails(SYS_sendmsg, ends[0], &message, EFAULT));
        message.msg_controllen = 0;
        place.iov_base = (void *)8;
        EXPECT(fails(SYS_sendmsg, ends[0], &message, EFAULT));
        EXPECT(fails(SYS_recvmsg, ends[1], (void *)8, EFAULT));
        EXPECT(recv(ends[1], &none, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN);
}

/* What is not sent after all is closed. */
static void unsent(void)
{
        int ends[2], pipe_[2], files[2], got[FILES], flags;
        char text[8];
        static char much[1024]; /* a part of what a pair holds */
        union control control = {.head = {.cmsg_len = CMSG_LEN(sizeof files),
                                          .cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS}};
        struct iovec place = {much, sizeof much};
        struct msghdr message = {.msg_iov = &place,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = CMSG_SPACE(sizeof files)};
        ends_make(ends);
        EXPECT(pipe(pipe_) == 0);
        memcpy(CMSG_DATA(&control.head), (int[]){pipe_[1], -1}, sizeof files);
        EXPECT(fails(SYS_sendmsg, ends[0], &message, EBADF));
        memcpy(CMSG_DATA(&control.head), (int[]){pipe_[1], pipe_[1]}, sizeof files);
        message.msg_iovlen = 0;
        EXPECT(sendmsg(ends[0], &message, 0) == 0);
        message.msg_iovlen = 1;
        EXPECT(fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0);
        while (write(ends[0], much, sizeof much) > 0)
                ;
        for (int i = 0; i < 20; i++)
                EXPECT(fails(SYS_sendmsg, ends[0], &message, EAGAIN));
        EXPECT(close(pipe_[1]) == 0 && read(pipe_[0], text, 8) == 0);
        while (recv(ends[1], much, sizeof much, MSG_DONTWAIT) > 0)
                ;
        passes(ends[0], "a", &pipe_[0], 1);
        EXPECT(receives(ends[1], "a", got, FILES, &flags) == 1 && close(got[0]) == 0);
        EXPECT(close(pipe_[0]) == 0);
        ends_close(ends);
}

/* ---- between processes ----------------------------------------------------------------------- */

/* The program that was run: its standard input is a socket, by which it gets a file. */
static void served(void)
{
        int file, flags;
        char text[8];
        struct stat status;
        EXPECT(fstat(0, &status) == 0 && S_ISSOCK(status.st_mode));
        EXPECT(receives(0, "file", &file, 1, &flags) == 1 && read(file, text, 8) == 5);
        EXPECT(memcmp(text, "hello", 5) == 0 && send(0, "done", 4, 0) == 4);
        exit(0);
}

static void processes(void)
{
        int ends[2], pipe_[2];
        char text[8], *arguments[] = {"sockets", "served", NULL};
        ends_make(ends);
        pid_t child = fork();
        if (child == 0) {
                dup2(ends[1], 0);
                ends_close(ends);
                execv(self, arguments);
                _exit(99);
        }
        EXPECT(close(ends[1]) == 0 && pipe(pipe_) == 0 && write(pipe_[1], "hello", 5) == 5);
        passes(ends[0], "file", &pipe_[0], 1);
        EXPECT(gets(ends[0], "done") && recv(ends[0], text, 8, 0) == 0);
        EXPECT(exited(status_of(child), 0));
}

/* The program that was run: its standard input has borders, and is passed a file. */
static void told(void)
{
        int file, flags, type;
        socklen_t length = sizeof type;
        char text[8];
        EXPECT(getsockopt(0, SOL_SOCKET, SO_TYPE, &type, &length) == 0);
        EXPECT(receives(0, "file", &file, 1, &flags) == 1 && read(file, text, 8) == 5);
        EXPECT(gets(0, "one") && gets(0, "three") && send(0, "done", 4, 0) == 4);
        exit(type);
}

/* Records between two processes, and two programs. */
static void packets(void)
{
        for (int i = 0; i < 2; i++) {
                int ends[2], pipe_[2];
                char *arguments[] = {"sockets", "told", NULL};
                records_make(types[i], ends);
                pid_t child = fork();
                if (child == 0) {
                        dup2(ends[1], 0);
                        execv(self, arguments);
                        _exit(99);
                }
                EXPECT(close(ends[1]) == 0 && pipe(pipe_) == 0 && write(pipe_[1], "hello", 5) == 5);
                passes(ends[0], "file", &pipe_[0], 1);
                EXPECT(send(ends[0], "one", 3, 0) == 3 && send(ends[0], "three", 5, 0) == 5);
                EXPECT(gets(ends[0], "done") && exited(status_of(child), types[i]));
                EXPECT(close(ends[0]) == 0 && close(pipe_[0]) == 0 && close(pipe_[1]) == 0);
        }
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"bytes", bytes},     {"looks", looks},     {"options", options},
            {"passed", passed},   {"refused", refused}, {"processes", processes},
            {"served", served},   {"unsent", unsent},   {"records", records},
            {"packets", packets}, {"told", told},
        };
        self = getenv("SELF") ? getenv("SELF") : arguments[0];
        (void)count;
        return action_run(actions, sizeof actions / sizeof *actions, arguments[1]);
}
