/* BUSY: there was no room for all that a packet carried. It is not repeated: if it is lost, the
 * packet counts as lost, and what it carried comes again all the same. */
#include "netipc/core/frames/frame.h"
#include "netipc/core/received.h"
#include "netipc/core/sent.h"
#include "netipc/core/session.h"

size_t busy_write(struct received *received, uint8_t *at, size_t room)
{
        struct wire_busy frame = {.type = FRAME_BUSY};
        uint8_t *end = at;
        while (received->busy_count && room - (size_t)(end - at) >= sizeof(frame)) {
                frame.number = received->busy[--received->busy_count];
                core_assert(frame.number);
                end = wire_put(end, &frame, sizeof(frame));
        }
        return (size_t)(end - at);
}

void busy_put(struct session *session, struct packet *packet)
{
        packet->used += busy_write(&session->received, packet_end(packet), packet_room(packet));
}

bool busy_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        if (!sent_busy(session, &frame->busy, now))
                session_fail(session, "has no room for what was never sent");
        return true;
}
