/* See descriptors.h. The first three descriptors are the console when a component starts. */
#include "servers/rt/linux/descriptors.h"

#include <errno.h>
#include <fcntl.h>

#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

static struct {
        uint8_t descriptors[OPEN_FILES]; /* index into `files` + 1; 0: free */
        struct open_file files[OPEN_FILES];
} table = {
    .descriptors = {1, 1, 1},
    .files = {{.kind = OPEN_CONSOLE, .references = 3, .flags = O_RDWR}},
};

/* An open file as the startup page describes it, under its number; what is impossible is left out.
 */
static void descriptor_begin(const struct startup_descriptor *from, unsigned place)
{
        static const uint8_t kinds[] = {
            [DESCRIPTOR_NULL] = OPEN_NULL,
            [DESCRIPTOR_TERMINAL] = OPEN_CONSOLE,
            [DESCRIPTOR_PIPE] = OPEN_CONSOLE,
            [DESCRIPTOR_FILE] = OPEN_FILE,
        };
        if (from->kind >= sizeof kinds || from->number >= OPEN_FILES)
                return;
        table.files[place] = (struct open_file){
            .kind = kinds[from->kind],
            .pipe = from->kind == DESCRIPTOR_PIPE,
            .references = 1,
            .right = from->handle,
            .flags = (int)from->flags,
            .offset = from->offset,
        };
        table.descriptors[from->number] = (uint8_t)(place + 1);
}

void rt_linux_begin(void)
{
        threads_begin();
        const struct startup *startup = rt_startup();
        if (!startup || !startup->process)
                return;
        bytes_zero(&table, sizeof table);
        for (unsigned i = 0; i < startup->descriptor_count && i < STARTUP_DESCRIPTORS; i++)
                descriptor_begin(&startup->descriptors[i], i);
}

struct open_file *open_file_of(int descriptor)
{
        if (descriptor < 0 || descriptor >= OPEN_FILES || !table.descriptors[descriptor])
                return NULL;
        return &table.files[table.descriptors[descriptor] - 1];
}

static int descriptor_find(int at_least)
{
        for (int i = at_least < 0 ? 0 : at_least; i < OPEN_FILES; i++)
                if (!table.descriptors[i])
                        return i;
        return -1;
}

int64_t open_file_new(enum open_kind kind, struct open_file **file)
{
        int descriptor = descriptor_find(0);
        unsigned i = 0;
        while (i < OPEN_FILES && table.files[i].kind != OPEN_NONE)
                i++;
        if (descriptor < 0 || i == OPEN_FILES)
                return -EMFILE;
        table.files[i] = (struct open_file){.kind = (uint8_t)kind, .references = 1};
        table.descriptors[descriptor] = (uint8_t)(i + 1);
        *file = &table.files[i];
        return descriptor;
}

void open_file_hold(struct open_file *open)
{
        open->references++;
}

void open_file_drop(struct open_file *open)
{
        if (--open->references)
                return;
        if (open->right)
                sys_handle_close(open->right);
        reader_close(&open->reader);
        if (open->folder)
                rt_memory_free(open->folder, sizeof *open->folder);
        open->kind = OPEN_NONE;
}

int64_t linux_close(int file)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        table.descriptors[file] = 0;
        open_file_drop(open);
        return 0;
}

int64_t linux_dup(int file, int at_least)
{
        struct open_file *open = open_file_of(file);
        int to = descriptor_find(at_least);
        if (!open)
                return -EBADF;
        if (to < 0)
                return -EMFILE;
        table.descriptors[to] = table.descriptors[file];
        open->references++;
        return to;
}

int64_t linux_dup2(int file, int to)
{
        struct open_file *open = open_file_of(file);
        if (!open || to < 0 || to >= OPEN_FILES)
                return -EBADF;
        if (file == to)
                return to;
        linux_close(to);
        table.descriptors[to] = table.descriptors[file];
        open->references++;
        return to;
}

int64_t linux_fcntl(int file, int command, uint64_t argument)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        switch (command) {
        case F_DUPFD:
        case F_DUPFD_CLOEXEC:
                return linux_dup(file, (int)argument);
        case F_GETFD:
        case F_SETFD: /* there is no exec */
                return 0;
        case F_GETFL:
                return open->flags & (O_ACCMODE | O_APPEND);
        case F_SETFL:
                open->flags = (open->flags & ~O_APPEND) | ((int)argument & O_APPEND);
                return 0;
        default:
                return -EINVAL;
        }
}
