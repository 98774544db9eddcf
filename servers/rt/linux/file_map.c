/* Files in memory: mmap(2) of a file copies what is wanted of it when it is made, unless the file
 * is memory, which is mapped itself (/dev/shm: paths.h).
 *
 *      MAP_PRIVATE                      as Linux has it, but that it shows the file as it was then
 *      MAP_SHARED of what is memory     the file, as Linux has it, within its length: ENXIO
 *      MAP_SHARED, to be read alone     a copy, if the file was opened to be read alone: that it
 *                                       does not show later changes is all that tells it apart
 *      MAP_SHARED otherwise             ENODEV: the file, and who else has it, would not see it;
 *                                       so is one that is another node's memory
 *
 * Of a copy bytes behind the file's end are zero; there is no SIGBUS; what the file has behind the
 * map it does not get: mremap to more is ENOMEM. What a file that is memory is cut by is SIGSEGV
 * for who has it mapped. Context: `files` (threads.h).
 *
 * Source: mmap(2). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "servers/proto/process.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/linux/shared_map.h"
#include "servers/rt/message/message.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

enum { PIECES = 32 }; /* of one map, as many as a file has extents */

bool open_file_is_memory(struct open_file *open)
{
        return open->kind == OPEN_FILE && file_known(open) == 0 &&
               open->identity & FS_IDENTITY_MEMORY;
}

static int64_t map_check(struct open_file *open, const struct linux_arguments *in)
{
        const int type = (int)in->d & MAP_TYPE, access = open->flags & O_ACCMODE;
        if (type != MAP_PRIVATE && type != MAP_SHARED)
                return type == MAP_SHARED_VALIDATE ? -EOPNOTSUPP : -EINVAL;
        if (in->b == 0 || in->f % PAGE_SIZE)
                return -EINVAL;
        if (in->b > INT64_MAX || in->f > INT64_MAX - in->b)
                return -EOVERFLOW;
        if (open->kind == OPEN_ZERO)
                return type == MAP_SHARED ? -ENODEV : 0;
        if (open->kind != OPEN_FILE)
                return -ENODEV;
        if (access == O_WRONLY)
                return -EACCES;
        if (type == MAP_SHARED && access == O_RDONLY)
                return in->c & PROT_WRITE ? -EACCES : 0;
        return type == MAP_SHARED && !open_file_is_memory(open) ? -ENODEV : 0;
}

/* ---- of what is memory ----------------------------------------------------------------------- */

static void pieces_drop(const struct shared_map *pieces, unsigned count)
{
        for (unsigned i = 0; i < count; i++) {
                sys_handle_close(pieces[i].object);
                sys_handle_close(pieces[i].file);
        }
}

/* The objects that a part of the file is made of. 0, or a negated errno. */
static int64_t pieces_get(const struct open_file *open, uint64_t offset, uint64_t bytes,
                          struct shared_map pieces[PIECES], unsigned *count)
{
        outcome_t outcome = OUTCOME_OK;
        *count = 0;
        for (uint64_t done = 0; done < bytes && *count < PIECES; done += pieces[(*count)++].bytes) {
                struct shared_map *piece = &pieces[*count];
                uint64_t object;
                *piece = (struct shared_map){.address = done};
                outcome = sys_handle_copy(open->right, RIGHTS_ALL, &piece->file);
                if (outcome != OUTCOME_OK)
                        break;
                outcome = process_map_memory(rt_handle("log"), RT_DEADLINE, cap_copy(open->right),
                                             offset + done, bytes - done, &object, &piece->offset,
                                             &piece->bytes);
                piece->object = (handle_t)object;
                if (outcome == OUTCOME_OK)
                        continue;
                sys_handle_close(piece->file);
                break;
        }
        if (outcome == OUTCOME_OK)
                return 0;
        pieces_drop(pieces, *count);
        return outcome_reason(outcome) == REASON_REFUSED     ? -ENODEV
               : outcome_reason(outcome) == REASON_NOT_FOUND ? -ENXIO
                                                             : linux_error(outcome);
}

/* Puts them one behind the other. Context: `memory`, too. */
static int64_t pieces_put(struct shared_map pieces[PIECES], unsigned count,
                          const struct linux_arguments *in)
{
        const struct linux_arguments room = {
            .a = in->a,
            .b = in->b,
            .c = PROT_NONE,
            .d = (in->d & ~(uint64_t)MAP_TYPE) | MAP_PRIVATE | MAP_ANONYMOUS,
            .e = (uint64_t)-1,
        };
        const unsigned flags = in->c & PROT_WRITE ? MAP_READ | MAP_WRITE : in->c ? MAP_READ : 0;
        const int64_t address = shared_map_room(count) ? linux_mmap(&room) : -ENOMEM;
        if (address < 0) {
                pieces_drop(pieces, count);
                return address;
        }
        for (unsigned i = 0; i < count; i++) {
                pieces[i].address += (uint64_t)address;
                const int64_t error = shared_map_put(pieces[i], flags);
                if (!error)
                        continue;
                pieces_drop(pieces + i + 1, count - i - 1);
                linux_munmap((uint64_t)address, in->b);
                return error;
        }
        return address;
}

static int64_t map_memory(struct open_file *open, const struct linux_arguments *in)
{
        struct shared_map pieces[PIECES];
        unsigned count;
        if (in->c & PROT_EXEC)
                return -EPERM; /* as of a file system without programs: mmap(2) */
        int64_t error = pieces_get(open, in->f, page_up(in->b), pieces, &count);
        if (error)
                return error;
        memory_lock();
        const int64_t address = pieces_put(pieces, count, in);
        memory_unlock();
        return address;
}

/* ---- of others ------------------------------------------------------------------------------- */

/* Fills the memory from the file. 0, or a negated errno. */
static int64_t map_fill(int file, void *to, uint64_t bytes, uint64_t offset)
{
        for (uint64_t done = 0; done < bytes;) {
                int64_t part = linux_pread(file, (uint8_t *)to + done, bytes - done, offset + done);
                if (part <= 0)
                        return part;
                done += (uint64_t)part;
        }
        return 0;
}

static uint32_t file_marks(uint64_t how)
{
        return (how & MAP_TYPE) == MAP_SHARED ? REGION_COPY | REGION_READ_ALONE : REGION_COPY;
}

int64_t linux_map_file(const struct linux_arguments *in)
{
        const int file = (int)in->e;
        struct open_file *open = open_file_of(file);
        const struct linux_arguments memory = {
            .a = in->a,
            .b = in->b,
            .c = PROT_READ | PROT_WRITE,
            .d = (in->d & ~(uint64_t)MAP_TYPE) | MAP_PRIVATE | MAP_ANONYMOUS,
            .e = (uint64_t)-1,
        };
        int64_t error = open ? map_check(open, in) : -EBADF;
        if (error)
                return error;
        if (in->c & PROT_WRITE && in->c & PROT_EXEC)
                return -EACCES;
        if ((in->d & MAP_TYPE) == MAP_SHARED && open_file_is_memory(open))
                return map_memory(open, in);
        memory_lock();
        int64_t address = linux_mmap(&memory);
        memory_unlock();
        if (address < 0)
                return address;
        if (open->kind == OPEN_FILE)
                error = map_fill(file, (void *)address, in->b, in->f);
        memory_lock();
        if (!error && open->kind == OPEN_FILE)
                error =
                    linux_error(memory_mark((uint64_t)address, page_up(in->b), file_marks(in->d)));
        if (!error)
                error = linux_mprotect((uint64_t)address, in->b, in->c);
        if (error)
                linux_munmap((uint64_t)address, in->b);
        memory_unlock();
        return error ? error : address;
}
