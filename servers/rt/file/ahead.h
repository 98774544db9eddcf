/* Reading ahead: while a program uses one part of a file, the next ones are on their way.
 *
 *      offsets ──>   [ oldest | … | … | newest ]  next
 *                      read       asked for          not asked for yet
 *
 * A ring of chunks, in the order of their offsets, each with a call of its own. Whenever the
 * oldest is used up, another is asked for. As many are under way as it takes for the reader not
 * to wait: one more each time that it had to, unless what it waited for was so long under way
 * that more would outlive their leases.
 *
 * A chunk that was given up while its call is under way stays the call's until that ends: its
 * place is not used before, and nobody waits for it. The memory stays with the program, for its
 * next file.
 *
 * Context: as reader.h, whose part it is. */
#ifndef RT_FILE_AHEAD_H
#define RT_FILE_AHEAD_H

#include "servers/proto/files.h"
#include "servers/rt/file/reader.h"

enum {
        AHEAD_CHUNK = FS_CHUNK_MAX, /* bytes of one */
        AHEAD_CHUNKS = 8,           /* under way at once */
        AHEAD_FIRST = 2,            /* the same in the beginning */
        AHEAD_FILES = 1,            /* files that are read ahead at once: half a MiB each */
};

/* What was found at an offset. */
struct ahead_view {
        const uint8_t *bytes; /* NULL: nothing, and nothing is asked for any more */
        size_t length;
};

/* Begins to read a file ahead from `offset` on, if there are places left, and memory. */
void ahead_begin(struct reader *reader, handle_t file, uint64_t offset);

/* What was read ahead at `offset`, of the reader's version: waits for it. To be copied at once,
 * and passed then. */
struct ahead_view ahead_view(struct reader *reader, uint64_t offset);

/* The program has read up to `offset`: asks for more in the place of what it has passed. */
void ahead_passed(struct reader *reader, handle_t file, uint64_t offset);

/* Of a task that is a copy of another: the calls there are not its own. Nothing is read ahead. */
void ahead_renew(void);

/* Gives up what is under way; harmless if nothing is. */
void ahead_end(struct reader *reader);

#endif
