/* Linux system calls, answered in the program's own address space.
 *
 *      libc: syscall ──> kernel ──> entry.S ──> linux_call ──> one function per call, below
 *
 * There is what a program with threads and other processes needs: memory, files, time, signals,
 * identity. Each function returns what Linux would: a result, or a negated errno.
 *
 * Rules of this folder: no libc function is called, no vector register touched (`make suite-rt`
 * checks both), only native system calls are made, so that nothing here can come back here.
 * Context: any thread, on the layer's stack of its own; threads.h has the locks. */
#ifndef RT_LINUX_H
#define RT_LINUX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/message.h"
#include "kernel/abi/outcome.h"

/* Status of a task that ended by a signal: this and the signal's number; below it is what the
 * program gave to exit(). */
enum { LINUX_SIGNALLED = 0x100 };

/* Younger than libc's list of calls: openat2(2), epoll_wait(2), fchmodat2(2). */
enum { LINUX_OPENAT2 = 437, LINUX_EPOLL_PWAIT2 = 441, LINUX_FCHMODAT2 = 452 };

struct timeval;

struct linux_arguments {
        uint64_t a, b, c, d, e, f;
};

/* What entry.S saves of the program at a call, in this order. */
struct linux_context {
        struct linux_arguments arguments;
        uint64_t rax; /* the number, then the result */
        uint64_t rip, flags, rsp;
        uint64_t rbx, rbp, r12, r13, r14, r15;
};

_Static_assert(sizeof(struct linux_context) == 128, "sixteen pushes of entry.S");

/* Called by entry.S. True: the program goes on with the thread's `registers`. */
bool linux_call(struct linux_context *context);

/* A call about files (call_file.c); false: it is none. */
bool linux_file_call(uint64_t number, const struct linux_arguments *in, int64_t *result);

/* Called by entry.S before it goes back to the program: signals.h. */
void linux_attend(const struct linux_context *context);
void linux_deliver(void);
void linux_fault(void);

/* All registers as the program sees them when the call ends; FS and GS base are left out. */
void registers_of_context(const struct linux_context *context, struct registers *registers);

/* errors.c: the negated errno for an outcome; 0 for ok. */
int64_t linux_error(outcome_t outcome);
/* The same of an open file: ESTALE if its server is gone, and the file with it. */
int64_t file_error(outcome_t outcome);
/* The same of a change: EFBIG beyond the longest file; EIO if its server is gone, and perhaps made
 * it before. */
int64_t write_error(outcome_t outcome);

/* memory.c */
int64_t linux_mmap(const struct linux_arguments *arguments);
int64_t linux_munmap(uint64_t address, uint64_t bytes);
int64_t linux_mprotect(uint64_t address, uint64_t bytes, uint64_t protection);
int64_t linux_mremap(const struct linux_arguments *arguments);
int64_t linux_madvise(uint64_t address, uint64_t bytes, int advice);
int64_t linux_brk(uint64_t end);
int64_t linux_mlock(uint64_t address, uint64_t bytes, uint64_t flags);
int64_t linux_munlock(uint64_t address, uint64_t bytes);
int64_t linux_mlockall(uint64_t flags);
int64_t linux_munlockall(void);
/* RLIMIT_DATA, of memory that the program can write to; RLIMIT_AS, of all addresses that it has
 * taken; NULL: no limit of memory that is kept. */
struct rlimit *memory_limit(int resource);

/* file_map.c */
int64_t linux_map_file(const struct linux_arguments *arguments);
int64_t linux_msync(uint64_t address, uint64_t bytes, int flags);

/* descriptors.c */
int64_t linux_close(int file);
int64_t linux_dup(int file, int at_least, bool close_on_exec);
int64_t linux_dup2(int file, int to);
int64_t linux_dup3(int file, int to, int flags);
int64_t linux_close_range(unsigned first, unsigned last, unsigned flags);
int64_t linux_fcntl(int file, int command, uint64_t argument);

/* transfer.c: what is in files */
int64_t linux_read(int file, void *to, uint64_t count);
int64_t linux_write(int file, const void *from, uint64_t count);
int64_t linux_readv(int file, const void *vectors, uint64_t count);
int64_t linux_writev(int file, const void *vectors, uint64_t count);
int64_t linux_pread(int file, void *to, uint64_t count, uint64_t offset);
int64_t linux_pwrite(int file, const void *from, uint64_t count, uint64_t offset);
int64_t linux_preadv(int file, const void *vectors, uint64_t count, uint64_t offset);
int64_t linux_pwritev(int file, const void *vectors, uint64_t count, uint64_t offset);

/* copies.c: from one open file to another */
int64_t linux_sendfile(int out, int in, int64_t *offset, uint64_t count);
int64_t linux_copy_file_range(const struct linux_arguments *in);

/* files.c: opening, places, sizes */
int64_t linux_openat(int directory, const char *path, int flags, unsigned mode);
int64_t linux_openat2(int directory, const char *path, const uint64_t *how, uint64_t bytes);
int64_t linux_memfd_create(const char *name, unsigned flags);
int64_t linux_umask(unsigned mode);
unsigned mode_mask(void);
unsigned mode_masked(unsigned mode);
int64_t linux_lseek(int file, int64_t offset, int whence);
int64_t linux_ftruncate(int file, uint64_t size);
int64_t linux_truncate(const char *path, uint64_t size);
int64_t linux_fsync(int file);
int64_t linux_syncfs(int file);
int64_t linux_fadvise(int file, int64_t bytes, int advice);
int64_t linux_fallocate(int file, int64_t offset, int64_t bytes);
int64_t linux_mknod(int directory, const char *path, unsigned mode);

/* locks.c */
int64_t linux_lock(int file, int command, void *flock);
int64_t linux_flock(int file, int operation);

/* local_pipe.c */
int64_t linux_pipe(int32_t ends[2], int flags);

/* terminal.c */
int64_t linux_ioctl(int file, uint64_t command, uint64_t argument);

/* status.c: what files are */
int64_t linux_fstat(int file, void *status);
int64_t linux_stat(int directory, const char *path, void *status, int flags);
int64_t linux_access(int directory, const char *path, int mode, int flags);
int64_t linux_chmod(int directory, const char *path, unsigned mode, int flags);
int64_t linux_fchmod(int file, unsigned mode);
int64_t linux_chown(int directory, const char *path, unsigned user, unsigned group, int flags);
int64_t linux_fchown(int file, unsigned user, unsigned group);
int64_t linux_fstatfs(int file, void *to);
int64_t linux_statx(int directory, const char *path, int flags, unsigned mask, void *to);
int64_t linux_statfs(const char *path, void *to);
int64_t linux_utimensat(int directory, const char *path, const void *times, int flags);

/* folders.c */
int64_t linux_getdents(int file, void *to, uint64_t bytes);

/* tree.c: names in folders */
int64_t linux_readlink(int directory, const char *path, char *to, uint64_t bytes);
int64_t linux_symlink(const char *target, int directory, const char *path);
int64_t linux_mkdir(int directory, const char *path, unsigned mode);
int64_t linux_unlink(int directory, const char *path, int flags);
int64_t linux_rename(int from_directory, const char *from, int to_directory, const char *to,
                     unsigned flags);
int64_t linux_link(int from_directory, const char *from, int to_directory, const char *to,
                   int flags);
int64_t linux_chdir(const char *path);
int64_t linux_fchdir(int file);
int64_t linux_getcwd(char *to, uint64_t bytes);

/* time.c */
int64_t linux_clock_gettime(int clock, void *time);
int64_t linux_clock_getres(int clock, void *resolution);
int64_t linux_clock_nanosleep(int clock, int flags, const void *time, void *left);
int64_t linux_gettimeofday(void *time, void *zone);
int64_t linux_getrusage(int who, void *usage);
int64_t linux_time(int64_t *seconds);
/* From ns to a struct timespec. */
void time_split(uint64_t nanoseconds, void *time);
/* From a struct timespec to ns. -EINVAL: not a time. */
int64_t time_join(const void *time, uint64_t *nanoseconds);
/* When a wait ends: from now on, or `absolute`; NULL: never. -EINVAL: not a time. */
int64_t time_deadline(const void *timeout, bool absolute, uint64_t *deadline);
/* The deadline that a date is (CLOCK_REALTIME); TIME_NEVER stays. */
uint64_t time_of_date(uint64_t date);
/* From ns. */
struct timeval time_coarse(uint64_t nanoseconds);

/* poll.c */
int64_t linux_poll(void *entries, uint64_t count, int64_t milliseconds);
int64_t linux_ppoll(const struct linux_arguments *in);
int64_t linux_select(const struct linux_arguments *in);
int64_t linux_pselect(const struct linux_arguments *in);

/* count.c */
int64_t linux_eventfd(unsigned first, int flags);

/* signal_file.c */
int64_t linux_signalfd(int file, const void *set, uint64_t set_bytes, int flags);

/* timer_file.c */
int64_t linux_timerfd_create(int clock, int flags);
int64_t linux_timerfd_settime(int file, int flags, const void *set, void *old);
int64_t linux_timerfd_gettime(int file, void *to);

/* epoll.c */
int64_t linux_epoll_create(int flags);
int64_t linux_epoll_ctl(int epoll, int operation, int file, const void *event);
int64_t linux_epoll_wait(const struct linux_arguments *in, const void *set);
int64_t linux_epoll_pwait2(const struct linux_arguments *in);

/* futex.c */
int64_t linux_futex(const struct linux_arguments *in);
int64_t linux_set_robust_list(uint64_t head, uint64_t bytes);
int64_t linux_get_robust_list(int64_t id, uint64_t *head, uint64_t *bytes);

/* threads.c */
int64_t linux_clone(const struct linux_context *context);
int64_t linux_clone3(const struct linux_context *context);
int64_t linux_fork(const struct linux_context *context, bool waits);
int64_t linux_exit(int status);
int64_t linux_exit_group(int status);
int64_t linux_gettid(void);
int64_t linux_set_tid_address(uint64_t address);

/* scheduling.c */
int64_t linux_membarrier(int command, unsigned flags);
int64_t linux_sched_getscheduler(int64_t id);
int64_t linux_sched_setscheduler(int64_t id, int policy, const int *priority);
int64_t linux_sched_getparam(int64_t id, int *priority);
int64_t linux_sched_setparam(int64_t id, const int *priority);
int64_t linux_sched_priority(int policy, bool most);
int64_t linux_sched_interval(int64_t id, void *interval);
int64_t linux_sched_getaffinity(int64_t id, uint64_t bytes, void *set);
int64_t linux_sched_setaffinity(int64_t id, uint64_t bytes, const void *set);
int64_t linux_getcpu(unsigned *processor, unsigned *node);
int64_t linux_getpriority(int which, int64_t who);
int64_t linux_setpriority(int which, int64_t who, int nice);
int64_t linux_times(void *times);

/* exec.c */
int64_t linux_execve(int directory, const char *path, const char *const *arguments,
                     const char *const *environment, int flags);

/* children.c */
/* A child has ended: parts with it, and others before it, if the process wants no statuses. */
void children_ended(void);
int64_t linux_wait4(int64_t which, void *status, int options, void *usage);
int64_t linux_waitid(int kind, int64_t which, void *info, int options, void *usage);
int64_t linux_getppid(void);

/* timers.c */
int64_t linux_setitimer(int which, const void *new, void *old);
int64_t linux_alarm(unsigned seconds);
int64_t linux_timer_create(int clock, const void *event, int32_t *id);
int64_t linux_timer_settime(int64_t id, int flags, const void *set, void *old);
int64_t linux_timer_gettime(int64_t id, void *to);
int64_t linux_timer_getoverrun(int64_t id);
int64_t linux_timer_delete(int64_t id);

/* process.c */
int64_t linux_arch_prctl(int code, uint64_t address);
int64_t linux_getrandom(void *to, uint64_t count, unsigned flags);
int64_t linux_uname(void *name);
int64_t linux_prctl(const struct linux_arguments *in);
int64_t linux_prlimit(int64_t process, int resource, const void *set, void *old);
int64_t linux_sysinfo(void *info);
int64_t linux_getpid(void);
int64_t linux_identity_set(const uint64_t *numbers, unsigned count);
int64_t linux_identity_get(uint32_t *real, uint32_t *effective, uint32_t *saved);

/* groups.c */
/* The negated errno for what the process server has answered of another process; 0 for ok. */
int64_t process_error(outcome_t outcome);
int64_t linux_getpgid(int64_t process);
int64_t linux_getsid(int64_t process);
int64_t linux_setpgid(int64_t process, int64_t group);
int64_t linux_setsid(void);
/* The numbers of a process's group and session; 0: of its own. 0, or a negated errno. */
int64_t group_of(int64_t process, uint64_t *group, uint64_t *session);

/* signals.c */
int64_t linux_sigaction(int signal, const void *new, void *old, uint64_t set_bytes);
int64_t linux_sigprocmask(int how, const void *new, void *old, uint64_t set_bytes);
int64_t linux_sigaltstack(const void *new, void *old);
int64_t linux_kill(int64_t process, int signal);
int64_t linux_tgkill(int64_t process, int64_t thread, int signal);
int64_t linux_sigqueue(int64_t process, int64_t thread, int signal, const void *info);
int64_t linux_sigpending(void *set, uint64_t set_bytes);
int64_t linux_sigsuspend(const void *set, uint64_t set_bytes);
int64_t linux_pause(void);
int64_t linux_sigtimedwait(const void *set, void *info, const void *timeout, uint64_t set_bytes);
void linux_sigreturn(void); /* frame.c */

#endif
