/* Open files whose server is killed in the midst of reading and writing. The first argument says
 * what is done, the second is a file of records that the server begins with, the third how often
 * the server is to die meanwhile: that it did the program sees by a file of its own, which dies
 * with it. It ends with 0, or says what was not as expected. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { RECORD = 16, RECORDS = 300, SUM = RECORDS * (RECORDS - 1) / 2 };

/* Opens by path; the server may be away for a while. */
static int opened(const char *path, int flags)
{
        int file;
        while ((file = open(path, flags, 0600)) < 0)
                if (errno != ESTALE && errno != ECONNREFUSED && errno != EPIPE &&
                    errno != EHOSTUNREACH) {
                        perror(path);
                        exit(1);
                }
        return file;
}

/* A file that the next server does not have. */
static int mark_make(void)
{
        char path[64];
        snprintf(path, sizeof path, "/tmp/mark-%d", (int)getpid());
        return opened(path, O_RDWR | O_CREAT);
}

/* Whether the server has died since. */
static int is_gone(int mark)
{
        struct stat status;
        if (fstat(mark, &status) == 0)
                return 0;
        EXPECT(errno == ESTALE && close(mark) == 0);
        return 1;
}

/* The records from where the file is to its end: how many, and the sum of their numbers. */
struct total {
        int count, sum;
};

static struct total records_read(int file)
{
        struct total total = {0};
        char record[RECORD + 1] = "";
        ssize_t got;
        while ((got = read(file, record, RECORD)) == RECORD) {
                total.count++;
                total.sum += atoi(record);
        }
        if (got != 0)
                perror("read");
        EXPECT(got == 0);
        return total;
}

static void alone(int file)
{
        const struct total total = records_read(file);
        EXPECT(total.count == RECORDS && total.sum == SUM && lseek(file, 0, SEEK_SET) == 0);
}

/* Of a process and its child each record is read by one, once. */
static void together(int file)
{
        struct total total, more;
        int ends[2], status;
        EXPECT(pipe(ends) == 0);
        pid_t child = fork();
        EXPECT(child >= 0);
        total = records_read(file);
        if (child == 0)
                _exit(write(ends[1], &total, sizeof total) != sizeof total);
        EXPECT(read(ends[0], &more, sizeof more) == sizeof more);
        EXPECT(waitpid(child, &status, 0) == child && status == 0);
        EXPECT(total.count + more.count == RECORDS && total.sum + more.sum == SUM);
        EXPECT(close(ends[0]) == 0 && close(ends[1]) == 0 && lseek(file, 0, SEEK_SET) == 0);
}

/* One open file in the control buffer of a message of one byte. */
union control {
        struct cmsghdr head;
        char bytes[CMSG_SPACE(sizeof(int))];
};

static bool file_send(int end, int file)
{
        union control control = {.head = {.cmsg_len = CMSG_LEN(sizeof file),
                                          .cmsg_level = SOL_SOCKET,
                                          .cmsg_type = SCM_RIGHTS}};
        struct iovec place = {"x", 1};
        const struct msghdr message = {.msg_iov = &place,
                                       .msg_iovlen = 1,
                                       .msg_control = &control,
                                       .msg_controllen = sizeof control};
        memcpy(CMSG_DATA(&control.head), &file, sizeof file);
        return sendmsg(end, &message, 0) == 1;
}

/* -1: it was lost on its way. */
static int file_receive(int end)
{
        union control control;
        int file = -1;
        char byte;
        struct iovec place = {&byte, 1};
        struct msghdr message = {.msg_iov = &place,
                                 .msg_iovlen = 1,
                                 .msg_control = &control,
                                 .msg_controllen = sizeof control};
        if (recvmsg(end, &message, 0) == 1 && CMSG_FIRSTHDR(&message))
                memcpy(&file, CMSG_DATA(&control.head), sizeof file);
        return file;
}

/* So are they if the other is given the file by a socket. False: it was lost on its way. */
static bool passed(const char *path)
{
        struct total total, more = {-1, 0};
        int ends[2], status;
        EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
        pid_t child = fork();
        EXPECT(child >= 0 && close(ends[child == 0 ? 0 : 1]) == 0);
        if (child == 0) {
                int file = file_receive(ends[1]);
                if (file >= 0)
                        more = records_read(file);
                _exit(write(ends[1], &more, sizeof more) != sizeof more);
        }
        int file = opened(path, O_RDONLY);
        bool came = file_send(ends[0], file);
        EXPECT(shutdown(ends[0], SHUT_WR) == 0);
        total = records_read(file);
        EXPECT(read(ends[0], &more, sizeof more) == sizeof more);
        EXPECT(waitpid(child, &status, 0) == child && status == 0 && close(file) == 0);
        EXPECT(close(ends[0]) == 0);
        came &= more.count >= 0;
        EXPECT(!came || (total.count + more.count == RECORDS && total.sum + more.sum == SUM));
        return came;
}

/* What is written is gone with its server, and never seen as if it were not: each write says so, or
 * is there. The first one is of a file that survives. */
static void writes(const char *path)
{
        char record[RECORD];
        int file = opened(path, O_RDWR), done = 0;
        for (int i = 0; i < 200; i++) {
                if (pwrite(file, "abcdefghijklmnop", RECORD, (RECORDS + i) * RECORD) != RECORD)
                        break;
                done++;
                if (pread(file, record, RECORD, (RECORDS + i) * RECORD) != RECORD)
                        break;
                EXPECT(memcmp(record, "abcdefghijklmnop", RECORD) == 0);
        }
        if (done == 0) { /* nothing of it was with that server */
                EXPECT(errno == ESTALE || errno == EIO);
        } else if (done < 200) {
                EXPECT(errno == ESTALE || errno == EIO);
                EXPECT(pread(file, record, RECORD, 0) == -1 && errno == ESTALE);
                EXPECT(pwrite(file, record, RECORD, 0) == -1 && (errno == ESTALE || errno == EIO));
                EXPECT(fsync(file) == -1 && errno == ESTALE);
        } else if (ftruncate(file, RECORDS * RECORD) == 0 && fcntl(file, F_SETFL, O_APPEND) == 0) {
                ssize_t got = write(file, "a", 1);
                EXPECT(got == 1 || errno == ESTALE || errno == EIO);
                ftruncate(file, RECORDS * RECORD);
        }
        close(file);
}

/* Whoever has locked a file does not go on without its lock. */
static void locked(const char *path, int times)
{
        struct flock lock = {.l_type = F_RDLCK};
        char record[RECORD];
        for (int died = 0; died < times; died++) {
                int file = opened(path, O_RDONLY), other = opened(path, O_RDONLY);
                bool held = fcntl(file, F_SETLK, &lock) == 0 && flock(other, LOCK_SH) == 0;
                EXPECT(held || errno == ESTALE);
                int mark = mark_make(); /* behind the locks: the server is killed from then on */
                while (!is_gone(mark))
                        usleep(1000);
                if (!held)
                        continue;
                EXPECT(pread(file, record, RECORD, 0) == -1 && errno == ESTALE);
                EXPECT(pread(other, record, RECORD, 0) == -1 && errno == ESTALE);
                EXPECT(close(file) == 0 && close(other) == 0);
        }
}

/* A second name ends with its server; what was opened by it goes on as the file that it is. */
static void linked(const char *path, int times)
{
        char second[64], record[RECORD];
        struct stat before, after;
        snprintf(second, sizeof second, "%s-%d", path, (int)getpid());
        for (int died = 0; died < times; died++) {
                EXPECT(link(path, second) == 0);
                int file = opened(second, O_RDONLY);
                EXPECT(fstat(file, &before) == 0 && before.st_nlink >= 2);
                int mark = mark_make(); /* the server is killed from then on */
                while (!is_gone(mark))
                        usleep(1000);
                EXPECT(pread(file, record, RECORD, 0) == RECORD && fstat(file, &after) == 0);
                EXPECT(after.st_ino == before.st_ino && after.st_dev == before.st_dev);
                EXPECT(access(second, F_OK) == -1 && errno == ENOENT && close(file) == 0);
        }
}

static void repeat(const char *what, const char *path, int times)
{
        int file = opened(path, O_RDONLY), mark = mark_make();
        for (int died = 0; died < times;) {
                bool came = true;
                if (strcmp(what, "alone") == 0) {
                        alone(file);
                } else if (strcmp(what, "together") == 0) {
                        together(file);
                        came = passed(path);
                } else {
                        writes(path);
                }
                if (!is_gone(mark)) {
                        EXPECT(came);
                        continue;
                }
                if (++died < times)
                        mark = mark_make();
        }
        if (strcmp(what, "writes") != 0)
                alone(file);
}

int main(int count, char **arguments)
{
        EXPECT(count == 4);
        if (strcmp(arguments[1], "locked") == 0)
                locked(arguments[2], atoi(arguments[3]));
        else if (strcmp(arguments[1], "linked") == 0)
                linked(arguments[2], atoi(arguments[3]));
        else
                repeat(arguments[1], arguments[2], atoi(arguments[3]));
        return 0;
}
