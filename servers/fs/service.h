/* What the parts of the file server's program share: its state, and answers that both interfaces
 * give.
 *
 *      path_service   interface fs, on the right that is registered as `fs`, and on those for open
 *                     folders
 *      file_service   interface file, on one right for each open file
 *      lock_service   its locks
 *      main           the loop, and the start
 *
 * A change of a file is admitted, made, and answered, in this order (change_admit, change_answer).
 * Context of all functions: the one thread. */
#ifndef FS_SERVICE_H
#define FS_SERVICE_H

#include "servers/fs/digests.h"
#include "servers/fs/notes.h"
#include "servers/fs/opens.h"
#include "servers/fs/waits.h"
#include "servers/proto/file.h"
#include "servers/proto/fs.h"
#include "servers/rt/serve/file_locks.h"
#include "servers/rt/task/time.h"

struct fs {
        struct server server;
        struct tree tree;
        struct opens opens;
        struct waits waits;
        struct locks locks;
        struct digests digests;
        struct notes notes;
        uint32_t device; /* a number of this server's own, by its node */
};

extern struct fs fs;
extern const struct fs_server path_handlers;
extern const struct file_server file_handlers;

/* The server's date, in the seconds of files' times. */
static inline uint64_t date_now(void)
{
        return rt_date() / RT_SECOND;
}

/* What stat says. */
static inline void node_describe(const struct node *node, uint64_t *kind, uint64_t *size,
                                 uint64_t *identity, uint64_t *modified, uint64_t *attributes)
{
        *kind = node->kind;
        *size = node_size(node);
        *identity = node->identity;
        *modified = node->modified;
        *attributes = fs_attributes(node->mode, node->links, fs.device);
}

/* The bytes of a file for the answer of this request: as many as there are, at most `count` and
 * FS_CHUNK_MAX. OVERLOADED: no memory. */
outcome_t content_answer(struct request *request, const struct content *content, uint64_t offset,
                         uint64_t count, const void **data, size_t *length);

/* Before a change of that node: OVERLOADED if its answer has to be held and cannot be. */
outcome_t change_admit(const struct node *node);

/* The outcome for a handler that has changed a file: OK, or RT_DEFERRED if its answer is held until
 * leases have ended. `result`: struct wait. */
outcome_t change_answer(const struct request *request, struct node *node, uint64_t result);

/* The methods times and touch of both interfaces: sets times as enum fs_times says, if that can be
 * answered, and answers as change_answer. */
outcome_t times_change(const struct request *request, struct node *node, uint64_t which,
                       uint64_t accessed, uint64_t modified);

/* The open folder whose right a request came by; NULL: the right is to none. */
struct node *folder_of(const struct request *request);

/* The client who asks by this right to the service, or to an open folder; NULL: it is neither. */
struct client *client_of(const struct request *request);

/* Notes for a next server what the open file has seen of its content by now. */
void open_note(struct open_file *file);

/* A right to the open file, the first one of its badge; without it the file is closed again. */
outcome_t open_right(uint64_t badge, struct send_cap *file);

/* The methods lock, lock_test and locker of interface file. */
outcome_t file_lock_part(struct request *request, uint64_t lock, uint64_t start, uint64_t end,
                         uint64_t whole, uint64_t wait, uint64_t *locked);
outcome_t file_lock_look(struct request *request, uint64_t lock, uint64_t start, uint64_t end,
                         uint64_t *lock_out, uint64_t *start_out, uint64_t *end_out,
                         uint64_t *process);
outcome_t file_locker_make(struct request *request, uint64_t process, struct send_cap *locks);

/* Answers an open that was held, of the file with this badge. */
void open_reply(handle_t reply, uint64_t badge);

/* Gives the answers that are due by now. */
void waits_answer(uint64_t now);

#endif
