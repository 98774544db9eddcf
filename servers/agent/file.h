/* The file of a program while it is sent: what has come and was not read yet. Its reader, the
 * process server, asks for each chunk of FS_CHUNK_MAX bytes once, some ahead; a chunk is answered
 * when it is there, and its place taken by the one that is FILE_CHUNKS further.
 *
 *      chunks    … 7 answered │ 8 being filled   9 to come │ 10 to be asked for …
 *      place         1        │ 0                1         │
 *
 * So a file of any length is sent in bounded memory, and the host is held up by its reader.
 * Context: the agent's one thread; nothing blocks. */
#ifndef AGENT_FILE_H
#define AGENT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"
#include "servers/proto/files.h"

enum { FILE_CHUNKS = 2, FILE_READS = 8 };

struct file_request {
        handle_t reply; /* 0: none */
        uint64_t chunk;
};

struct file {
        uint64_t size;   /* 0: there is none */
        uint64_t come;   /* bytes from the host */
        uint64_t chunk;  /* the first one that was not answered */
        uint8_t *places; /* FILE_CHUNKS of FS_CHUNK_MAX bytes */
        struct file_request requests[FILE_READS];
};

/* Begins a file of `size` bytes. NO_MEMORY. */
outcome_t file_begin(struct file *file, uint64_t size);

/* Gives back everything; who waits is answered. */
void file_end(struct file *file);

/* How many of the file's next bytes there is room for. */
size_t file_room(const struct file *file);

/* Adds bytes: no more than there is room for. Answers whose chunk is there then. */
void file_add(struct file *file, const uint8_t *bytes, size_t count);

/* Notes a read, to be answered later. INVALID: it is not for a chunk that is still to come.
 * OVERLOADED: too many wait. */
outcome_t file_ask(struct file *file, uint64_t offset, uint64_t count, handle_t reply);

/* Nobody waits for the answer any more. False: it was not waiting here. */
bool file_forget(struct file *file, handle_t reply);

#endif
