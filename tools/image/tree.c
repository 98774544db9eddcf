/* See tree.h. Recursion is as deep as the folders are; a path that the system refuses as too long
 * ends it. */
#include "tools/image/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct reading {
        struct tree *tree;
        const char *folder;
        FILE *complaints;
};

static bool complain(const struct reading *reading, const char *path, const char *why)
{
        fprintf(reading->complaints, "image: %s/%s: %s; make it readable or move it away\n",
                reading->folder, path, why);
        return false;
}

static void *must(void *memory)
{
        if (!memory) {
                fputs("image: memory used up; free some and try again\n", stderr);
                exit(1);
        }
        return memory;
}

/* "" stands for the folder itself. */
static char *path_join(const char *first, const char *second)
{
        char *path = NULL;
        if (asprintf(&path, "%s%s%s", first, first[0] != 0 && second[0] != 0 ? "/" : "", second) <
            0)
                must(NULL);
        return path;
}

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

static bool folder_read(const struct reading *reading, const char *path);

static char *link_read(const char *host_path, uint64_t length)
{
        char *target = must(malloc(length + 1));
        ssize_t count = readlink(host_path, target, length);
        if (count < 0 || (uint64_t)count != length) {
                free(target);
                return NULL;
        }
        target[count] = 0;
        return target;
}

/* Takes over `path`. */
static bool entry_read(const struct reading *reading, char *path)
{
        char *host_path = path_join(reading->folder, path);
        struct stat status;
        struct tree_entry *entry;
        bool good = lstat(host_path, &status) == 0;
        if (!good) {
                complain(reading, path, strerror(errno));
        } else if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode) &&
                   !S_ISLNK(status.st_mode)) {
                fprintf(reading->complaints, "image: %s: no file, folder or link: left out\n",
                        host_path);
        } else {
                entry = entry_add(reading->tree);
                *entry = (struct tree_entry){.path = path,
                                             .mode = status.st_mode,
                                             .size = S_ISREG(status.st_mode) ? status.st_size : 0,
                                             .modified = status.st_mtime};
                if (S_ISLNK(status.st_mode)) {
                        entry->target = link_read(host_path, status.st_size);
                        good = entry->target || complain(reading, path, "the link cannot be read");
                }
                free(host_path);
                return S_ISDIR(status.st_mode) ? folder_read(reading, path) : good;
        }
        free(host_path);
        free(path);
        return good;
}

static int names_compare(const void *a, const void *b)
{
        return strcmp(*(char *const *)a, *(char *const *)b);
}

struct names {
        char **names;
        size_t count, capacity;
};

static void names_add(struct names *names, const char *name)
{
        if (names->count == names->capacity) {
                names->capacity = names->capacity == 0 ? 64 : 2 * names->capacity;
                names->names = must(realloc(names->names, names->capacity * sizeof(char *)));
        }
        names->names[names->count++] = must(strdup(name));
}

/* 0, or errno. */
static int names_read(const char *host_path, struct names *names)
{
        DIR *directory = opendir(host_path);
        struct dirent *entry;
        if (!directory)
                return errno;
        while (errno = 0, (entry = readdir(directory)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        names_add(names, entry->d_name);
        int error = errno;
        closedir(directory);
        if (names->count > 0)
                qsort(names->names, names->count, sizeof(char *), names_compare);
        return error;
}

static bool folder_read(const struct reading *reading, const char *path)
{
        struct names names = {0};
        char *host_path = path_join(reading->folder, path);
        int error = names_read(host_path, &names);
        bool good = error == 0 || complain(reading, path, strerror(error));
        free(host_path);
        for (size_t i = 0; i < names.count; i++) {
                good = good && entry_read(reading, path_join(path, names.names[i]));
                free(names.names[i]);
        }
        free(names.names);
        return good;
}

bool tree_read(struct tree *tree, const char *folder, FILE *complaints)
{
        struct reading reading = {.tree = tree, .folder = folder, .complaints = complaints};
        *tree = (struct tree){0};
        return folder_read(&reading, "");
}

void tree_free(struct tree *tree)
{
        for (size_t i = 0; i < tree->count; i++) {
                free(tree->entries[i].path);
                free(tree->entries[i].target);
        }
        free(tree->entries);
}
