/* What the server leaves to its successor: the open files whose offset processes share, in memory
 * that init keeps (`keeps` of the manifest). Each has a note:
 *
 *      file.share ──> note: token, file, offset ──the server dies──> fs.resume with that token
 *
 * A token is a number that nobody can guess and that only who has the right was told. Whoever
 * resumes first opens the file anew; the others get a right to the same. The last call at the
 * offset stays known by the number that its caller gave it: the server has one thread and answers
 * such calls at once, so of the calls whose answer a death can have swallowed only the last one was
 * executed. Whoever made it is told so, though others have moved the offset meanwhile.
 *
 * A note whose file has lost what was seen of it (opens.h) is void, and so is one that had locks.
 * Those that nobody resumes give way when places are short. The memory may hold anything, what
 * another program has left in it, too: what does not look like notes is not there. Pure. */
#ifndef FS_NOTES_H
#define FS_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NOTES = 256, NOTES_BYTES = 64 << 10 };

struct note {
        uint64_t token;    /* 0: the place is free */
        uint64_t identity; /* of the node */
        uint64_t version;  /* the newest content that was seen by the right */
        uint64_t offset;
        uint64_t request, request_at; /* the last call at the offset; where it read, or led to */
        uint64_t flags;               /* enum fs_open_flags */
        uint64_t locked;              /* not 0: it has had locks */
};

struct notes_memory {
        uint64_t magic;
        struct note list[NOTES];
};

_Static_assert(sizeof(struct notes_memory) <= NOTES_BYTES, "what the manifest keeps");

/* Begins with notes_begin(). */
struct notes {
        struct notes_memory *memory; /* NULL: nothing is kept */
        /* Of those before: not resumed yet, and what they had done last. */
        struct {
                uint64_t request, request_at;
                bool waits, resumed;
        } before[NOTES];
        uint64_t badges[NOTES]; /* of the open file, in this server; 0: of none */
};

/* `memory` is that of the server before, or zero; NULL: there is none. */
void notes_begin(struct notes *notes, struct notes_memory *memory);

/* A new note of the open file of that badge; NULL: there is no place. */
struct note *note_add(struct notes *notes, uint64_t token, uint64_t badge);

/* The note with that token, or NULL. */
struct note *note_find(const struct notes *notes, uint64_t token);

/* The badge under which it is open; 0: nobody has resumed it. */
uint64_t note_badge(const struct notes *notes, const struct note *note);

/* It is open again. */
void note_resumed(struct notes *notes, const struct note *note, uint64_t badge);

/* Whether the call of that number was the last before the server died; *at: where it read, or led
 * to. */
bool note_executed(const struct notes *notes, const struct note *note, uint64_t request,
                   uint64_t *at);

/* The open file is closed. Of one that was resumed, others may have the token, and not have asked
 * yet: it waits for them. */
void note_closed(struct notes *notes, struct note *note);

/* What was known is void. */
void note_drop(struct notes *notes, struct note *note);

#endif
