/* A file server, its file, the way to it and the time, played for reader.c and ahead.c.
 *
 * A call is executed when it is made, and its answer comes after the way there and back; of
 * those that were started one after the other, while one that is waited for passes them. Leases
 * and changes are as servers/fs has them: a change is made at once, and world_write returns when
 * it is answered. */
#ifndef TESTS_UNIT_READER_WORLD_H
#define TESTS_UNIT_READER_WORLD_H

#include <check.h>
#include <string.h>
#include "servers/rt/file/ahead.h"
#include "servers/rt/task/time.h"

enum { WORLD_FILE = 7, WORLD_MOST = 4 << 20 };

struct world {
        uint64_t now;
        uint64_t way;        /* ns there and back */
        uint64_t byte_time;  /* ns a byte */
        uint64_t lease_most; /* what is granted */
        outcome_t failure;   /* of every call; ok: none */
        size_t size;
        unsigned calls, under_way, most_under_way;
        size_t bytes_asked;
        uint8_t content[WORLD_MOST];
};

extern struct world world;

/* A file of so many bytes, far away. All calls of the one before have ended. */
void world_begin(size_t size);

/* Others change the file. */
void world_write(size_t offset, uint8_t byte);
void world_truncate(size_t size);

#endif
