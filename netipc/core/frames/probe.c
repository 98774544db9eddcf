/* PROBE: does the path take a packet of this size? What its fate says of the path is path.h's. */
#include "netipc/core/frames/frame.h"
#include "netipc/core/path.h"

/* In a packet of its own, which it fills, so that nothing else is lost with it. */
bool probe_put(struct session *session, struct packet *packet, uint64_t now)
{
        unsigned granules = path_probe(session, now);
        if (!granules)
                return false;
        core_assert(granules > WIRE_SHORT && packet->used == sizeof(struct wire_outer));
        packet->most = wire_packet_size(granules);
        size_t padding = packet_room(packet) - sizeof(struct wire_probe);
        struct wire_probe frame = {.type = FRAME_PROBE, .padding = (uint16_t)padding};
        packet_append(packet, &frame, sizeof(frame));
        memset(packet_end(packet), 0, padding);
        packet->used += padding;
        packet_note(packet, (struct item){.type = FRAME_PROBE, .index = (uint16_t)granules});
        core_assert(packet_room(packet) == 0);
        return true;
}

bool probe_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        (void)session;
        (void)frame;
        (void)now;
        return true;
}

void probe_acked(struct session *session, const struct item *item)
{
        path_probe_acked(session, item->index);
}

void probe_lost(struct session *session, const struct item *item, bool refused)
{
        (void)refused;
        path_probe_lost(&session->path, item->index);
}
