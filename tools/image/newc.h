/* Writing the "new ASCII" cpio archive (`newc`): cpio(5), as Linux's initramfs has it
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Names are bytes. Numbers that
 * depend on the host (inode, owner) are made up, so that the same tree gives the same archive.
 *
 * Two things go beyond what the format was made for, and any reader still takes them:
 *
 *      a date outside of 1970 to 2106    its upper half is in the field `check`, which writers
 *                                        otherwise leave zero and readers pass over
 *      an entry called TRAILER!!!        is written as ./TRAILER!!!, which does not end the archive
 *
 * servers/rt/pure/cpio.h reads both as they were meant. */
#ifndef IMAGE_NEWC_H
#define IMAGE_NEWC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { NEWC_HEADER = 110, NEWC_NAME_MAX = 4095 };

/* Largest file that the format's eight hexadecimal digits hold. */
#define NEWC_SIZE_MAX 0xffffffffull

struct newc_writer {
        FILE *stream;
        uint64_t written; /* bytes */
        uint32_t next_inode;
};

struct newc_entry {
        const char *name;
        uint32_t mode;    /* as st_mode of Linux */
        int64_t modified; /* seconds since 1970 */
        uint32_t size;    /* bytes that follow */
};

/* Bytes that an entry takes in the archive, all included. */
uint64_t newc_size(const char *name, uint64_t size);
/* Bytes that the end of an archive takes. */
uint64_t newc_end_size(void);

/* Begins an entry: its `size` bytes are to follow by newc_data, then newc_pad. False: the stream
 * has failed. */
bool newc_begin(struct newc_writer *writer, const struct newc_entry *entry);
bool newc_data(struct newc_writer *writer, const void *data, size_t bytes);
/* Ends an entry or the archive's header: zeros up to a multiple of four. */
bool newc_pad(struct newc_writer *writer);
/* Ends the archive. */
bool newc_end(struct newc_writer *writer);

#endif
