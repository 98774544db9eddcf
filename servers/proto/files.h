/* The numbers of the interfaces fs and file (fs.idl, file.idl). */
#ifndef PROTO_FILES_H
#define PROTO_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum fs_kind { FS_FILE = 1, FS_FOLDER = 2, FS_LINK = 3 };

enum fs_open_flags {
        FS_OPEN_READ = 1 << 0,
        FS_OPEN_WRITE = 1 << 1,      /* not for folders */
        FS_OPEN_CREATE = 1 << 2,     /* an empty file, if there is none */
        FS_OPEN_EXCLUSIVE = 1 << 3,  /* with CREATE: `exists already` if there is one, or a link */
        FS_OPEN_TRUNCATE = 1 << 4,   /* with WRITE */
        FS_OPEN_NO_FOLLOW = 1 << 5,  /* `too many links` if the path ends in one */
        FS_OPEN_ATTRIBUTES = 1 << 6, /* chmod and times, though it is not to be written */
        FS_OPEN_UNNOTED = 1 << 7,    /* reading does not move the time of the last access */
        FS_OPEN_NAMELESS = 1 << 8,   /* with WRITE: a new file in that folder, without a name; with
                                      * EXCLUSIVE: which never gets one */
        /* Of a path that begins at an open folder, or at the service's root. */
        FS_OPEN_NO_LINKS = 1 << 9, /* `too many links` if there is one on the way */
        FS_OPEN_BENEATH = 1 << 10, /* `refused` if it leads out of that folder */
        FS_OPEN_IN_ROOT = 1 << 11, /* that folder is the root, of links too; not with BENEATH */
        FS_OPEN_CONFINED = FS_OPEN_NO_LINKS | FS_OPEN_BENEATH | FS_OPEN_IN_ROOT,
        FS_OPEN_KNOWN = (1 << 12) - 1,
};

/* How a name is given to what has another one. */
enum fs_rename {
        FS_RENAME_NO_REPLACE = 1 << 0, /* `exists already` if something has it */
        FS_RENAME_EXCHANGE = 1 << 1,   /* that gets the other one */
        FS_RENAME_KNOWN = (1 << 2) - 1,
};

/* Which times are set: to what is given, or to the date of the server. */
enum fs_times {
        FS_TIMES_ACCESSED = 1 << 0,
        FS_TIMES_ACCESSED_NOW = 1 << 1,
        FS_TIMES_MODIFIED = 1 << 2,
        FS_TIMES_MODIFIED_NOW = 1 << 3,
        FS_TIMES_KNOWN = (1 << 4) - 1,
};

enum {
        FS_NAME_MAX = 255,        /* bytes of one name */
        FS_PATH_MAX = 4096,       /* bytes of a path, and of a link's target */
        FS_CHUNK_MAX = 65536,     /* bytes of one read or write */
        FS_DIGEST = 32,           /* bytes of a digest */
        FS_DIGEST_MOST = 4 << 20, /* bytes of a file that has one */
        FS_LIST_MAX = 4096,       /* bytes of entries of one answer: every client has room */
        FS_ENTRY_MOST = 304,      /* bytes of the longest entry there */
};

/* The identity of a file server's root. */
#define FS_IDENTITY_ROOT 1ull

/* In the identity of a file that is a node's memory (process.map_memory), and of no other. */
#define FS_IDENTITY_MEMORY (1ull << 62)

/* The longest lease of what was read, in ns: a change waits no longer for readers. */
#define FS_LEASE_MOST 100000000ull

/* What stat says of a file beside its size and time, in one word: the bits of its mode, by which
 * nothing is refused (inode(7)), its names, the number of the server that has it. */
enum { FS_MODE_BITS = 12, FS_MODE_MASK = (1 << FS_MODE_BITS) - 1, FS_LINKS_MOST = (1 << 20) - 1 };

static inline uint64_t fs_attributes(uint64_t mode, uint64_t links, uint32_t device)
{
        return (uint64_t)device << 32 | links << FS_MODE_BITS | (mode & FS_MODE_MASK);
}

static inline uint32_t fs_mode(uint64_t attributes)
{
        return attributes & FS_MODE_MASK;
}

static inline uint32_t fs_links(uint64_t attributes)
{
        return (attributes >> FS_MODE_BITS) & FS_LINKS_MOST;
}

static inline uint32_t fs_device(uint64_t attributes)
{
        return (uint32_t)(attributes >> 32);
}

/* How long a reader relies on a lease that was granted: its clock may be as much slower than the
 * server's. */
static inline uint64_t fs_lease_relied_on(uint64_t granted)
{
        return granted - granted / 8;
}

/* Bytes of memory that the file server needs for one entry of the boot module `files`, at most,
 * beside the archive itself: a node, the name, its place in the folder, the target of a link. What
 * packs the archive counts with it (tests/unit/fs/archive.c holds the server to it). */
static inline uint64_t fs_entry_cost(size_t name_length, size_t target_length)
{
        enum { WITHOUT_BYTES = 320 };
        return WITHOUT_BYTES + (name_length + target_length) * 5 / 4;
}

/* Whether an answer of `length` bytes of entries was the last one: another one would have fitted.
 * Who asks until an answer is empty may never end while others fill the folder. */
static inline bool fs_list_ended(size_t length)
{
        return length + FS_ENTRY_MOST <= FS_LIST_MAX;
}

#endif
