/* Reading a file without asking for what is known.
 *
 *      open ──> the file's first bytes, its size, a lease ──> reads are answered from there
 *                     lease over, or other bytes wanted ──> file.read, with a new lease
 *      one read after the other, each worth waiting for ──> the next ones are asked for (ahead.h)
 *
 * What is promised: a read gives nothing older than any change of the file that was answered, to
 * this program or to another on any node, before the read began. What is kept here is used for as
 * long as its lease says that it is the newest there is (servers/fs/opens.h), counted from before
 * it was asked for; and as long as answers have the same version. The file's server decides; a
 * lying one hurts who reads its files.
 *
 * Context: one thread at a time, also the handler of Linux system calls: no libc. */
#ifndef RT_FILE_READER_H
#define RT_FILE_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kernel/abi/outcome.h"
#include "kernel/abi/rights.h"

enum {
        READER_HEAD = 8192, /* bytes of a file that come with its opening */
        READER_HEADS = 4,   /* files that have such bytes at once; others are read by calls */
};

/* Of one open file. All zero: nothing is known of it. */
struct reader {
        uint64_t relied_until; /* until then all of this is the newest */
        uint64_t version, size;
        uint64_t identity, attributes; /* as they were when it was opened */
        uint8_t *head; /* the first bytes, READER_HEAD or the whole file; NULL: none */
        size_t head_length;
        uint64_t next;       /* where the last read ended */
        struct ahead *ahead; /* NULL: nothing is read ahead */
};

/* Opens a path of a file service by enum fs_open_flags (servers/proto/files.h), with the mode that
 * a file gets if it is made; *file is the caller's, *kind an enum fs_kind. Outcomes: those of
 * fs.open. */
outcome_t reader_open(struct reader *reader, handle_t service, const char *path, size_t length,
                      uint64_t flags, uint64_t mode, handle_t *file, uint64_t *kind);

/* Reads `count` bytes at `offset`: fewer (*done) only at the end of the file. An outcome that is
 * not ok has read nothing. */
outcome_t reader_read(struct reader *reader, handle_t file, uint64_t offset, void *to, size_t count,
                      size_t *done);

/* Whether the size is the newest, without asking. */
bool reader_knows_size(const struct reader *reader);

/* For ahead.c: notes what an answer says that was asked for at `asked`. One that is older than
 * what is known says nothing. */
void reader_answered(struct reader *reader, uint64_t asked, uint64_t size, uint64_t version,
                     uint64_t lease);

/* Begins anew in a task that is a copy of another, where every reader is closed: event and calls of
 * the other are not there. */
void reader_renew(void);

/* Gives back what it holds: of a file that is closed. */
void reader_close(struct reader *reader);

#endif
