/* See tree.h. Everything is reached from the open folder, so that only the path below it has to
 * fit into what a system call takes. Recursion is as deep as the folders are; a path that is too
 * long for the archive ends it. */
#include "tools/image/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "servers/proto/files.h"
#include "tools/image/newc.h"
#include "tools/lib/complain.h"

enum { REFUSALS_SHOWN = 10 };

#define UNREADABLE "make it readable or move it away"
#define MOVE_AWAY  "rename it or move it away"

static void *must(void *memory)
{
        if (!memory) {
                complain("memory used up; free some and try again");
                exit(1);
        }
        return memory;
}

bool tree_refuse(struct tree *tree, const char *path, const char *why, const char *next)
{
        if (tree->refused++ < REFUSALS_SHOWN)
                complain("%s%s%s: %s; %s", tree->shown, path[0] ? "/" : "", path, why, next);
        return false;
}

/* ---- one entry ------------------------------------------------------------------------------- */

static struct tree_entry *entry_add(struct tree *tree)
{
        if (tree->count == tree->capacity) {
                tree->capacity = tree->capacity == 0 ? 64 : 2 * tree->capacity;
                tree->entries =
                    must(realloc(tree->entries, tree->capacity * sizeof *tree->entries));
        }
        memset(&tree->entries[tree->count], 0, sizeof tree->entries[0]);
        return &tree->entries[tree->count++];
}

/* The target of a link, or NULL with errno. Its length is what is read, not what lstat tells. */
static char *link_read(const struct tree *tree, const char *path)
{
        char target[FS_PATH_MAX + 2];
        ssize_t count = readlinkat(tree->folder, path, target, sizeof target - 1);
        if (count < 0)
                return NULL;
        target[count] = 0;
        return must(strdup(target));
}

/* What neither the format nor the file server has a place for; NULL: nothing. */
static const char *kind_refused(mode_t mode)
{
        if (S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode))
                return NULL;
        return S_ISFIFO(mode)   ? "a pipe, and only files, folders and links can be packed"
               : S_ISSOCK(mode) ? "a socket, and only files, folders and links can be packed"
                                : "a device, and only files, folders and links can be packed";
}

size_t tree_name_length(const char *path)
{
        size_t length = 0;
        for (const char *at = path; *at; at++)
                length = *at == '/' ? 0 : length + 1;
        return length;
}

static const char *name_refused(const char *path)
{
        if (tree_name_length(path) > FS_NAME_MAX)
                return "its name has more than 255 bytes";
        return strlen(path) > NEWC_NAME_MAX ? "its path has more than 4095 bytes" : NULL;
}

static bool entry_take_link(struct tree *tree, struct tree_entry *entry)
{
        entry->target = link_read(tree, entry->path);
        if (!entry->target)
                return tree_refuse(tree, entry->path, strerror(errno), UNREADABLE);
        size_t length = strlen(entry->target);
        if (length == 0 || length > FS_PATH_MAX)
                return tree_refuse(tree, entry->path,
                                   length == 0 ? "a link without a target"
                                               : "a link whose target has more than 4096 bytes",
                                   "move it away");
        return true;
}

static void folder_read(struct tree *tree, const char *path);

/* Takes over `path`. */
static void entry_read(struct tree *tree, char *path)
{
        struct stat status;
        const char *wrong = name_refused(path);
        if (wrong) {
                tree_refuse(tree, path, wrong, MOVE_AWAY);
        } else if (fstatat(tree->folder, path, &status, AT_SYMLINK_NOFOLLOW) != 0) {
                tree_refuse(tree, path, strerror(errno), UNREADABLE);
        } else if ((wrong = kind_refused(status.st_mode))) {
                tree_refuse(tree, path, wrong, "move it away");
        } else {
                struct tree_entry *entry = entry_add(tree);
                *entry = (struct tree_entry){.path = path,
                                             .mode = status.st_mode,
                                             .size = S_ISREG(status.st_mode) ? status.st_size : 0,
                                             .modified = status.st_mtime};
                if (S_ISLNK(status.st_mode))
                        entry_take_link(tree, entry);
                else if (S_ISDIR(status.st_mode))
                        folder_read(tree, path);
                return;
        }
        free(path);
}

/* ---- folders --------------------------------------------------------------------------------- */

struct names {
        char **names;
        size_t count, capacity;
};

static int names_compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_add(struct names *names, const char *name)
{
        if (names->count == names->capacity) {
                names->capacity = names->capacity == 0 ? 64 : 2 * names->capacity;
                names->names = must(realloc(names->names, names->capacity * sizeof(char *)));
        }
        names->names[names->count++] = must(strdup(name));
}

/* 0, or errno. */
static int names_read(const struct tree *tree, const char *path, struct names *names)
{
        int folder = openat(tree->folder, path[0] ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *directory = folder < 0 ? NULL : fdopendir(folder);
        struct dirent *entry;
        if (!directory) {
                int error = errno;
                if (folder >= 0)
                        close(folder);
                return error;
        }
        while (errno = 0, (entry = readdir(directory)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        names_add(names, entry->d_name);
        int error = errno;
        closedir(directory);
        if (names->count > 0)
                qsort(names->names, names->count, sizeof(char *), names_compare);
        return error;
}

/* "" stands for the folder itself. */
static char *path_join(const char *folder, const char *name)
{
        char *path = NULL;
        if (asprintf(&path, "%s%s%s", folder, folder[0] ? "/" : "", name) < 0)
                must(NULL);
        return path;
}

static void name_read(struct tree *tree, const char *folder, const char *name, const char *before)
{
        char *path = path_join(folder, name);
        if (before && strcmp(before, name) == 0) {
                tree_refuse(tree, path, "its folder lists the name twice",
                            "repair the file system");
                free(path);
        } else if (name[0] == 0 || strchr(name, '/')) {
                tree_refuse(tree, path, "its folder lists it, but that is no name",
                            "repair the file system");
                free(path);
        } else {
                entry_read(tree, path);
        }
}

static void folder_read(struct tree *tree, const char *path)
{
        struct names names = {0};
        int error = names_read(tree, path, &names);
        if (error != 0)
                tree_refuse(tree, path, strerror(error), UNREADABLE);
        for (size_t i = 0; i < names.count; i++)
                name_read(tree, path, names.names[i], i > 0 ? names.names[i - 1] : NULL);
        for (size_t i = 0; i < names.count; i++)
                free(names.names[i]);
        free(names.names);
}

bool tree_read(struct tree *tree, const char *folder)
{
        *tree = (struct tree){.shown = folder};
        tree->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (tree->folder < 0)
                return tree_refuse(tree, "", strerror(errno), UNREADABLE);
        folder_read(tree, "");
        if (tree->refused > REFUSALS_SHOWN)
                complain("%s: %zu more that cannot be packed", folder,
                         tree->refused - REFUSALS_SHOWN);
        return tree->refused == 0;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

int tree_open(struct tree *tree, const struct tree_entry *entry)
{
        /* Not to wait, should it have become a pipe. */
        int file =
            openat(tree->folder, entry->path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        struct stat status;
        if (file >= 0 && fstat(file, &status) == 0 && S_ISREG(status.st_mode))
                return file;
        tree_refuse(tree, entry->path, file < 0 ? strerror(errno) : "it is no file any more",
                    UNREADABLE);
        if (file >= 0)
                close(file);
        return -1;
}

bool tree_measure(struct tree *tree, struct tree_entry *entry, uint64_t most)
{
        static char buffer[1 << 16];
        uint64_t counted = 0;
        ssize_t count = 1;
        int file = tree_open(tree, entry);
        if (file < 0)
                return false;
        while (counted <= most && (count = read(file, buffer, sizeof buffer)) > 0)
                counted += (uint64_t)count;
        int error = errno;
        close(file);
        if (count < 0)
                return tree_refuse(tree, entry->path, strerror(error), UNREADABLE);
        if (counted <= most || entry->size < counted)
                entry->size = counted;
        return true;
}

void tree_free(struct tree *tree)
{
        if (tree->folder >= 0)
                close(tree->folder);
        for (size_t i = 0; i < tree->count; i++) {
                free(tree->entries[i].path);
                free(tree->entries[i].target);
        }
        free(tree->entries);
}
