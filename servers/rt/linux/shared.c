/* Open files whose offset several processes share: it lives with the file's server, and what reads
 * or writes there is one step, wherever those processes run.
 *
 *      open ──> offset here, read ahead ──another process is given it──> offset with the server
 *
 * It never comes back. The server holds one offset for each right that `open` gave, so dup(2) and
 * fork(2) share it, and a second open(2) does not. A call whose answer is lost has perhaps moved
 * it: it fails, and is not made again. */
#include <errno.h>
#include <fcntl.h>

#include "servers/proto/file.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"

int64_t open_file_share(struct open_file *open)
{
        if (open->kind == OPEN_FOLDER)
                open->locked = false; /* its locks end with the last who has it */
        if (open->kind != OPEN_FILE)
                return 0;
        reader_close(&open->reader);
        if (open->shared)
                return 0;
        outcome_t outcome =
            file_seek(open->right, RT_DEADLINE, open->offset, FILE_WHENCE_START, NULL);
        open->shared = outcome == OUTCOME_OK;
        return file_error(outcome);
}

int64_t shared_read(struct open_file *open, void *to, uint64_t count)
{
        uint64_t done = 0;
        if ((open->flags & O_ACCMODE) == O_WRONLY)
                return -EBADF;
        while (done < count) {
                uint64_t part = count - done < FS_CHUNK_MAX ? count - done : FS_CHUNK_MAX;
                size_t length;
                outcome_t outcome = file_read_next(open->right, RT_DEADLINE, part,
                                                   (uint8_t *)to + done, part, &length);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : file_error(outcome);
                done += length;
                if (length < part)
                        break;
        }
        return (int64_t)done;
}

int64_t shared_write(struct open_file *open, const void *from, uint64_t count)
{
        uint64_t done = 0;
        if ((open->flags & O_ACCMODE) == O_RDONLY)
                return -EBADF;
        while (done < count) {
                uint64_t part = count - done < FS_CHUNK_MAX ? count - done : FS_CHUNK_MAX;
                uint64_t written;
                outcome_t outcome =
                    file_write_next(open->right, RT_DEADLINE, (const uint8_t *)from + done, part,
                                    (open->flags & O_APPEND) != 0, &written);
                if (outcome != OUTCOME_OK)
                        return done ? (int64_t)done : write_error(outcome);
                done += part;
        }
        return (int64_t)done;
}

int64_t shared_seek(struct open_file *open, int64_t by, int whence)
{
        static const enum file_whence known[] = {
            [SEEK_SET] = FILE_WHENCE_START,
            [SEEK_CUR] = FILE_WHENCE_CURRENT,
            [SEEK_END] = FILE_WHENCE_END,
        };
        uint64_t offset;
        if (whence < SEEK_SET || whence > SEEK_END)
                return -EINVAL;
        outcome_t outcome =
            file_seek(open->right, RT_DEADLINE, (uint64_t)by, known[whence], &offset);
        return outcome == OUTCOME_OK ? (int64_t)offset : file_error(outcome);
}
