/* Files that are memory, which programs see as /dev/shm.
 *
 *      name ──┐
 *      name ──┴──> file ──> extent, extent, … ──> memory objects, mapped here and by processes
 *      open file ──┘
 *
 * A file is made of extents, one behind the other, of whole pages; what is longer gets one more,
 * since a memory object cannot grow. A process that maps a part of a file gets a handle to the
 * object of each extent, so all see the same bytes, those who read and write too.
 *
 * A file has names, in one folder without others in it, and is open by rights: an open file ends
 * with the last copy of its right, and each map of a process keeps one. A file without a name that
 * is not open ends. The memory is this server's, of the half that files may have, and counts for
 * the spawner of who made the file longer, up to that end.
 *
 * Invariants: what an extent has beyond the file's size is zero, unless a process has written
 * there, and is made zero when the file grows; extents that a shorter file has no use for are
 * destroyed, whoever has a handle to their objects: he faults, and nobody is charged for them.
 *
 * What is in a file may change at any time, by whoever has it mapped: nothing here depends on it.
 * Context: the one thread. */
#ifndef PROCESS_MEMORY_FILES_H
#define PROCESS_MEMORY_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/proto/file.h"
#include "servers/proto/files.h"

enum {
        MEMORY_EXTENTS = 32, /* of one file */
        MEMORY_NAMES = 512,
        MEMORY_OPENS = 1024,
};

struct memory_extent {
        handle_t memory;
        uint8_t *bytes;
        uint64_t length;  /* whole pages */
        uint64_t spawner; /* whom it is charged to */
};

struct memory_file {
        uint64_t identity; /* with FS_IDENTITY_MEMORY */
        uint64_t size, modified, mode;
        uint64_t version; /* of what was written by calls */
        unsigned names, opens;
        struct memory_extent extents[MEMORY_EXTENTS];
        unsigned extent_count;
        struct memory_file *next;
};

struct memory_open {
        uint64_t id;              /* of its right's badge; never used twice */
        struct memory_file *file; /* NULL: the folder */
        uint64_t flags;           /* enum fs_open_flags */
        uint64_t offset;
        uint64_t spawner; /* whose share it is of */
        uint64_t issues;  /* how often its right was given out */
        uint64_t process; /* of a locker: whose locks its are */
        bool locker;      /* the right is for locks alone (memory_locks.h) */
        struct memory_open *next;
};

/* A name as a request has it, with slashes in front or without; "": the folder. */
struct memory_name {
        const char *bytes;
        size_t length;
};

/* As fs.open, for a process of that spawner; `now`: seconds. */
outcome_t memory_open(struct memory_name name, uint64_t flags, uint64_t mode, uint64_t spawner,
                      uint64_t now, struct memory_open **open);

/* One more open file of the same file or folder, for the locks of that process, of the share of who
 * has opened it; NULL: that is used up. */
struct memory_open *memory_locker(const struct memory_open *open, uint64_t process);

/* The open file of that id; NULL: there is none. */
struct memory_open *memory_open_find(uint64_t id);

/* Nobody has its right any more. */
void memory_open_close(struct memory_open *open);

/* The file of that name; *file NULL: the folder. NOT_FOUND, NAME_TOO_LONG. */
outcome_t memory_find_name(struct memory_name name, struct memory_file **file);

/* The first name behind `after` in the order of their bytes; NULL: there is none. */
const char *memory_name_after(struct memory_name after, const struct memory_file **file);

/* How many names there are. */
unsigned memory_names(void);

/* As fs.link, fs.unlink and fs.rename. */
outcome_t memory_link(struct memory_name from, struct memory_name to, uint64_t spawner);
outcome_t memory_unlink(struct memory_name name);
outcome_t memory_rename(struct memory_name from, struct memory_name to);

/* As file.truncate and file.write, charged to that spawner: NO_SPACE, and nothing has changed. */
outcome_t memory_resize(struct memory_file *file, uint64_t size, uint64_t spawner);
outcome_t memory_write(struct memory_file *file, uint64_t offset, const void *data, size_t count,
                       uint64_t spawner);

/* Copies what there is of so many bytes: how many. */
size_t memory_read(const struct memory_file *file, uint64_t offset, void *to, size_t count);

/* The extent that has the byte at `offset`, and where it begins; NULL: no extent has. */
const struct memory_extent *memory_extent_at(const struct memory_file *file, uint64_t offset,
                                             uint64_t *start);

/* Bytes that all files have, or those that are charged to a spawner; and what all may have. */
uint64_t memory_used(void);
uint64_t memory_charged(uint64_t spawner);
uint64_t memory_most(void);

#endif
