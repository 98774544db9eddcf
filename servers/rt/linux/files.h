/* Open files of the program: descriptors (small numbers) stand for open files, several perhaps for
 * the same one.
 *
 *      descriptor ──> struct open_file ──> console | file right | folder
 *
 * Paths: /fs/… is the service `fs` (the handle of that name, or the one that the name service
 * knows), /NODE/fs/… that of a node; /dev/null, /dev/urandom. The current directory is the root. */
#ifndef RT_LINUX_FILES_H
#define RT_LINUX_FILES_H

#include <stdbool.h>
#include "kernel/abi/rights.h"
#include "servers/proto/files.h"
#include "servers/rt/linux/linux.h"

enum { OPEN_FILES = 48 };

enum open_kind { OPEN_NONE = 0, OPEN_CONSOLE, OPEN_NULL, OPEN_RANDOM, OPEN_FILE, OPEN_FOLDER };

/* State of a folder that is open: in memory of its own. */
struct open_folder {
        uint64_t position; /* entries given out, "." and ".." included */
        size_t path_length, after_length;
        size_t records_length, records_at;
        bool ended;
        char path[FS_PATH_MAX]; /* as the program would say it, without a slash in front */
        char after[FS_NAME_MAX];
        uint8_t records[FS_LIST_MAX];
};

struct open_file {
        uint8_t kind;
        uint8_t references; /* descriptors */
        handle_t right;     /* OPEN_FILE */
        int flags;          /* O_APPEND, O_RDONLY … */
        uint64_t offset;
        struct open_folder *folder;
};

/* NULL: no such descriptor. */
struct open_file *open_file_of(int descriptor);

/* A path as the service is asked for it. */
struct service_path {
        handle_t right;   /* of the file service */
        const char *path; /* within the service */
        size_t length;
};

/* The longest path, with that of the folder it begins at. */
enum { JOINED_MAX = FS_PATH_MAX + 256 };

/* Finds the service of a path; `joined` is memory for the path where it is relative to an open
 * folder. 0, or a negated errno. */
int64_t path_resolve(int directory, const char *path, char joined[JOINED_MAX],
                     struct service_path *to);

/* The same path without slashes in front, for an open folder. */
int64_t path_join(int directory, const char *path, char joined[JOINED_MAX], size_t *length);

/* After a call to the file service: looks it up anew next time if it is gone. Returns linux_error.
 */
int64_t path_result(outcome_t outcome);

/* Fills in Linux's struct stat. */
void status_fill(void *status, uint64_t kind, uint64_t size, uint64_t identity, uint64_t modified);

/* When a call made for the program must have ended. */
uint64_t file_deadline(void);

#endif
