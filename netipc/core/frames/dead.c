/* DEAD: a right died at its home. It is repeated while the peer holds references of it; one that
 * comes again, or late, changes nothing. */
#include "netipc/core/exports.h"
#include "netipc/core/frames/frame.h"
#include "netipc/core/imports.h"
#include "netipc/core/session.h"

void dead_put(struct session *session, struct packet *packet)
{
        uint16_t id;
        while (packet_fits(packet, sizeof(struct wire_dead)) &&
               (id = export_dead_next(session)) != NO_INDEX) {
                const struct exported *export = &session->exports[id];
                core_assert(export->state == EXPORT_DEAD && wire_reason_valid(export->reason));
                struct wire_dead frame = {.type = FRAME_DEAD,
                                          .reason = export->reason,
                                          .export_id = id,
                                          .generation = export->generation};
                packet_append(packet, &frame, sizeof(frame));
                packet_note(
                    packet,
                    (struct item){.type = FRAME_DEAD, .index = id, .tag = export->generation});
        }
}

bool dead_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        const struct wire_dead *dead = &frame->dead;
        bool possible =
            dead->export_id > WIRE_ROOT_EXPORT && dead->export_id < session->export_count;
        (void)now;
        if (!possible || !import_die(session, (uint16_t)dead->export_id, dead->generation,
                                     (enum reason)dead->reason))
                session_fail(session, "declares dead what it cannot have exported");
        return true;
}

void dead_lost(struct session *session, const struct item *item, bool refused)
{
        core_assert(item->index < session->export_count);
        const struct exported *export = &session->exports[item->index];
        (void)refused;
        if (export->state == EXPORT_DEAD && export->generation == item->tag)
                export_dead_queue(session, item->index);
}
