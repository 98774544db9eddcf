/* PING: are you there? It does nothing but elicit an acknowledgement. It is not repeated: as long
 * as nothing is heard, probe time-outs ask anew (sent.h). */
#include "netipc/core/frames/frame.h"

/* In a packet of its own, ahead of all that waits: the peer acknowledges it even if it can take
 * nothing else now, and that acknowledgement shows that it lives and what else is lost. */
void ping_put(struct session *session, struct packet *packet)
{
        core_assert(session->pings && packet->items == 0);
        struct wire_ping frame = {.type = FRAME_PING};
        packet_append(packet, &frame, sizeof(frame));
        packet->eliciting = true;
        session->pings--;
}

bool ping_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        (void)session;
        (void)frame;
        (void)now;
        return true;
}
