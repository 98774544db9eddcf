/* See paths.h. The service that was used last is remembered. */
#include "servers/rt/linux/paths.h"

#include <errno.h>
#include <fcntl.h>

#include "servers/proto/fs.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/linux/current.h"
#include "servers/rt/linux/descriptors.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/held.h"

/* Files that are memory are the process server's. */
#define MEMORY_FOLDER "dev/shm"
enum { MEMORY_FOLDER_LENGTH = sizeof MEMORY_FOLDER - 1 };

const char *slashes_skip(const char *path)
{
        for (;;) {
                if (*path == '/')
                        path++;
                else if (path[0] == '.' && (path[1] == '/' || !path[1]))
                        path++;
                else
                        return path;
        }
}

void path_tidy(char *path)
{
        size_t out = 0;
        for (const char *at = slashes_skip(path); *at; at = slashes_skip(at)) {
                size_t length = 0;
                while (at[length] && at[length] != '/')
                        length++;
                if (length == 2 && at[0] == '.' && at[1] == '.') {
                        while (out && path[--out] != '/')
                                ;
                } else {
                        if (out)
                                path[out++] = '/';
                        for (size_t i = 0; i < length; i++)
                                path[out++] = at[i];
                }
                at += length;
        }
        path[out] = 0;
}

bool path_tidied(const char *path, char *to, size_t size)
{
        bool fits = string_set(to, size, path);
        path_tidy(to);
        return fits;
}

/* Whether a path without a slash in front is in that folder, or the folder itself. */
static bool is_below(const char *path, const char *folder, size_t length)
{
        return bytes_equal(path, folder, length) && (!path[length] || path[length] == '/');
}

bool path_is_memory(const char *joined)
{
        const struct startup *startup = rt_startup();
        return startup && startup->process && is_below(joined, MEMORY_FOLDER, MEMORY_FOLDER_LENGTH);
}

/* What stands for folders that every program takes for granted: temporary files and programs are
 * the file service's. */
static int64_t path_stand_in(char joined[JOINED_MAX], size_t *length)
{
        static const struct {
                const char *from, *to;
        } table[] = {{"bin", "fs/bin"}, {"tmp", "fs/tmp"}};
        const char *to = NULL;
        size_t from = 0;
        if (is_below(joined, "dev", 3)) { /* there are no links that `..` would lead back from */
                path_tidy(joined);
                *length = string_length(joined);
        }
        for (unsigned i = 0; !to && i < sizeof table / sizeof table[0]; i++) {
                from = string_length(table[i].from);
                if (*length >= from && is_below(joined, table[i].from, from))
                        to = table[i].to;
        }
        if (!to)
                return 0;
        const size_t to_length = string_length(to);
        if (*length + to_length >= JOINED_MAX)
                return -ENAMETOOLONG;
        size_t rest = *length - from;
        for (size_t i = rest + 1; from < to_length && i-- > 0;)
                joined[to_length + i] = joined[from + i];
        if (from > to_length)
                bytes_copy(joined + to_length, joined + from, rest + 1);
        bytes_copy(joined, to, to_length);
        *length = to_length + rest;
        return 0;
}

/* The folder that a relative path begins at: *open, if a file service has it; else NULL, and its
 * path in `joined`. */
static int64_t path_begin(int directory, char joined[JOINED_MAX], size_t *length,
                          struct open_file **open)
{
        const char *path = "";
        if (directory == AT_FDCWD) {
                int64_t error = current_folder(open, &path);
                if (error)
                        return error;
                *length = string_length(path);
        } else {
                *open = open_file_of(directory);
                if (!*open)
                        return -EBADF;
                if ((*open)->kind != OPEN_FOLDER)
                        return (*open)->kind == OPEN_LOST ? -ESTALE : -ENOTDIR;
                if (folder_is_served(*open))
                        return 0;
                path = (*open)->folder->path;
                *length = (*open)->folder->path_length;
                *open = NULL;
        }
        if (!*open)
                bytes_copy(joined, path, *length);
        return 0;
}

/* A path without slashes in front, that of the folder before it if it is relative to one that is no
 * file service's. */
static int64_t path_join(int directory, const char *path, char joined[JOINED_MAX], size_t *length,
                         struct open_file **open)
{
        size_t at = 0;
        *open = NULL;
        if (*path != '/') {
                int64_t error = path_begin(directory, joined, &at, open);
                if (error || *open)
                        return error;
                if (at)
                        joined[at++] = '/';
        }
        path = slashes_skip(path);
        size_t rest = string_length(path);
        if (rest >= JOINED_MAX - at)
                return -ENAMETOOLONG;
        bytes_copy(joined + at, path, rest + 1);
        *length = at + rest;
        return path_stand_in(joined, length);
}

/* The right of the service called `name`. */
static int64_t service_find(const char *name, size_t length, handle_t *right)
{
        char *last = rt_held.files_name;
        bool same = string_length(last) == length;
        for (size_t i = 0; same && i < length; i++)
                same = last[i] == name[i];
        if (!same) {
                if (length >= sizeof rt_held.files_name)
                        return -ENOENT;
                if (rt_held.files.right)
                        sys_handle_close(rt_held.files.right);
                bytes_copy(last, name, length);
                last[length] = 0;
                rt_held.files = (struct service){.name = last};
        }
        handle_t granted = rt_handle(last);
        if (granted) {
                *right = granted;
                return 0;
        }
        return linux_error(service_get(&rt_held.files, RT_DEADLINE, right));
}

int64_t service_named(const char *name, handle_t *right)
{
        const size_t length = string_length(name);
        return length ? service_find(name, length, right) : -ESTALE;
}

/* The folder of temporary files, which goes with its server: once for each server that this program
 * uses, since each has a right of its own. It may be there already. */
static void temporary_make(handle_t right)
{
        static handle_t made;
        if (made != right)
                fs_mkdir(right, RT_DEADLINE, "/tmp", 4, 01777);
        made = right;
}

/* Finds the service of a joined path. 0, or a negated errno: why the service is not there. */
static int64_t path_service(const char *joined, size_t length, struct service_path *to)
{
        size_t service = file_service_length(joined);
        if (length == 0)
                return 0;
        if (path_is_memory(joined)) {
                to->right = rt_handle("log");
                to->path = joined + MEMORY_FOLDER_LENGTH;
                to->length = length - MEMORY_FOLDER_LENGTH;
                return 0;
        }
        if (!service)
                return -ENOENT;
        to->path = joined + service;
        to->length = length - service;
        int64_t error = service_find(joined, service, &to->right);
        string_set(to->service, sizeof to->service, rt_held.files_name);
        if (!error && length >= 6 && is_below(joined, "fs/tmp", 6))
                temporary_make(to->right);
        return error;
}

int64_t path_lead(int directory, const char *path, bool follow, char joined[JOINED_MAX],
                  struct made *made, struct service_path *to)
{
        size_t length;
        *to = (struct service_path){.path = joined};
        if (!*path)
                return -ENOENT;
        int64_t error = path_join(directory, path, joined, &length, &to->folder);
        if (error)
                return error;
        if (to->folder) {
                file_refresh(to->folder);
                to->path = slashes_skip(path);
                to->length = string_length(to->path);
                to->right = to->folder->right;
                string_set(to->service, sizeof to->service, to->folder->service);
                if (to->folder->identity == FS_IDENTITY_ROOT && string_equal(to->service, "fs") &&
                    to->length >= 3 && is_below(to->path, "tmp", 3))
                        temporary_make(to->right);
                return 0;
        }
        if (follow)
                made_follow(joined, &length);
        to->made = made_find(joined, made);
        return to->made ? 0 : path_service(joined, length, to);
}

int64_t path_resolve(int directory, const char *path, char joined[JOINED_MAX],
                     struct service_path *to)
{
        struct made made;
        int64_t error = path_lead(directory, path, false, joined, &made, to);
        return !error && !to->right ? -EROFS : error;
}

bool path_again(struct service_path *to, outcome_t outcome)
{
        if (!to->folder || outcome_reason(outcome) != REASON_RECEIVER_DIED ||
            !file_again(to->folder, outcome, &to->tries))
                return false;
        to->right = to->folder->right;
        return true;
}

int64_t path_result(outcome_t outcome)
{
        service_result(&rt_held.files, outcome);
        return file_error(outcome);
}
