/* The files that clients have open: a place in a table each, and a badge that says which.
 *
 *      badge: bit 63 set, the place's generation in bits 16..62, its number in bits 0..15
 *
 * The generation changes each time a place is reused, so that a late message through an older
 * right is recognised. An open file holds its node. Its offset is of use to those who share the
 * right; others keep one of their own, and read and write with that.
 *
 * A lease (Gray and Cheriton, 1989) promises who reads that what it was given stays the file's
 * newest content for so long: changes are made at once, but not answered before the leases that
 * were granted have ended (waits.h). So a reader that keeps what it was given is never behind an
 * answered change, and nobody has to be told. It lasts though the file is closed: that may be the
 * end of a way to a reader who still relies on it, and not his own doing. Who may write is granted
 * none: it may share its right with others, and would wait for itself. A file whose change had to
 * wait is not leased for a while: readers and a writer that take turns cost the writer one wait,
 * not one each time. A server that has restarted does not know the leases of the one before it,
 * whose readers rely on them all the same: at first it takes each file that it began with for
 * leased.
 *
 * Numbers of nodes and versions say which server gave them, so that who had a file open before can
 * have it again if it is still the file that he has seen:
 *
 *      before_numbers    below it: what each server of this boot of the node begins with
 *      own_numbers       from it on: given by this one; what is between by those before it
 *
 * Pure. */
#ifndef FS_OPENS_H
#define FS_OPENS_H

#include "servers/fs/clients.h"
#include "servers/fs/tree.h"
#include "servers/proto/file.h"
#include "servers/rt/pure/share.h"

enum { OPENS_MAX = 1024 };

/* How long a file is not leased after a change that had to wait. */
#define OPENS_UNLEASED 1000000000ull

struct open_file {
        struct node *node; /* NULL: the place is free */
        uint64_t flags;    /* enum fs_open_flags */
        uint64_t generation;
        uint64_t offset;       /* shared by all who have the right */
        uint64_t process;      /* of a locker: whose locks its are */
        bool locker;           /* the right is for locks alone (locks.h) */
        uint32_t issues;       /* how often its right was given out */
        struct client *client; /* whose share it is of; NULL: nobody's */
        struct note *note;     /* what a next server will know of it (notes.h); NULL: nothing */
        uint32_t next_free;
};

/* Begins with opens_init(). */
struct opens {
        struct tree *tree;
        struct open_file files[OPENS_MAX];
        uint32_t first_free; /* OPENS_MAX: none */
        uint32_t used;
        struct clients clients;
        /* No lease of the server before this ends later, of nodes with lower numbers. */
        uint64_t before_until, before_numbers;
        uint64_t own_numbers;
};

/* The tree has what a server before this may have leased, up to `now`. `numbers`: those before it
 * have given none as great as that; 0 if there were none. */
void opens_init(struct opens *opens, struct tree *tree, uint64_t now, uint64_t numbers);

/* Whether there is a place for one more. */
static inline bool opens_room(const struct opens *opens)
{
        return opens->first_free < OPENS_MAX;
}

/* Whether that client may have one more. */
static inline bool opens_room_for(const struct opens *opens, const struct client *client)
{
        return client == &opens->clients.list[0]
                   ? opens_room(opens)
                   : share_allows(client->opens, OPENS_MAX - opens->used);
}

/* It is of that client's share from now on. */
void open_charge(struct open_file *file, struct client *client);

/* Takes a place for a node that is held, and the hold with it. The badge, or 0: all are taken. */
uint64_t open_add(struct opens *opens, struct node *node, uint64_t flags);

/* The node of that identity for who has seen its content up to `version`, perhaps by a server
 * before this one; NULL: it is gone, or not what he has seen. */
struct node *opens_known(const struct opens *opens, uint64_t identity, uint64_t version);

/* The open file of a badge, or NULL. */
struct open_file *open_find(struct opens *opens, uint64_t badge);

/* Moves the offset by so much (in two's complement) from the start, from where it is, or from the
 * end. INVALID: it would be before the start, or beyond what an off_t says; it is as it was. */
outcome_t open_seek(struct open_file *file, uint64_t by, enum file_whence whence);

/* Grants a lease from `now` on, of `wanted` ns at most: how long; 0: none. */
uint64_t open_lease(struct open_file *file, uint64_t wanted, uint64_t now);

/* When the last lease of a node ends, if that is later than `now`; else `now`. */
uint64_t opens_leased_until(const struct opens *opens, const struct node *node, uint64_t now);

/* Closes it, if the badge is one: its hold is dropped. */
void open_close(struct opens *opens, uint64_t badge);

#endif
