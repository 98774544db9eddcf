/* ACK: which packets have come. It is made anew each time, never repeated: a later one says more.
 * What it does to the packets sent is in sent.h. */
#include "netipc/core/frames/frame.h"
#include "netipc/core/received.h"
#include "netipc/core/sent.h"
#include "netipc/core/session.h"

/* Numbers received without a gap down from the largest, as far as the peer can ask. Nothing is
 * searched for as long as packets come in order. */
static unsigned first_run(const struct received *received)
{
        uint64_t known = received->largest - received->gapless + 1;
        if (received->gapless > 1 && known < SENT_RING)
                return received_run(received, received->largest, true, SENT_RING);
        return known < SENT_RING ? (unsigned)known : SENT_RING;
}

size_t ack_write(struct received *received, uint8_t *at, size_t room, uint16_t credit, uint64_t now)
{
        struct wire_ack ack = {.type = FRAME_ACK, .credit = credit, .largest = received->largest};
        if (room < sizeof(ack) || received->largest == 0)
                return 0;
        uint64_t delay = (now - received->largest_time) / MICROSECOND;
        ack.delay = delay < UINT32_MAX ? (uint32_t)delay : UINT32_MAX;
        unsigned scanned = ack.first = first_run(received);
        uint8_t *end = at + sizeof(ack);
        while (scanned < SENT_RING && scanned < ack.largest &&
               ack.range_count < WIRE_ACK_RANGES_MAX &&
               room - (size_t)(end - at) >= sizeof(struct wire_ack_range)) {
                unsigned left = SENT_RING - scanned;
                uint64_t next = ack.largest - scanned; /* the first missing, 0 at the end */
                unsigned gap = received_run(received, next, false, left);
                unsigned run =
                    gap < left ? received_run(received, next - gap, true, left - gap) : 0;
                if (gap == 0 || run == 0)
                        break;
                struct wire_ack_range range = {(uint16_t)gap, (uint16_t)run};
                end = wire_put(end, &range, sizeof(range));
                ack.range_count++;
                scanned += gap + run;
        }
        core_assert(ack.first && (size_t)(end - at) <= room);
        wire_put(at, &ack, sizeof(ack));
        received->unacked = 0;
        received->ack_now = false;
        return (size_t)(end - at);
}

/* Beside a message it has few ranges, the newest: with more of them a fragment would not fit, and
 * would wait for as long as the acknowledgement may. */
void ack_put(struct session *session, struct packet *packet, uint64_t now)
{
        size_t room = packet_room(packet);
        if (session->ready_map && room > WIRE_ACK_BESIDE)
                room = WIRE_ACK_BESIDE;
        if (session->received.unacked)
                packet->used += ack_write(&session->received, packet_end(packet), room,
                                          session->core->config.credit, now);
}

bool ack_take(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        if (!sent_acked(session, frame, now))
                session_fail(session, "acknowledges what was never sent");
        return true;
}
