/* Advisory locks of files: fcntl(2)'s of the process, fcntl(2)'s and flock(2)'s of an open file.
 * The file's server has them, and ends them with the right that they were asked by:
 *
 *      F_OFD_…, flock     the open file's own right: they end with its last close, in all processes
 *      F_SETLK …          a right for locks alone (file.locker), one for each file that the process
 *                         has locked: closed with any descriptor of that file, never inherited
 *
 * The list of such files is as long as it has to be, of the process's own memory. Places and locks
 * are the server's: ENOLCK where it has no more for who asks.
 *
 * The end of a right travels behind what is said next, so what can be unlocked at a close or at
 * the end of the process is unlocked by a call. A wait ends with a signal. Context: `files`
 * (threads.h), which is given back while a lock is waited for.
 *
 * Sources: fcntl(2), flock(2), POSIX.1-2017 fcntl. */
#include "servers/rt/linux/locks.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "servers/proto/file.h"
#include "servers/rt/linux/console.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

enum {
        OFD_GETLK = 36,
        OFD_SETLK = 37,
        OFD_SETLKW = 38,
};

#define BEHIND_ALL (1ull << 63)

enum { LOCKERS_FIRST = STARTUP_DESCRIPTORS /* as many as may come from the program before */ };

static struct {
        struct locker first[LOCKERS_FIRST];
        struct locker *more; /* all of them, when they are more; NULL: they never were */
        unsigned more_room;
        unsigned count;
        uint64_t ended; /* how many have been, in all */
        bool of_files;  /* some open file has had locks of its own */
} lockers;

/* A part of a file, as the server is asked for it. */
struct part {
        enum file_lock_kind kind;
        uint64_t start, end;
        bool whole;
};

/* ---- asking ---------------------------------------------------------------------------------- */

static int64_t lock_error(outcome_t outcome, uint64_t locked)
{
        const unsigned reason = outcome_reason(outcome);
        if (outcome == OUTCOME_OK)
                return locked == FILE_LOCKED_IN_WAY ? -EAGAIN
                       : locked == FILE_LOCKED_DONE ? 0
                                                    : -EDEADLK;
        if (reason == REASON_CANCELLED)
                return -RESTART;
        return reason == REASON_OVERLOADED || reason == REASON_NO_SPACE ? -ENOLCK
                                                                        : file_error(outcome);
}

static int64_t lock_now(handle_t right, const struct part *part)
{
        uint64_t locked;
        outcome_t outcome = file_lock(right, RT_DEADLINE, part->kind, part->start, part->end,
                                      part->whole, false, &locked);
        return lock_error(outcome, locked);
}

static int64_t lock_await(handle_t right, const struct part *part)
{
        struct thread *thread = thread_self();
        uint64_t locked = 0;
        outcome_t outcome;
        if (call_interruptible(thread)) {
                outcome = file_lock_start(right, thread->call, TIME_NEVER, part->kind, part->start,
                                          part->end, part->whole, true);
                if (outcome == OUTCOME_OK) {
                        call_wait(thread);
                        outcome = file_lock_finish(thread->call, &locked);
                }
        } else {
                outcome = file_lock(right, TIME_NEVER, part->kind, part->start, part->end,
                                    part->whole, true, &locked);
        }
        return lock_error(outcome, locked);
}

/* Locks or unlocks by a right; if it is to wait, without the lock of files. Meanwhile a close may
 * end the right, whose number is then another's: it waits by a copy. What it gets after such a
 * close ends with the copy, and it begins anew: what has not ended it has again at once. */
static int64_t lock_by(struct open_file *open, handle_t right, const struct part *part, bool wait)
{
        const uint64_t ended = lockers.ended;
        handle_t copy;
        int64_t error = lock_now(right, part);
        if (error != -EAGAIN || !wait)
                return error;
        outcome_t outcome = sys_handle_copy(right, RIGHTS_ALL, &copy);
        if (outcome != OUTCOME_OK)
                return file_error(outcome);
        open_file_hold(open);
        files_unlock();
        error = lock_await(copy, part);
        files_lock();
        sys_handle_close(copy);
        open_file_drop(open);
        return !error && lockers.ended != ended ? -RESTART : error;
}

static void unlock_all(handle_t right, bool whole)
{
        const struct part all = {FILE_LOCK_KIND_NONE, 0, BEHIND_ALL, whole};
        lock_now(right, &all);
}

/* ---- of the process -------------------------------------------------------------------------- */

static unsigned lockers_room(void)
{
        return lockers.more ? lockers.more_room : LOCKERS_FIRST;
}

static struct locker *locker_at(unsigned place)
{
        return lockers.more ? &lockers.more[place] : &lockers.first[place];
}

static bool is_of(const struct locker *locker, const struct open_file *open)
{
        return locker->right && locker->identity == open->identity &&
               locker->device == open->device;
}

static struct locker *locker_find(const struct open_file *open)
{
        for (unsigned i = 0; i < lockers_room() && lockers.count; i++)
                if (is_of(locker_at(i), open))
                        return locker_at(i);
        return NULL;
}

bool locks_have(const struct open_file *open)
{
        return locker_find(open);
}

static void lockers_drop(void)
{
        if (lockers.more)
                rt_memory_free(lockers.more, lockers.more_room * sizeof *lockers.more);
        lockers.more = NULL;
}

/* A free place, in a list twice as long if there was none; NULL: there is no memory for it. */
static struct locker *locker_place(void)
{
        const unsigned room = lockers_room();
        void *more;
        for (unsigned i = 0; i < room && lockers.count < room; i++)
                if (!locker_at(i)->right)
                        return locker_at(i);
        if (rt_memory_allocate(2 * room * sizeof *lockers.more, &more) != OUTCOME_OK)
                return NULL;
        bytes_copy(more, locker_at(0), room * sizeof *lockers.more);
        lockers_drop();
        lockers.more = more;
        lockers.more_room = 2 * room;
        return locker_at(room);
}

/* The right by which the process locks the file. 0, or a negated errno. */
static int64_t locker_get(struct open_file *open, handle_t *right)
{
        int64_t error = file_known(open);
        if (error)
                return error;
        struct locker *locker = locker_find(open);
        if (!locker) {
                locker = locker_place();
                if (!locker)
                        return -ENOLCK;
                outcome_t outcome =
                    file_locker(open->right, RT_DEADLINE, (uint64_t)linux_getpid(), right);
                if (outcome != OUTCOME_OK)
                        return lock_error(outcome, 0);
                *locker = (struct locker){*right, open->device, open->identity};
                lockers.count++;
        }
        *right = locker->right;
        return 0;
}

static bool goes_on(const struct locker *locker)
{
        for (int file = 0; locker->right && file < OPEN_FILES; file++) {
                struct open_file *open = open_file_of(file);
                if (open && descriptor_closes_on_exec(file) && open_file_has_server(open) &&
                    !file_known(open) && is_of(locker, open))
                        return false;
        }
        return locker->right != 0;
}

const struct locker *locks_go_on(unsigned *at)
{
        while (*at < lockers_room() && lockers.count) {
                const struct locker *locker = locker_at((*at)++);
                if (goes_on(locker))
                        return locker;
        }
        return NULL;
}

void locks_right_comes(unsigned number, handle_t right)
{
        if (number < OPEN_FILES || number - OPEN_FILES >= LOCKERS_FIRST)
                return;
        lockers.first[number - OPEN_FILES].right = right;
        lockers.count++;
}

void locks_come(unsigned number, uint64_t device, uint64_t identity)
{
        if (number < OPEN_FILES || number - OPEN_FILES >= LOCKERS_FIRST)
                return;
        lockers.first[number - OPEN_FILES].device = device;
        lockers.first[number - OPEN_FILES].identity = identity;
}

static void locker_end(struct locker *locker)
{
        unlock_all(locker->right, false);
        sys_handle_close(locker->right);
        locker->right = 0;
        lockers.count--;
        lockers.ended++;
}

void locks_closed(struct open_file *open)
{
        if (!lockers.count || !open_file_has_server(open) || file_known(open))
                return;
        struct locker *locker = locker_find(open);
        if (locker)
                locker_end(locker);
}

void locks_dropped(struct open_file *open)
{
        if (!open->locked || open->shared)
                return;
        open->locked = false;
        unlock_all(open->right, false);
        unlock_all(open->right, true);
}

void locks_exit(void)
{
        if (!lockers.count && !lockers.of_files)
                return;
        files_lock();
        for (unsigned i = 0; i < lockers_room() && lockers.count; i++)
                if (locker_at(i)->right)
                        locker_end(locker_at(i));
        for (int file = 0; file < OPEN_FILES; file++)
                if (open_file_of(file))
                        locks_dropped(open_file_of(file));
        files_unlock();
}

void locks_renew(void)
{
        lockers_drop();
        bytes_zero(&lockers, sizeof lockers);
}

/* ---- fcntl ----------------------------------------------------------------------------------- */

/* The bytes that a struct flock says, from the file's beginning. */
static int64_t part_of(int file, const struct flock *flock, struct part *part)
{
        int64_t base = 0, start, end;
        struct stat status;
        if (flock->l_whence == SEEK_CUR)
                base = linux_lseek(file, 0, SEEK_CUR);
        else if (flock->l_whence == SEEK_END && (base = linux_fstat(file, &status)) == 0)
                base = status.st_size;
        else if (flock->l_whence != SEEK_SET)
                return -EINVAL;
        if (base < 0)
                return base;
        if (__builtin_add_overflow(base, flock->l_start, &start) ||
            __builtin_add_overflow(start, flock->l_len, &end))
                return -EOVERFLOW;
        if (flock->l_len < 0) {
                const int64_t before = end;
                end = start;
                start = before;
        }
        if (start < 0)
                return -EINVAL;
        part->start = (uint64_t)start;
        part->end = flock->l_len == 0 ? BEHIND_ALL : (uint64_t)end;
        return 0;
}

static int64_t kind_of(const struct open_file *open, int type, enum file_lock_kind *kind)
{
        const int access = open->flags & O_ACCMODE;
        *kind = type == F_RDLCK   ? FILE_LOCK_KIND_SHARED
                : type == F_WRLCK ? FILE_LOCK_KIND_EXCLUSIVE
                                  : 0;
        if (type != F_RDLCK && type != F_WRLCK && type != F_UNLCK)
                return -EINVAL;
        return (type == F_RDLCK && access == O_WRONLY) || (type == F_WRLCK && access == O_RDONLY)
                   ? -EBADF
                   : 0;
}

static int64_t lock_look(handle_t right, const struct part *part, struct flock *flock)
{
        uint64_t kind, start, end, process;
        outcome_t outcome = file_lock_test(right, RT_DEADLINE, part->kind, part->start, part->end,
                                           &kind, &start, &end, &process);
        if (outcome != OUTCOME_OK)
                return file_error(outcome);
        if (kind == FILE_LOCK_KIND_NONE) {
                flock->l_type = F_UNLCK;
                return 0;
        }
        *flock = (struct flock){
            .l_type = kind == FILE_LOCK_KIND_EXCLUSIVE ? F_WRLCK : F_RDLCK,
            .l_whence = SEEK_SET,
            .l_start = (off_t)start,
            .l_len = end == BEHIND_ALL ? 0 : (off_t)(end - start),
            .l_pid = process ? (pid_t)process : -1,
        };
        return 0;
}

int64_t linux_lock(int file, int command, void *argument)
{
        struct open_file *open = open_file_of(file);
        const bool of_file = command == OFD_GETLK || command == OFD_SETLK || command == OFD_SETLKW;
        const bool look = command == F_GETLK || command == OFD_GETLK;
        struct flock flock;
        struct part part = {0};
        if (!open_file_has_server(open))
                return -EINVAL;
        file_refresh(open);
        bytes_copy(&flock, argument, sizeof flock);
        int64_t error = kind_of(open, flock.l_type, &part.kind);
        if (error == -EBADF && look)
                error = 0; /* who only looks may have opened it as it likes */
        if (!error)
                error = part_of(file, &flock, &part);
        if (!error && ((of_file && flock.l_pid) || (look && flock.l_type == F_UNLCK)))
                error = -EINVAL;
        handle_t right = open->right;
        if (!error && !of_file)
                error = locker_get(open, &right);
        if (error)
                return error;
        if (look) {
                error = lock_look(right, &part, &flock);
                if (!error)
                        bytes_copy(argument, &flock, sizeof flock);
                return error;
        }
        if (of_file)
                open->locked = lockers.of_files = true;
        return lock_by(open, right, &part, command == F_SETLKW || command == OFD_SETLKW);
}

/* ---- flock ----------------------------------------------------------------------------------- */

int64_t linux_flock(int file, int operation)
{
        struct open_file *open = open_file_of(file);
        struct part all = {.end = BEHIND_ALL, .whole = true};
        if (!open)
                return -EBADF;
        switch (operation & ~LOCK_NB) {
        case LOCK_SH:
                all.kind = FILE_LOCK_KIND_SHARED;
                break;
        case LOCK_EX:
                all.kind = FILE_LOCK_KIND_EXCLUSIVE;
                break;
        case LOCK_UN:
                all.kind = FILE_LOCK_KIND_NONE;
                break;
        default:
                return -EINVAL;
        }
        if (!open_file_has_server(open))
                return -EINVAL;
        file_refresh(open);
        open->locked = lockers.of_files = true;
        return lock_by(open, open->right, &all, !(operation & LOCK_NB));
}
