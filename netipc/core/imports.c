/* The import table; see imports.h. How its references go back is in frames/release.c. */
#include "netipc/core/imports.h"
#include "netipc/core/queues.h"

/* core_import_t: 0 (2) | serial (38) | peer slot (8) | export id (16). */
#define SERIAL_SHIFT 24
#define SERIAL_MAX   ((1ull << 38) - 1)

core_import_t import_handle(const struct session *session, uint16_t id)
{
        return session->imports[id].serial << SERIAL_SHIFT | (uint64_t)session->peer->slot << 16 |
               id;
}

unsigned core_import_slot(core_import_t import)
{
        return import >> 16 & 0xff;
}

outcome_t import_find(struct core *core, core_import_t handle, struct session **session,
                      uint16_t *id)
{
        unsigned slot = core_import_slot(handle);
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
        core_assert(import->serial && import->serial <= SERIAL_MAX);
}

void imports_init(struct session *session)
{
        struct imported *root = &session->imports[WIRE_ROOT_EXPORT];
        core_assert(session->export_count > WIRE_ROOT_EXPORT);
        root->generation = WIRE_ROOT_GENERATION;
        root->count = 1;
        root->next_order = 1;
        root->live = true;
        root->type = CAPABILITY_SEND;
        serial_give(session, root);
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
        core_assert(import->count && import->serial);
        if (import->reason)
                import_release_unused(session, (uint16_t)id);
        return import;
}

void import_handed(struct session *session, uint16_t id)
{
        core_assert(session->imports[id].count && !session->imports[id].reason);
        session->imports[id].live = true;
}

void import_release_unused(struct session *session, uint16_t id)
{
        struct imported *import = &session->imports[id];
        if (id == WIRE_ROOT_EXPORT || import->live || import->pins || import->count == 0 ||
            import->release_queued)
                return;
        core_assert(id < session->export_count && import->generation);
        import->release_queued = true;
        queue_push_import(session, id);
}

void import_pin(struct session *session, uint16_t id)
{
        core_assert(session->imports[id].generation && session->imports[id].pins < UINT16_MAX);
        session->imports[id].pins++;
}

void import_unpin(struct session *session, uint16_t id)
{
        core_assert(session->imports[id].pins > 0);
        session->imports[id].pins--;
        import_release_unused(session, id);
}

bool import_die(struct session *session, uint16_t id, uint32_t generation, enum reason reason)
{
        struct imported *import = &session->imports[id];
        core_assert(id > WIRE_ROOT_EXPORT && id < session->export_count && reason);
        if (import->generation && order_before(generation, import->generation))
                return true; /* late: a copy of one that came before */
        if (!generation_enter(import, generation))
                return false;
        if (import->reason)
                return true;
        import->reason = (uint16_t)reason;
        if (import->live) {
                import->live = false;
                session->core->environment.import_dead(session->core->environment.context,
                                                       import_handle(session, id), reason);
        }
        import_release_unused(session, id);
        core_assert(!import->live && import->generation == generation);
        return true;
}

uint32_t import_give_back(struct session *session, uint16_t id)
{
        struct imported *import = &session->imports[id];
        core_assert(import->release_queued && id != WIRE_ROOT_EXPORT);
        import->release_queued = false;
        if (import->live || import->pins || import->count == 0)
                return 0;
        uint32_t count = (uint32_t)earlier(import->count, UINT32_MAX);
        import->count -= count;
        if (import->count) {
                import_release_unused(session, id); /* the rest, in another entry */
        } else {
                core_assert(session->imports_used > 0);
                import->serial = 0;
                session->imports_used--;
        }
        return count;
}

void imports_drop(struct session *session, enum reason reason)
{
        core_assert(reason);
        for (unsigned id = WIRE_ROOT_EXPORT; id < session->export_count; id++) {
                struct imported *import = &session->imports[id];
                if (import->live)
                        session->core->environment.import_dead(session->core->environment.context,
                                                               import_handle(session, (uint16_t)id),
                                                               reason);
                import->live = false;
        }
}
