/* The numbers and the directory records of the interfaces fs and file (fs.idl, file.idl).
 *
 * A record is a struct fs_record and then the name, without a 0 at its end, padded with zeros so
 * that the next record begins at a multiple of 8. Numbers are little-endian. */
#ifndef PROTO_FILES_H
#define PROTO_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum fs_kind { FS_FILE = 1, FS_FOLDER = 2, FS_LINK = 3 };

enum fs_open_flags {
        FS_OPEN_READ = 1 << 0,
        FS_OPEN_WRITE = 1 << 1,     /* not for folders */
        FS_OPEN_CREATE = 1 << 2,    /* an empty file, if there is none */
        FS_OPEN_EXCLUSIVE = 1 << 3, /* with CREATE: `exists already` if there is one, or a link */
        FS_OPEN_TRUNCATE = 1 << 4,  /* with WRITE */
        FS_OPEN_NO_FOLLOW = 1 << 5, /* `too many links` if the path ends in one */
};

enum {
        FS_NAME_MAX = 255,        /* bytes of one name */
        FS_PATH_MAX = 4096,       /* bytes of a path, and of a link's target */
        FS_CHUNK_MAX = 65536,     /* bytes of one read or write */
        FS_DIGEST = 32,           /* bytes of a digest */
        FS_DIGEST_MOST = 4 << 20, /* bytes of a file that has one */
        FS_LIST_MAX = 4096, /* bytes of records of one answer: every client has room for them */
};

/* The longest lease of what was read, in ns: a change waits no longer for readers. */
#define FS_LEASE_MOST 100000000ull

/* How long a reader relies on a lease that was granted: its clock may be as much slower than the
 * server's. */
static inline uint64_t fs_lease_relied_on(uint64_t granted)
{
        return granted - granted / 8;
}

struct fs_record {
        uint64_t size;     /* bytes of a file, or of a link's target; entries of a folder */
        uint64_t identity; /* one a file; never that of another while the service runs */
        uint64_t modified; /* seconds since 1970, in two's complement; 0 if not known */
        uint16_t kind;     /* enum fs_kind */
        uint16_t name_length;
        uint32_t reserved;
};

_Static_assert(sizeof(struct fs_record) == 32, "layout of a directory record");

/* Bytes of memory that the file server needs for one entry of the boot module `files`, at most,
 * beside the archive itself: a node, the name, its place in the folder, the target of a link. What
 * packs the archive counts with it (tests/unit/fs/archive.c holds the server to it). */
static inline uint64_t fs_entry_cost(size_t name_length, size_t target_length)
{
        enum { WITHOUT_BYTES = 312 };
        return WITHOUT_BYTES + (name_length + target_length) * 5 / 4;
}

static inline size_t fs_record_length(size_t name_length)
{
        return sizeof(struct fs_record) + ((name_length + 7) & ~(size_t)7);
}

/* Whether an answer of `length` bytes of records was the last one: another record would have
 * fitted. Who asks until an answer is empty may never end while others fill the folder. */
static inline bool fs_list_ended(size_t length)
{
        return length + fs_record_length(FS_NAME_MAX) <= FS_LIST_MAX;
}

/* Takes the record at *offset of `length` bytes of records and moves *offset behind it. False at
 * the end, and for bytes that are no record. `name` points into the bytes. */
static inline bool fs_record_next(const void *records, size_t length, size_t *offset,
                                  struct fs_record *record, const char **name)
{
        if (*offset > length || length - *offset < sizeof *record)
                return false;
        memcpy(record, (const char *)records + *offset, sizeof *record);
        size_t whole = fs_record_length(record->name_length);
        if (record->name_length == 0 || whole > length - *offset)
                return false;
        *name = (const char *)records + *offset + sizeof *record;
        *offset += whole;
        return true;
}

#endif
