/* See current.h. A `..` of the service's root leads out of the service only here: in chdir(2). */
#include "servers/rt/linux/current.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "servers/proto/fs.h"
#include "servers/rt/linux/linux.h"
#include "servers/rt/linux/made.h"
#include "servers/rt/linux/paths.h"
#include "servers/rt/linux/reopen.h"
#include "servers/rt/pure/bytes.h"
#include "servers/rt/start/startup.h"

static struct {
        bool begun, lost;
        struct open_file *open;
        char path[FS_PATH_MAX]; /* without a slash in front, if it is not open */
} current;

struct open_file *current_open(void)
{
        return current.open;
}

void current_comes(struct open_file *open)
{
        current.begun = true;
        current.open = open;
        current.lost = !open;
}

const char *current_text(void)
{
        const struct startup *startup = rt_startup();
        if (!current.begun && startup && startup->program.entry) {
                const char *first = startup_argument(startup, 1);
                string_set(current.path, sizeof current.path, first ? slashes_skip(first) : "");
        }
        current.begun = true;
        return current.path;
}

static void current_set(struct open_file *open, const char *path)
{
        if (current.open)
                open_file_drop(current.open);
        current_comes(open);
        current.lost = false;
        string_set(current.path, sizeof current.path, path);
}

/* Makes what an absolute or relative path leads to the current folder. */
static int64_t folder_enter(const char *path)
{
        char joined[JOINED_MAX], absolute[JOINED_MAX + 1] = "/";
        struct service_path to;
        struct open_file *open;
        struct made made;
        struct stat status;
        int64_t error = path_lead(AT_FDCWD, path, true, joined, &made, &to);
        if (error)
                return error;
        if (to.right && *to.service) {
                error = folder_open_at(&to, &open);
                if (!error)
                        current_set(open, "");
                return error;
        }
        /* The root is there, though no service has it. */
        path_tidy(joined);
        if (string_length(joined) >= sizeof current.path)
                return -ENAMETOOLONG;
        string_set(absolute + 1, JOINED_MAX, joined);
        error = *joined ? linux_stat(AT_FDCWD, absolute, &status, 0) : 0;
        if (!error && *joined && !S_ISDIR(status.st_mode))
                error = -ENOTDIR;
        if (!error)
                current_set(NULL, joined);
        return error;
}

int64_t current_folder(struct open_file **open, const char **path)
{
        char absolute[FS_PATH_MAX + 1] = "/";
        *path = current_text();
        if (!current.open && !current.lost && file_service_length(current.path)) {
                string_set(absolute + 1, FS_PATH_MAX, current.path);
                int64_t error = folder_enter(absolute);
                if (error)
                        return error;
        }
        *open = current.open;
        return current.lost || (*open && (*open)->kind != OPEN_FOLDER) ? -ESTALE : 0;
}

/* How often a path goes up before anything else. */
static unsigned ups_of(const char *path)
{
        unsigned ups = 0;
        for (path = slashes_skip(path);
             path[0] == '.' && path[1] == '.' && (!path[2] || path[2] == '/');
             path = slashes_skip(path + 2))
                ups++;
        return ups;
}

/* The path of the open folder, in its service. */
static int64_t folder_where(struct open_file *open, char *to, size_t size, size_t *length)
{
        unsigned tries = 0;
        outcome_t outcome;
        file_refresh(open);
        do
                outcome = fs_where(open->right, RT_DEADLINE, to, size, length);
        while (file_again(open, outcome, &tries));
        return file_error(outcome);
}

/* The path of an open folder from the root, without a slash in front. */
static int64_t folder_path(struct open_file *open, char *to, size_t size, size_t *length)
{
        const size_t service = string_length(open->service);
        string_set(to, size, open->service);
        to[service] = '/';
        int64_t error = folder_where(open, to + service + 1, size - service - 2, length);
        if (error)
                return error;
        *length += *length ? service + 1 : service;
        to[*length] = 0;
        return 0;
}

int64_t path_whole(const struct service_path *to, char *path, size_t size)
{
        size_t at = 0;
        int64_t error = folder_path(to->folder, path, size, &at);
        if (error)
                return error;
        if (at + 1 + to->length >= size)
                return -ENAMETOOLONG;
        path[at++] = '/';
        bytes_copy(path + at, to->path, to->length);
        path[at + to->length] = 0;
        return 0;
}

int64_t linux_chdir(const char *path)
{
        char whole[JOINED_MAX + 1] = "/";
        const unsigned ups = *path == '/' ? 0 : ups_of(path);
        struct open_file *open;
        const char *text;
        size_t length;
        unsigned depth = 0;
        if (!*path)
                return -ENOENT;
        if (!ups)
                return folder_enter(path);
        int64_t error = current_folder(&open, &text);
        if (error || !open)
                return error ? error : folder_enter(path);
        error = folder_path(open, whole + 1, JOINED_MAX, &length);
        if (error)
                return error;
        for (size_t i = string_length(open->service) + 1; i < length + 1; i++)
                depth += whole[i] == '/';
        if (ups <= depth)
                return folder_enter(path);
        if (length + 2 + string_length(path) >= sizeof whole)
                return -ENAMETOOLONG;
        whole[length + 1] = '/';
        string_set(whole + length + 2, sizeof whole - length - 2, path);
        path_tidy(whole);
        for (size_t i = string_length(whole) + 1; i > 0; i--)
                whole[i] = whole[i - 1];
        whole[0] = '/';
        return folder_enter(whole);
}

int64_t linux_fchdir(int file)
{
        struct open_file *open = open_file_of(file);
        if (!open)
                return -EBADF;
        if (open->kind != OPEN_FOLDER)
                return open->kind == OPEN_LOST ? -ESTALE : -ENOTDIR;
        if (folder_is_served(open)) {
                open_file_hold(open);
                current_set(open, "");
                return 0;
        }
        char path[FS_PATH_MAX];
        if (open->folder->path_length >= sizeof path)
                return -ENAMETOOLONG;
        bytes_copy(path, open->folder->path, open->folder->path_length);
        path[open->folder->path_length] = 0;
        path_tidy(path);
        current_set(NULL, path);
        return 0;
}

int64_t linux_getcwd(char *to, uint64_t bytes)
{
        char joined[JOINED_MAX];
        struct open_file *open;
        const char *path;
        int64_t error = current_folder(&open, &path);
        size_t length = 0;
        if (!error && open) {
                error = folder_path(open, joined, sizeof joined, &length);
                path = joined;
        } else if (!error) {
                length = string_length(path);
        }
        if (error)
                return error;
        if (bytes < length + 2)
                return -ERANGE;
        to[0] = '/';
        bytes_copy(to + 1, path, length + 1);
        return (int64_t)length + 2;
}
