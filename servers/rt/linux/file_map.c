/* Files in memory: mmap(2) of a file copies what is wanted of it when it is made.
 *
 *      MAP_PRIVATE                      as Linux has it, but that it shows the file as it was then
 *      MAP_SHARED, to be read alone     the same, if the file was opened to be read alone: that it
 *                                       does not show later changes is all that tells it apart
 *      MAP_SHARED otherwise             ENODEV: the file, and who else has it, would not see it
 *
 * Bytes behind the file's end are zero; there is no SIGBUS. Context: `files` (threads.h).
 *
 * Source: mmap(2). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>

#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/task/memory.h"

static int64_t map_check(const struct open_file *open, const struct linux_arguments *in)
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
        return type == MAP_SHARED ? -ENODEV : 0;
}

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

int64_t linux_map_file(const struct linux_arguments *in)
{
        const int file = (int)in->e;
        const struct open_file *open = open_file_of(file);
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
        memory_lock();
        int64_t address = linux_mmap(&memory);
        memory_unlock();
        if (address < 0)
                return address;
        if (open->kind == OPEN_FILE)
                error = map_fill(file, (void *)address, in->b, in->f);
        memory_lock();
        if (!error)
                error = linux_mprotect((uint64_t)address, in->b, in->c);
        if (error)
                linux_munmap((uint64_t)address, in->b);
        memory_unlock();
        return error ? error : address;
}

int64_t linux_msync(uint64_t address, uint64_t bytes, int flags)
{
        const int both = MS_SYNC | MS_ASYNC;
        if (address % PAGE_SIZE || flags & ~(both | MS_INVALIDATE) || (flags & both) == both)
                return -EINVAL;
        return memory_within(address, page_up(bytes)) ? 0 : -ENOMEM;
}
