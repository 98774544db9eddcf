/* CLOSE: its sender has ended the session. It is sent once, in case somebody hears: nobody is left
 * to repeat it. */
#include "netipc/core/frames/frame.h"

void close_put(struct packet *packet, enum reason reason)
{
        core_assert(wire_reason_valid(reason));
        struct wire_close frame = {.type = FRAME_CLOSE, .reason = (uint16_t)reason};
        packet_append(packet, &frame, sizeof(frame));
}

bool close_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        (void)now;
        session->failed = REASON_LINK_LOST;
        core_log(session->core, CORE_LOG_INFO, session->peer, "closed by the peer", "reason",
                 frame->close.reason);
        return true;
}
