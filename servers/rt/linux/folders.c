/* What is in a folder that is open, as getdents lays it out. The service is asked for what comes
 * behind the last name, so a folder may change meanwhile and its server may begin anew. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "servers/proto/fs.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/reopen.h"

/* Asks for the folder's next records. *more: there are some. 0, or a negated errno. */
static int64_t records_fetch(struct open_file *open, bool *more)
{
        struct open_folder *folder = open->folder;
        struct service_path at = {.right = open->right};
        char path[FS_PATH_MAX + 2] = "/", joined[JOINED_MAX];
        struct made made;
        unsigned tries = 0;
        outcome_t outcome;
        int64_t error = 0;
        *more = false;
        if (folder->ended)
                return 0;
        if (!folder_is_served(open) && made_list(folder)) {
                *more = folder->records_length > 0;
                return 0;
        }
        if (!folder_is_served(open)) {
                bytes_copy(path + 1, folder->path, folder->path_length);
                error = path_lead(AT_FDCWD, path, false, joined, &made, &at);
        }
        if (error)
                return error;
        do {
                const handle_t right = folder_is_served(open) ? open->right : at.right;
                outcome = fs_list(right, RT_DEADLINE, at.path, at.length, folder->after,
                                  folder->after_length,
                                  open->flags & O_NOATIME ? optional_word(1) : optional_none(),
                                  folder->records, sizeof folder->records, &folder->records_length);
        } while (folder_is_served(open) && file_again(open, outcome, &tries));
        error = path_result(outcome);
        if (error)
                return error;
        folder->records_at = 0;
        folder->ended = fs_list_ended(folder->records_length);
        *more = folder->records_length > 0;
        return 0;
}

/* Writes one entry as Linux lays it out; 0: there is no room. */
static size_t entry_write(uint8_t *to, uint64_t room, uint64_t identity, uint64_t position,
                          uint64_t kind, const char *name, size_t length)
{
        size_t whole = (offsetof(struct dirent, d_name) + length + 1 + 7) & ~(size_t)7;
        struct dirent *entry = (struct dirent *)to;
        if (whole > room)
                return 0;
        entry->d_ino = identity;
        entry->d_off = (off_t)position;
        entry->d_reclen = (unsigned short)whole;
        entry->d_type = kind == FS_FOLDER ? DT_DIR
                        : kind == FS_LINK ? DT_LNK
                        : kind == FS_FILE ? DT_REG
                                          : DT_UNKNOWN;
        bytes_copy(entry->d_name, name, length);
        entry->d_name[length] = 0;
        return whole;
}

/* The record that is next, and the bytes up to its end; false: what is left is none. */
static bool record_next(struct open_folder *folder, struct fs_entry *record, size_t *bytes)
{
        size_t left = folder->records_length - folder->records_at;
        struct unpacker from = unpacker_of(folder->records + folder->records_at, left);
        if (fs_entry_next(&from, record) && record->name_length > 0 &&
            record->name_length <= FS_NAME_MAX) {
                *bytes = left - from.left;
                return true;
        }
        folder->records_at = folder->records_length;
        return false;
}

static void record_pass(struct open_folder *folder, const struct fs_entry *record, size_t bytes)
{
        folder->position++;
        folder->after_length = record->name_length;
        bytes_copy(folder->after, record->name, record->name_length);
        folder->records_at += bytes;
}

/* The next entry, if it is not to be skipped: 0: there is no room. *passed: it was skipped. */
static size_t entry_next(struct open_folder *folder, uint8_t *to, uint64_t room, bool *passed)
{
        const uint64_t position = folder->position + 1;
        size_t written = 0;
        *passed = folder->position < folder->skip;
        if (position <= 2) {
                if (!*passed)
                        written = entry_write(to, room, 1, position, FS_FOLDER, "..", position);
                folder->position += *passed || written;
                return written;
        }
        struct fs_entry record;
        size_t record_bytes;
        bool found = record_next(folder, &record, &record_bytes);
        if (found && !*passed)
                written = entry_write(to, room, record.identity, position, record.kind, record.name,
                                      record.name_length);
        if (found && (*passed || written))
                record_pass(folder, &record, record_bytes);
        *passed = *passed || !found;
        return written;
}

int64_t linux_getdents(int file, void *to, uint64_t bytes)
{
        struct open_file *open = open_file_of(file);
        uint8_t *out = to;
        uint64_t done = 0;
        if (!open)
                return -EBADF;
        if (open->kind != OPEN_FOLDER)
                return -ENOTDIR;
        struct open_folder *folder = open->folder;
        for (;;) {
                bool passed, more = true;
                if (folder->position >= 2 && folder->records_at >= folder->records_length) {
                        int64_t error = records_fetch(open, &more);
                        if (error)
                                return done ? (int64_t)done : error;
                        if (!more)
                                return (int64_t)done;
                }
                size_t written = entry_next(folder, out + done, bytes - done, &passed);
                if (!written && !passed)
                        return done ? (int64_t)done : -EINVAL;
                done += written;
        }
}
