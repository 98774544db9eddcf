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
#include "servers/rt/task/held.h"

struct made;
struct open_file;

/* A path as the service is asked for it: from its root, or from an open folder. */
struct service_path {
        handle_t right; /* of the file service, or of the folder; 0: the path is the root, which no
                           * service has, or of what the layer has */
        const char *path; /* within the service; not ended by 0 */
        size_t length;
        struct open_file *folder;        /* it begins there; NULL: at the service's root */
        char service[HELD_SERVICE_NAME]; /* its name; "": the process server */
        bool made;                       /* it leads to what the layer has (made.h) */
        unsigned tries;                  /* of path_again() */
};

/* The longest path, with that of the folder it begins at. */
enum { JOINED_MAX = FS_PATH_MAX + 256 };

/* A copy of a path without a slash in front, without `.`, `..`, and slashes too many. A `..` behind
 * a symbolic link leads to where the link stands: for what no file service has. False: it is too
 * long. */
bool path_tidied(const char *path, char *to, size_t size);

/* The same in place. */
void path_tidy(char *path);

/* Whether a joined path is /dev/shm, or below it: files that are memory of this node, which its
 * process server has for its processes, and nobody for components. */
bool path_is_memory(const char *joined);

/* Past slashes and `.` in front of a path. */
const char *slashes_skip(const char *path);

/* Where a path leads, of `directory` if it is relative: an open folder or AT_FDCWD. *made: if
 * to->made; `joined`: the whole path without slashes in front, but of one that begins at an open
 * folder of a file service, which alone knows where that is. Both must stay as long as *to is
 * used. follow: a link that the layer has. 0, or a negated errno: why the service is not there. */
int64_t path_lead(int directory, const char *path, bool follow, char joined[JOINED_MAX],
                  struct made *made, struct service_path *to);

/* The right of the file service called `name` (fs, NODE/fs). 0, or a negated errno. */
int64_t service_named(const char *name, handle_t *right);

/* path_lead() for what changes a file: EROFS of the root, and of all that made.h has. `joined` must
 * stay as long as *to is used. */
int64_t path_resolve(int directory, const char *path, char joined[JOINED_MAX],
                     struct service_path *to);

/* After a call by that path: whether the server of the folder that it begins at has died, the
 * folder is open at the successor, and the call is to be made again: what it may have changed has
 * died, too. */
bool path_again(struct service_path *to, outcome_t outcome);

/* The whole path of one that begins at an open folder, as that is called now, without a slash in
 * front, and not tidied. 0, or a negated errno. */
int64_t path_whole(const struct service_path *to, char *path, size_t size);

/* After a call to the file service: looks it up anew next time if it is gone. Returns
 * linux_error(). */
int64_t path_result(outcome_t outcome);

#endif
