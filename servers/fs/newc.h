/* Reading a cpio archive in the "new ASCII" format (newc, magic 070701; also 070702, whose sums are
 * not checked), as cpio(5) describes it. The archive may be hostile: nothing outside of it is read,
 * and a member that does not fit ends the reading. Pure.
 *
 *      header of 110 characters, name and a 0, padding to 4, data, padding to 4; …; TRAILER!!! */
#ifndef FS_NEWC_H
#define FS_NEWC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum newc_mode {
        NEWC_TYPE = 0170000,
        NEWC_FOLDER = 0040000,
        NEWC_FILE = 0100000,
        NEWC_LINK = 0120000,
};

/* One member; pointers are into the archive. */
struct newc_member {
        uint32_t mode;
        uint32_t modified;
        const char *name; /* as it stands: perhaps with ./ or / in front */
        size_t name_length;
        const uint8_t *data;
        size_t size;
};

struct newc {
        const uint8_t *bytes;
        size_t length, at;
};

enum newc_result {
        NEWC_MEMBER,
        NEWC_END,     /* the trailer, or exactly the end of the bytes */
        NEWC_DAMAGED, /* something that is no member stands at `at` */
};

/* Takes the next member. */
enum newc_result newc_next(struct newc *newc, struct newc_member *member);

#endif
