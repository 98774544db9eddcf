/* What a static program for Linux can tell of how it was started. Its first argument says what it
 * does; it ends with 0, or with the line of what was not as expected. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#define EXPECT(condition)                                                                          \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        return __LINE__ % 256;                                                     \
        } while (0)

enum { MEGABYTE = 1 << 20 };

static int constant = 7;
static int *const relocated = &constant; /* right only if the image has relocated itself */

static int start(int count, char **arguments)
{
        char folder[64];
        EXPECT(count == 3 && strcmp(arguments[2], "two words") == 0 && !arguments[3]);
        arguments[2][0] = 'T'; /* the strings are the program's own */
        EXPECT(strcmp(arguments[2], "Two words") == 0);
        EXPECT(getenv("LANG") && strcmp(getenv("LANG"), "C") == 0 && !getenv("HOME"));
        EXPECT(setenv("HOME", "/fs", 1) == 0 && strcmp(getenv("HOME"), "/fs") == 0);
        EXPECT(getauxval(AT_PHDR) && getauxval(AT_RANDOM) && getauxval(AT_PAGESZ) == 4096);
        EXPECT(strcmp((char *)getauxval(AT_EXECFN), "plain") == 0);
        EXPECT(*relocated == 7 && getpid() == 7001);
        EXPECT(getcwd(folder, sizeof folder) && strcmp(folder, "/etc") == 0);
        char *memory = malloc(MEGABYTE);
        EXPECT(memory && memset(memory, 1, MEGABYTE));
        free(memory);
        return 0;
}

/* Standard input is empty, standard output a pipe; 2 and 3 are not open. */
static int descriptors(void)
{
        struct stat status;
        char byte;
        EXPECT(read(0, &byte, 1) == 0);
        EXPECT(printf("to the pipe\n") == 12 && fflush(stdout) == 0);
        EXPECT(fstat(1, &status) == 0 && S_ISFIFO(status.st_mode) && !isatty(1));
        EXPECT(write(2, "x", 1) == -1 && errno == EBADF && fstat(3, &status) == -1);
        return 0;
}

__attribute__((noipa)) static int dig(int megabytes)
{
        volatile char room[MEGABYTE];
        room[0] = room[MEGABYTE - 1] = (char)megabytes;
        int below = megabytes > 1 ? dig(megabytes - 1) : 0;
        return below + room[0] + room[MEGABYTE - 1];
}

/* Recursion reaches far down, and the kernel copies to where the program has not been yet. */
static int stack(void)
{
        char room[MEGABYTE];
        EXPECT(getcwd(room, sizeof room) && strcmp(room, "/etc") == 0);
        EXPECT(dig(6) == 2 * (6 + 5 + 4 + 3 + 2 + 1));
        return 0;
}

static int overflow(void)
{
        return dig(9);
}

static void handler(int signal)
{
        (void)signal;
}

static int signals(void)
{
        struct sigaction action = {.sa_handler = handler}, old = {.sa_handler = handler};
        sigset_t set, before;
        union {
                struct sysinfo info;
                unsigned char bytes[512];
        } system;
        EXPECT(sigaction(SIGUSR1, &action, &old) == 0 && old.sa_handler == SIG_DFL);
        EXPECT(sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler == handler);
        EXPECT(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL);
        sigemptyset(&set);
        sigaddset(&set, SIGUSR2);
        EXPECT(sigprocmask(SIG_BLOCK, &set, &before) == 0 && !sigismember(&before, SIGUSR2));
        EXPECT(sigprocmask(SIG_SETMASK, &before, &set) == 0 && sigismember(&set, SIGUSR2));
        EXPECT(kill(getpid(), SIGCHLD) == 0 && kill(getpid() + 1, 0) == -1 && errno == ESRCH);
        memset(&system, 0x55, sizeof system);
        EXPECT(sysinfo(&system.info) == 0 && system.info.mem_unit == 1);
        EXPECT(system.bytes[112] == 0x55); /* behind the kernel's structure */
        return 0;
}

/* ---- signals from outside: "S" and a number on standard output asks for one ---- */

static volatile sig_atomic_t seen, sender;
static int wake[2];

static void note(int signal, siginfo_t *info, void *context)
{
        (void)context;
        seen = signal;
        sender = info->si_pid;
        if (wake[1])
                (void)!write(wake[1], "x", 1);
}

static void ask(int signal)
{
        const char wanted[2] = {'S', (char)signal};
        seen = 0;
        (void)!write(1, wanted, sizeof wanted);
}

static int outside(void)
{
        struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
        sigset_t set, pending, before;
        char byte;
        EXPECT(sigaction(SIGUSR1, &action, NULL) == 0);
        /* It runs. */
        ask(SIGUSR1);
        while (!seen)
                ;
        EXPECT(seen == SIGUSR1 && sender == 4711);
        /* It has blocked it. */
        sigemptyset(&set);
        sigaddset(&set, SIGUSR1);
        EXPECT(sigprocmask(SIG_BLOCK, &set, &before) == 0);
        ask(SIGUSR1);
        do
                sigpending(&pending);
        while (!sigismember(&pending, SIGUSR1));
        EXPECT(!seen && sigsuspend(&before) == -1 && errno == EINTR && seen == SIGUSR1);
        EXPECT(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
        /* It waits, and goes on waiting. */
        action.sa_flags |= SA_RESTART;
        EXPECT(sigaction(SIGUSR1, &action, NULL) == 0 && pipe(wake) == 0);
        ask(SIGUSR1);
        EXPECT(read(wake[0], &byte, 1) == 1 && seen == SIGUSR1);
        /* It ignores it: the next one comes alone. */
        EXPECT(signal(SIGUSR2, SIG_IGN) == SIG_DFL);
        ask(SIGUSR2);
        ask(SIGUSR1);
        EXPECT(read(wake[0], &byte, 1) == 1 && seen == SIGUSR1);
        return 0;
}

/* Stops by another's signal, and by its own. Says where it counts as long as it runs. */
static int stops(void)
{
        static volatile uint64_t count;
        const uint64_t place = (uint64_t)&count;
        struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
        EXPECT(sigaction(SIGCONT, &action, NULL) == 0);
        EXPECT(write(1, &place, sizeof place) == sizeof place);
        ask(SIGTSTP);
        while (!seen)
                count++;
        EXPECT(seen == SIGCONT);
        seen = 0;
        EXPECT(raise(SIGSTOP) == 0);
        return seen == SIGCONT ? 0 : 1;
}

/* Standard input is a terminal, in whose foreground is another group. */
static int background(void)
{
        struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO};
        char byte;
        EXPECT(tcgetpgrp(0) == 5 && getpgrp() == getpid() && getsid(0) == getpid());
        /* Reading asks for SIGTTIN, which a program may handle, or not want at all. */
        EXPECT(sigaction(SIGTTIN, &action, NULL) == 0);
        EXPECT(read(0, &byte, 1) == -1 && errno == EINTR && seen == SIGTTIN);
        EXPECT(signal(SIGTTIN, SIG_IGN) != SIG_ERR);
        EXPECT(read(0, &byte, 1) == -1 && errno == EIO);
        /* So does taking the foreground, for SIGTTOU; who ignores that takes it. */
        EXPECT(sigaction(SIGTTOU, &action, NULL) == 0);
        EXPECT(tcsetpgrp(0, getpgrp()) == -1 && errno == EINTR && seen == SIGTTOU);
        EXPECT(signal(SIGTTOU, SIG_IGN) != SIG_ERR);
        EXPECT(tcsetpgrp(0, 77) == -1 && errno == EPERM);
        EXPECT(tcsetpgrp(0, getpgrp()) == 0 && tcgetpgrp(0) == getpgrp());
        EXPECT(read(0, &byte, 1) == 1 && byte == 'k');
        return 0;
}

static int folders(void)
{
        struct stat status;
        char folder[64];
        EXPECT(chdir("/fs") == 0 && stat("hello.txt", &status) == 0 && S_ISREG(status.st_mode));
        EXPECT(chdir("hello.txt") == -1 && errno == ENOTDIR);
        EXPECT(chdir("none") == -1 && errno == ENOENT);
        EXPECT(chdir("./sub/../sub") == 0 && stat("inner", &status) == 0);
        EXPECT(getcwd(folder, sizeof folder) && strcmp(folder, "/fs/sub") == 0);
        EXPECT(stat("../hello.txt", &status) == 0);
        EXPECT(chdir("../..") == 0 && stat("fs/hello.txt", &status) == 0);
        EXPECT(getcwd(folder, sizeof folder) && strcmp(folder, "/") == 0);
        return 0;
}

/* Calls that must not succeed, and some that must say the truth. */
static int truths(void)
{
        struct stat status, other;
        struct rlimit limit;
        struct timespec used, now;
        char byte, names[64] = "";
        int file = open("/fs/hello.txt", O_RDONLY);
        EXPECT(file >= 0 && pread(file, &byte, 1, -1) == -1 && errno == EINVAL);
        EXPECT(pread(1, &byte, 1, 0) == -1 && errno == ESPIPE);
        EXPECT(open("/fs/link", O_RDONLY | O_NOFOLLOW) == -1 && errno == ELOOP);
        EXPECT(open("/", O_TMPFILE | O_RDWR, 0600) == -1 && errno == EOPNOTSUPP);
        EXPECT(fstat(file, &status) == 0 && stat("/fs/link", &other) == 0);
        EXPECT(status.st_dev != 0 && status.st_dev == other.st_dev &&
               status.st_ino == other.st_ino);
        EXPECT(stat("/", &other) == 0 && other.st_dev != status.st_dev && S_ISDIR(other.st_mode));
        DIR *root = opendir("/");
        EXPECT(root);
        for (struct dirent *entry; (entry = readdir(root));)
                strcat(strcat(names, entry->d_name), " ");
        EXPECT(strcmp(names, ". .. bin dev etc fs proc tmp ") == 0 && closedir(root) == 0);
        EXPECT(open("/etc/new", O_WRONLY | O_CREAT, 0644) == -1 && errno == EROFS);
        EXPECT(open("/etc/passwd", O_WRONLY) == -1 && errno == EROFS);
        EXPECT(unlink("/dev/null") == -1 && errno == EROFS && mkdir("/proc/x", 0) == -1);
        EXPECT(rename("/fs/hello.txt", "/dev/null") == -1 && errno == EXDEV);
        EXPECT(stat("/proc/none", &other) == -1 && errno == ENOENT);
        EXPECT(readlink("/dev/null", names, 1) == -1 && errno == EINVAL);
        EXPECT(chmod("/dev/null", 0) == -1 && errno == EROFS && mkdir("/dev", 0) == -1);
        EXPECT(errno == EEXIST && mkdir("/", 0) == -1 && errno == EEXIST);
        EXPECT(rmdir("/") == -1 && errno == EBUSY && rename("/", "/fs/x") == -1);
        EXPECT(link("/dev/null", "/fs/second") == -1 && errno == EXDEV);
        EXPECT(mkfifo("/fs/pipe", 0666) == -1 && errno == EPERM);
        DIR *folder = opendir("/fs");
        EXPECT(folder && readdir(folder) && readdir(folder) && readdir(folder));
        long place = telldir(folder);
        char fourth[256];
        strcpy(fourth, readdir(folder)->d_name);
        while (readdir(folder))
                ;
        seekdir(folder, place);
        EXPECT(strcmp(readdir(folder)->d_name, fourth) == 0 && closedir(folder) == 0);
        EXPECT(getrlimit(RLIMIT_STACK, &limit) == 0 && limit.rlim_cur == 8 * MEGABYTE);
        EXPECT(setrlimit(RLIMIT_STACK, &limit) == 0);
        limit.rlim_cur = MEGABYTE;
        EXPECT(setrlimit(RLIMIT_STACK, &limit) == 0 && getrlimit(RLIMIT_STACK, &limit) == 0);
        EXPECT(limit.rlim_cur == MEGABYTE && limit.rlim_max == 8 * MEGABYTE);
        limit.rlim_max++;
        EXPECT(setrlimit(RLIMIT_STACK, &limit) == -1 && errno == EPERM);
        EXPECT(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0);
        EXPECT(clock_gettime(CLOCK_MONOTONIC, &now) == 0 && used.tv_sec * 2 <= now.tv_sec);
        return 0;
}

/* ---- one program writes, another reads: perhaps on three nodes, with that of the files ---- */

enum { ROUNDS = 500 };

static int number_open(const char *path, int flags)
{
        int file = open(path, flags, 0666);
        while (file == -1 && errno == ENOENT)
                file = open(path, flags, 0666);
        return file;
}

/* Writes each number to two files, to the second when the first has it. Begins when there is a
 * reader. */
static int numbers_write(void)
{
        int first = open("/fs/first", O_RDWR | O_CREAT, 0666);
        int second = open("/fs/second", O_RDWR | O_CREAT, 0666);
        EXPECT(first >= 0 && second >= 0 && number_open("/fs/reader", O_RDONLY) >= 0);
        for (int number = 1; number <= ROUNDS; number++) {
                EXPECT(pwrite(first, &number, sizeof number, 0) == sizeof number);
                EXPECT(pwrite(second, &number, sizeof number, 0) == sizeof number);
        }
        return 0;
}

/* Never finds a number in the second file that the first one does not have when it looks then. */
static int numbers_read(void)
{
        int first = number_open("/fs/first", O_RDONLY),
            second = number_open("/fs/second", O_RDONLY);
        EXPECT(first >= 0 && second >= 0 && open("/fs/reader", O_WRONLY | O_CREAT, 0666) >= 0);
        for (int seen = 0; seen < ROUNDS;) {
                int other = 0;
                EXPECT(pread(second, &seen, sizeof seen, 0) >= 0);
                EXPECT(pread(first, &other, sizeof other, 0) >= 0 && other >= seen);
        }
        return 0;
}

/* Two such programs, 1 and 2, perhaps on two nodes, go through the same names at the same time, and
 * each says in one file, of which no line may be lost, which of them it has made. */
static int race(char self)
{
        enum { LINE = 12 };
        char name[32], line[LINE + 1];
        struct stat status = {0};
        int both = open("/fs/race", O_WRONLY | O_APPEND | O_CREAT, 0666);
        EXPECT(both >= 0);
        alarm(100);
        for (int round = 0; round <= ROUNDS; round++) {
                snprintf(name, sizeof name, "/fs/races-%d", round);
                int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
                EXPECT(file >= 0 || errno == EEXIST);
                EXPECT(file == -1 || close(file) == 0);
                snprintf(line, sizeof line, "%4d %c %s\n", round, self,
                         file >= 0 ? "made" : "lost");
                EXPECT(write(both, line, LINE) == LINE);
                while (status.st_size < (round + 1) * 2 * LINE)
                        EXPECT(fstat(both, &status) == 0);
                EXPECT(file == -1 || unlink(name) == 0);
        }
        return 0;
}

/* Calls, and one's operation, that are not there. */
static int missing(void)
{
        static uint32_t word;
        for (int i = 0; i < 3; i++) {
                EXPECT(syscall(SYS_kexec_load, 0, 0, 0, 0) == -1 && errno == ENOSYS);
                EXPECT(syscall(SYS_futex, &word, 99, 0, 0, 0, 0) == -1 && errno == ENOSYS);
        }
        return 0;
}

/* What is said of files, and what can be changed of it. */
static int statuses(void)
{
        enum { DATE = 1000000000 };
        const struct timespec times[2] = {{DATE, 0}, {DATE, 0}},
                              now[2] = {{0, UTIME_OMIT}, {0, UTIME_NOW}};
        const struct timespec access_alone[2] = {{DATE, 0}, {0, UTIME_OMIT}},
                              wrong[2] = {{0, -5}, {0, 0}};
        struct stat status;
        struct {
                uint32_t words[7];
                uint16_t mode, reserved;
                uint64_t identity, size, more[8];
                int64_t modified, rest[18];
        } extended; /* statx(2), as not every libc has it */
        struct statfs space;
        int file = open("/fs/dated", O_RDWR | O_CREAT | O_TRUNC, 0666), reader;
        EXPECT(file >= 0 && write(file, "12345", 5) == 5);
        EXPECT(utimensat(AT_FDCWD, "/fs/dated", times, 0) == 0);
        EXPECT((reader = open("/fs/dated", O_RDONLY)) >= 0 && fstat(reader, &status) == 0);
        EXPECT(status.st_mtime == DATE && futimens(file, now) == 0);
        EXPECT(fstat(reader, &status) == 0 && status.st_mtime != DATE && close(reader) == 0);
        EXPECT(futimens(file, times) == 0 && stat("/fs/dated", &status) == 0);
        EXPECT(status.st_mtime == DATE && status.st_size == 5);
        EXPECT(futimens(file, access_alone) == 0 && fstat(file, &status) == 0);
        EXPECT(status.st_atime == DATE && status.st_mtime == DATE && status.st_ctime != DATE);
        EXPECT(utimensat(AT_FDCWD, "/fs/dated", wrong, 0) == -1 && errno == EINVAL);
        EXPECT(utimensat(AT_FDCWD, "/fs/none", times, 0) == -1 && errno == ENOENT);
        EXPECT(syscall(SYS_statx, AT_FDCWD, "/fs/dated", 0, 0x7ff, &extended) == 0);
        EXPECT(extended.modified == DATE && extended.size == 5);
        EXPECT(extended.identity == status.st_ino && S_ISREG(extended.mode));
        EXPECT(syscall(SYS_statx, AT_FDCWD, "/fs/none", 0, 0x7ff, &extended) == -1);
        EXPECT(errno == ENOENT);
        EXPECT(truncate("/fs/dated", 2) == 0 && fstat(file, &status) == 0 && status.st_size == 2);
        EXPECT(truncate("/fs/none", 2) == -1 && errno == ENOENT && close(file) == 0);
        EXPECT(statfs("/fs", &space) == 0 && space.f_bfree > 0 && space.f_bfree < space.f_blocks);
        EXPECT(statfs("/fs/none", &space) == -1 && errno == ENOENT);
        EXPECT(unlink("/fs/dated") == 0);
        return 0;
}

int main(int count, char **arguments)
{
        const char *what = count > 1 ? arguments[1] : "";
        if (strcmp(what, "start") == 0)
                return start(count, arguments);
        if (strcmp(what, "descriptors") == 0)
                return descriptors();
        if (strcmp(what, "stack") == 0)
                return stack();
        if (strcmp(what, "overflow") == 0)
                return overflow();
        if (strcmp(what, "signals") == 0)
                return signals();
        if (strcmp(what, "outside") == 0)
                return outside();
        if (strcmp(what, "stops") == 0)
                return stops();
        if (strcmp(what, "background") == 0)
                return background();
        if (strcmp(what, "ends") == 0)
                for (ask(SIGTERM);;)
                        ;
        if (strcmp(what, "folders") == 0)
                return folders();
        if (strcmp(what, "truths") == 0)
                return truths();
        if (strcmp(what, "numbers-write") == 0)
                return numbers_write();
        if (strcmp(what, "numbers-read") == 0)
                return numbers_read();
        if (strcmp(what, "race-1") == 0 || strcmp(what, "race-2") == 0)
                return race(what[5]);
        if (strcmp(what, "missing") == 0)
                return missing();
        if (strcmp(what, "statuses") == 0)
                return statuses();
        if (strcmp(what, "abort") == 0)
                abort();
        return 255;
}
