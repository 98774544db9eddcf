/* The export table; see exports.h. */
#include "netipc/core/exports.h"
#include "netipc/core/queues.h"
#include "netipc/core/served.h"

/* Each id but the root's is either in the free list or counted as used. */
static bool balanced(const struct session *session)
{
        return session->exports_left + session->exports_used + WIRE_ROOT_EXPORT + 1 ==
               session->export_count;
}

static unsigned bucket_of(uint64_t token)
{
        return (unsigned)(token * 0x9e3779b97f4a7c15ull >> 56) % EXPORT_BUCKETS;
}

void exports_init(struct session *session)
{
        core_assert(session->export_count > WIRE_ROOT_EXPORT);
        for (unsigned i = 0; i < EXPORT_BUCKETS; i++)
                session->export_hash[i] = NO_INDEX;
        struct exported *root = &session->exports[WIRE_ROOT_EXPORT];
        root->generation = WIRE_ROOT_GENERATION;
        root->state = EXPORT_LIVE;
        root->type = CAPABILITY_SEND;
        root->next_order = 1;
        session->exports_free = NO_INDEX;
        for (unsigned id = session->export_count; id-- > WIRE_ROOT_EXPORT + 1;) {
                session->exports[id].next = session->exports_free;
                session->exports_free = (uint16_t)id;
                session->exports_left++;
        }
        core_assert(balanced(session));
}

uint16_t export_find(const struct session *session, uint64_t token)
{
        uint16_t id = session->export_hash[bucket_of(token)];
        while (id != NO_INDEX && session->exports[id].token != token)
                id = session->exports[id].hash_next;
        return id;
}

static uint16_t export_make(struct session *session, uint64_t token, uint8_t type)
{
        uint16_t id = session->exports_free;
        struct exported *export = &session->exports[id];
        uint16_t *bucket = &session->export_hash[bucket_of(token)];
        core_assert(id != NO_INDEX && export->state == EXPORT_FREE);
        core_assert(export->count == 0 && !export->held);
        session->exports_free = export->next;
        session->exports_left--;
        session->exports_used++;
        export->token = token;
        export->generation = order_after(export->generation);
        export->next_order = 1;
        export->state = EXPORT_LIVE;
        export->type = type;
        export->reason = 0;
        export->dead_queued = false;
        export->hash_next = *bucket;
        *bucket = id;
        core_assert(balanced(session));
        return id;
}

static void right_drop(struct session *session, uint64_t token)
{
        session->core->environment.right_drop(session->core->environment.context, token);
}

uint16_t export_reference(struct session *session, uint64_t token, uint8_t type)
{
        uint16_t id = export_find(session, token);
        core_assert(token);
        if (id == NO_INDEX)
                id = export_make(session, token, type);
        else
                right_drop(session, token);
        core_assert(session->exports[id].state == EXPORT_LIVE);
        session->exports[id].count++;
        return id;
}

static void hash_remove(struct session *session, uint16_t id)
{
        uint16_t *link = &session->export_hash[bucket_of(session->exports[id].token)];
        while (*link != id)
                link = &session->exports[*link].hash_next;
        *link = session->exports[id].hash_next;
}

/* The right is given up; the entry stays until the peer holds no reference. */
static void right_end(struct session *session, uint16_t id, enum reason reason)
{
        struct exported *export = &session->exports[id];
        core_assert(export->state == EXPORT_LIVE && id != WIRE_ROOT_EXPORT);
        hash_remove(session, id);
        export->state = EXPORT_DEAD;
        export->reason = (uint16_t)reason;
        served_fail_held(session, export, reason);
        right_drop(session, export->token);
        core_assert(!export->held);
}

static void entry_free(struct session *session, uint16_t id)
{
        const struct exported *export = &session->exports[id];
        core_assert(export->state == EXPORT_FREE && !export->dead_queued);
        session->exports[id].next = session->exports_free;
        session->exports_free = id;
        session->exports_left++;
        session->exports_used--;
        core_assert(balanced(session));
}

static void export_free(struct session *session, uint16_t id)
{
        struct exported *export = &session->exports[id];
        core_assert(export->count == 0 && export->state != EXPORT_FREE);
        if (export->state == EXPORT_LIVE)
                right_end(session, id, REASON_REVOKED);
        export->state = EXPORT_FREE;
        if (!export->dead_queued)
                entry_free(session, id); /* else when it leaves the queue, which uses its link */
}

void export_settle(struct session *session, uint16_t id)
{
        const struct exported *export = &session->exports[id];
        const struct held *held = export->held;
        bool promised = held && held->message.header.order == export->next_order;
        core_assert(id >= WIRE_ROOT_EXPORT && id < session->export_count);
        if (id != WIRE_ROOT_EXPORT && export->state != EXPORT_FREE && export->count == 0 &&
            !promised)
                export_free(session, id);
}

bool export_release(struct session *session, uint32_t id, uint32_t generation, uint32_t count)
{
        struct exported *export = export_named(session, id, generation);
        if (!export || id == WIRE_ROOT_EXPORT || export->count < count)
                return false;
        export->count -= count;
        export_settle(session, (uint16_t)id);
        return true;
}

struct exported *export_named(struct session *session, uint32_t id, uint32_t generation)
{
        if (id >= session->export_count || id < WIRE_ROOT_EXPORT)
                return NULL;
        struct exported *export = &session->exports[id];
        return export->state != EXPORT_FREE && export->generation == generation ? export : NULL;
}

void export_kill(struct session *session, uint16_t id, enum reason reason)
{
        struct exported *export = &session->exports[id];
        right_end(session, id, reason);
        export_settle(session, id);
        if (export->state != EXPORT_DEAD)
                return; /* the peer has given all its references back */
        export->dead_queued = true;
        queue_push_export(session, id);
}

void export_consume(struct session *session, uint16_t id)
{
        right_end(session, id, REASON_REVOKED);
}

uint16_t export_dead_next(struct session *session)
{
        uint16_t id;
        while ((id = queue_pop_export(session)) != NO_INDEX) {
                struct exported *export = &session->exports[id];
                core_assert(export->dead_queued && export->state != EXPORT_LIVE);
                export->dead_queued = false;
                if (export->state != EXPORT_FREE)
                        return id;
                entry_free(session, id);
        }
        return NO_INDEX;
}

void export_dead_queue(struct session *session, uint16_t id)
{
        struct exported *export = &session->exports[id];
        core_assert(export->state == EXPORT_DEAD);
        if (export->dead_queued)
                return;
        export->dead_queued = true;
        queue_push_export(session, id);
}

void exports_drop(struct session *session)
{
        for (unsigned id = WIRE_ROOT_EXPORT; id < session->export_count; id++) {
                struct exported *export = &session->exports[id];
                served_drop_held(session, export);
                if (export->state == EXPORT_LIVE && id != WIRE_ROOT_EXPORT)
                        right_drop(session, export->token);
        }
}
