/* The locks of interface file: whose right it is that asks for one (servers/rt/serve/file_locks.h
 * does the rest), and rights for locks alone. */
#include "servers/fs/service.h"

/* False: the right is to no open file. */
static bool owner_of(const struct request *request, struct lock_owner *owner)
{
        const struct open_file *file = open_find(&fs.opens, request->badge);
        if (!file)
                return false;
        *owner = (struct lock_owner){
            .badge = request->badge,
            .file = file->node->identity,
            .client = file->client ? (uint64_t)(file->client - fs.opens.clients.list) : 0,
            .process = file->process,
        };
        return true;
}

outcome_t file_lock_part(struct request *request, uint64_t kind, uint64_t start, uint64_t end,
                         uint64_t whole, uint64_t wait, uint64_t *locked)
{
        struct lock_owner owner;
        if (!owner_of(request, &owner))
                return answered(REASON_STALE);
        const struct open_file *file = open_find(&fs.opens, request->badge);
        if (file->note && kind != FILE_LOCK_KIND_NONE)
                file->note->locked = 1;
        return file_locks_part(&fs.locks, request, &owner, kind, start, end, whole, wait, locked);
}

outcome_t file_lock_look(struct request *request, uint64_t kind, uint64_t start, uint64_t end,
                         uint64_t *kind_out, uint64_t *start_out, uint64_t *end_out,
                         uint64_t *process)
{
        struct lock_owner owner;
        return owner_of(request, &owner) ? file_locks_look(&fs.locks, &owner, kind, start, end,
                                                           kind_out, start_out, end_out, process)
                                         : answered(REASON_STALE);
}

outcome_t file_locker_make(struct request *request, uint64_t process, struct send_cap *locks)
{
        struct open_file *file = open_find(&fs.opens, request->badge);
        if (!file)
                return answered(REASON_STALE);
        if (file->locker)
                return answered(REASON_REFUSED);
        if (file->client && !opens_room_for(&fs.opens, file->client))
                return answered(REASON_OVERLOADED);
        node_hold(file->node);
        uint64_t badge = open_add(&fs.opens, file->node, file->flags);
        if (!badge) {
                node_drop(&fs.tree, file->node);
                return answered(REASON_OVERLOADED);
        }
        struct open_file *locker = open_find(&fs.opens, badge);
        if (file->client)
                open_charge(locker, file->client);
        locker->locker = true;
        locker->process = process;
        return open_right(badge, locks);
}
