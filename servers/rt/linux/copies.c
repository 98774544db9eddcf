/* From one open file to another without the program's memory: sendfile(2), copy_file_range(2).
 *
 *      read at its place ──> write ──> the places move by what was written
 *
 * What a stream does not take any more is read again by the next call, so nothing is lost. Another
 * thread that closes one of the two meanwhile ends the copy. Where an offset is shared between
 * processes it moves once, at the end. Context: `files` (threads.h), given back while a stream
 * waits. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers/common/least.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/task/memory.h"

enum { PART = FS_CHUNK_MAX, MOST = 0x7ffff000 /* as read(2) */ };

/* One of the two: where it is read or written. */
struct side {
        int file;
        struct open_file *open;
        int64_t *said; /* the program's offset; NULL: the open file's own */
        int64_t at;
        bool streams; /* it is written where it is */
};

/* 0, or a negated errno. */
static int64_t side_begin(struct side *side)
{
        if (!side->streams)
                side->at = side->said ? *side->said : linux_lseek(side->file, 0, SEEK_CUR);
        if (side->at < 0)
                return side->said ? -EINVAL : side->at;
        open_file_hold(side->open);
        return 0;
}

static int64_t side_end(const struct side *side)
{
        int64_t error = 0;
        if (side->said)
                *side->said = side->at;
        else if (!side->streams && open_file_of(side->file) == side->open)
                error = linux_lseek(side->file, side->at, SEEK_SET);
        open_file_drop(side->open);
        return error < 0 ? error : 0;
}

/* How much of a part was written; 0: the end, or a negated errno. */
static int64_t part_copy(const struct side *from, const struct side *to, void *room, uint64_t count)
{
        if (open_file_of(from->file) != from->open || open_file_of(to->file) != to->open)
                return -EBADF;
        const int64_t got = linux_pread(from->file, room, count, (uint64_t)from->at);
        if (got <= 0)
                return got;
        return to->streams ? linux_write(to->file, room, (uint64_t)got)
                           : linux_pwrite(to->file, room, (uint64_t)got, (uint64_t)to->at);
}

static int64_t all_copy(struct side *from, struct side *to, uint64_t count)
{
        void *room;
        uint64_t done = 0;
        int64_t part = 0;
        if (rt_memory_allocate(PART, &room) != OUTCOME_OK)
                return -ENOMEM;
        while (done < count && !(done && thread_self()->block->attention)) {
                part = part_copy(from, to, room, least(count - done, PART));
                if (part <= 0)
                        break;
                done += (uint64_t)part;
                from->at += part;
                to->at += part;
        }
        rt_memory_free(room, PART);
        return done ? (int64_t)done : part;
}

static int64_t copy(struct side *from, struct side *to, uint64_t count)
{
        int64_t error = side_begin(from);
        if (error)
                return error;
        error = side_begin(to);
        if (error) {
                open_file_drop(from->open);
                return error;
        }
        const int64_t done = all_copy(from, to, least(count, MOST));
        const int64_t ends[] = {side_end(from), side_end(to)};
        return ends[0] ? ends[0] : ends[1] ? ends[1] : done;
}

/* What is wrong with the two as they were opened. */
static int64_t access_check(const struct side *from, const struct side *to)
{
        return !from->open || (from->open->flags & O_ACCMODE) == O_WRONLY || !to->open ||
                       (to->open->flags & O_ACCMODE) == O_RDONLY
                   ? -EBADF
                   : 0;
}

int64_t linux_sendfile(int out, int in, int64_t *offset, uint64_t count)
{
        struct side from = {.file = in, .open = open_file_of(in), .said = offset};
        struct side to = {.file = out, .open = open_file_of(out), .streams = true};
        const int64_t error = access_check(&from, &to);
        if (error)
                return error;
        if ((from.open->kind != OPEN_FILE && from.open->kind != OPEN_TEXT) ||
            to.open->flags & O_APPEND || count > INT64_MAX)
                return -EINVAL;
        return copy(&from, &to, count);
}

/* Whether the two are parts of one file that have bytes in common. 0, or a negated errno. */
static int64_t overlap_check(const struct side *from, const struct side *to, uint64_t count)
{
        struct stat in, out;
        int64_t error = linux_fstat(from->file, &in);
        if (!error)
                error = linux_fstat(to->file, &out);
        if (error)
                return error;
        const int64_t at = from->said ? *from->said : linux_lseek(from->file, 0, SEEK_CUR);
        const int64_t put = to->said ? *to->said : linux_lseek(to->file, 0, SEEK_CUR);
        if (at < 0 || put < 0)
                return -EINVAL;
        if (count > (uint64_t)INT64_MAX - (uint64_t)(at > put ? at : put))
                return -EOVERFLOW;
        const int64_t part =
            at < in.st_size ? (int64_t)least(count, (uint64_t)(in.st_size - at)) : 0;
        const bool same = in.st_dev == out.st_dev && in.st_ino == out.st_ino;
        return same && put + part > at && put < at + part ? -EINVAL : 0;
}

int64_t linux_copy_file_range(const struct linux_arguments *in)
{
        struct side from = {.file = (int)in->a, .said = (int64_t *)in->b};
        struct side to = {.file = (int)in->c, .said = (int64_t *)in->d};
        from.open = open_file_of(from.file);
        to.open = open_file_of(to.file);
        if ((unsigned)in->f)
                return -EINVAL;
        int64_t error = access_check(&from, &to);
        if (error)
                return error;
        if (from.open->kind == OPEN_FOLDER || to.open->kind == OPEN_FOLDER)
                return -EISDIR;
        if (from.open->kind != OPEN_FILE || to.open->kind != OPEN_FILE)
                return -EINVAL;
        if (to.open->flags & O_APPEND)
                return -EBADF;
        error = overlap_check(&from, &to, in->e);
        return error ? error : copy(&from, &to, in->e);
}
