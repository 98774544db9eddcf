/* Loss detection and congestion control; see sent.h. Names in comments are those of RFC 9002. */
#include "netipc/core/sent.h"
#include "netipc/core/frames/frame.h"
#include "netipc/core/path.h"
#include "netipc/core/queues.h"
#include "netipc/core/received.h"

enum {
        PACKET_THRESHOLD = 3,           /* kPacketThreshold */
        GRANULARITY = 1000 * 1000,      /* kGranularity: 1 ms */
        INITIAL_RTT = 20 * 1000 * 1000, /* kInitialRtt, for a local network */
        PROBE_TIMEOUT_MAX = 250 * 1000 * 1000,
        PROBE_BACKOFF_MAX = 60 * 1000 * 1000, /* several probes before a peer is dead */
        BACKOFF_MAX = 6,
        WINDOW_INITIAL = 32,
        WINDOW_MIN = 4,
        WINDOW_MAX = SENT_RING / 2,
        PROBES_FIRST = 2, /* a PING, and what the oldest carried; then one PING more */
        PROBES = WIRE_PROBES,
        WHOLE = 1024,    /* loss_share, if all is lost */
        SHARE_SHIFT = 4, /* a round counts for 1/16 of the average */
};

static struct sent_packet *packet_at(struct sent *sent, uint64_t number)
{
        return &sent->ring[number % SENT_RING];
}

static const struct item *item_of(const struct sent *sent, const struct sent_packet *packet,
                                  unsigned i)
{
        core_assert(i < packet->items);
        return &sent->note[(packet->first + i) % SENT_NOTES];
}

void sent_init(struct sent *sent, uint16_t credit)
{
        core_assert(credit);
        sent->next = 1;
        sent->lowest = 1;
        sent->loss_time = CORE_NEVER;
        sent->srtt = INITIAL_RTT;
        sent->rttvar = INITIAL_RTT / 2;
        sent->window = WINDOW_INITIAL;
        sent->threshold = WINDOW_MAX;
        sent->loss_share = WHOLE;
        sent->credit = credit;
}

static uint32_t places_allowed(const struct sent *sent)
{
        return sent->window < sent->credit ? sent->window : sent->credit;
}

bool sent_may_send(const struct sent *sent)
{
        return sent->in_flight < places_allowed(sent) || sent->probes;
}

bool sent_may_send_control(const struct sent *sent)
{
        return sent->in_flight < places_allowed(sent) + wire_reserve(sent->credit) || sent->probes;
}

bool sent_has_half(const struct sent *sent)
{
        return sent->in_flight < (places_allowed(sent) + 1) / 2 || sent->probes;
}

static void lowest_advance(struct sent *sent)
{
        while (sent->lowest < sent->next && !packet_at(sent, sent->lowest)->in_flight)
                sent->lowest++;
        core_assert(sent->lowest <= sent->next);
}

/* RFC 8257, 3.3, with packets lost instead of packets marked: the average over rounds, each of
 * which is what was under way at once. */
static void round_end(struct sent *sent)
{
        uint32_t known = sent->round_acked + sent->round_lost;
        core_assert(known && sent->loss_share <= WHOLE);
        sent->loss_share -= (sent->loss_share + (1 << SHARE_SHIFT) - 1) >> SHARE_SHIFT;
        sent->loss_share += sent->round_lost * WHOLE / known >> SHARE_SHIFT;
        sent->round = sent->next;
        sent->round_acked = 0;
        sent->round_lost = 0;
        core_assert(sent->loss_share <= WHOLE);
}

/* The window shrinks by half of the share that is lost: what overflows a queue loses much and
 * halves it, a way that loses one packet in a hundred takes hardly anything of it. */
static uint32_t window_after_loss(const struct sent *sent)
{
        uint32_t window = sent->window - sent->window * sent->loss_share / (2 * WHOLE);
        return window > WINDOW_MIN ? window : WINDOW_MIN;
}

/* The packet's fate is known: it is under way no more. */
static void packet_settle(struct sent *sent, struct sent_packet *packet)
{
        core_assert(packet->in_flight && sent->in_flight >= packet->places);
        packet->in_flight = false;
        sent->in_flight -= packet->places;
}

static bool is_path_probe(const struct sent *sent, const struct sent_packet *packet)
{
        return packet->items && item_of(sent, packet, 0)->type == FRAME_PROBE;
}

/* OnPacketsLost and OnCongestionEvent. */
static void packet_lost(struct session *session, struct sent_packet *packet, uint64_t now)
{
        struct sent *sent = &session->sent;
        packet_settle(sent, packet);
        for (unsigned i = 0; i < packet->items && !packet->probed; i++)
                frame_lost(session, item_of(sent, packet, i), false);
        if (is_path_probe(sent, packet))
                return;
        path_lost(session, packet, now);
        sent->lost_count++;
        sent->round_lost += packet->places;
        if (packet->time < sent->recovery_start)
                return;
        sent->recovery_start = now;
        sent->window = window_after_loss(sent);
        sent->threshold = sent->window;
        core_assert(sent->window >= WINDOW_MIN && sent->window <= WINDOW_MAX);
}

/* Whether there is a place for one more packet, with as many items as it may have. */
static bool has_place(struct sent *sent)
{
        if (sent->lowest == sent->next)
                return true;
        return sent->next - sent->lowest < SENT_RING &&
               sent->noted - packet_at(sent, sent->lowest)->first <= SENT_NOTES - SENT_ITEMS;
}

uint64_t sent_number(struct session *session)
{
        struct sent *sent = &session->sent;
        lowest_advance(sent);
        while (!has_place(sent)) {
                struct sent_packet *oldest = packet_at(sent, sent->lowest);
                packet_lost(session, oldest, oldest->time);
                lowest_advance(sent);
        }
        core_assert(sent->next - sent->lowest < SENT_RING);
        return sent->next;
}

void sent_note(struct sent *sent, uint64_t number, const struct item *items, unsigned count,
               bool eliciting, size_t length, uint64_t now)
{
        struct sent_packet *packet = packet_at(sent, number);
        core_assert(length && length <= WIRE_PACKET_MAX);
        core_assert(number == sent->next && !packet->in_flight);
        core_assert(count <= SENT_ITEMS && (eliciting || count == 0));
        packet->number = number;
        packet->time = now;
        packet->places = (uint8_t)wire_packet_places(length);
        packet->large = length > WIRE_PACKET_BASE;
        packet->in_flight = eliciting;
        packet->probed = false;
        packet->items = (uint8_t)count;
        packet->first = sent->noted;
        for (unsigned i = 0; i < count; i++)
                sent->note[sent->noted++ % SENT_NOTES] = items[i];
        sent->next = number + 1;
        if (!eliciting)
                return;
        sent->in_flight += packet->places;
        sent->last_eliciting = now;
        if (sent->probes)
                sent->probes--;
}

/* UpdateRtt; section 5.3. */
static void rtt_update(struct sent *sent, uint64_t latest, uint64_t delay)
{
        if (delay > ACK_DELAY)
                delay = ACK_DELAY;
        if (latest > delay)
                latest -= delay;
        sent->latest = latest;
        if (sent->largest_acked == 0) {
                sent->srtt = latest;
                sent->rttvar = latest / 2;
                return;
        }
        uint64_t difference = sent->srtt > latest ? sent->srtt - latest : latest - sent->srtt;
        sent->rttvar = (3 * sent->rttvar + difference) / 4;
        sent->srtt = (7 * sent->srtt + latest) / 8;
}

static void window_grow(struct sent *sent, unsigned places)
{
        if (sent->window >= sent->threshold) {
                sent->growth += places;
                if (sent->growth < sent->window)
                        return;
                sent->growth = 0;
                places = 1;
        }
        sent->window = (uint32_t)earlier(sent->window + places, WINDOW_MAX);
}

static void packet_acked(struct session *session, struct sent_packet *packet)
{
        struct sent *sent = &session->sent;
        packet_settle(sent, packet);
        path_arrived(&session->path, packet);
        sent->round_acked += packet->places;
        if (packet->time >= sent->recovery_start)
                window_grow(sent, packet->places);
        for (unsigned i = 0; i < packet->items; i++)
                frame_acked(session, item_of(sent, packet, i));
}

/* Acknowledges the numbers from `low` to `high`; returns whether one of them was new. */
static bool range_acked(struct session *session, uint64_t low, uint64_t high)
{
        struct sent *sent = &session->sent;
        bool news = false;
        core_assert(high < sent->next);
        if (low < sent->lowest)
                low = sent->lowest;
        for (uint64_t number = low; number <= high; number++) {
                struct sent_packet *packet = packet_at(sent, number);
                if (!packet->in_flight || packet->number != number)
                        continue;
                packet_acked(session, packet);
                news = true;
        }
        return news;
}

/* DetectAndRemoveLostPackets. */
static void losses_find(struct session *session, uint64_t now)
{
        struct sent *sent = &session->sent;
        uint64_t wait = (sent->srtt > sent->latest ? sent->srtt : sent->latest) * 9 / 8;
        if (wait < GRANULARITY)
                wait = GRANULARITY;
        core_assert(sent->largest_acked < sent->next);
        sent->loss_time = CORE_NEVER;
        if (sent->in_flight == 0) {
                sent->lowest = sent->next;
                return;
        }
        for (uint64_t number = sent->lowest; number < sent->largest_acked; number++) {
                struct sent_packet *packet = packet_at(sent, number);
                if (!packet->in_flight || packet->number != number)
                        continue;
                if (sent->largest_acked - number >= PACKET_THRESHOLD || packet->time + wait <= now)
                        packet_lost(session, packet, now);
                else
                        sent->loss_time = earlier(sent->loss_time, packet->time + wait);
        }
        lowest_advance(sent);
}

static void credit_take(struct session *session, uint32_t credit)
{
        bool was_large = session->sent.credit >= WIRE_CREDIT_LARGE;
        session->sent.credit = credit;
        if (was_large != (credit >= WIRE_CREDIT_LARGE))
                path_bound(session);
}

bool sent_acked(struct session *session, const struct wire_frame *frame, uint64_t now)
{
        struct sent *sent = &session->sent;
        uint64_t largest = frame->ack.largest;
        if (largest >= sent->next)
                return false;
        credit_take(session, frame->ack.credit ? frame->ack.credit : 1);
        const struct sent_packet *top = packet_at(sent, largest);
        if (top->in_flight && top->number == largest && largest >= sent->lowest)
                rtt_update(sent, now - top->time, frame->ack.delay * MICROSECOND);
        uint64_t low = largest - (frame->ack.first - 1);
        bool news = range_acked(session, low, largest);
        for (unsigned i = 0; i < frame->ack.range_count; i++) {
                struct wire_ack_range range = wire_ack_range_at(frame->payload, i);
                uint64_t high = low - 1 - range.gap;
                low = high - (range.length - 1);
                if (high >= sent->lowest)
                        news |= range_acked(session, low, high);
        }
        if (largest > sent->largest_acked)
                sent->largest_acked = largest;
        if (news) {
                sent->timeouts = 0;
                sent->probes = 0;
        }
        losses_find(session, now);
        if (news && largest >= sent->round)
                round_end(sent);
        core_assert(sent->credit &&
                    sent->in_flight <= WIRE_PLACES_MAX * (sent->next - sent->lowest));
        return true;
}

/* No loss: the window stays. */
bool sent_busy(struct session *session, const struct wire_busy *busy, uint64_t now)
{
        struct sent *sent = &session->sent;
        struct sent_packet *packet = packet_at(sent, busy->number);
        if (busy->number >= sent->next)
                return false;
        if (!packet->in_flight || packet->number != busy->number)
                return true;
        packet_settle(sent, packet);
        path_arrived(&session->path, packet);
        sent->timeouts = 0;
        for (unsigned i = 0; i < packet->items; i++)
                frame_lost(session, item_of(sent, packet, i), true);
        lowest_advance(sent);
        if (session->resume == CORE_NEVER && queues_parked(session))
                session->resume = now + session->pause;
        return true;
}

static uint64_t later_by(uint64_t time, uint64_t length, uint64_t now)
{
        return earlier(time + length, now);
}

void sent_pause(struct sent *sent, uint64_t length, uint64_t now)
{
        for (uint64_t number = sent->lowest; number < sent->next; number++) {
                struct sent_packet *packet = packet_at(sent, number);
                packet->time = later_by(packet->time, length, now);
        }
        sent->last_eliciting = later_by(sent->last_eliciting, length, now);
        sent->recovery_start = later_by(sent->recovery_start, length, now);
        if (sent->loss_time != CORE_NEVER)
                sent->loss_time += length;
}

/* GetPtoTimeAndSpace. Doubling ends early: what is asked is whether the peer lives. */
static uint64_t probe_time(const struct sent *sent)
{
        uint64_t variation = 4 * sent->rttvar > GRANULARITY ? 4 * sent->rttvar : GRANULARITY;
        unsigned backoff = sent->timeouts < BACKOFF_MAX ? sent->timeouts : BACKOFF_MAX;
        uint64_t wait = earlier(sent->srtt + variation + ACK_DELAY, PROBE_TIMEOUT_MAX);
        uint64_t most = wait > PROBE_BACKOFF_MAX ? wait : PROBE_BACKOFF_MAX;
        return sent->last_eliciting + earlier(wait << backoff, most);
}

uint64_t sent_deadline(const struct sent *sent)
{
        if (sent->in_flight == 0)
                return CORE_NEVER;
        return sent->loss_time != CORE_NEVER ? sent->loss_time : probe_time(sent);
}

bool sent_tick(struct session *session, uint64_t now)
{
        struct sent *sent = &session->sent;
        if (now < sent_deadline(sent))
                return false;
        if (sent->loss_time != CORE_NEVER) {
                losses_find(session, now);
                return false;
        }
        sent->timeouts++;
        sent->probes = sent->timeouts > 1 ? PROBES : PROBES_FIRST;
        lowest_advance(sent);
        struct sent_packet *oldest = packet_at(sent, sent->lowest);
        core_assert(oldest->in_flight && oldest->number == sent->lowest);
        oldest->probed = true;
        for (unsigned i = 0; i < oldest->items; i++)
                frame_lost(session, item_of(sent, oldest, i), false);
        return true;
}
