/* Memory that processes share through files: /dev/shm, shm_open, sem_open, as Linux has them. Its
 * first argument says what it does; it ends with 0, or says what was not as expected. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <time.h>

#include "tests/programs/expect.h"

enum { PAGE = 4096, ROUNDS = 200 };

static const char *self;

/* A name that no other process has; 0 to 9 for `which`. */
static const char *name_of(int which)
{
        static char names[10][40];
        snprintf(names[which], sizeof names[which], "/test-%d-%d", (int)getpid(), which);
        return names[which];
}

static const char *path_of(int which)
{
        static char paths[10][60];
        snprintf(paths[which], sizeof paths[which], "/dev/shm%s", name_of(which));
        return paths[which];
}

/* An object of that name, made anew. */
static int object_make(int which, off_t size)
{
        int file = shm_open(name_of(which), O_RDWR | O_CREAT | O_EXCL, 0600);
        EXPECT(file >= 0 && ftruncate(file, size) == 0);
        return file;
}

static volatile char *map_of(int file, size_t bytes, off_t offset)
{
        void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, offset);
        EXPECT(at != MAP_FAILED);
        return at;
}

static uint64_t space_left(void)
{
        struct statfs space;
        EXPECT(statfs("/dev/shm", &space) == 0);
        return space.f_bfree * space.f_bsize;
}

static bool refuses(void *at, int why)
{
        return at == MAP_FAILED && errno == why;
}

/* ---- semaphores ------------------------------------------------------------------------------ */

/* In a process that knows nothing of the other but the names. */
static void turns(const char *waits, const char *posts)
{
        sem_t *ours = sem_open(waits, 0), *theirs = sem_open(posts, 0);
        EXPECT(ours != SEM_FAILED && theirs != SEM_FAILED);
        for (int i = 0; i < ROUNDS; i++)
                EXPECT(sem_wait(ours) == 0 && sem_post(theirs) == 0);
        EXPECT(sem_close(ours) == 0 && sem_close(theirs) == 0);
}

static void semaphores(void)
{
        char ours[40], theirs[40];
        strcpy(ours, name_of(0));
        strcpy(theirs, name_of(1));
        sem_t *one = sem_open(ours, O_CREAT | O_EXCL, 0600, 0);
        sem_t *other = sem_open(theirs, O_CREAT, 0600, 1);
        int value = -1;
        EXPECT(one != SEM_FAILED && other != SEM_FAILED);
        EXPECT(sem_open(ours, O_CREAT | O_EXCL, 0600, 0) == SEM_FAILED && errno == EEXIST);
        EXPECT(sem_open(ours, O_CREAT, 0600, 9) == one && sem_close(one) == 0);
        EXPECT(sem_getvalue(other, &value) == 0 && value == 1);
        pid_t child = fork();
        if (child == 0) {
                execl(self, self, "turns", ours, theirs, NULL);
                _exit(127);
        }
        turns(theirs, ours);
        EXPECT(exited(status_of(child), 0));
        EXPECT(sem_getvalue(one, &value) == 0 && value == 0);
        EXPECT(sem_getvalue(other, &value) == 0 && value == 1);
        struct timespec soon;
        EXPECT(clock_gettime(CLOCK_REALTIME, &soon) == 0);
        EXPECT(sem_timedwait(one, &soon) == -1 && errno == ETIMEDOUT);
        EXPECT(sem_unlink(ours) == 0 && sem_unlink(theirs) == 0);
        EXPECT(sem_unlink(ours) == -1 && errno == ENOENT);
        EXPECT(sem_open(ours, 0) == SEM_FAILED && errno == ENOENT);
        EXPECT(sem_post(one) == 0 && sem_wait(one) == 0); /* until it is closed */
        EXPECT(sem_close(one) == 0 && sem_close(other) == 0);
}

/* ---- objects --------------------------------------------------------------------------------- */

struct common {
        pthread_mutex_t lock;
        pthread_cond_t turned;
        int turn, count;
};

static void takes_turns(struct common *common, int own)
{
        for (int i = 0; i < ROUNDS; i++) {
                EXPECT(pthread_mutex_lock(&common->lock) == 0);
                while (common->turn != own)
                        EXPECT(pthread_cond_wait(&common->turned, &common->lock) == 0);
                common->count++;
                common->turn = !own;
                EXPECT(pthread_cond_broadcast(&common->turned) == 0);
                EXPECT(pthread_mutex_unlock(&common->lock) == 0);
        }
}

static void locks_make(struct common *common)
{
        pthread_mutexattr_t mutex;
        pthread_condattr_t condition;
        EXPECT(pthread_mutexattr_init(&mutex) == 0 && pthread_condattr_init(&condition) == 0);
        EXPECT(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED) == 0);
        EXPECT(pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED) == 0);
        EXPECT(pthread_mutex_init(&common->lock, &mutex) == 0);
        EXPECT(pthread_cond_init(&common->turned, &condition) == 0);
}

/* The child has the file by its descriptor alone, and maps it where it likes. */
static void joins(const char *descriptor)
{
        EXPECT(mmap(NULL, 7 * PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
        takes_turns((struct common *)map_of(atoi(descriptor), PAGE, PAGE), 1);
}

static void locked(void)
{
        char number[12];
        int file = object_make(0, 3 * PAGE), kept = dup(file); /* shm_open's own ends with exec */
        struct common *common = (struct common *)map_of(file, PAGE, PAGE);
        snprintf(number, sizeof number, "%d", kept);
        EXPECT(shm_unlink(name_of(0)) == 0 && close(file) == 0);
        locks_make(common);
        pid_t child = fork();
        if (child == 0) {
                execl(self, self, "joins", number, NULL);
                _exit(127);
        }
        takes_turns(common, 0);
        EXPECT(exited(status_of(child), 0) && common->count == 2 * ROUNDS);
}

/* Two maps, a child's, and calls: one memory. */
static void one_memory(void)
{
        int file = object_make(0, 2 * PAGE + 100), other = open(path_of(0), O_RDWR);
        volatile char *at = map_of(file, 3 * PAGE, 0), *again = map_of(other, PAGE, PAGE);
        char bytes[10];
        struct stat status;
        EXPECT(at[0] == 0 && fstat(file, &status) == 0 && status.st_size == 2 * PAGE + 100);
        EXPECT(S_ISREG(status.st_mode) && (status.st_mode & 0777) == 0600 && status.st_nlink == 1);
        at[PAGE] = 'a';
        EXPECT(again[0] == 'a' && pread(other, bytes, 2, PAGE) == 2 && bytes[0] == 'a');
        EXPECT(pwrite(file, "xyz", 3, PAGE + 1) == 3 && again[1] == 'x' && at[PAGE + 3] == 'z');
        pid_t child = fork();
        if (child == 0) {
                EXPECT(at[PAGE] == 'a' && (again[0] = 'b'));
                _exit(0);
        }
        EXPECT(exited(status_of(child), 0) && at[PAGE] == 'b');
        EXPECT(read(file, bytes, 1) == 1 && lseek(file, 0, SEEK_END) == 2 * PAGE + 100);
        EXPECT(msync((void *)at, 3 * PAGE, MS_SYNC) == 0 && close(file) == 0 && close(other) == 0);
        EXPECT(unlink(path_of(0)) == 0 && (again[5] = 'c') && at[PAGE + 5] == 'c');
        EXPECT(munmap((void *)at, 3 * PAGE) == 0 && again[5] == 'c'); /* the last that has it */
}

/* A file that grows is mapped in parts that are made one after the other. */
static void grows(void)
{
        enum { PARTS = 40 };
        int file = object_make(0, PAGE);
        volatile char *first = map_of(file, PAGE, 0);
        first[0] = 1;
        for (int i = 1; i < PARTS; i++) {
                EXPECT(pwrite(file, "", 1, (i + 1) * PAGE - 1) == 1); /* as SQLite does it */
                volatile char *part = map_of(file, PAGE, i * PAGE);
                EXPECT(part[0] == 0 && part[PAGE - 1] == 0);
                part[0] = (char)(i + 1);
        }
        volatile char *all = map_of(file, PARTS * PAGE, 0);
        for (int i = 0; i < PARTS; i++)
                EXPECT(all[i * PAGE] == i + 1);
        pid_t child = fork();
        if (child == 0) {
                for (int i = 0; i < PARTS; i++)
                        all[i * PAGE] = 100;
                _exit(0);
        }
        EXPECT(exited(status_of(child), 0) && first[0] == 100);
        char byte;
        for (int i = 0; i < PARTS; i++)
                EXPECT(pread(file, &byte, 1, i * PAGE) == 1 && byte == 100);
        EXPECT(write(file, "1234", 4) == 4 && first[3] == '4' && close(file) == 0);
        EXPECT(shm_unlink(name_of(0)) == 0);
}

static sigjmp_buf back;

static void leap(int signal)
{
        siglongjmp(back, signal);
}

static bool faults(volatile char *at)
{
        int signal = sigsetjmp(back, 1);
        if (signal == 0)
                *at = 1;
        return signal == SIGSEGV || signal == SIGBUS;
}

/* What a file is cut by is gone for all, and what it grows by is zero. */
static void cut(void)
{
        int file = object_make(0, PAGE);
        EXPECT(ftruncate(file, 2 * PAGE) == 0);
        volatile char *at = map_of(file, 2 * PAGE, 0);
        EXPECT(signal(SIGSEGV, leap) != SIG_ERR && signal(SIGBUS, leap) != SIG_ERR);
        memset((void *)at, 'a', 2 * PAGE);
        EXPECT(ftruncate(file, 100) == 0 && at[99] == 'a' && at[100] == 0);
        EXPECT(faults(at + PAGE) && !faults(at));
        EXPECT(ftruncate(file, 2 * PAGE) == 0 && at[0] == 1 && at[100] == 0);
        volatile char *again = map_of(file, 2 * PAGE, 0);
        EXPECT(again[PAGE] == 0 && !faults(again + PAGE) && faults(at + PAGE));
        EXPECT(close(open(path_of(0), O_RDWR | O_TRUNC)) == 0 && faults(at));
        EXPECT(shm_unlink(name_of(0)) == 0);
}

/* ---- names ----------------------------------------------------------------------------------- */

static int listed(const char *name)
{
        DIR *folder = opendir("/dev/shm");
        int count = 0;
        EXPECT(folder);
        for (struct dirent *entry; (entry = readdir(folder));)
                count += strcmp(entry->d_name, name + 1) == 0;
        EXPECT(closedir(folder) == 0);
        return count;
}

static void names(void)
{
        struct stat status, other;
        int file = object_make(0, 5);
        EXPECT(listed(name_of(0)) == 1 && stat(path_of(0), &status) == 0 && status.st_size == 5);
        EXPECT(link(path_of(0), path_of(1)) == 0 && listed(name_of(1)) == 1);
        EXPECT(link(path_of(0), path_of(1)) == -1 && errno == EEXIST);
        EXPECT(link(path_of(2), path_of(3)) == -1 && errno == ENOENT);
        EXPECT(stat(path_of(1), &other) == 0 && other.st_ino == status.st_ino);
        EXPECT(other.st_nlink == 2 && unlink(path_of(0)) == 0 && !listed(name_of(0)));
        EXPECT(rename(path_of(1), path_of(2)) == 0 && access(path_of(1), F_OK) == -1);
        EXPECT(rename(path_of(2), "/fs/none") == -1 && errno == EXDEV);
        EXPECT(chmod(path_of(2), 0640) == 0 && fstat(file, &status) == 0);
        EXPECT((status.st_mode & 0777) == 0640 && status.st_nlink == 1);
        text_write(path_of(3), "text");
        EXPECT(rename(path_of(3), path_of(2)) == 0 && stat(path_of(2), &other) == 0);
        EXPECT(other.st_ino != status.st_ino && fstat(file, &status) == 0 && status.st_nlink == 0);
        EXPECT(stat("/dev/./shm/..", &status) == 0 && S_ISDIR(status.st_mode));
        EXPECT(chdir("/dev/shm") == 0 && access(path_of(2) + 9, R_OK) == 0 && chdir("/") == 0);
        EXPECT(unlink(path_of(2)) == 0 && close(file) == 0);
        EXPECT(shm_unlink(name_of(2)) == -1 && errno == ENOENT);
}

static void refused(void)
{
        int file = object_make(0, PAGE), read_only = shm_open(name_of(0), O_RDONLY, 0);
        int write_only = open(path_of(0), O_WRONLY);
        const int both = PROT_READ | PROT_WRITE;
        EXPECT(refuses(mmap(NULL, 2 * PAGE, both, MAP_SHARED, file, 0), ENXIO));
        EXPECT(refuses(mmap(NULL, PAGE, both, MAP_SHARED, file, PAGE), ENXIO));
        EXPECT(refuses(mmap(NULL, PAGE, both, MAP_SHARED, file, 1), EINVAL));
        EXPECT(refuses(mmap(NULL, PAGE, both, MAP_SHARED, read_only, 0), EACCES));
        EXPECT(refuses(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, write_only, 0), EACCES));
        EXPECT(refuses(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0), EPERM));
        volatile char *reader = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, read_only, 0);
        EXPECT(reader != MAP_FAILED && mprotect((void *)reader, PAGE, both) == -1);
        EXPECT(errno == EACCES && write(read_only, "a", 1) == -1);
        EXPECT(pwrite(file, "a", 1, 0) == 1 && reader[0] == 'a');
        volatile char *copy = mmap(NULL, PAGE, both, MAP_PRIVATE, file, 0);
        EXPECT(copy != MAP_FAILED && (copy[0] = 'b') && reader[0] == 'a');
        EXPECT(pwrite(file, "#!/fs/bin/sh\n", 13, 0) == 13 && fchmod(file, 0700) == 0);
        EXPECT(execl(path_of(0), "it", NULL) == -1 && errno == EACCES);
        SAYS(EACCES, (SYS_execveat, read_only, "", NULL, NULL, AT_EMPTY_PATH));
        EXPECT(mkdir(path_of(1), 0700) == -1 && symlink("a", path_of(1)) == -1);
        EXPECT(open("/dev/shm/a/b", O_RDWR | O_CREAT, 0600) == -1 && errno == ENOENT);
        EXPECT(open("/dev/shm", O_RDWR) == -1 && errno == EISDIR);
        EXPECT(rmdir("/dev/shm") == -1 && errno == EBUSY);
        EXPECT(shm_open("/", O_RDWR, 0) == -1 && shm_unlink(name_of(0)) == 0);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* What does not fit is refused, and what was there stays. */
static void full(void)
{
        const uint64_t left = space_left();
        int file = object_make(0, PAGE);
        volatile char *at = map_of(file, PAGE, 0);
        struct stat status;
        at[0] = 'a';
        EXPECT(ftruncate(file, (off_t)left + PAGE) == -1 && errno == ENOSPC);
        EXPECT(ftruncate(file, INT64_MAX) == -1 && errno == ENOSPC);
        EXPECT(pwrite(file, "b", 1, (off_t)1 << 40) == -1 && errno == ENOSPC);
        EXPECT(fstat(file, &status) == 0 && status.st_size == PAGE && at[0] == 'a');
        off_t size = PAGE;
        while (ftruncate(file, size + (1 << 20)) == 0)
                size += 1 << 20;
        EXPECT(errno == ENOSPC && fstat(file, &status) == 0 && status.st_size == size);
        EXPECT(size > 1 << 20 && at[0] == 'a');
        EXPECT(shm_unlink(name_of(0)) == 0 && close(file) == 0 && space_left() < left);
        EXPECT(munmap((void *)at, PAGE) == 0 && space_left() == left);
}

/* What has ended has left nothing, also if it was killed in the midst of it. */
static void given_back(void)
{
        const uint64_t left = space_left();
        for (int i = 0; i < 300; i++) {
                int file = object_make(0, 3 * PAGE);
                volatile char *at = map_of(file, 3 * PAGE, 0);
                at[PAGE] = 1;
                EXPECT(close(file) == 0 && shm_unlink(name_of(0)) == 0);
                EXPECT(munmap((void *)at, 3 * PAGE) == 0);
        }
        int file = object_make(0, 3 * PAGE);
        void *at = (void *)map_of(file, 3 * PAGE, 0);
        EXPECT(close(file) == 0 && shm_unlink(name_of(0)) == 0 && space_left() < left);
        EXPECT(mmap(at, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at);
        EXPECT(space_left() == left && munmap(at, 3 * PAGE) == 0);
        for (int i = 0; i < 5; i++) {
                int ends[2];
                char byte;
                EXPECT(pipe(ends) == 0);
                pid_t child = fork();
                if (child == 0) {
                        int file = open(path_of(1), O_RDWR | O_CREAT, 0600);
                        EXPECT(ftruncate(file, PAGE) == 0 && unlink(path_of(1)) == 0);
                        volatile char *at = map_of(file, PAGE, 0);
                        at[0] = 1;
                        EXPECT(write(ends[1], "", 1) == 1);
                        for (off_t size = 0;; size = (size + PAGE) % (1 << 20))
                                EXPECT(ftruncate(file, size) == 0);
                }
                EXPECT(read(ends[0], &byte, 1) == 1 && kill(child, SIGKILL) == 0);
                EXPECT(WIFSIGNALED(status_of(child)) && close(ends[0]) == 0);
                EXPECT(close(ends[1]) == 0);
                for (int tries = 0; space_left() != left && tries < 1000; tries++)
                        usleep(10000);
                EXPECT(space_left() == left);
        }
}

/* The files that one may have open are a part of all: the next one has some. */
static void crowd(void)
{
        int files[1000], count = 0;
        while (count < 1000 && (files[count] = open(path_of(0), O_RDWR | O_CREAT, 0600)) >= 0)
                count++;
        EXPECT(count > 100 && count < 1000 && (errno == ENFILE || errno == EMFILE));
        EXPECT(close(files[--count]) == 0 && open(path_of(0), O_RDWR) >= 0);
        EXPECT(unlink(path_of(0)) == 0);
}

/* ---- nodes ----------------------------------------------------------------------------------- */

static void stays(void)
{
        int file = shm_open("/stays", O_RDWR | O_CREAT | O_EXCL, 0600);
        EXPECT(file >= 0 && write(file, "here", 4) == 4);
}

static void there(void)
{
        int file = shm_open("/stays", O_RDWR, 0);
        EXPECT(file >= 0 && memcmp((void *)map_of(file, 4, 0), "here", 4) == 0);
        EXPECT(shm_unlink("/stays") == 0);
}

static void absent(void)
{
        EXPECT(shm_open("/stays", O_RDWR, 0) == -1 && errno == ENOENT);
}

/* Memory that is a file without a name: whoever has it open has it, also by another name of the
 * descriptor, and another process. */
static void nameless(void)
{
        const uint64_t before = space_left();
        struct stat status;
        char text[8];
        mode_t mask = umask(077);
        int file = memfd_create("name", 0), other = memfd_create("name", MFD_CLOEXEC);
        umask(mask);
        EXPECT(file >= 0 && other >= 0 && ftruncate(file, 2 * PAGE) == 0);
        EXPECT(fcntl(file, F_GETFD) == 0 && fcntl(other, F_GETFD) == FD_CLOEXEC);
        EXPECT((fcntl(file, F_GETFL) & (O_ACCMODE | O_DIRECTORY)) == O_RDWR);
        EXPECT(fstat(file, &status) == 0 && status.st_mode == (S_IFREG | 0777));
        EXPECT(status.st_size == 2 * PAGE && status.st_nlink == 0);
        EXPECT(fstat(other, &status) == 0 && status.st_size == 0);
        volatile char *map = map_of(file, PAGE, PAGE);
        EXPECT(pwrite(file, "seen", 4, PAGE) == 4 && map[3] == 'n');
        pid_t child = fork();
        if (child == 0) {
                volatile char *again = map_of(file, 2 * PAGE, 0);
                EXPECT(again[PAGE] == 's' && pread(file, text, 8, PAGE) == 8);
                again[PAGE] = 'S';
                map[1] = 'E';
                _exit(write(other, "child", 5) == 5 ? 0 : 1);
        }
        EXPECT(exited(status_of(child), 0));
        EXPECT(map[0] == 'S' && pread(file, text, 2, PAGE) == 2 && memcmp(text, "SE", 2) == 0);
        EXPECT(lseek(other, 0, SEEK_CUR) == 5 && pread(other, text, 8, 0) == 5);
        char *arguments[] = {"shared", "handed", NULL};
        if ((child = fork()) == 0) {
                dup2(file, 0);
                execv(self, arguments);
                _exit(99);
        }
        EXPECT(exited(status_of(child), 0) && map[2] == 'x');
        EXPECT(close(file) == 0 && close(other) == 0 && space_left() < before);
        EXPECT(munmap((void *)map, PAGE) == 0 && space_left() == before);
}

/* The program that was run: its standard input is such a file. */
static void handed(void)
{
        struct stat status;
        volatile char *map = map_of(0, 2 * PAGE, 0);
        EXPECT(fstat(0, &status) == 0 && status.st_nlink == 0 && map[PAGE] == 'S');
        map[PAGE + 2] = 'x';
        exit((int)syscall(SYS_close_range, 3, ~0U, 0));
}

static void sealed(void)
{
        char name[251];
        int file = memfd_create("", 0), other = object_make(0, 1);
        memset(name, 'a', 250);
        name[249] = 0;
        EXPECT(file >= 0 && close(memfd_create(name, 0)) == 0);
        name[249] = 'a';
        name[250] = 0;
        SAYS(EINVAL, (SYS_memfd_create, name, 0));
        SAYS(EINVAL, (SYS_memfd_create, "a", 1 << 20));
        SAYS(EFAULT, (SYS_memfd_create, 8, 0));
        SAYS(EINVAL, (SYS_memfd_create, "a", MFD_ALLOW_SEALING));
        SAYS(EINVAL, (SYS_memfd_create, "a", MFD_HUGETLB));
        EXPECT(fcntl(file, F_GET_SEALS) == F_SEAL_SEAL && fcntl(other, F_GET_SEALS) == F_SEAL_SEAL);
        EXPECT(fcntl(file, F_ADD_SEALS, F_SEAL_GROW) == -1 && errno == EPERM);
        EXPECT(fcntl(0, F_GET_SEALS) == -1 && errno == EINVAL);
        EXPECT(open("/dev/shm", O_RDWR | O_TMPFILE, 0600) == -1 && errno == EOPNOTSUPP);
        EXPECT(open("/dev/shm/none", O_RDWR | O_TMPFILE | O_EXCL, 0600) == -1 && errno == ENOENT);
        EXPECT(close(open("/dev/shm", O_RDWR | O_TMPFILE | O_EXCL, 0600)) == 0);
        EXPECT(shm_unlink(name_of(0)) == 0);
}

int main(int count, char **arguments)
{
        static const struct action actions[] = {
            {"semaphores", semaphores}, {"locked", locked},     {"one_memory", one_memory},
            {"grows", grows},           {"cut", cut},           {"names", names},
            {"refused", refused},       {"full", full},         {"given_back", given_back},
            {"crowd", crowd},           {"stays", stays},       {"there", there},
            {"absent", absent},         {"nameless", nameless}, {"handed", handed},
            {"sealed", sealed},
        };
        self = getenv("SELF") ? getenv("SELF") : arguments[0];
        const char *name = count > 1 ? arguments[1] : "";
        alarm(100); /* whoever waits for what never comes */
        if (strcmp(name, "turns") == 0 && count == 4) {
                turns(arguments[2], arguments[3]);
                return 0;
        }
        if (strcmp(name, "joins") == 0 && count == 3) {
                joins(arguments[2]);
                return 0;
        }
        return action_run(actions, sizeof actions / sizeof *actions, name);
}
