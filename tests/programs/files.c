/* Files as Linux has them: modes and times, devices, maps in memory, refusals; locks and offsets,
 * within a process and between two. The first argument says what it does, the second is a folder
 * for its files; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/expect.h"

static const char *self;

static int lock(int file, int command, short type, off_t start, off_t length)
{
        struct flock flock = {.l_type = type, .l_start = start, .l_len = length};
        return fcntl(file, command, &flock);
}

static struct flock in_way(int file, short type, off_t start, off_t length)
{
        struct flock flock = {.l_type = type, .l_start = start, .l_len = length};
        EXPECT(fcntl(file, F_GETLK, &flock) == 0);
        return flock;
}

static void handler(int signal)
{
        (void)signal;
}

/* What two open files of one process are to each other, and what waits ends by a signal. */
static void locks(void)
{
        const struct itimerval soon = {{0, 10000}, {0, 10000}};
        const struct sigaction action = {.sa_handler = handler};
        int one = open("locked", O_RDWR | O_CREAT, 0666), other = open("locked", O_RDWR);
        int reader = open("locked", O_RDONLY);
        EXPECT(one >= 0 && other >= 0 && reader >= 0);
        EXPECT(lock(one, F_OFD_SETLK, F_WRLCK, 0, 10) == 0);
        EXPECT(lock(other, F_OFD_SETLK, F_WRLCK, 5, 10) == -1 && errno == EAGAIN);
        EXPECT(lock(other, F_OFD_SETLK, F_RDLCK, 10, 0) == 0);
        EXPECT(lock(one, F_OFD_SETLK, F_WRLCK, 0, 0) == -1 && errno == EAGAIN);
        EXPECT(lock(one, F_SETLK, F_WRLCK, 0, 1) == -1 && errno == EAGAIN);
        EXPECT(in_way(one, F_WRLCK, 0, 0).l_pid == -1);

        EXPECT(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &soon, NULL) == 0);
        EXPECT(lock(other, F_OFD_SETLKW, F_WRLCK, 0, 1) == -1 && errno == EINTR);
        EXPECT(close(one) == 0 && lock(other, F_OFD_SETLK, F_WRLCK, 0, 1) == 0);
        EXPECT(lock(other, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);

        EXPECT(lock(reader, F_SETLK, F_WRLCK, 0, 1) == -1 && errno == EBADF);
        EXPECT(lock(other, F_SETLK, F_WRLCK, -1, 1) == -1 && errno == EINVAL);
        EXPECT(lock(other, F_SETLK, F_WRLCK, 0, 10) == 0 &&
               lock(reader, F_SETLK, F_RDLCK, 0, 5) == 0);
        EXPECT(in_way(reader, F_WRLCK, 0, 0).l_type == F_UNLCK);

        EXPECT((one = open("locked", O_RDWR)) >= 0 && flock(one, LOCK_EX) == 0);
        EXPECT(flock(other, LOCK_SH | LOCK_NB) == -1 && errno == EAGAIN);
        EXPECT(flock(other, LOCK_SH) == -1 && errno == EINTR);
        EXPECT(flock(one, LOCK_SH) == 0 && flock(other, LOCK_SH | LOCK_NB) == 0);
        EXPECT(flock(one, LOCK_UN) == 0 && flock(other, LOCK_EX | LOCK_NB) == 0);
        EXPECT(flock(other, 77) == -1 && errno == EINVAL && close(one) == 0);
        EXPECT(unlink("locked") == 0);
}

/* One process has locks, tells its output so, and ends when the other has been refused. */
static void holds(void)
{
        int file = open("between", O_RDWR | O_CREAT, 0666), again = open("between", O_RDWR);
        EXPECT(file >= 0 && again >= 0 && lock(file, F_SETLK, F_WRLCK, 100, 10) == 0);
        EXPECT(lock(file, F_SETLK, F_WRLCK, 0, 10) == 0 && flock(again, LOCK_EX) == 0);
        EXPECT(printf("%d\n", getpid()) > 0 && fflush(stdout) == 0);
        while (access("refused", F_OK) != 0)
                EXPECT(errno == ENOENT);
        /* Its end ends them all. */
}

static void waits(void)
{
        int process, file, closed;
        EXPECT(scanf("%d", &process) == 1 && (file = open("between", O_RDWR)) >= 0);
        EXPECT(lock(file, F_SETLK, F_WRLCK, 105, 1) == -1 && errno == EAGAIN);
        EXPECT(lock(file, F_SETLK, F_WRLCK, 10, 90) == 0);
        const struct flock found = in_way(file, F_RDLCK, 50, 0);
        EXPECT(found.l_type == F_WRLCK && found.l_pid == process && process != getpid());
        EXPECT(found.l_start == 100 && found.l_len == 10 && found.l_whence == SEEK_SET);
        EXPECT(flock(file, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
        EXPECT((closed = open("refused", O_WRONLY | O_CREAT, 0666)) >= 0);
        EXPECT(lock(file, F_SETLKW, F_RDLCK, 0, 0) == 0 && flock(file, LOCK_EX) == 0);
        EXPECT(in_way(file, F_WRLCK, 0, 0).l_type == F_UNLCK);
        EXPECT(unlink("between") == 0 && unlink("refused") == 0);
        puts("has it");
}

/* A child that has the second byte waits for the first, until it is killed. */
static void waits_until_killed(int told)
{
        int file = open("dead", O_RDWR);
        EXPECT(file >= 0 && lock(file, F_SETLK, F_WRLCK, 1, 1) == 0 && flock(file, LOCK_EX) == 0);
        EXPECT(write(told, "", 1) == 1);
        lock(file, F_SETLKW, F_WRLCK, 0, 1);
        _exit(1);
}

/* What the dead had, and waited for, is nobody's. */
static void killed(void)
{
        const struct itimerval soon = {{0, 10000}, {0, 10000}}, never = {0};
        const struct sigaction action = {.sa_handler = handler};
        int ends[2], status, file = open("dead", O_RDWR | O_CREAT, 0666), other;
        char byte;
        EXPECT(pipe(ends) == 0 && file >= 0 && lock(file, F_SETLK, F_WRLCK, 0, 1) == 0);
        pid_t child = fork();
        if (child == 0)
                waits_until_killed(ends[1]);
        EXPECT(child > 0 && read(ends[0], &byte, 1) == 1);
        EXPECT((other = open("dead", O_RDWR)) >= 0 && flock(other, LOCK_SH | LOCK_NB) == -1);
        /* It waits when each would wait for the other. */
        EXPECT(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &soon, NULL) == 0);
        while (lock(file, F_SETLKW, F_WRLCK, 1, 1) == -1 && errno == EINTR)
                ;
        EXPECT(errno == EDEADLK && setitimer(ITIMER_REAL, &never, NULL) == 0);
        EXPECT(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
        EXPECT(flock(other, LOCK_EX) == 0 && lock(file, F_SETLKW, F_WRLCK, 1, 1) == 0);
        EXPECT(lock(file, F_SETLK, F_UNLCK, 0, 0) == 0);
        EXPECT(lock(file, F_SETLKW, F_WRLCK, 0, 2) == 0 && unlink("dead") == 0);
}

/* Mode and time of what is made and changed. */
static void modes(void)
{
        enum { MINUTE = 60 };
        struct stat status, folder;
        struct statfs space, same;
        time_t now;
        EXPECT(umask(027) == 022 && umask(027) == 027 && time(&now) > 1000000000);
        int file = open("moded", O_RDWR | O_CREAT | O_EXCL, 0666);
        EXPECT(file >= 0 && fstat(file, &status) == 0 && status.st_mode == (S_IFREG | 0640));
        EXPECT(status.st_nlink == 1 && status.st_mtime > now - MINUTE);
        EXPECT(status.st_mtime < now + MINUTE && access("moded", R_OK | W_OK) == 0);
        EXPECT(access("moded", X_OK) == -1 && errno == EACCES && chmod("moded", 0755) == 0);
        EXPECT(access("moded", X_OK) == 0 && fchmod(file, 04711) == 0);
        EXPECT(fstat(file, &status) == 0 && status.st_mode == (S_IFREG | 04711));
        EXPECT(chmod("none", 0644) == -1 && errno == ENOENT && chown("moded", 0, -1) == 0);
        EXPECT(mkdir("folder", 0777) == 0 && stat("folder", &folder) == 0);
        EXPECT(folder.st_mode == (S_IFDIR | 0750) && folder.st_dev == status.st_dev);
        EXPECT(folder.st_ino != status.st_ino && chmod("folder", 0700) == 0);
        EXPECT(utimensat(AT_FDCWD, "folder", (struct timespec[2]){{5, 0}, {5, 0}}, 0) == 0);
        EXPECT(stat("folder", &folder) == 0 && folder.st_mtime == 5);
        EXPECT(rename("moded", "folder/moded") == 0 && stat("folder", &folder) == 0);
        EXPECT(folder.st_mtime > now - MINUTE && folder.st_mode == (S_IFDIR | 0700));
        EXPECT(futimens(file, (struct timespec[2]){{5, 0}, {5, 0}}) == 0);
        EXPECT(write(file, "x", 1) == 1 && fstat(file, &status) == 0);
        EXPECT(status.st_mtime > now - MINUTE && unlink("folder/moded") == 0);
        EXPECT(fstat(file, &status) == 0 && status.st_nlink == 0 && status.st_size == 1);
        EXPECT(rmdir("folder") == 0 && statfs(".", &space) == 0 && fstatfs(file, &same) == 0);
        EXPECT(space.f_blocks == same.f_blocks &&
               memcmp(&space.f_fsid, &same.f_fsid, sizeof space.f_fsid) == 0);
        EXPECT((file = open(".", O_RDONLY | O_DIRECTORY)) >= 0 && fsync(file) == 0);
        EXPECT(fchmodat(file, "none", 0, AT_SYMLINK_NOFOLLOW) == -1);
}

/* What a mapping shows, and which ones there are not. */
static void maps(void)
{
        enum { LONG = 200000, PAGE = 4096 };
        static char bytes[LONG];
        const int both = PROT_READ | PROT_WRITE;
        int file = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0666), reader, writer;
        for (int i = 0; i < LONG; i++)
                bytes[i] = (char)(i * 7 + i / 256);
        EXPECT(file >= 0 && write(file, bytes, LONG) == LONG);
        EXPECT((reader = open("mapped", O_RDONLY)) >= 0 && lseek(reader, 5, SEEK_SET) == 5);
        char *all = mmap(NULL, LONG, PROT_READ, MAP_PRIVATE, reader, 0);
        EXPECT(all != MAP_FAILED && memcmp(all, bytes, LONG) == 0 && all[LONG] == 0);
        EXPECT(lseek(reader, 0, SEEK_CUR) == 5);
        char *part = mmap(NULL, 2 * PAGE, both, MAP_PRIVATE, reader, 48 * PAGE);
        EXPECT(part != MAP_FAILED && memcmp(part, bytes + 48 * PAGE, LONG - 48 * PAGE) == 0);
        EXPECT(part[LONG - 48 * PAGE] == 0 && (part[0] = 99) == 99 &&
               all[48 * PAGE] == bytes[48 * PAGE]);
        EXPECT(mmap(all, PAGE, both, MAP_PRIVATE | MAP_FIXED, file, PAGE) == all);
        EXPECT(memcmp(all, bytes + PAGE, PAGE) == 0 && memcmp(all + PAGE, bytes + PAGE, PAGE) == 0);
        EXPECT(munmap(part, 2 * PAGE) == 0 && msync(all, PAGE, MS_SYNC) == 0);
        char *shared = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, reader, 0);
        EXPECT(shared != MAP_FAILED && memcmp(shared, bytes, PAGE) == 0);
        EXPECT(mmap(NULL, PAGE, both, MAP_SHARED, reader, 0) == MAP_FAILED && errno == EACCES);
        EXPECT((writer = open("mapped", O_WRONLY)) >= 0);
        EXPECT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, writer, 0) == MAP_FAILED &&
               errno == EACCES);
        EXPECT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, file, 1) == MAP_FAILED && errno == EINVAL);
        EXPECT(mmap(NULL, 0, PROT_READ, MAP_PRIVATE, file, 0) == MAP_FAILED && errno == EINVAL);
        EXPECT(mmap(NULL, PAGE, PROT_READ, 0, file, 0) == MAP_FAILED && errno == EINVAL);
        EXPECT(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED && errno == EBADF);
        EXPECT((file = open("/dev/zero", O_RDWR)) >= 0);
        char *zero = mmap(NULL, PAGE, both, MAP_PRIVATE, file, 0);
        EXPECT(zero != MAP_FAILED && zero[PAGE - 1] == 0 && (zero[0] = 1) == 1);
        EXPECT(unlink("mapped") == 0 && munmap(all, LONG) == 0);
}

/* What is mapped of a file never becomes zeros: not when the map grows, and not by advice. Where
 * what Linux does is not there it is refused, and nothing has changed. */
static void steady(void)
{
        enum { LONG = 200000, PAGE = 4096 };
        static char bytes[LONG];
        const int both = PROT_READ | PROT_WRITE;
        int file = open("mapped", O_RDWR | O_CREAT | O_TRUNC, 0666), reader;
        for (int i = 0; i < LONG; i++)
                bytes[i] = (char)(i % 251 + 1);
        EXPECT(file >= 0 && write(file, bytes, LONG) == LONG);
        EXPECT((reader = open("mapped", O_RDONLY)) >= 0);

        char *part = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, reader, 0);
        EXPECT(part != MAP_FAILED);
        char *more = mremap(part, PAGE, 30 * PAGE, MREMAP_MAYMOVE);
        EXPECT(more == MAP_FAILED ? errno == ENOMEM : memcmp(more, bytes, (size_t)30 * PAGE) == 0);
        EXPECT(more != MAP_FAILED || memcmp(part, bytes, PAGE) == 0);
        EXPECT(mremap(part, PAGE, PAGE, 0) == part || more != MAP_FAILED);

        char *own = mmap(NULL, LONG, both, MAP_PRIVATE, reader, 0);
        EXPECT(own != MAP_FAILED && (own[100] = 0) == 0);
        EXPECT(madvise(own, LONG, MADV_FREE) == -1 && errno == EINVAL);
        bytes[100] = madvise(own, LONG, MADV_DONTNEED) == 0 ? bytes[100] : 0;
        EXPECT(memcmp(own, bytes, LONG) == 0);

        char *shared = mmap(NULL, LONG, PROT_READ, MAP_SHARED, reader, 0);
        bytes[100] = 101;
        EXPECT(shared != MAP_FAILED && madvise(shared, LONG, MADV_DONTNEED) == 0);
        EXPECT(memcmp(shared, bytes, LONG) == 0);
        EXPECT(mprotect(shared, PAGE, both) == -1 && errno == EACCES);
        EXPECT(mprotect(shared, PAGE, PROT_NONE) == 0 && mprotect(shared, PAGE, PROT_READ) == 0);
        EXPECT(memcmp(shared, bytes, LONG) == 0 && unlink("mapped") == 0);
}

static int lists(const char *path, const char *name)
{
        DIR *folder = opendir(path);
        struct dirent *entry;
        int found = 0;
        EXPECT(folder);
        while ((entry = readdir(folder)))
                found += strcmp(entry->d_name, name) == 0;
        EXPECT(closedir(folder) == 0);
        return found;
}

/* What programs take for granted beside their files. */
static void devices(void)
{
        char text[256], path[64];
        struct stat status, other;
        int ends[2], number, file = open("/dev//./../dev/null", O_RDWR);
        EXPECT(file >= 0 && stat("/dev/null", &status) == 0 && S_ISCHR(status.st_mode));
        EXPECT(major(status.st_rdev) == 1 && minor(status.st_rdev) == 3 && close(file) == 0);
        EXPECT(stat("/dev/zero", &other) == 0 && other.st_ino != status.st_ino);
        EXPECT(open("/dev/none", O_RDONLY) == -1 && errno == ENOENT);
        EXPECT(open("/dev/null", O_RDONLY | O_DIRECTORY) == -1 && errno == ENOTDIR);
        EXPECT(open("/dev/null", O_RDWR | O_CREAT | O_EXCL, 0666) == -1 && errno == EEXIST);
        EXPECT(open("/proc/self", O_RDWR) == -1 && errno == EISDIR);

        EXPECT(pipe(ends) == 0 && write(ends[1], "piped", 5) == 5);
        snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
        EXPECT((file = open(path, O_RDONLY)) >= 0 && read(file, text, sizeof text) == 5);
        EXPECT(memcmp(text, "piped", 5) == 0 && stat(path, &status) == 0);
        EXPECT(S_ISFIFO(status.st_mode) && lists("/proc/self/fd", path + 8) == 1);
        EXPECT(lists("/dev/fd", "999") == 0 && open("/dev/fd/999", O_RDONLY) == -1);
        EXPECT(errno == ENOENT && lists("/dev", "urandom") == 1 && lists("/", "tmp") == 1);
        EXPECT(lists("/", "proc") == 1 && lists("/proc/self", "fd") == 1);

        FILE *stream = fopen("/etc/passwd", "r");
        EXPECT(stream && fgets(text, sizeof text, stream) && fclose(stream) == 0);
        EXPECT(strncmp(text, "root:x:0:0:", 11) == 0 && lists("/etc", "hosts") == 1);
        EXPECT((stream = fopen("/proc/self/stat", "r")) && fscanf(stream, "%d", &number) == 1);
        EXPECT(number == getpid() && fclose(stream) == 0);
        snprintf(path, sizeof path, "/proc/%d/stat", getpid());
        EXPECT(access(path, R_OK) == 0 && chdir("/proc/self") == 0 && access("stat", F_OK) == 0);
        EXPECT((stream = fopen("/dev/stderr", "w")) && fclose(stream) == 0);
}

/* What /proc says of the process, and of others. */
static void processes(void)
{
        char text[256] = "", path[64];
        int number, parent, file, status, executable = 0;
        struct statfs root;
        FILE *stream = fopen("/proc/self/cmdline", "r");
        EXPECT(stream && fread(text, 1, sizeof text, stream) > strlen(self) && fclose(stream) == 0);
        EXPECT(strcmp(text, self) == 0 && strcmp(text + strlen(self) + 1, "processes") == 0);
        EXPECT((stream = fopen("/proc/self/status", "r")) && fgets(text, sizeof text, stream));
        EXPECT(strncmp(text, "Name:\tfiles-", 12) == 0);
        while (sscanf(text, "Pid: %d", &number) != 1)
                EXPECT(fgets(text, sizeof text, stream));
        EXPECT(number == getpid() && fclose(stream) == 0);
        EXPECT((stream = fopen("/proc/self/maps", "r")));
        while (fgets(text, sizeof text, stream))
                executable += !!strstr(text, " r-xp ");
        EXPECT(executable > 0 && fclose(stream) == 0);

        ssize_t length = readlink("/proc/self/exe", text, sizeof text - 1);
        EXPECT(length > 0 && (file = open("/proc/self/exe", O_RDONLY)) >= 0);
        text[length] = 0;
        EXPECT(access(text, X_OK) == 0 && read(file, text, 4) == 4 && close(file) == 0);
        EXPECT(memcmp(text, "\177ELF", 4) == 0);
        EXPECT(open("/proc/self/exe", O_RDONLY | O_NOFOLLOW) == -1 && errno == ELOOP);

        pid_t child = fork();
        if (child == 0)
                for (;;)
                        pause();
        snprintf(path, sizeof path, "/proc/%d/cmdline", child);
        EXPECT((stream = fopen(path, "r")) && fread(text, 1, sizeof text, stream) > 0);
        EXPECT(strcmp(text, self) == 0 && strcmp(text + strlen(self) + 1, "processes") == 0);
        EXPECT(fclose(stream) == 0);
        snprintf(path, sizeof path, "/proc/%d/comm", child);
        EXPECT((stream = fopen(path, "r")) && fgets(text, sizeof text, stream));
        EXPECT(strncmp(text, "files-", 6) == 0 && strchr(text, '\n') && fclose(stream) == 0);
        snprintf(path, sizeof path, "%d", child);
        EXPECT(lists("/proc", path) == 1);
        snprintf(path, sizeof path, "/proc/%d/stat", child);
        EXPECT((stream = fopen(path, "r")) && fgets(text, sizeof text, stream));
        EXPECT(sscanf(text, "%d (files-%*[^)]) %*c %d", &number, &parent) == 2);
        EXPECT(number == child && parent == getpid() && fclose(stream) == 0);
        EXPECT(kill(child, SIGKILL) == 0 && waitpid(child, &status, 0) == child);
        EXPECT(access(path, F_OK) == -1 && errno == ENOENT);
        EXPECT(statfs("/", &root) == 0 && root.f_blocks > 0 && root.f_bfree == 0);
        EXPECT(statfs("/fs", &root) == 0 && root.f_bfree > 0 && root.f_bfree <= root.f_blocks);
        EXPECT((stream = fopen("/proc/mounts", "r")) && fgets(text, sizeof text, stream));
        EXPECT(strncmp(text, "root / ", 7) == 0 && fclose(stream) == 0);
}

/* What /proc says of the node. */
static void node(void)
{
        unsigned long user, idle, began, total, available;
        double up, later;
        struct timespec now;
        FILE *stream = fopen("/proc/uptime", "r");
        EXPECT(stream && fscanf(stream, "%lf", &up) == 1 && fclose(stream) == 0);
        EXPECT(clock_gettime(CLOCK_BOOTTIME, &now) == 0);
        later = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
        EXPECT(up > 0 && up <= later && later - up < 10);
        EXPECT((stream = fopen("/proc/stat", "r")));
        EXPECT(fscanf(stream, "cpu %lu 0 0 %lu 0 0 0 0 0 0 btime %lu", &user, &idle, &began) == 3);
        EXPECT(fclose(stream) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0);
        EXPECT((double)(user + idle) >= up * 100 - 2 && idle > 0); /* both are rounded down */
        EXPECT(labs((long)began + (long)later - (long)now.tv_sec) <= 1);
        EXPECT((stream = fopen("/proc/meminfo", "r")));
        EXPECT(fscanf(stream, "MemTotal: %lu kB MemFree: %*u kB MemAvailable: %lu kB", &total,
                      &available) == 2);
        EXPECT(fclose(stream) == 0 && available > 0 && available < total);
        EXPECT(access("/proc/loadavg", F_OK) == -1 && errno == ENOENT);
}

/* preadv2(2), which not every libc has. */
static ssize_t parts_read(int file, char *text, long offset, int flags)
{
        const struct iovec part = {text, 3};
        return syscall(SYS_preadv2, file, &part, 1, offset, 0L, flags);
}

/* What calls say to arguments that are wrong, or mean more than they seem to. */
static void refusals(void)
{
        char text[8], bytes[256];
        int file = open("wrong", O_RDWR | O_CREAT | O_TRUNC, 0644), reader;
        EXPECT(file >= 0 && (reader = open("wrong", O_RDONLY)) >= 0);
        EXPECT(write(file, "12345", 5) == 5 && ftruncate(reader, 0) == -1 && errno == EINVAL);
        EXPECT(ftruncate(file, -1) == -1 && errno == EINVAL && truncate("wrong", -1) == -1);
        EXPECT(errno == EINVAL && ftruncate(file, INT64_MAX) == -1 && errno == EFBIG);
        EXPECT(pwrite(file, "x", 1, INT64_MAX - 1) == -1 && errno == EFBIG);
        EXPECT(pwrite(file, "x", 1, -1) == -1 && errno == EINVAL);
        EXPECT(lseek(file, 2, SEEK_DATA) == 2 && lseek(file, 2, SEEK_HOLE) == 5);
        EXPECT(lseek(file, 5, SEEK_DATA) == -1 && errno == ENXIO);
        EXPECT(lseek(file, 0, 99) == -1 && errno == EINVAL && lseek(file, 0, SEEK_CUR) == 5);
        EXPECT(lseek(file, -6, SEEK_CUR) == -1 && errno == EINVAL);
        EXPECT(unlinkat(AT_FDCWD, "wrong", 1 << 20) == -1 && errno == EINVAL);
        EXPECT(symlink("", "link") == -1 && errno == ENOENT && symlink("wrong", "link") == 0);
        EXPECT(syscall(SYS_readlinkat, AT_FDCWD, "link", text, 0) == -1 && errno == EINVAL);
        EXPECT(readlink("wrong", text, 8) == -1 && errno == EINVAL);
        EXPECT(readlink("link", text, 3) == 3 && memcmp(text, "wro", 3) == 0);
        EXPECT(open("link", O_RDONLY | O_NOFOLLOW) == -1 && errno == ELOOP);
        EXPECT(mkdir("link", 0755) == -1 && errno == EEXIST && rmdir("link") == -1);
        EXPECT(errno == ENOTDIR && unlink("link") == 0 && unlink("link") == -1 && errno == ENOENT);
        EXPECT(mknod("plain", S_IFREG | 0600, 0) == 0 && mknod("plain", S_IFREG, 0) == -1);
        EXPECT(errno == EEXIST && rename("plain", "wrong") == 0 && access("plain", F_OK) == -1);
        EXPECT(posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL) == 0);
        EXPECT(posix_fadvise(file, 0, 0, 99) == EINVAL && syncfs(file) == 0);
        EXPECT(fcntl(file, F_SETLK, (void *)16) == -1 && errno == EFAULT);
        EXPECT(fcntl(file, F_GETLK, (void *)16) == -1 && errno == EFAULT);
        EXPECT(syscall(SYS_mknod, (void *)16, S_IFREG, 0) == -1 && errno == EFAULT);
        EXPECT(syscall(SYS_chown, (void *)16, 0, 0) == -1 && errno == EFAULT);
        EXPECT(open("wrong", O_RDWR | O_TMPFILE, 0600) == -1 && errno == ENOTDIR);
        EXPECT(open("wrong", O_RDONLY | 1 << 30) == -1 && errno == EINVAL);
        EXPECT(open("wrong", O_RDONLY | O_PATH) == -1 && errno == EINVAL);
        EXPECT(open("wrong", O_RDONLY | O_DIRECT) == -1 && errno == EINVAL);
        EXPECT(syscall(SYS_statx, AT_FDCWD, "wrong", 0x6000, 0x7ff, bytes) == -1);
        EXPECT(errno == EINVAL && syscall(SYS_statx, AT_FDCWD, "wrong", 0, 1u << 31, bytes) == -1);
        EXPECT(errno == EINVAL);
        EXPECT(fchmod(reader, 0600) == 0);
        EXPECT(parts_read(file, text, 1, 0) == 3 && memcmp(text, "234", 3) == 0);
        EXPECT(lseek(file, 0, SEEK_SET) == 0 && parts_read(file, text, -1, 0) == 3);
        EXPECT(parts_read(file, text, -1, 0) == 2 && parts_read(file, text, 0, 1) == -1);
        EXPECT(errno == EOPNOTSUPP && lseek(file, 0, SEEK_CUR) == 5);
        EXPECT(open("", O_RDONLY) == -1 && errno == ENOENT && unlink("wrong") == 0);
}

/* What a child has of its parent's open files: their offsets, and the locks of the files, but none
 * of the process. */
static void shares(void)
{
        enum { LINES = 50 };
        char text[LINES * 16] = "";
        int status, file = open("common", O_RDWR | O_CREAT | O_TRUNC, 0666), lines = 0;
        EXPECT(file >= 0 && write(file, "first\n", 6) == 6 &&
               lock(file, F_SETLK, F_WRLCK, 0, 1) == 0);
        EXPECT(flock(file, LOCK_EX) == 0);
        pid_t child = fork();
        EXPECT(child >= 0);
        for (int i = 0; i < LINES / 2; i++)
                EXPECT(write(file, child ? "parent\n" : "child_\n", 7) == 7);
        if (child == 0) {
                EXPECT(lock(file, F_SETLK, F_RDLCK, 0, 1) == -1 && errno == EAGAIN);
                EXPECT(in_way(file, F_RDLCK, 0, 1).l_pid == getppid());
                EXPECT(flock(file, LOCK_EX | LOCK_NB) == 0 && lseek(file, 3, SEEK_SET) == 3);
                _exit(0);
        }
        EXPECT(waitpid(child, &status, 0) == child && status == 0);
        int other = open("common", O_RDWR);
        EXPECT(other >= 0 && flock(other, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
        EXPECT(pread(other, text, sizeof text, 0) == 6 + LINES * 7);
        for (char *at = text; (at = strchr(at, '\n')); at++)
                lines++;
        EXPECT(lines == 1 + LINES && strncmp(text, "first\n", 6) == 0);
        EXPECT(close(other) == 0 && unlink("common") == 0);
}

/* A process locks as many files as it likes, and gives up each by closing it. */
static void many(void)
{
        enum { MANY = 80 };
        int files[MANY];
        char name[16];
        for (int i = 0; i < MANY; i++) {
                snprintf(name, sizeof name, "many-%d", i);
                EXPECT((files[i] = open(name, O_RDWR | O_CREAT, 0600)) >= 0);
                EXPECT(lock(files[i], F_SETLK, F_WRLCK, i, 1) == 0);
        }
        for (int kept = 0; kept < 2; kept++) {
                pid_t child = fork();
                for (int i = 0; child == 0 && i < MANY; i++) {
                        snprintf(name, sizeof name, "many-%d", i);
                        const int other = open(name, O_RDWR);
                        const bool free_one = kept && i % 2;
                        EXPECT(lock(other, F_OFD_SETLK, F_WRLCK, 0, 0) == (free_one ? 0 : -1));
                        EXPECT(free_one || errno == EAGAIN);
                        EXPECT(close(other) == 0);
                }
                if (child == 0)
                        _exit(0);
                EXPECT(exited(status_of(child), 0));
                for (int i = 1; !kept && i < MANY; i += 2)
                        EXPECT(close(files[i]) == 0);
        }
        for (int i = 0; i < MANY; i++) {
                snprintf(name, sizeof name, "many-%d", i);
                EXPECT(unlink(name) == 0);
        }
}

/* Files that are mostly hole, as long as ext4's at most. */
static void long_ones(void)
{
        const off_t four = (off_t)4 << 30, most = (off_t)1 << 44;
        char got[4] = "";
        struct stat status;
        int file = open("long", O_RDWR | O_CREAT | O_TRUNC, 0644);
        int end = open("long", O_WRONLY | O_APPEND);
        EXPECT(pwrite(file, "ab", 2, four - 1) == 2 && lseek(file, 0, SEEK_END) == four + 1);
        EXPECT(write(end, "c", 1) == 1 && pread(file, got, 4, four - 1) == 3);
        EXPECT(memcmp(got, "abc", 3) == 0 && pread(file, got, 2, four - 3) == 2);
        EXPECT(!got[0] && !got[1] && ftruncate(file, most) == 0 && fstat(file, &status) == 0);
        EXPECT(status.st_size == most && ftruncate(file, most + 1) == -1 && errno == EFBIG);
        EXPECT(pwrite(file, "x", 1, most) == -1 && errno == EFBIG);
        EXPECT(write(end, "x", 1) == -1 && errno == EFBIG);
        EXPECT(pwrite(file, "x", 1, most - 1) == 1 && pread(file, got, 4, most - 2) == 2);
        EXPECT(!got[0] && got[1] == 'x' && ftruncate(file, four) == 0);
        EXPECT(pread(file, got, 4, four - 1) == 1 && got[0] == 'a' && unlink("long") == 0);
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"locks", locks},         {"killed", killed},       {"modes", modes},
            {"maps", maps},           {"steady", steady},       {"devices", devices},
            {"processes", processes}, {"refusals", refusals},   {"shares", shares},
            {"holds", holds},         {"waits", waits},         {"node", node},
            {"many", many},           {"long_ones", long_ones},
        };
        self = arguments[0];
        EXPECT(count == 3 && chdir(arguments[2]) == 0);
        return action_run(actions, sizeof actions / sizeof *actions, arguments[1]);
}
