/* The import table and the release of its references; see imports.h. */
#include "netipc/core/imports.h"
#include "netipc/core/exports.h"
#include "netipc/core/queues.h"

/* core_import_t: 0 (2) | serial (38) | peer slot (8) | export id (16). */
#define SERIAL_SHIFT 24
#define SERIAL_MAX   ((1ull << 38) - 1)

core_import_t import_handle(const struct session *session, uint16_t id)
{
        return session->imports[id].serial << SERIAL_SHIFT | (uint64_t)session->peer->slot << 16 |
               id;
}

outcome_t import_find(struct core *core, core_import_t handle, struct session **session,
                      uint16_t *id)
{
        unsigned slot = handle >> 16 & 0xff;
        uint64_t serial = handle >> SERIAL_SHIFT;
        *id = (uint16_t)handle;
        if (serial == 0 || slot >= core->config.peers || !core->peers[slot].used)
                return not_executed(REASON_BAD_HANDLE);
        struct peer *peer = &core->peers[slot];
        *session = peer->session;
        if (*session && *id < (*session)->export_count && (*session)->imports[*id].serial == serial)
                return OUTCOME_OK;
        return not_executed(peer->reason ? peer->reason : REASON_BAD_HANDLE);
}

static void serial_give(struct session *session, struct imported *import)
{
        uint64_t last = session->core->import_serial;
        import->serial = last < SERIAL_MAX ? last + 1 : 1;
        session->core->import_serial = import->serial;
}

void imports_init(struct session *session)
{
        struct imported *root = &session->imports[WIRE_ROOT_EXPORT];
        root->generation = WIRE_ROOT_GENERATION;
        root->count = 1;
        root->next_order = 1;
        root->live = true;
        root->type = CAPABILITY_SEND;
        serial_give(session, root);
        session->releases.next = 1;
        session->releases.deadline = CORE_NEVER;
}

/* Makes the entry stand for `generation`. False if an older one is still held, or it is older. */
static bool generation_enter(struct imported *import, uint32_t generation)
{
        if (import->generation == generation)
                return true;
        if (import->count || import->pins)
                return false;
        if (import->generation && order_before(generation, import->generation))
                return false;
        import->generation = generation;
        import->next_order = 1;
        import->reason = 0;
        import->serial = 0;
        return true;
}

struct imported *import_accept(struct session *session, const struct wire_capability *capability)
{
        uint32_t id = capability->export_id;
        if (id >= session->export_count || id <= WIRE_ROOT_EXPORT)
                return NULL;
        struct imported *import = &session->imports[id];
        if (!generation_enter(import, capability->generation))
                return NULL;
        if (import->count++ == 0) {
                session->imports_used++;
                import->type = capability->kind;
                serial_give(session, import);
        }
        if (import->reason)
                import_release_unused(session, (uint16_t)id);
        return import;
}

void import_handed(struct session *session, uint16_t id)
{
        session->imports[id].live = true;
}

void import_release_unused(struct session *session, uint16_t id)
{
        struct imported *import = &session->imports[id];
        if (id == WIRE_ROOT_EXPORT || import->live || import->pins || import->count == 0 ||
            import->release_queued)
                return;
        import->release_queued = true;
        queue_push_import(session, id);
}

void import_pin(struct session *session, uint16_t id)
{
        session->imports[id].pins++;
}

void import_unpin(struct session *session, uint16_t id)
{
        session->imports[id].pins--;
        import_release_unused(session, id);
}

bool import_dead(struct session *session, const struct wire_dead *dead)
{
        uint32_t id = dead->export_id;
        if (id >= session->export_count || id <= WIRE_ROOT_EXPORT)
                return false;
        struct imported *import = &session->imports[id];
        if (import->generation && order_before(dead->generation, import->generation))
                return true; /* late: a copy of one that came before */
        if (!generation_enter(import, dead->generation))
                return false;
        if (import->reason)
                return true;
        import->reason = dead->reason;
        if (import->live) {
                import->live = false;
                session->core->environment.import_dead(session->core->environment.context,
                                                       import_handle(session, (uint16_t)id),
                                                       (enum reason)dead->reason);
        }
        import_release_unused(session, (uint16_t)id);
        return true;
}

bool release_waiting(const struct session *session)
{
        return session->releases.resend || session->release.head != NO_INDEX;
}

/* Moves waiting imports into a batch. Leaves out those that came to life again meanwhile. */
static void batch_fill(struct session *session, struct release_batch *batch)
{
        uint16_t id;
        batch->count = 0;
        while (batch->count < WIRE_RELEASE_MAX && (id = queue_pop_import(session)) != NO_INDEX) {
                struct imported *import = &session->imports[id];
                import->release_queued = false;
                if (import->live || import->pins || import->count == 0)
                        continue;
                uint32_t count = (uint32_t)earlier(import->count, UINT32_MAX);
                import->count -= count;
                if (import->count) {
                        import_release_unused(session, id); /* the rest, in another entry */
                } else {
                        import->serial = 0;
                        session->imports_used--;
                }
                if (break_count() && count > 1)
                        count--;
                batch->entry[batch->count++] =
                    (struct wire_release_entry){id, import->generation, count};
        }
}

static struct release_batch *batch_resend(struct session *session)
{
        struct releases *releases = &session->releases;
        for (unsigned i = 0; i < RELEASE_RING; i++) {
                struct release_batch *batch = &releases->ring[i];
                if (!batch->sequence || !batch->unsent)
                        continue;
                batch->unsent = false;
                releases->resend--;
                return batch;
        }
        return NULL;
}

struct release_batch *release_next(struct session *session)
{
        struct releases *releases = &session->releases;
        releases->deadline = CORE_NEVER;
        if (releases->resend)
                return batch_resend(session);
        struct release_batch *batch = &releases->ring[releases->next % RELEASE_RING];
        if (session->release.head == NO_INDEX || batch->sequence)
                return NULL;
        batch_fill(session, batch);
        if (batch->count == 0)
                return NULL;
        batch->sequence = releases->next;
        batch->unsent = false;
        releases->next = order_after(releases->next);
        return batch;
}

void release_acked(struct session *session, uint32_t sequence)
{
        struct release_batch *batch = &session->releases.ring[sequence % RELEASE_RING];
        if (batch->sequence != sequence)
                return;
        if (batch->unsent)
                session->releases.resend--;
        batch->unsent = false;
        batch->sequence = 0;
}

void release_lost(struct session *session, uint32_t sequence)
{
        struct release_batch *batch = &session->releases.ring[sequence % RELEASE_RING];
        if (batch->sequence != sequence || batch->unsent)
                return;
        batch->unsent = true;
        session->releases.resend++;
}

/* Whether a RELEASE is new; notes it. */
static bool sequence_new(struct releases *releases, uint32_t sequence)
{
        if (order_before(releases->seen, sequence)) {
                uint32_t step = sequence - releases->seen;
                releases->seen_map = step < RELEASE_WINDOW ? releases->seen_map << step : 0;
                releases->seen_map |= 1;
                releases->seen = sequence;
                return true;
        }
        uint32_t back = releases->seen - sequence;
        if (back >= RELEASE_WINDOW || releases->seen_map >> back & 1)
                return false;
        releases->seen_map |= 1ull << back;
        return true;
}

bool release_received(struct session *session, const struct wire_frame *frame)
{
        if (!sequence_new(&session->releases, frame->release.sequence))
                return true;
        for (unsigned i = 0; i < frame->release.count; i++) {
                struct wire_release_entry entry = wire_release_entry_at(frame, i);
                if (!export_release(session, entry.export_id, entry.generation, entry.count))
                        return false;
        }
        return true;
}

void imports_drop(struct session *session, enum reason reason)
{
        for (unsigned id = WIRE_ROOT_EXPORT; id < session->export_count; id++) {
                struct imported *import = &session->imports[id];
                if (import->live)
                        session->core->environment.import_dead(session->core->environment.context,
                                                               import_handle(session, (uint16_t)id),
                                                               reason);
                import->live = false;
        }
}
