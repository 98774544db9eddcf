/* Writing the "new ASCII" cpio archive (`newc`): cpio(5), as Linux's initramfs has it
 * (Documentation/driver-api/early-userspace/buffer-format.rst). Names are bytes. Numbers that
 * depend on the host (inode, owner) are made up, so that the same tree gives the same archive. */
#ifndef IMAGE_NEWC_H
#define IMAGE_NEWC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { NEWC_HEADER = 110, NEWC_NAME_MAX = 4095 };

/* Largest file that the format's eight hexadecimal digits hold. */
#define NEWC_SIZE_MAX 0xffffffffull

/* The name of the last entry, which is empty. */
#define NEWC_TRAILER "TRAILER!!!"

struct newc_writer {
        FILE *stream;
        uint64_t written; /* bytes */
        uint32_t next_inode;
};

/* Bytes that an entry takes in the archive, all included. */
uint64_t newc_size(const char *name, uint64_t size);

/* Begins an entry: its `size` bytes are to follow by newc_data, then newc_pad. mode: as st_mode of
 * Linux. False: the stream has failed. */
bool newc_begin(struct newc_writer *writer, const char *name, uint32_t mode, uint32_t modified,
                uint32_t size);
bool newc_data(struct newc_writer *writer, const void *data, size_t bytes);
/* Ends an entry or the archive's header: zeros up to a multiple of four. */
bool newc_pad(struct newc_writer *writer);
/* Ends the archive. */
bool newc_end(struct newc_writer *writer);

#endif
