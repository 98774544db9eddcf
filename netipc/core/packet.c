/* Building packets, and sending them; see packet.h. */
#include "netipc/core/packet.h"
#include "netipc/core/frames/frame.h"
#include "netipc/core/path.h"
#include "netipc/core/queues.h"
#include "netipc/core/received.h"
#include "netipc/core/secure.h"
#include "netipc/core/sent.h"
#include "netipc/core/session.h"

static void packet_begin(const struct session *session, struct packet *packet)
{
        packet->most = path_packet_size(session);
        packet->used = sizeof(struct wire_outer);
        packet->items = 0;
        packet->eliciting = false;
}

static void transmit(struct session *session, struct packet *packet, uint64_t now)
{
        uint64_t number = sent_number(session);
        core_assert(packet->used > sizeof(struct wire_outer));
        core_assert(packet->eliciting || packet->items == 0);
        enum wire_packet_type type = session->protection ? PACKET_SEALED : PACKET_CLEAR;
        struct wire_outer outer = {.version_type = (uint8_t)(WIRE_VERSION << 4 | type),
                                   .receiver = session->remote_index,
                                   .number = number};
        wire_put(packet->bytes, &outer, sizeof(outer));
        if (!session->protection)
                wire_trailer_write(packet->bytes, packet->used);
        else if (!secure_seal(session, packet->bytes, packet->used, number, now))
                session_fail(session, "has no packet numbers left");
        size_t length = packet->used + WIRE_TRAILER_SIZE;
        sent_note(&session->sent, number, packet->item, packet->items, packet->eliciting, length,
                  now);
        struct core *core = session->core;
        core->environment.transmit(core->environment.context, session->peer->address, packet->bytes,
                                   length);
}

/* Whether a packet may carry messages. What is under way reaches the peer before the next short
 * message does: so where there are such, long ones use half of the window only. */
static bool messages_may_go(const struct session *session, uint64_t now)
{
        const struct sent *sent = &session->sent;
        bool others_pass = now >= session->short_until || session->ready_map & READY_SHORT;
        return sent_may_send(sent) && (others_pass || sent_has_half(sent));
}

/* Everything but acknowledgements, as far as the window lets it go. */
static void frames_put(struct session *session, struct packet *packet, bool data, uint64_t now)
{
        if (session->pings) {
                ping_put(session, packet);
                return;
        }
        cancel_put(session, packet);
        dead_put(session, packet);
        bool longest = data && ++session->turns % TURNS == 0;
        while (data && msg_put(session, packet, longest, now))
                longest = false;
        release_put(session, packet, now);
}

static bool anything_waits(const struct session *session)
{
        return session->pings || queues_waiting(session) || release_waiting(session);
}

/* Fills one packet. False if nothing needs to be sent. */
static bool packet_fill(struct session *session, struct packet *packet, uint64_t now)
{
        struct received *received = &session->received;
        bool due = received_ack_due(received, session->core->config.credit, now);
        bool control = sent_may_send_control(&session->sent);
        packet_begin(session, packet);
        if (path_is_due(session, now) && probe_put(session, packet, now))
                return true;
        if (!due && !(control && anything_waits(session)))
                return false;
        uint32_t unacked = received->unacked;
        bool ack_now = received->ack_now;
        busy_put(session, packet);
        ack_put(session, packet, now);
        if (control)
                frames_put(session, packet, messages_may_go(session, now), now);
        if (packet->eliciting || due)
                return true;
        core_assert(!session->ready_map || !messages_may_go(session, now));
        received->unacked = unacked; /* the acknowledgement waits for another packet */
        received->ack_now = ack_now;
        return false;
}

void packets_flush(struct session *session, uint64_t now)
{
        struct packet packet;
        while (packet_fill(session, &packet, now))
                transmit(session, &packet, now);
}

void packet_close(struct session *session, enum reason reason, uint64_t now)
{
        struct packet packet;
        packet_begin(session, &packet);
        close_put(&packet, reason);
        transmit(session, &packet, now);
}
