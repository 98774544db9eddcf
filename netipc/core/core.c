/* The public interface; see core.h. */
#include "netipc/core/core.h"
#include "netipc/core/calls.h"
#include "netipc/core/exports.h"
#include "netipc/core/hello.h"
#include "netipc/core/imports.h"
#include "netipc/core/secure.h"
#include "netipc/core/packet.h"
#include "netipc/core/path.h"
#include "netipc/core/sent.h"
#include "netipc/core/served.h"
#include "netipc/core/session.h"

enum {
        DEFAULT_PEERS = 32,
        DEFAULT_CALLS = 128,
        DEFAULT_EXPORTS = 1024,
        DEFAULT_CREDIT = 64,
        DEFAULT_CONTENT = 4 << 20,
        PEERS_MAX = 255,
        EXPORTS_MAX = 32768,
};

static const uint64_t DEFAULT_DEAD_AFTER = 500 * MILLISECOND;
static const uint64_t DEAD_AFTER_MIN = 400 * MILLISECOND;
static const uint64_t DEFAULT_BEACON_INTERVAL = 1000 * MILLISECOND;
/* A tick that comes so late shows a pause of our own, which is no silence of the peers. */
static const uint64_t PAUSE = 20 * MILLISECOND;

static bool config_complete(struct core_config *config)
{
        config->peers = config->peers ? config->peers : DEFAULT_PEERS;
        config->calls = config->calls ? config->calls : DEFAULT_CALLS;
        config->exports = config->exports ? config->exports : DEFAULT_EXPORTS;
        config->credit = config->credit ? config->credit : DEFAULT_CREDIT;
        config->content = config->content ? config->content : DEFAULT_CONTENT;
        config->dead_after = config->dead_after ? config->dead_after : DEFAULT_DEAD_AFTER;
        config->packet_size = config->packet_size ? config->packet_size : WIRE_PACKET_BASE;
        if (!config->beacon_interval)
                config->beacon_interval = DEFAULT_BEACON_INTERVAL;
        size_t length = strnlen(config->name, sizeof(config->name));
        return is_name(config->name, length, WIRE_NAME_MAX) && config->node != 0 &&
               config->peers <= PEERS_MAX && config->calls <= CALL_SLOTS_MAX &&
               config->exports > WIRE_ROOT_EXPORT && config->exports <= EXPORTS_MAX &&
               config->packet_size >= WIRE_PACKET_BASE && config->packet_size <= WIRE_PACKET_MAX &&
               config->credit <= SENT_RING && config->content >= WIRE_CONTENT_MAX &&
               config->dead_after >= DEAD_AFTER_MIN;
}

struct core *core_create(const struct core_environment *environment,
                         const struct core_config *config, uint64_t now)
{
        struct core_config complete = *config;
        if (!config_complete(&complete))
                return NULL;
        struct core *core = environment->allocate(environment->context, sizeof(*core));
        if (!core)
                return NULL;
        *core = (struct core){.environment = *environment,
                              .config = complete,
                              .beacon_time = now,
                              .last_tick = now,
                              .link_up = true,
                              .link_lost = CORE_NEVER};
        size_t size = complete.peers * sizeof(*core->peers);
        core->peers = core_allocate(core, size);
        if (!core->peers) {
                core_release(core, core);
                return NULL;
        }
        memset(core->peers, 0, size);
        environment->random(environment->context, core->epoch, sizeof(core->epoch));
        if (!complete.keys || secure_make(core))
                return core;
        core_destroy(core);
        return NULL;
}

static void silent_right_drop(void *context, uint64_t token)
{
        (void)context;
        (void)token;
}

static void silent_import_dead(void *context, core_import_t import, enum reason reason)
{
        (void)context;
        (void)import;
        (void)reason;
}

static bool silent_complete(void *context, uint64_t cookie, outcome_t outcome,
                            const struct core_message *message)
{
        (void)context;
        (void)cookie;
        (void)outcome;
        (void)message;
        return false;
}

static void silent_cancel(void *context, core_call_t call, enum reason reason)
{
        (void)context;
        (void)call;
        (void)reason;
}

static void silent_peer(void *context, const struct core_peer_info *peer)
{
        (void)context;
        (void)peer;
}

void core_destroy(struct core *core)
{
        core->environment.right_drop = silent_right_drop;
        core->environment.import_dead = silent_import_dead;
        core->environment.complete = silent_complete;
        core->environment.cancel = silent_cancel;
        core->environment.peer_down = silent_peer;
        for (unsigned i = 0; i < core->peers_seen; i++)
                session_end(core, &core->peers[i], REASON_NODE_DIED);
        secure_free(core);
        core_release(core, core->peers);
        core_release(core, core);
}

void core_set_root(struct core *core, uint64_t token)
{
        if (core->root)
                core->environment.right_drop(core->environment.context, core->root);
        core->root = token;
}

const uint8_t *core_epoch(const struct core *core)
{
        return core->epoch;
}

/* The session to which a clear packet belongs: by its index, and from the peer's own address. NULL
 * if it is none of ours. */
static struct session *session_of_packet(struct core *core, struct core_address from,
                                         uint32_t index)
{
        unsigned slot = index & 0xff;
        if (slot >= core->config.peers)
                return NULL;
        const struct peer *peer = &core->peers[slot];
        bool ours = peer->session && peer->session->local_index == index &&
                    same_address(peer->address, from);
        return ours ? peer->session : NULL;
}

static void hello_in(struct core *core, struct core_address from, const struct wire_outer *outer,
                     const uint8_t *packet, size_t length, uint64_t now)
{
        struct wire_hello hello;
        bool right = core->secure ? secure_beacon_right(core, packet, length - WIRE_TRAILER_SIZE)
                                  : wire_trailer_check(packet, length) == WIRE_OK;
        if (right && outer->version_type >> 4 != WIRE_VERSION)
                hello_of_another_version(core, from, now);
        if (!right || outer->version_type >> 4 != WIRE_VERSION ||
            wire_hello_decode(wire_body(packet), wire_body_length(length), &hello))
                return;
        if (!core->secure || hello.kind == HELLO_BEACON)
                hello_packet(core, from, &hello, now);
}

static void clear_in(struct core *core, struct core_address from, const struct wire_outer *outer,
                     const uint8_t *packet, size_t length, uint64_t now)
{
        struct session *session = session_of_packet(core, from, outer->receiver);
        if (!session || wire_trailer_check(packet, length))
                return;
        session_packet(session, outer, wire_body(packet), wire_body_length(length), now);
        session_reap(core, session->peer, now);
}

/* Nobody could be heard since then: that time does not count as silence. */
static void silence_excuse(struct core *core, uint64_t since, uint64_t now)
{
        for (unsigned i = 0; i < core->peers_seen; i++) {
                struct session *session = core->peers[i].session;
                if (session && session->last_heard < since)
                        session->last_heard += now - since;
                core_assert(!session || session->last_heard <= now);
        }
}

/* Nor is it part of a round trip. */
static void round_trips_excuse(struct core *core, uint64_t since, uint64_t now)
{
        for (unsigned i = 0; i < core->peers_seen; i++)
                if (core->peers[i].session)
                        sent_pause(&core->peers[i].session->sent, now - since, now);
}

static void sessions_touch(struct core *core)
{
        for (unsigned i = 0; i < core->peers_seen; i++)
                if (core->peers[i].session)
                        core->peers[i].session->touched = true;
}

/* A driver that says that it is there need not receive yet: it is believed once something came.
 * What came before the link was lost says nothing. */
static void link_prove(struct core *core, uint64_t now)
{
        if (core->link_lost == CORE_NEVER || !core->link_up)
                return;
        core_assert(core->link_lost <= now);
        silence_excuse(core, core->link_lost, now);
        round_trips_excuse(core, core->link_lost, now);
        core->link_lost = CORE_NEVER;
        sessions_touch(core);
}

void core_packet_in(struct core *core, struct core_address from, const void *packet, size_t length,
                    uint64_t now)
{
        struct wire_outer outer;
        enum wire_error error =
            length > WIRE_PACKET_MAX ? WIRE_BAD_LENGTH : wire_outer_decode(packet, length, &outer);
        if (error && (error != WIRE_BAD_VERSION || wire_outer_type(&outer) != PACKET_HELLO))
                return;
        if (!core->link_up) {
                core->unlinked++;
                return;
        }
        link_prove(core, now);
        enum wire_packet_type type = wire_outer_type(&outer);
        if (type == PACKET_HELLO)
                hello_in(core, from, &outer, packet, length, now);
        else if (core->secure && type != PACKET_CLEAR)
                secure_packet(core, from, &outer, packet, length, now);
        else if (!core->secure && type == PACKET_CLEAR)
                clear_in(core, from, &outer, packet, length, now);
}

/* After a pause of our own, peers are given the time that it took: they could not be heard. */
static void pause_excuse(struct core *core, uint64_t now)
{
        core_assert(now >= core->last_tick);
        uint64_t expected = earlier(core_next_deadline(core), now);
        uint64_t since = expected > core->last_tick ? expected : core->last_tick;
        core->last_tick = now;
        if (now - since < PAUSE)
                return;
        if (core->link_lost != CORE_NEVER && core->link_lost < since)
                core->link_lost += now - since;
        silence_excuse(core, since, now);
        round_trips_excuse(core, since, now);
        core_assert(core->link_lost == CORE_NEVER || core->link_lost <= now);
}

void core_link(struct core *core, bool up, uint64_t now)
{
        core_assert(core->link_up || core->link_lost <= now);
        if (up == core->link_up)
                return;
        core->link_up = up;
        core->link_lost = earlier(core->link_lost, now);
        sessions_touch(core);
        core->beacons = 0;
        core->beacon_time = now;
        if (up && core->unlinked)
                core_log(core, CORE_LOG_WARNING, NULL, "packets were dropped, for want of a link",
                         "so many", core->unlinked);
        core->unlinked = 0;
}

void core_tick(struct core *core, uint64_t now)
{
        pause_excuse(core, now);
        if (core->link_up)
                hello_tick(core, now);
        enum reason silence = core->link_lost == CORE_NEVER ? REASON_NODE_DIED : REASON_LINK_LOST;
        for (unsigned i = 0; i < core->peers_seen; i++) {
                struct peer *peer = &core->peers[i];
                if (!peer->session || session_tick(peer->session, now))
                        continue;
                core_log(core, CORE_LOG_WARNING, peer,
                         silence == REASON_NODE_DIED ? "nothing heard: it counts as dead"
                                                     : "no link for too long",
                         "", 0);
                if (core->link_up)
                        packet_close(peer->session, silence, now);
                session_end(core, peer, silence);
        }
        core_flush(core, now);
}

uint64_t core_next_deadline(const struct core *core)
{
        uint64_t due = core->link_up ? core->beacon_time : CORE_NEVER;
        for (unsigned i = 0; i < core->peers_seen; i++) {
                const struct peer *peer = &core->peers[i];
                if (core->link_up)
                        due = earlier(due, hello_deadline(peer));
                if (peer->session)
                        due = earlier(due, session_deadline(peer->session));
        }
        return due;
}

void core_flush(struct core *core, uint64_t now)
{
        for (unsigned i = 0; i < core->peers_seen; i++) {
                struct peer *peer = &core->peers[i];
                if (!peer->session)
                        continue;
                session_flush(peer->session, now);
                session_reap(core, peer, now);
        }
}

static outcome_t begin(struct core *core, core_import_t import, const struct core_message *message,
                       bool oneway, uint64_t cookie, core_handle_t *handle)
{
        struct session *session;
        uint16_t id;
        outcome_t found = import_find(core, import, &session, &id);
        if (found)
                return found;
        if (session->imports[id].reason)
                return not_executed(session->imports[id].reason);
        session->touched = true;
        return call_begin(session, id, message, oneway, cookie, handle);
}

bool core_ready(struct core *core, core_import_t import, const struct core_message *message)
{
        struct session *session;
        uint16_t id;
        return import_find(core, import, &session, &id) || call_ready(session, id, message);
}

outcome_t core_call(struct core *core, core_import_t import, const struct core_message *message,
                    uint64_t cookie, core_handle_t *handle, uint64_t now)
{
        if (message->deadline <= now)
                return not_executed(REASON_DEADLINE);
        if (message->outcome)
                return not_executed(REASON_MALFORMED);
        return begin(core, import, message, false, cookie, handle);
}

outcome_t core_send(struct core *core, core_import_t import, const struct core_message *message,
                    uint64_t now)
{
        if (message->deadline <= now)
                return not_executed(REASON_DEADLINE);
        if (!outcome_valid(message->outcome))
                return not_executed(REASON_MALFORMED);
        return begin(core, import, message, true, 0, NULL);
}

static void give_up(struct core *core, core_handle_t handle, enum reason reason)
{
        struct session *session;
        uint16_t slot = call_find(core, handle, &session);
        if (slot == NO_INDEX)
                return;
        session->touched = true;
        call_cancel(session, slot, reason);
}

void core_cancel(struct core *core, core_handle_t handle, uint64_t now)
{
        (void)now;
        give_up(core, handle, REASON_CANCELLED);
}

void core_abandon(struct core *core, core_handle_t handle, uint64_t now)
{
        (void)now;
        give_up(core, handle, REASON_DEADLINE);
}

outcome_t core_reply(struct core *core, core_call_t call, outcome_t outcome,
                     const struct core_message *message, uint64_t now)
{
        (void)now;
        if (!outcome_valid(outcome))
                return not_executed(REASON_MALFORMED);
        return served_reply(core, call, outcome, message);
}

/* Another peer is the first each time. */
void core_resume(struct core *core, uint64_t now)
{
        unsigned first = core->resumed++;
        for (unsigned i = 0; i < core->peers_seen; i++) {
                struct peer *peer = &core->peers[(first + i) % core->peers_seen];
                if (!peer->session)
                        continue;
                served_resume(peer->session);
                session_reap(core, peer, now);
        }
}

void core_set_credit(struct core *core, uint16_t credit)
{
        core->config.credit = credit;
}

void core_set_packet_size(struct core *core, size_t bytes)
{
        core_assert(bytes >= WIRE_PACKET_BASE);
        core->config.packet_size = (uint16_t)(bytes < WIRE_PACKET_MAX ? bytes : WIRE_PACKET_MAX);
        for (unsigned i = 0; i < core->peers_seen; i++)
                if (core->peers[i].session)
                        path_bound(core->peers[i].session);
}

void core_import_drop(struct core *core, core_import_t import)
{
        struct session *session;
        uint16_t id;
        if (import_find(core, import, &session, &id))
                return;
        core_assert(session->imports[id].count);
        session->touched = true;
        session->imports[id].live = id == WIRE_ROOT_EXPORT;
        import_release_unused(session, id);
}

void core_export_dead(struct core *core, uint64_t token, enum reason reason)
{
        if (!wire_reason_valid(reason))
                reason = REASON_REVOKED;
        if (core->root == token)
                core_set_root(core, 0);
        for (unsigned i = 0; i < core->peers_seen; i++) {
                struct session *session = core->peers[i].session;
                uint16_t id = session ? export_find(session, token) : NO_INDEX;
                if (id == NO_INDEX)
                        continue;
                session->touched = true;
                export_kill(session, id, reason);
        }
}
