/* Calls about files, memory and waiting against their manual pages: what is refused and how, and
 * what they do that libc does not show. What Linux may refuse may be refused here, too. Its first
 * argument says what it does; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tests/programs/expect.h"

enum { PAGE = 4096, MANY = 2000, LENGTH = 300000 };

static const char *self;

/* ---- reading and writing --------------------------------------------------------------------- */

static void transfers(void)
{
        char here[16];
        struct iovec vector = {here, sizeof here};
        int null = open("/dev/null", O_WRONLY), zero = open("/dev/zero", O_RDONLY), ends[2];
        EXPECT(null >= 0 && zero >= 0 && pipe(ends) == 0);
        SAYS(EBADF, (SYS_read, null, here, 1));
        SAYS(EBADF, (SYS_write, zero, here, 1));
        SAYS(EBADF, (SYS_read, ends[1], here, 1));
        SAYS(EBADF, (SYS_write, ends[0], here, 1));
        SAYS(EBADF, (SYS_readv, -1, &vector, 0));
        SAYS(EBADF, (SYS_writev, 99, &vector, 0));
        SAYS(EBADF, (SYS_readv, null, &vector, 0));
        SAYS(ESPIPE, (SYS_preadv, ends[0], &vector, 0, 0, 0));
        SAYS(EINVAL, (SYS_preadv, zero, &vector, 1, -2L, 0L));
        SAYS(EINVAL, (SYS_pread64, zero, here, 1L, -1L));
        SAYS(EFAULT, (SYS_read, zero, here, -1L));
        SAYS(EOPNOTSUPP, (SYS_preadv2, zero, &vector, 1, 0, 0, 1 << 20));
        SAYS(EINVAL, (SYS_readlink, "/proc/self/exe", here, 0));
        SAYS(EINVAL, (SYS_readlink, "/proc/self/exe", here, -1L));
        SAYS(EINVAL, (SYS_lseek, zero, 0, 99));
        SAYS(EINVAL, (SYS_dup3, null, null, 0));
        SAYS(EINVAL, (SYS_dup3, null, 50, O_APPEND));
        SAYS(EINVAL, (SYS_pipe2, ends, O_APPEND));
        SAYS(EINVAL, (SYS_close_range, 9, 8, 0));
        SAYS(EINVAL, (SYS_close_range, 90, 91, 1 << 10));
        SAYS(ENOTTY, (SYS_ioctl, ends[0], 0x5413, here));
        int file = open("/tmp/synced", O_RDWR | O_CREAT | O_TRUNC | O_SYNC, 0600);
        EXPECT(file >= 0 && (fcntl(file, F_GETFL) & O_SYNC) == O_SYNC);
        SAYS(EINVAL, (SYS_fallocate, file, 0, -1L, 1L));
        SAYS(EINVAL, (SYS_fallocate, file, 0, 0L, 0L));
        SAYS(ESPIPE, (SYS_fallocate, ends[1], 0, 0L, 1L));
        SAYS(EINVAL, (SYS_ftruncate, file, -1L));
        SAYS(EINVAL, (SYS_fcntl, file, 9999, 0));
        SAYS(EBADF, (SYS_fcntl, file, F_SETPIPE_SZ, 4096));
        EXPECT(fcntl(ends[0], F_SETPIPE_SZ, 4096) >= 4096);
        struct stat status;
        EXPECT(write(file, "text", 4) == 4 && open("/tmp/synced", O_RDONLY | O_TRUNC) >= 0);
        EXPECT(fstat(file, &status) == 0 && status.st_size == 0);
        EXPECT(close(file) == 0 && unlink("/tmp/synced") == 0);
        file = open("/", O_RDONLY | O_DIRECTORY);
        EXPECT(fcntl(file, F_GETFL) & O_DIRECTORY && read(file, here, 1) == -1 && errno == EISDIR);
        EXPECT(write(file, here, 1) == -1 && errno == EBADF);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void maps(void)
{
        enum { PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS, BOTH = PROT_READ | PROT_WRITE };
        char *at = mmap(NULL, 3 * PAGE, BOTH, PRIVATE, -1, 0);
        EXPECT(at != MAP_FAILED && munmap(at + PAGE, PAGE) == 0 && munmap(at + PAGE, PAGE) == 0);
        SAYS(EINVAL, (SYS_mmap, 0L, 0, BOTH, PRIVATE, -1, 0L));
        SAYS(ENOMEM, (SYS_mmap, 0L, -1L, BOTH, PRIVATE, -1, 0L));
        SAYS(EINVAL, (SYS_mmap, 0L, PAGE, BOTH, PRIVATE, -1, 1L));
        SAYS(EINVAL, (SYS_mmap, at + 1, PAGE, BOTH, PRIVATE | MAP_FIXED, -1, 0L));
        SAYS(EINVAL, (SYS_mmap, 0L, PAGE, BOTH, MAP_ANONYMOUS, -1, 0L));
        SAYS(EBADF, (SYS_mmap, 0L, PAGE, BOTH, MAP_PRIVATE, 99, 0L));
        SAYS(ENOMEM, (SYS_mmap, 0L, 1 << 30, BOTH, PRIVATE | MAP_HUGETLB, -1, 0L));
        void *low = mmap(NULL, PAGE, BOTH, PRIVATE | MAP_32BIT, -1, 0);
        EXPECT(low == MAP_FAILED ? errno == ENOMEM : (uint64_t)low < 1ull << 31);
        SAYS(EINVAL, (SYS_mprotect, at, PAGE, 0x40));
        SAYS(EINVAL, (SYS_mprotect, at + 1, PAGE, PROT_READ));
        SAYS(ENOMEM, (SYS_mprotect, at + PAGE, PAGE, PROT_READ));
        SAYS(ENOMEM, (SYS_mprotect, at, -1L, PROT_READ));
        SAYS(ENOMEM, (SYS_mprotect, 0x123456789000L, PAGE, PROT_READ));
        SAYS(EINVAL, (SYS_mremap, at, 0, PAGE, MREMAP_MAYMOVE));
        SAYS(EINVAL, (SYS_mremap, at + 1, PAGE, PAGE, MREMAP_MAYMOVE));
        SAYS(EINVAL, (SYS_mremap, at, PAGE, 0, MREMAP_MAYMOVE));
        SAYS(EINVAL, (SYS_madvise, at, PAGE, 12345));
        SAYS(EINVAL, (SYS_madvise, at + 1, PAGE, MADV_NORMAL));
        SAYS(EINVAL, (SYS_madvise, at, -1L, MADV_NORMAL));
        SAYS(ENOMEM, (SYS_madvise, at + PAGE, PAGE, MADV_WILLNEED));
        SAYS(ENOMEM, (SYS_mlock, at, 3 * PAGE));
        SAYS(ENOMEM, (SYS_mlock, 0x123456789000L, PAGE));
        SAYS(ENOMEM, (SYS_munlock, 0x123456789000L, PAGE));
        SAYS(EINVAL, (SYS_mlock2, at, PAGE, 1 << 10));
        SAYS(EINVAL, (SYS_msync, at + 1, PAGE, MS_SYNC));
        SAYS(EINVAL, (SYS_msync, at, PAGE, MS_SYNC | MS_ASYNC));
        SAYS(ENOMEM, (SYS_msync, at, 3 * PAGE, MS_SYNC));
        SAYS(ENOMEM, (SYS_msync, at, -1L, MS_SYNC));
        EXPECT(msync(at, PAGE, MS_SYNC) == 0 && msync(at + PAGE, 0, MS_SYNC) == 0);
        EXPECT(madvise(at, PAGE, MADV_SEQUENTIAL) == 0 && madvise(at, PAGE, MADV_DONTDUMP) == 0);
        EXPECT(mlock(self, 1) == 0 && munlock(self, 1) == 0 && mlock(&at, sizeof at) == 0);
        /* What a child is not to know it does not know, or the parent is told. */
        at[0] = 'x';
        if (madvise(at, PAGE, MADV_WIPEONFORK) == -1) {
                EXPECT(errno == EINVAL);
                return;
        }
        const pid_t child = fork();
        if (child == 0)
                _exit(at[0] != 0);
        EXPECT(exited(status_of(child), 0) && at[0] == 'x');
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void waits(void)
{
        const struct timespec minute = {60, 0}, wrong = {0, 1000000000}, soon = {0, 1000000};
        struct timespec left = minute, until;
        struct timeval most = {60, 2000000};
        struct epoll_event in = {EPOLLIN, {.u64 = 1}}, found;
        struct timezone zone = {1, 1};
        int ends[2], list = epoll_create1(0);
        uint64_t set = 0, count;
        EXPECT(pipe(ends) == 0 && write(ends[1], "x", 1) == 1);
        EXPECT(epoll_ctl(list, EPOLL_CTL_ADD, ends[0], &in) == 0);
        SAYS(EFAULT, (SYS_epoll_wait, list, 0x123456789000L, MANY, 0));
        SAYS(EINVAL, (SYS_epoll_wait, list, &found, 0, 0));
        SAYS(EINVAL, (SYS_epoll_pwait, list, &found, 1, 0, &set, 4));
        SAYS(EINVAL, (SYS_ppoll, NULL, 0, &soon, &set, 4));
        SAYS(EINVAL, (SYS_ppoll, NULL, 0, &wrong, NULL, 8));
        SAYS(EINVAL, (SYS_epoll_pwait2, list, &found, 1, &wrong, NULL, 8));
        EXPECT(syscall(SYS_epoll_pwait2, list, &found, 1, &minute, NULL, 8) == 1);
        EXPECT(epoll_ctl(list, EPOLL_CTL_DEL, ends[0], NULL) == 0);
        EXPECT(syscall(SYS_epoll_pwait2, list, &found, 1, &soon, NULL, 8) == 0);
        SAYS(EINVAL, (SYS_epoll_create1, 1));
        SAYS(EINVAL, (SYS_eventfd2, 0, 2));
        SAYS(EINVAL, (SYS_timerfd_create, CLOCK_MONOTONIC, 1));
        SAYS(EINVAL, (SYS_clock_gettime, 10, &left));
        SAYS(EINVAL, (SYS_clock_gettime, 99, &left));
        SAYS(EINVAL, (SYS_nanosleep, &wrong, NULL));
        SAYS(EINVAL, (SYS_setitimer, 99, NULL, NULL));

        /* What is left of the time is told. */
        struct pollfd look = {.fd = ends[0], .events = POLLIN};
        EXPECT(syscall(SYS_ppoll, &look, 1, &left, NULL, 8) == 1);
        EXPECT(left.tv_sec == 59 || (left.tv_sec == 60 && left.tv_nsec == 0));
        fd_set reads;
        FD_ZERO(&reads);
        FD_SET(ends[0], &reads);
        EXPECT(syscall(SYS_select, ends[0] + 1, &reads, NULL, NULL, &most) == 1);
        EXPECT(most.tv_sec <= 62 && most.tv_sec >= 50 && most.tv_usec < 1000000);
        EXPECT(syscall(SYS_gettimeofday, &most, &zone) == 0 && zone.tz_dsttime == 0);

        /* A timer that is set by the date. */
        int file = timerfd_create(CLOCK_REALTIME, 0);
        EXPECT(file >= 0 && clock_gettime(CLOCK_REALTIME, &until) == 0);
        const struct itimerspec dated = {{0, 0}, {until.tv_sec, until.tv_nsec}};
        EXPECT(timerfd_settime(file, TFD_TIMER_ABSTIME, &dated, NULL) == 0);
        look.fd = file;
        EXPECT(poll(&look, 1, 60000) == 1 && read(file, &count, 8) == 8 && count == 1);
        /* One that comes again after all time comes once. */
        const struct itimerspec once = {{INT64_MAX, 0}, {0, 1}};
        EXPECT(timerfd_settime(file, 0, &once, NULL) == 0 && poll(&look, 1, 60000) == 1);
        EXPECT(read(file, &count, 8) == 8 && count == 1 && poll(&look, 1, 20) == 0);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void statuses(void)
{
        enum { RDEV = 32 };
        struct stat open_one, named;
        uint32_t more[64]; /* struct statx */
        int null = open("/dev/null", O_RDWR);
        EXPECT(fstat(null, &open_one) == 0 && stat("/dev/null", &named) == 0);
        EXPECT(open_one.st_rdev == makedev(1, 3) && open_one.st_mode == named.st_mode);
        EXPECT(open_one.st_ino == named.st_ino && open_one.st_dev == named.st_dev);
        EXPECT(syscall(SYS_statx, AT_FDCWD, "/dev/null", 0, 0x7ff, more) == 0);
        EXPECT(more[RDEV] == 1 && more[RDEV + 1] == 3);
        EXPECT(chdir("/tmp") == 0 && stat("/tmp", &named) == 0);
        EXPECT(fstatat(AT_FDCWD, "", &open_one, AT_EMPTY_PATH) == 0 && S_ISDIR(open_one.st_mode));
        EXPECT(open_one.st_ino == named.st_ino);
        SAYS(EINVAL, (SYS_newfstatat, AT_FDCWD, "/tmp", &named, 4));
        SAYS(EINVAL, (SYS_statx, null, "", AT_EMPTY_PATH, 1u << 31, more));
        SAYS(EINVAL, (SYS_faccessat2, AT_FDCWD, "/", 8, 0));
        SAYS(EINVAL, (SYS_faccessat2, AT_FDCWD, "/", 0, 4));
        SAYS(EINVAL, (SYS_unlinkat, AT_FDCWD, "/tmp/none", 4));
        EXPECT(mkdir("/tmp/deep", 0700) == 0);
        SAYS(EINVAL, (SYS_rmdir, "."));
        SAYS(EINVAL, (SYS_rmdir, "/tmp/deep/./"));
        SAYS(ENOTEMPTY, (SYS_rmdir, "/tmp/deep/.."));
        SAYS(EBUSY, (SYS_rmdir, "/"));
        SAYS(EISDIR, (SYS_unlink, "/"));
        SAYS(EISDIR, (SYS_unlink, ".."));
        EXPECT(rmdir("/tmp/deep/") == 0);
        SAYS(EINVAL, (SYS_fchownat, AT_FDCWD, "/tmp", 0, 0, 4));
        SAYS(EINVAL, (SYS_linkat, AT_FDCWD, "/tmp/none", AT_FDCWD, "/tmp/other", 4));
        SAYS(EINVAL, (SYS_openat, AT_FDCWD, "/tmp", O_RDONLY | O_CREAT | O_DIRECTORY, 0));
        SAYS(EISDIR, (SYS_openat, AT_FDCWD, "/tmp", O_RDONLY | O_CREAT, 0));
        SAYS(EISDIR, (SYS_openat, AT_FDCWD, "/dev", O_RDONLY | O_CREAT, 0));
        SAYS(EISDIR, (SYS_openat, AT_FDCWD, "/", O_RDONLY | O_CREAT, 0));
        SAYS(EEXIST, (SYS_openat, AT_FDCWD, "/tmp", O_RDONLY | O_CREAT | O_EXCL, 0));
}

static int file_of(const char *path)
{
        int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
        EXPECT(file >= 0);
        return file;
}

static void copies(void)
{
        static char bytes[LENGTH], got[LENGTH];
        int in = file_of("/tmp/in"), out = file_of("/tmp/out"), ends[2],
            folder = open("/", O_RDONLY);
        int other = open("/tmp/out", O_WRONLY | O_APPEND);
        off_t at = 100, to = 50;
        for (int i = 0; i < LENGTH; i++)
                bytes[i] = (char)(i * 7 + i / 256);
        EXPECT(pipe2(ends, O_NONBLOCK) == 0 && write(in, bytes, LENGTH) == LENGTH);
        EXPECT(sendfile(out, in, NULL, LENGTH) == 0 && lseek(in, 1, SEEK_SET) == 1);
        EXPECT(sendfile(out, in, NULL, LENGTH) == LENGTH - 1);
        EXPECT(lseek(in, 0, SEEK_CUR) == LENGTH && lseek(out, 0, SEEK_CUR) == LENGTH - 1);
        EXPECT(pread(out, got, LENGTH, 0) == LENGTH - 1 && !memcmp(got, bytes + 1, LENGTH - 1));
        EXPECT(sendfile(out, in, &at, 10) == 10 && at == 110);
        EXPECT(pread(out, got, 20, LENGTH - 1) == 10 && !memcmp(got, bytes + 100, 10));
        /* A pipe takes what it has room for, and nothing is lost. */
        at = 0;
        ssize_t done = sendfile(ends[1], in, &at, LENGTH);
        EXPECT(done > 0 && done < LENGTH && at == done && read(ends[0], got, LENGTH) == done);
        EXPECT(!memcmp(got, bytes, (size_t)done));
        SAYS(EINVAL, (SYS_sendfile, out, ends[0], NULL, 1));
        SAYS(EINVAL, (SYS_sendfile, other, in, NULL, 1));
        SAYS(EBADF, (SYS_sendfile, out, other, NULL, 1));
        SAYS(EBADF, (SYS_sendfile, ends[0], in, NULL, 1));
        at = -1;
        SAYS(EINVAL, (SYS_sendfile, out, in, &at, 1));
        SAYS(EFAULT, (SYS_sendfile, out, in, 0x123456789000L, 1));

        at = 7;
        EXPECT(ftruncate(out, 0) == 0);
        EXPECT(syscall(SYS_copy_file_range, in, &at, out, &to, 1000, 0) == 1000);
        EXPECT(at == 1007 && to == 1050 && pread(out, got, LENGTH, 0) == 1050);
        EXPECT(!memcmp(got + 50, bytes + 7, 1000) && got[49] == 0);
        at = LENGTH;
        EXPECT(syscall(SYS_copy_file_range, in, &at, out, NULL, 10, 0) == 0);
        at = 10, to = 15;
        SAYS(EINVAL, (SYS_copy_file_range, in, &at, in, &to, 10, 0));
        SAYS(EINVAL, (SYS_copy_file_range, in, &at, out, NULL, 10, 1));
        SAYS(EINVAL, (SYS_copy_file_range, in, NULL, ends[1], NULL, 10, 0));
        SAYS(EISDIR, (SYS_copy_file_range, folder, NULL, out, NULL, 10, 0));
        SAYS(EBADF, (SYS_copy_file_range, in, &at, other, NULL, 10, 0));
        EXPECT(unlink("/tmp/in") == 0 && unlink("/tmp/out") == 0);
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"transfers", transfers}, {"maps", maps},     {"waits", waits},
            {"statuses", statuses},   {"copies", copies},
        };
        self = arguments[0];
        (void)count;
        return action_run(actions, sizeof actions / sizeof *actions, arguments[1]);
}
