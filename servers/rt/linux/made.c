/* See made.h. One table, in the order of the paths; a folder's entries are those that begin with
 * its path. The table has no pointers, so that it needs no relocation. */
#include "servers/rt/linux/made.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>

#include "servers/proto/fs.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/proc.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/pure/format.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

enum {
        PATH_MOST = 48,      /* longer names lead to nothing */
        FIRST_IDENTITY = 16, /* st_ino of the table's first */
        MEMORY_MAJOR = 1,    /* of /dev/null and its like: devices.txt of Linux */
        TTY_MAJOR = 5,
        PROCESS_IDENTITY = 1 << 16, /* st_ino of a process's folder, with its number */
};

static const struct entry {
        char path[20];
        uint8_t kind, device, number; /* number: of a device its minor one, else a descriptor */
} table[] = {
    {"bin", MADE_FOLDER, 0, 0}, /* here to be listed alone, as are dev/shm, fs and tmp */
    {"dev", MADE_FOLDER, 0, 0},
    {"dev/fd", MADE_FOLDER, 0, 0},
    {"dev/full", MADE_DEVICE, OPEN_FULL, 7},
    {"dev/null", MADE_DEVICE, OPEN_NULL, 3},
    {"dev/random", MADE_DEVICE, OPEN_RANDOM, 8},
    {"dev/shm", MADE_FOLDER, 0, 0},
    {"dev/stderr", MADE_DESCRIPTOR, 0, 2},
    {"dev/stdin", MADE_DESCRIPTOR, 0, 0},
    {"dev/stdout", MADE_DESCRIPTOR, 0, 1},
    {"dev/tty", MADE_DEVICE, OPEN_CONSOLE, 0},
    {"dev/urandom", MADE_DEVICE, OPEN_RANDOM, 9},
    {"dev/zero", MADE_DEVICE, OPEN_ZERO, 5},
    {"etc", MADE_FOLDER, 0, 0},
    {"etc/group", MADE_TEXT, 0, 0},
    {"etc/hosts", MADE_TEXT, 0, 0},
    {"etc/mtab", MADE_TEXT, 0, 0},
    {"etc/passwd", MADE_TEXT, 0, 0},
    {"fs", MADE_FOLDER, 0, 0},
    {"proc", MADE_FOLDER, 0, 0},
    {"proc/meminfo", MADE_TEXT, 0, 0},
    {"proc/mounts", MADE_TEXT, 0, 0},
    {"proc/self", MADE_FOLDER, 0, 0},
    {"proc/self/cmdline", MADE_TEXT, 0, 0},
    {"proc/self/comm", MADE_TEXT, 0, 0},
    {"proc/self/exe", MADE_LINK, 0, 0},
    {"proc/self/fd", MADE_FOLDER, 0, 0},
    {"proc/self/maps", MADE_TEXT, 0, 0},
    {"proc/self/stat", MADE_TEXT, 0, 0},
    {"proc/self/status", MADE_TEXT, 0, 0},
    {"proc/stat", MADE_TEXT, 0, 0},
    {"proc/uptime", MADE_TEXT, 0, 0},
    {"tmp", MADE_FOLDER, 0, 0},
};

enum { ENTRIES = sizeof table / sizeof table[0] };

/* ---- finding --------------------------------------------------------------------------------- */

/* The bytes of a decimal number in front of a path, as a part of it; 0: none. */
static size_t number_read(const char *path, uint64_t *number)
{
        size_t length = 0;
        *number = 0;
        while (path[length] >= '0' && path[length] <= '9' && length < 10)
                *number = *number * 10 + (uint64_t)(path[length++] - '0');
        return path[length] && path[length] != '/' ? 0 : length;
}

/* What is behind a prefix that ends with '/'; NULL: the path does not begin so. */
static const char *behind(const char *path, const char *prefix)
{
        const size_t length = string_length(prefix);
        return bytes_equal(path, prefix, length) ? path + length : NULL;
}

static bool is_ours(const char *path)
{
        static const char folders[][5] = {"dev", "etc", "proc"};
        for (unsigned i = 0; i < sizeof folders / sizeof folders[0]; i++) {
                const size_t length = string_length(folders[i]);
                if (bytes_equal(path, folders[i], length) && (!path[length] || path[length] == '/'))
                        return true;
        }
        return false;
}

/* The descriptor that a path below one of the two folders stands for. */
static bool descriptor_find(const char *path, struct made *made)
{
        const char *name = behind(path, "dev/fd/");
        uint64_t number;
        if (!name)
                name = behind(path, "proc/self/fd/");
        if (!name)
                return false;
        const size_t length = number_read(name, &number);
        if (!length || name[length] || number >= OPEN_FILES || !open_file_of((int)number))
                return false;
        *made = (struct made){.kind = MADE_DESCRIPTOR, .place = (unsigned)number};
        return true;
}

/* proc/NUMBER is proc/self, if the number is this process's, or another one's that is there:
 * returns that. */
static uint64_t self_name(char path[PATH_MOST])
{
        uint64_t number;
        struct proc proc;
        const char *name = behind(path, "proc/");
        const size_t length = name ? number_read(name, &number) : 0;
        const bool own = length && number == (uint64_t)linux_getpid();
        char tail[PATH_MOST];
        if (!length || (!own && !proc_find(number, &proc)))
                return 0;
        string_set(tail, sizeof tail, name + length);
        format_line(path, PATH_MOST, "proc/self%s", tail);
        return own ? 0 : number;
}

/* Whether the entry is there for another process, too. */
static bool of_others(const char *path)
{
        static const char paths[][20] = {"proc/self",     "proc/self/cmdline", "proc/self/comm",
                                         "proc/self/exe", "proc/self/stat",    "proc/self/status"};
        for (unsigned i = 0; i < sizeof paths / sizeof paths[0]; i++)
                if (string_equal(path, paths[i]))
                        return true;
        return false;
}

bool made_find(const char *joined, struct made *made)
{
        char path[PATH_MOST];
        *made = (struct made){0};
        if (!is_ours(joined))
                return false;
        if (!path_tidied(joined, path, sizeof path))
                return true;
        if (!is_ours(path) || path_is_memory(path))
                return false;
        const uint64_t process = self_name(path);
        if (process ? !of_others(path) : descriptor_find(path, made))
                return true;
        for (unsigned i = 0; i < ENTRIES; i++)
                if (string_equal(path, table[i].path)) {
                        const bool stands = table[i].kind == MADE_DESCRIPTOR;
                        if (stands && !open_file_of(table[i].number))
                                return true;
                        *made = (struct made){table[i].kind, table[i].device,
                                              stands ? table[i].number : i, process};
                }
        return true;
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* As mount(8) shows them; fstab(5). */
static size_t mounts_write(char *to, size_t size)
{
        return format_line(to, size,
                           "root / portolan ro,relatime 0 0\nfs /fs portolan rw,relatime 0 0\n"
                           "shm /dev/shm tmpfs rw,noexec,noatime 0 0\n");
}

static size_t text_write(const char *path, uint64_t process, char *to, size_t size)
{
        if (behind(path, "proc/self/"))
                return proc_text(behind(path, "proc/self/"), process, to, size);
        if (behind(path, "proc/") && !string_equal(path, "proc/mounts"))
                return proc_node_text(behind(path, "proc/"), to, size);
        if (string_equal(path, "etc/passwd"))
                return format_line(to, size, "root:x:0:0:root:/:/bin/sh\n");
        if (string_equal(path, "etc/group"))
                return format_line(to, size, "root:x:0:\n");
        if (string_equal(path, "etc/hosts"))
                return format_line(to, size, "127.0.0.1 localhost %s\n", rt_node());
        return mounts_write(to, size);
}

static size_t text_most(const char *path)
{
        const char *name = behind(path, "proc/self/");
        return name ? proc_text_most(name) : PAGE_SIZE / 2;
}

int64_t made_read(const struct open_file *open, void *to, uint64_t count, uint64_t *offset)
{
        const struct made_text *text = open->text;
        if (*offset >= text->length)
                return 0;
        const uint64_t left = text->length - *offset, part = count < left ? count : left;
        bytes_copy(to, text->bytes + *offset, part);
        *offset += part;
        return (int64_t)part;
}

/* ---- opening --------------------------------------------------------------------------------- */

static int64_t descriptor_open(int file, int flags)
{
        const int has = open_file_of(file)->flags & O_ACCMODE, wants = flags & O_ACCMODE;
        if (has != O_RDWR && has != wants)
                return -EACCES;
        return linux_dup(file, 0, false);
}

static int64_t device_open(const struct made *made, int flags)
{
        const enum open_kind kind = made->device;
        struct open_file *open;
        handle_t right = 0;
        int64_t error = kind == OPEN_CONSOLE ? terminal_copy(&right) : 0;
        if (error)
                return error;
        int64_t descriptor = open_file_new(kind, &open);
        if (descriptor >= 0) {
                open->flags = flags & (O_ACCMODE | O_APPEND | O_NONBLOCK);
                open->right = right;
                open->identity = FIRST_IDENTITY + made->place;
        } else if (right) {
                sys_handle_close(right);
        }
        return descriptor;
}

static int64_t text_open(const struct made *made, struct open_file **open)
{
        const char *path = table[made->place].path;
        const size_t room = page_up(sizeof(struct made_text) + text_most(path));
        int64_t descriptor = open_file_new(OPEN_TEXT, open);
        if (descriptor < 0)
                return descriptor;
        if (rt_memory_allocate(room, (void **)&(*open)->text) != OUTCOME_OK) {
                linux_close((int)descriptor);
                return -ENOMEM;
        }
        struct made_text *text = (*open)->text;
        text->room = room;
        text->length = text_write(path, made->process, text->bytes, room - sizeof *text);
        return descriptor;
}

static int64_t folder_open(const char *joined, struct open_file **open)
{
        int64_t descriptor = open_file_new(OPEN_FOLDER, open);
        if (descriptor < 0)
                return descriptor;
        if (rt_memory_allocate(sizeof *(*open)->folder, (void **)&(*open)->folder) != OUTCOME_OK) {
                linux_close((int)descriptor);
                return -ENOMEM;
        }
        struct open_folder *folder = (*open)->folder;
        if (path_tidied(joined, folder->path, sizeof folder->path))
                folder->path_length = string_length(folder->path);
        return descriptor;
}

int64_t made_open(const struct made *made, const char *joined, int flags)
{
        const bool writes = (flags & O_ACCMODE) != O_RDONLY;
        struct open_file *open = NULL;
        int64_t descriptor;
        if (made->kind == MADE_NOTHING)
                return flags & O_CREAT ? -EROFS : -ENOENT;
        if (flags & O_CREAT && flags & O_EXCL)
                return -EEXIST;
        if (flags & O_DIRECTORY && made->kind != MADE_FOLDER)
                return -ENOTDIR;
        if (made->kind == MADE_DESCRIPTOR)
                return descriptor_open((int)made->place, flags);
        if (made->kind == MADE_DEVICE)
                return device_open(made, flags);
        if (made->kind == MADE_LINK)
                return flags & O_NOFOLLOW ? -ELOOP : -ENOENT;
        if (made->kind == MADE_FOLDER && (writes || flags & O_CREAT))
                return -EISDIR;
        if (writes)
                return -EROFS;
        descriptor =
            made->kind == MADE_FOLDER ? folder_open(joined, &open) : text_open(made, &open);
        if (descriptor >= 0) {
                open->flags = flags;
                open->identity = FIRST_IDENTITY + made->place;
        }
        return descriptor;
}

/* Where a link leads; "": nobody has said it. Context: `files`. */
static const char *target_of(const struct made *made)
{
        static char path[FS_PATH_MAX];
        if (!made->process)
                return proc_program();
        proc_program_of(made->process, path, sizeof path);
        return path;
}

void made_follow(char joined[JOINED_MAX], size_t *length)
{
        struct made made;
        if (!made_find(joined, &made) || made.kind != MADE_LINK)
                return;
        const char *path = target_of(&made);
        if (!*path)
                return;
        string_set(joined, JOINED_MAX, slashes_skip(path));
        *length = string_length(joined);
}

int64_t made_readlink(const struct made *made, char *to, uint64_t bytes)
{
        if (made->kind != MADE_LINK)
                return made->kind == MADE_NOTHING ? -ENOENT : -EINVAL;
        const char *path = target_of(made);
        if (!*path)
                return -ENOENT; /* nobody has said where it comes from */
        const uint64_t length = string_length(path), part = length < bytes ? length : bytes;
        bytes_copy(to, path, part);
        return (int64_t)part;
}

/* ---- what is said of it ---------------------------------------------------------------------- */

/* Of one that another program has handed on it is not known which of two names it was opened by. */
bool made_device_status(const struct open_file *open, struct stat *status)
{
        for (unsigned i = 0; i < ENTRIES && open->kind != OPEN_CONSOLE; i++) {
                const struct made made = {MADE_DEVICE, table[i].device, i, 0};
                if (table[i].kind == MADE_DEVICE && table[i].device == open->kind &&
                    (!open->identity || open->identity == FIRST_IDENTITY + i))
                        return !made_status(&made, status);
        }
        return false;
}

int64_t made_status(const struct made *made, struct stat *status)
{
        const struct entry *entry = &table[made->place];
        if (made->kind == MADE_NOTHING)
                return -ENOENT;
        if (made->kind == MADE_DESCRIPTOR)
                return linux_fstat((int)made->place, status);
        bytes_zero(status, sizeof *status);
        status->st_nlink = 1;
        status->st_ino = FIRST_IDENTITY + made->place;
        status->st_blksize = PAGE_SIZE;
        if (made->kind == MADE_DEVICE) {
                status->st_mode = S_IFCHR | 0666;
                status->st_rdev =
                    makedev(made->device == OPEN_CONSOLE ? TTY_MAJOR : MEMORY_MAJOR, entry->number);
        } else if (made->kind == MADE_TEXT) {
                status->st_mode = S_IFREG | 0444; /* how long it is only reading it shows */
        } else if (made->kind == MADE_LINK) {
                status->st_mode = S_IFLNK | 0777;
                status->st_size = (off_t)string_length(target_of(made));
        } else {
                status->st_mode = S_IFDIR | 0555;
        }
        return 0;
}

/* ---- listing --------------------------------------------------------------------------------- */

static bool record_add(struct packer *packer, const char *name, uint64_t kind, uint64_t identity)
{
        const struct fs_entry entry = {
            .name = name, .name_length = string_length(name), .kind = kind, .identity = identity};
        return fs_entry_pack(packer, &entry);
}

/* Goes on behind the last one that was given out. */
static void descriptors_list(struct open_folder *folder, struct packer *packer)
{
        char name[16];
        uint64_t next = 0;
        if (folder->after_length) {
                string_set(name, folder->after_length + 1, folder->after);
                number_read(name, &next);
                next++;
        }
        for (folder->ended = true; next < OPEN_FILES; next++) {
                if (!open_file_of((int)next))
                        continue;
                format_line(name, sizeof name, "%lu", next);
                if (record_add(packer, name, 0, FIRST_IDENTITY + ENTRIES + next))
                        continue;
                folder->ended = false;
                return;
        }
}

/* Behind what the table has, the processes by their numbers. */
static void processes_list(struct open_folder *folder, struct packer *packer)
{
        char name[16];
        uint64_t after = 0;
        struct proc proc;
        if (folder->after_length && folder->after_length < sizeof name) {
                bytes_copy(name, folder->after, folder->after_length);
                name[folder->after_length] = 0;
                number_read(name, &after);
        }
        for (folder->ended = true; proc_next(after, &proc); after = proc.id) {
                format_line(name, sizeof name, "%lu", proc.id);
                if (record_add(packer, name, FS_FOLDER, PROCESS_IDENTITY + proc.id))
                        continue;
                folder->ended = false;
                return;
        }
}

/* The name of what is directly in the folder; NULL: it is elsewhere. */
static const char *name_within(const char *path, const char *folder, size_t length)
{
        if (!bytes_equal(path, folder, length) || (length && path[length] != '/'))
                return NULL;
        const char *name = path + length + (length != 0);
        for (const char *at = name; *at; at++)
                if (*at == '/')
                        return NULL;
        return name;
}

static void table_list(struct open_folder *folder, const char *path, uint64_t process,
                       struct packer *packer)
{
        for (unsigned i = 0; i < ENTRIES; i++) {
                const char *name = name_within(table[i].path, path, string_length(path));
                if (name && (!process || of_others(table[i].path)))
                        record_add(packer, name,
                                   table[i].kind == MADE_FOLDER ? FS_FOLDER
                                   : table[i].kind == MADE_TEXT ? FS_FILE
                                   : table[i].kind == MADE_LINK ? FS_LINK
                                                                : 0,
                                   FIRST_IDENTITY + i);
        }
        folder->ended = !string_equal(path, "proc");
}

unsigned made_count(void)
{
        return ENTRIES;
}

bool made_list(struct open_folder *folder)
{
        char path[PATH_MOST] = "";
        struct packer packer = packer_of(folder->records, sizeof folder->records);
        const size_t length = folder->path_length;
        if (length >= sizeof path)
                return false;
        bytes_copy(path, folder->path, length);
        path[length] = 0;
        if (length && (!is_ours(path) || path_is_memory(path)))
                return false;
        const uint64_t process = self_name(path);
        if (string_equal(path, "dev/fd") || string_equal(path, "proc/self/fd"))
                descriptors_list(folder, &packer);
        else if (string_equal(path, "proc") && folder->after_length)
                processes_list(folder, &packer);
        else
                table_list(folder, path, process, &packer);
        folder->records_length = packer.length;
        folder->records_at = 0;
        return true;
}
