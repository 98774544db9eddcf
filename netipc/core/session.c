/* Start and end of a session, and what its packets bring; see session.h. Whatever belongs to a
 * session is freed with it, and no function ends one under its caller. */
#include "netipc/core/session.h"
#include "netipc/core/calls.h"
#include "netipc/core/exports.h"
#include "netipc/core/frames/frame.h"
#include "netipc/core/hello.h"
#include "netipc/core/secure.h"
#include "netipc/core/imports.h"
#include "netipc/core/packet.h"
#include "netipc/core/path.h"
#include "netipc/core/queues.h"
#include "netipc/core/received.h"
#include "netipc/core/sent.h"
#include "netipc/core/served.h"

/* ns for which sessions outlive a link of our own: a driver's restart, and a card that needs a
 * second until it receives again. */
#define LINK_PATIENCE (2000 * MILLISECOND)

enum {
        CONFIRM_INTERVAL = 100 * 1000 * 1000, /* ns */
        PINGS = 2, /* after the second probe time-out in a row, since it may be loss, not death */
        DEAD_TIMEOUTS = 5, /* probe time-outs without an answer, before a peer can be dead */
        ROUND_TRIP_USUAL = 5 * 1000 * 1000, /* ns; what is more, this many times, is patience */
        ROUND_TRIPS = 4,
};

static void *table_make(struct core *core, size_t count, size_t size)
{
        void *table = core_allocate(core, count * size);
        if (table)
                memset(table, 0, count * size);
        return table;
}

static void session_free(struct core *core, struct session *session)
{
        if (session->protection) {
                protect_end(&session->protection->sender, &session->protection->receiver);
                core_release(core, session->protection);
        }
        void *tables[] = {session->calls, session->served, session->exports, session->imports};
        for (unsigned i = 0; i < sizeof(tables) / sizeof(*tables); i++)
                if (tables[i])
                        core_release(core, tables[i]);
        core_release(core, session);
}

static uint16_t smaller(uint32_t a, uint32_t b)
{
        return (uint16_t)(a < b ? a : b);
}

static struct session *session_make(struct core *core, const struct wire_hello *hello)
{
        struct session *session = table_make(core, 1, sizeof(*session));
        if (!session)
                return NULL;
        session->call_count = smaller(core->config.calls, hello->calls);
        session->export_count = smaller(core->config.exports, hello->exports);
        session->calls = table_make(core, session->call_count, sizeof(*session->calls));
        session->served = table_make(core, session->call_count, sizeof(*session->served));
        session->exports = table_make(core, session->export_count, sizeof(*session->exports));
        session->imports = table_make(core, session->export_count, sizeof(*session->imports));
        if (session->calls && session->served && session->exports && session->imports)
                return session;
        session_free(core, session);
        return NULL;
}

static uint32_t serial_next(struct core *core)
{
        do
                core->session_serial++;
        while ((core->session_serial & 0xffff) == 0);
        return core->session_serial;
}

static void tables_init(struct session *session, const struct wire_hello *hello)
{
        struct queue *queues[] = {&session->parked[0], &session->parked[1], &session->cancels,
                                  &session->dead,      &session->release,   &session->stalled};
        for (unsigned i = 0; i < sizeof(queues) / sizeof(*queues); i++)
                queue_init(queues[i]);
        for (unsigned i = 0; i < READY_QUEUES; i++)
                queue_init(&session->ready[i]);
        session->resume = CORE_NEVER;
        session->pause = PAUSE_MIN;
        sent_init(&session->sent, hello->credit);
        path_init(session, hello->packet_size);
        calls_init(session);
        served_init(session);
        exports_init(session);
        imports_init(session);
        releases_init(&session->releases);
}

/* The peer's own side of the session, as its hello gave it. */
static void remote_take(struct session *session, const struct wire_hello *hello)
{
        struct peer *peer = session->peer;
        core_assert(peer->nonce && hello->sender_nonce);
        core_assert((peer->index & 0xff) == peer->slot);
        session->local_nonce = peer->nonce;
        session->local_index = peer->index;
        session->remote_nonce = hello->sender_nonce;
        session->remote_index = hello->sender_index;
        memcpy(session->epoch, hello->epoch, sizeof(session->epoch));
        memcpy(peer->epoch, hello->epoch, sizeof(peer->epoch));
        peer->nonce = 0;
        peer->offer_time = CORE_NEVER;
        peer->offers = 0;
}

static void peer_report(struct core *core, const struct peer *peer, uint64_t now, bool up)
{
        struct core_peer_info info;
        core_peer(core, peer->slot, now, &info);
        if (up)
                core->environment.peer_up(core->environment.context, &info);
        else
                core->environment.peer_down(core->environment.context, &info);
}

bool session_begin(struct core *core, struct peer *peer, const struct wire_hello *hello,
                   bool confirmed, uint64_t now)
{
        struct session *session = peer->session; /* only a planted defect leaves one */
        bool kept = session;
        if (!kept && !(session = session_make(core, hello)))
                return false;
        session->core = core;
        session->peer = peer;
        session->confirmed = confirmed;
        session->confirm_time = now + CONFIRM_INTERVAL;
        session->last_heard = now;
        session->pings = 1;
        session->touched = true;
        peer->session = session;
        peer->was_up = true;
        remote_take(session, hello);
        memset(&session->received, 0, sizeof(session->received));
        if (kept)
                return true;
        core_assert(peer->nonce == 0 && peer->offer_time == CORE_NEVER);
        session->serial = serial_next(core);
        tables_init(session, hello);
        core_log(core, CORE_LOG_INFO, peer, "up", "session", session->remote_index);
        peer_report(core, peer, now, true);
        return true;
}

void session_end(struct core *core, struct peer *peer, enum reason reason)
{
        struct session *session = peer->session;
        if (!session)
                return;
        core_assert(session->peer == peer && reason);
        peer->reason = (uint16_t)reason;
        imports_drop(session, reason);
        calls_fail(session, reason);
        served_drop(session, reason);
        exports_drop(session);
        uint64_t heard = session->last_heard;
        peer->session = NULL;
        session_free(core, session);
        peer_report(core, peer, heard, false);
}

void session_fail(struct session *session, const char *what)
{
        if (session->failed)
                return;
        core_assert(session->peer->session == session && what);
        session->failed = REASON_LINK_LOST;
        core_log(session->core, CORE_LOG_WARNING, session->peer, what, "session",
                 session->local_index);
}

void session_reap(struct core *core, struct peer *peer, uint64_t now)
{
        struct session *session = peer->session;
        if (!session || !session->failed)
                return;
        packet_close(session, (enum reason)session->failed, now);
        session_end(core, peer, (enum reason)session->failed);
}

/* --- arrival --------------------------------------------------------------------------------- */

void session_packet(struct session *session, const struct wire_outer *outer, const uint8_t *frames,
                    size_t length, uint64_t now)
{
        core_assert(outer->receiver == session->local_index);
        session->last_heard = now;
        session->confirmed = true;
        session->touched = true;
        bool eliciting = false, taken = true;
        unsigned places = wire_packet_places(length + sizeof(*outer) + WIRE_TRAILER_SIZE);
        if (received_before(&session->received, outer->number))
                return;
        while (length > 0 && !session->failed) {
                struct wire_frame frame;
                size_t used;
                enum wire_error error = wire_frame_decode(frames, length, &frame, &used);
                if (error) {
                        session_fail(session, wire_error_name(error));
                        return;
                }
                eliciting |= frame_elicits(&frame);
                taken &= frame_take(session, &frame, now);
                frames += used;
                length -= used;
        }
        if (taken)
                received_note(&session->received, outer->number, eliciting ? places : 0, now);
        else
                received_busy(&session->received, outer->number);
}

/* --- time ------------------------------------------------------------------------------------ */

/* A silent peer is pinged after a quarter of the time; then probe time-outs repeat the question.
 * The node with the larger identity gives the other a little longer: else two nodes that heard each
 * other at once would go on to ask each other at once. */
static uint64_t ping_time(const struct session *session)
{
        const struct core *core = session->core;
        uint64_t patience = core->config.dead_after / 4;
        if (session->sent.in_flight || session->pings)
                return CORE_NEVER; /* probe time-outs will ask */
        if (core->config.node > session->peer->node)
                patience += core->config.dead_after / 16;
        return session->last_heard + patience;
}

/* How much longer than `dead_after` a peer may be silent whose answers were late or irregular of
 * late: as long again at most. After Bertier, Marin and Sens, "Implementation and performance
 * evaluation of an adaptable failure detector" (DSN 2002): the bound for a silence goes by the
 * estimate of the round trip and its variation. */
static uint64_t patience(const struct session *session)
{
        const struct sent *sent = &session->sent;
        uint64_t usual = sent->srtt + 4 * sent->rttvar;
        uint64_t more = usual > ROUND_TRIP_USUAL ? ROUND_TRIPS * (usual - ROUND_TRIP_USUAL) : 0;
        return earlier(more, session->core->config.dead_after);
}

/* When the peer counts as dead: it was silent for long enough and has left several probes without
 * an answer, so that a peer which is slow, or lives on a host that is, has the time that it usually
 * takes. Without a link of our own nobody's silence says anything, for a while. */
static uint64_t silence_end(const struct session *session)
{
        const struct core *core = session->core;
        if (core->link_lost != CORE_NEVER)
                return core->link_lost + LINK_PATIENCE;
        if (session->sent.timeouts < DEAD_TIMEOUTS)
                return CORE_NEVER;
        return session->last_heard + core->config.dead_after + patience(session);
}

/* Computed, whatever `due` says. Without a link there is nothing to send. */
static uint64_t deadline(const struct session *session)
{
        uint64_t due = earlier(silence_end(session), session->calls_deadline);
        if (!session->core->link_up)
                return due;
        due = earlier(due, ping_time(session));
        due = earlier(due, sent_deadline(&session->sent));
        due = earlier(due, path_deadline(session));
        if (release_waiting(session) && sent_may_send_control(&session->sent))
                due = earlier(due, session->releases.deadline);
        if (session->received.unacked)
                due = earlier(due, session->received.ack_deadline);
        if (!session->confirmed)
                due = earlier(due, session->confirm_time);
        return earlier(due, session->resume);
}

uint64_t session_deadline(const struct session *session)
{
        return session->touched ? deadline(session) : session->due;
}

bool session_deadline_is_true(const struct session *session)
{
        return session_deadline(session) == deadline(session);
}

void session_flush(struct session *session, uint64_t now)
{
        if (!session->touched && now < session->due)
                return;
        if (session->core->link_up)
                packets_flush(session, now);
        session->releases.fresh = false;
        session->due = deadline(session);
        session->touched = false;
}

/* One of those that found no room asks, the next one later. */
static void room_ask(struct session *session, uint64_t now)
{
        session->oldest_asked = !session->oldest_asked;
        queue_ask(session, session->oldest_asked);
        session->pause = earlier(2 * session->pause, PAUSE_MAX);
        session->resume = queues_parked(session) ? now + session->pause : CORE_NEVER;
}

/* What is due to be sent. */
static void send_tick(struct session *session, uint64_t now)
{
        core_assert(session->core->link_up);
        if (sent_tick(session, now))
                session->pings = session->sent.timeouts > 1 ? PINGS : 1;
        else if (now >= ping_time(session))
                session->pings = 1;
        if (now >= session->resume)
                room_ask(session, now);
        if (!session->confirmed && now >= session->confirm_time) {
                session->confirm_time = now + CONFIRM_INTERVAL;
                hello_confirm(session);
        }
}

bool session_tick(struct session *session, uint64_t now)
{
        session->touched = true;
        if (now >= silence_end(session))
                return false;
        calls_expire(session, now);
        if (session->core->link_up)
                send_tick(session, now);
        return true;
}
