/* Which file service a path belongs to: /fs/… is the service `fs` (the handle of that name, or the
 * one that the name service knows), /NODE/fs/… that of a node. /tmp is /fs/tmp, which is made if it
 * is not there; /bin is /fs/bin; /dev/shm is this node's process server. Nothing else is found.
 *
 * A service that is away is no missing file: ENOENT is said only if there is no such service, or if
 * the service itself says it (errors.c). */
#ifndef RT_LINUX_PATHS_H
#define RT_LINUX_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"
#include "servers/proto/files.h"

/* A path as the service is asked for it. */
struct service_path {
        handle_t right;   /* of the file service; 0: the path is the root, which no service has */
        const char *path; /* within the service */
        size_t length;
};

/* The longest path, with that of the folder it begins at. */
enum { JOINED_MAX = FS_PATH_MAX + 256 };

/* The current folder without a slash in front, "" is the root (tree.c). */
const char *current_folder(void);

/* A copy of a path without a slash in front, without `.`, `..`, and slashes too many (tree.c). A
 * `..` behind a symbolic link leads to where the link stands. False: it is too long. */
bool path_tidied(const char *path, char *to, size_t size);

/* The same in place. */
void path_tidy(char *path);

/* Whether a joined path is /dev/shm, or below it: files that are memory of this node, which its
 * process server has for its processes, and nobody for components. */
bool path_is_memory(const char *joined);

/* Past slashes and `.` in front of a path. */
const char *slashes_skip(const char *path);

/* A path without slashes in front, that of the open folder `directory` before it if it is relative
 * to one. 0, or a negated errno. */
int64_t path_join(int directory, const char *path, char joined[JOINED_MAX], size_t *length);

/* Finds the service of a joined path. 0, or a negated errno: why the service is not there. */
int64_t path_service(const char *joined, size_t length, struct service_path *to);

/* The right of the file service called `name` (fs, NODE/fs). 0, or a negated errno. */
int64_t service_named(const char *name, handle_t *right);

/* Both of path_join and path_service, for what changes a file: EROFS of the root, and of all that
 * made.h has. `joined` must stay as long as *to is used. */
int64_t path_resolve(int directory, const char *path, char joined[JOINED_MAX],
                     struct service_path *to);

/* After a call to the file service: looks it up anew next time if it is gone. Returns
 * linux_error(). */
int64_t path_result(outcome_t outcome);

#endif
