/* See descriptors.h. The first three descriptors are the console when a component starts. */
#include "servers/rt/linux/descriptors.h"

#include <errno.h>
#include <fcntl.h>

#include "servers/rt/linux/current.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/local_pipe.h"
#include "servers/rt/linux/locks.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/poll.h"
#include "servers/rt/linux/signals.h"
#include "servers/rt/linux/threads.h"
#include "servers/rt/linux/user.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

enum { CLOSE_ON_EXEC = 1 << 15, CHUNKS = (OPEN_FILES - OPEN_FIRST) / OPEN_CHUNK };

static struct {
        uint16_t descriptors[OPEN_FILES]; /* index of the open file + 1, CLOSE_ON_EXEC; 0: free */
        struct open_file first[OPEN_FIRST];
        struct open_file *more[CHUNKS]; /* NULL: not needed yet */
        struct rlimit limit;
} table = {
    .descriptors = {1, 1, 1},
    .first = {{.kind = OPEN_CONSOLE, .references = 3, .flags = O_RDWR}},
    .limit = {OPEN_FILES, OPEN_FILES},
};

/* The open file of an index; NULL: it has no place yet. */
static struct open_file *file_at(unsigned index)
{
        if (index < OPEN_FIRST)
                return &table.first[index];
        struct open_file *chunk = table.more[(index - OPEN_FIRST) / OPEN_CHUNK];
        return chunk ? &chunk[(index - OPEN_FIRST) % OPEN_CHUNK] : NULL;
}

struct open_file *open_file_at(unsigned place)
{
        struct open_file *open = file_at(place);
        return open && open->kind != OPEN_NONE ? open : NULL;
}

struct rlimit *descriptor_limit(void)
{
        return &table.limit;
}

/* An open file as a startup page describes it; OPEN_NONE: it says what is impossible. */
static struct open_file file_described(const struct startup_descriptor *from)
{
        static const uint8_t kinds[] = {
            [DESCRIPTOR_NULL] = OPEN_NULL,      [DESCRIPTOR_TERMINAL] = OPEN_CONSOLE,
            [DESCRIPTOR_PIPE] = OPEN_CONSOLE,   [DESCRIPTOR_FILE] = OPEN_FILE,
            [DESCRIPTOR_SHARED] = OPEN_FILE,    [DESCRIPTOR_ZERO] = OPEN_ZERO,
            [DESCRIPTOR_FULL] = OPEN_FULL,      [DESCRIPTOR_RANDOM] = OPEN_RANDOM,
            [DESCRIPTOR_SOCKET] = OPEN_CONSOLE, [DESCRIPTOR_FOLDER] = OPEN_FOLDER};
        if (from->kind >= sizeof kinds)
                return (struct open_file){.kind = OPEN_NONE};
        return (struct open_file){
            .kind = kinds[from->kind],
            .pipe = from->kind == DESCRIPTOR_PIPE || from->kind == DESCRIPTOR_SOCKET,
            .socket = from->kind == DESCRIPTOR_SOCKET,
            .shared = from->kind == DESCRIPTOR_SHARED,
            .references = 1,
            .right = from->handle,
            .flags = (int)from->flags,
            .offset = from->offset,
            .token = from->kind == DESCRIPTOR_SHARED ? from->offset : 0,
            .service = "fs", /* as far as is known; another one's numbers differ */
        };
}

/* What is impossible is left out. */
static void descriptor_begin(const struct startup_descriptor *from, unsigned place)
{
        if (from->kind == DESCRIPTOR_LOCKS)
                locks_right_comes(from->number, from->handle);
        const bool is_current = from->kind == DESCRIPTOR_FOLDER && from->number == CURRENT_FOLDER;
        if (from->number >= OPEN_FILES && !is_current)
                return;
        table.first[place] = file_described(from);
        if (is_current)
                current_comes(&table.first[place]);
        else if (table.first[place].kind != OPEN_NONE)
                table.descriptors[from->number] = (uint16_t)(place + 1);
}

void rt_linux_begin(void)
{
        threads_begin();
        user_begin();
        const struct startup *startup = rt_startup();
        if (!startup || !startup->process)
                return;
        signals_begin(startup->program.ignored);
        linux_umask((unsigned)startup->program.mask);
        bytes_zero(table.descriptors, sizeof table.descriptors);
        bytes_zero(table.first, sizeof table.first);
        for (unsigned i = 0; i < startup->descriptor_count && i < STARTUP_DESCRIPTORS; i++)
                descriptor_begin(&startup->descriptors[i], i);
}

struct open_file *open_file_of(int descriptor)
{
        if (descriptor < 0 || descriptor >= OPEN_FILES || !table.descriptors[descriptor])
                return NULL;
        return file_at((table.descriptors[descriptor] & ~CLOSE_ON_EXEC) - 1u);
}

int64_t terminal_copy(handle_t *right)
{
        const struct startup *startup = rt_startup();
        *right = 0;
        if (!startup || !startup->process)
                return 0;
        for (unsigned i = 0; i < OPEN_FILES; i++) {
                const struct open_file *open = open_file_at(i);
                if (open && open->right && open_file_is_terminal(open))
                        return linux_error(sys_handle_copy(open->right, RIGHTS_ALL, right));
        }
        return -ENXIO;
}

static int descriptor_find(int at_least)
{
        for (int i = at_least < 0 ? 0 : at_least; i < (int)table.limit.rlim_cur; i++)
                if (!table.descriptors[i])
                        return i;
        return -1;
}

void descriptor_close_on_exec(int descriptor, bool on)
{
        table.descriptors[descriptor] &= (uint16_t)~CLOSE_ON_EXEC;
        if (on)
                table.descriptors[descriptor] |= CLOSE_ON_EXEC;
}

bool descriptor_closes_on_exec(int descriptor)
{
        return table.descriptors[descriptor] & CLOSE_ON_EXEC;
}

/* The index of a free open file; OPEN_FILES: there is none. *error says why. */
static unsigned file_find(int64_t *error)
{
        unsigned i = 0;
        while (i < OPEN_FILES && file_at(i) && file_at(i)->kind != OPEN_NONE)
                i++;
        *error = -ENFILE;
        if (i == OPEN_FILES || file_at(i))
                return i;
        void *chunk;
        *error = -ENOMEM;
        if (rt_memory_allocate(OPEN_CHUNK * sizeof(struct open_file), &chunk) != OUTCOME_OK)
                return OPEN_FILES;
        table.more[(i - OPEN_FIRST) / OPEN_CHUNK] = chunk;
        return i;
}

static struct open_file *file_use(unsigned index, enum open_kind kind)
{
        struct open_file *open = file_at(index);
        *open = (struct open_file){.kind = (uint8_t)kind, .references = 1};
        return open;
}

struct open_file *open_file_add(enum open_kind kind, int64_t *error)
{
        const unsigned i = file_find(error);
        return i == OPEN_FILES ? NULL : file_use(i, kind);
}

int64_t open_file_new(enum open_kind kind, struct open_file **file)
{
        int descriptor = descriptor_find(0);
        int64_t error = -EMFILE;
        unsigned i = descriptor < 0 ? OPEN_FILES : file_find(&error);
        if (i == OPEN_FILES)
                return error;
        *file = file_use(i, kind);
        table.descriptors[descriptor] = (uint16_t)(i + 1);
        return descriptor;
}

int64_t descriptor_receive(const struct startup_descriptor *from)
{
        struct open_file *open;
        if (!descriptor_has_right(from->kind))
                return -EINVAL;
        int64_t descriptor = open_file_new(OPEN_CONSOLE, &open);
        if (descriptor >= 0)
                *open = file_described(from);
        return descriptor;
}

struct open_file *open_file_put(int descriptor, enum open_kind kind)
{
        int64_t error;
        if (descriptor < 0 || descriptor >= OPEN_FILES || table.descriptors[descriptor])
                return NULL;
        unsigned i = file_find(&error);
        if (i == OPEN_FILES)
                return NULL;
        table.descriptors[descriptor] = (uint16_t)(i + 1);
        return file_use(i, kind);
}

void open_file_hold(struct open_file *open)
{
        open->references++;
}

void open_file_drop(struct open_file *open)
{
        if (--open->references)
                return;
        locks_dropped(open);
        if (open->right)
                sys_handle_close(open->right);
        if (open->ring)
                local_pipe_close(open->ring, (open->flags & O_ACCMODE) == O_WRONLY);
        epoll_forget(open);
        if (open->epoll)
                epoll_close(open);
        reader_close(&open->reader);
        if (open->folder)
                rt_memory_free(open->folder, sizeof *open->folder);
        if (open->text)
                rt_memory_free(open->text, open->text->room);
        open->kind = OPEN_NONE;
}

int64_t linux_close(int file)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        locks_closed(open);
        table.descriptors[file] = 0;
        open_file_drop(open);
        return 0;
}

static int64_t dup_to(int file, int to, bool close_on_exec)
{
        open_file_hold(open_file_of(file));
        table.descriptors[to] = table.descriptors[file];
        descriptor_close_on_exec(to, close_on_exec);
        return to;
}

void descriptor_twice(int file, int to)
{
        if (open_file_of(file) && to >= 0 && to < OPEN_FILES && !table.descriptors[to])
                dup_to(file, to, false);
}

int64_t linux_dup(int file, int at_least, bool close_on_exec)
{
        if (!open_file_of(file))
                return -EBADF;
        if (at_least < 0 || (at_least && at_least >= (int)table.limit.rlim_cur))
                return -EINVAL;
        int to = descriptor_find(at_least);
        return to < 0 ? -EMFILE : dup_to(file, to, close_on_exec);
}

int64_t linux_dup2(int file, int to)
{
        if (!open_file_of(file))
                return -EBADF;
        return file == to ? to : linux_dup3(file, to, 0);
}

int64_t linux_dup3(int file, int to, int flags)
{
        if (file == to || flags & ~O_CLOEXEC)
                return -EINVAL;
        if (!open_file_of(file) || to < 0 || to >= (int)table.limit.rlim_cur)
                return -EBADF;
        linux_close(to);
        return dup_to(file, to, flags & O_CLOEXEC);
}

int64_t linux_close_range(unsigned first, unsigned last, unsigned flags)
{
        enum { UNSHARE = 2, CLOEXEC = 4 }; /* CLOSE_RANGE_… */
        if (first > last || flags & ~(unsigned)(UNSHARE | CLOEXEC))
                return -EINVAL;
        if (flags & UNSHARE && threads_several())
                return -ENOMEM; /* there is no room for a second table */
        for (unsigned i = first; i <= last && i < OPEN_FILES; i++) {
                if (flags & CLOEXEC && table.descriptors[i])
                        descriptor_close_on_exec((int)i, true);
                else if (!(flags & CLOEXEC))
                        linux_close((int)i);
        }
        return 0;
}

int64_t linux_fcntl(int file, int command, uint64_t argument)
{
        enum {
                KEPT = O_APPEND | O_NONBLOCK, /* what can be set */
                SHOWN = O_ACCMODE | KEPT | O_SYNC | O_NOATIME | O_DIRECTORY | O_NOFOLLOW,
        };
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        switch (command) {
        case F_DUPFD:
        case F_DUPFD_CLOEXEC:
                return linux_dup(file, (int)argument, command == F_DUPFD_CLOEXEC);
        case F_GETFD:
                return descriptor_closes_on_exec(file) ? FD_CLOEXEC : 0;
        case F_SETFD:
                descriptor_close_on_exec(file, argument & FD_CLOEXEC);
                return 0;
        case F_GETFL:
                return open->flags & SHOWN;
        case F_GETPIPE_SZ:
                return open->kind == OPEN_PIPE || (open->pipe && !open->socket) ? LOCAL_PIPE_BYTES
                                                                                : -EBADF;
        case F_SETPIPE_SZ: /* it is as large as it is */
                if (linux_fcntl(file, F_GETPIPE_SZ, 0) < 0)
                        return -EBADF;
                return argument <= LOCAL_PIPE_BYTES ? LOCAL_PIPE_BYTES : -EPERM;
        case F_GETOWN: /* nobody */
                return 0;
        case F_SETFL:
                if ((int)argument & (O_DIRECT | O_ASYNC))
                        return -EINVAL;
                if (open->shared && (open->flags ^ (int)argument) & O_APPEND)
                        return -EINVAL; /* the others who have it would not hear of it */
                if (open_file_has_server(open) && (open->flags ^ (int)argument) & O_NOATIME)
                        return -EINVAL; /* the server was told when it was opened */
                open->flags = (open->flags & ~KEPT) | ((int)argument & KEPT);
                return 0;
        case F_GET_SEALS:
        case F_ADD_SEALS:
                return file_seals(open, command == F_ADD_SEALS);
        case F_GETLK:
        case F_SETLK:
        case F_SETLKW:
        case F_OFD_GETLK:
        case F_OFD_SETLK:
        case F_OFD_SETLKW:
                return linux_lock(file, command, (void *)argument);
        default:
                return -EINVAL;
        }
}
