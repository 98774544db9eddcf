/* Reading newc cpio archives (cpio(5), "New ASCII Format") where they lie in memory. The bytes may
 * be anything: whatever is not an archive gives CPIO_DAMAGED, and nothing outside of them is read.
 * A date has 64 bits: tools/image puts the upper half into the field `check`, which is zero in the
 * archives of others. Pure. */
#ifndef RT_CPIO_H
#define RT_CPIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cpio_kind { CPIO_FILE, CPIO_FOLDER, CPIO_LINK, CPIO_OTHER };

/* name and data point into the archive; neither ends with a 0. */
struct cpio_entry {
        const char *name; /* as it is in the archive, perhaps with "./" or "/" in front */
        size_t name_length;
        enum cpio_kind kind;
        const uint8_t *data; /* of a link: its target */
        size_t size;
        int64_t modified; /* seconds since 1970 */
        uint32_t mode;
        uint32_t inode, links; /* of hard links all but the last in the archive are empty */
};

struct cpio {
        const uint8_t *bytes;
        size_t length, at;
};

enum cpio_result { CPIO_ENTRY, CPIO_END, CPIO_DAMAGED };

struct cpio cpio_open(const void *bytes, size_t length);

/* The next entry; CPIO_END at the trailer. After CPIO_DAMAGED there are no more. */
enum cpio_result cpio_next(struct cpio *cpio, struct cpio_entry *entry);

/* The regular file of that name; names are compared without "./" and "/" in front. */
bool cpio_find(const void *bytes, size_t length, const char *name, struct cpio_entry *entry);

#endif
