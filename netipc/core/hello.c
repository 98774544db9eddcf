/* Beacons and handshake; see hello.h. No hello changes a session that stands unless it gives back a
 * nonce that only its peer can know. */
#include "netipc/core/hello.h"
#include "netipc/core/secure.h"
#include "netipc/core/session.h"

enum {
        OFFER_INTERVAL = 100 * 1000 * 1000, /* ns */
        OFFERS_MAX = 3,    /* for each beacon, whose sender's address may be spoofed */
        BEACONS_EARLY = 5, /* that follow faster after the start */
        BEACON_EARLY_INTERVAL = 50 * 1000 * 1000,
};

/* Between two lines in the log about the same refusal, and about any. */
#define REFUSAL_INTERVAL (60000 * MILLISECOND)
#define REFUSAL_PAUSE    (1000 * MILLISECOND)

/* --- out ------------------------------------------------------------------------------------- */

struct wire_hello hello_own(const struct core *core)
{
        struct wire_hello hello = {
            .version = WIRE_VERSION,
            .name_length = (uint8_t)strlen(core->config.name),
            .cluster = core->config.cluster,
            .node = core->config.node,
            .packet_size = core->config.packet_size,
            .credit = core->config.credit,
            .calls = core->config.calls,
            .exports = core->config.exports,
        };
        memcpy(hello.epoch, core->epoch, sizeof(hello.epoch));
        memcpy(hello.name, core->config.name, sizeof(hello.name));
        return hello;
}

static void hello_send(struct core *core, struct core_address to, enum wire_hello_kind kind,
                       uint64_t nonce, uint32_t index, uint64_t echo)
{
        struct wire_hello hello = hello_own(core);
        uint8_t packet[WIRE_HELLO_PACKET_SIZE];
        hello.kind = (uint8_t)kind;
        hello.sender_index = index;
        hello.sender_nonce = nonce;
        hello.receiver_nonce = echo;
        wire_hello_packet(&hello, packet);
        core_assert(!core->secure || kind == HELLO_BEACON);
        if (core->secure)
                secure_beacon_seal(core, packet, sizeof(packet) - WIRE_TRAILER_SIZE);
        core->environment.transmit(core->environment.context, to, packet, sizeof(packet));
}

/* Makes nonce and index for the next session with the peer, once for each session. The index has
 * the peer's slot in its low byte; the rest is random, so that a late packet of an old session does
 * not meet the new one. */
static void nonce_prepare(struct core *core, struct peer *peer)
{
        core_assert(peer->nonce == 0);
        while (peer->nonce == 0)
                core->environment.random(core->environment.context, &peer->nonce,
                                         sizeof(peer->nonce));
        peer->index = 0;
        while (peer->index >> 8 == 0)
                core->environment.random(core->environment.context, &peer->index,
                                         sizeof(peer->index));
        peer->index = (peer->index & ~0xffu) | peer->slot;
        core_assert(peer->index >> 8);
}

static void offer_send(struct core *core, struct peer *peer, uint64_t now)
{
        if (core->secure) {
                peer->offer_time = secure_begin(core, peer, now);
                peer->offers++;
                return;
        }
        if (!peer->nonce)
                nonce_prepare(core, peer);
        core_assert(peer->used && peer->offers < OFFERS_MAX);
        hello_send(core, peer->address, HELLO_OFFER, peer->nonce, peer->index, 0);
        peer->offers++;
        peer->offer_time = peer->offers < OFFERS_MAX ? now + OFFER_INTERVAL : CORE_NEVER;
}

void hello_confirm(struct session *session)
{
        hello_send(session->core, session->peer->address, HELLO_CONFIRM, session->local_nonce,
                   session->local_index, session->remote_nonce);
}

/* --- peers ----------------------------------------------------------------------------------- */

static struct peer *peer_of_node(struct core *core, uint64_t node)
{
        for (unsigned i = 0; i < core->peers_seen; i++)
                if (core->peers[i].used && core->peers[i].node == node)
                        return &core->peers[i];
        return NULL;
}

/* A free slot, or that of the peer without a session that has been silent longest. */
static struct peer *peer_slot(struct core *core)
{
        struct peer *oldest = NULL;
        for (unsigned i = 0; i < core->peers_seen; i++) {
                struct peer *peer = &core->peers[i];
                if (!peer->used)
                        return peer;
                if (!peer->session && (!oldest || peer->heard < oldest->heard))
                        oldest = peer;
        }
        return core->peers_seen < core->config.peers ? &core->peers[core->peers_seen++] : oldest;
}

static struct peer *peer_make(struct core *core, const struct wire_hello *hello)
{
        struct peer *peer = peer_slot(core);
        if (!peer)
                return NULL;
        *peer = (struct peer){.used = true,
                              .slot = (uint8_t)(peer - core->peers),
                              .node = hello->node,
                              .offer_time = CORE_NEVER};
        memcpy(peer->epoch, hello->epoch, sizeof(peer->epoch));
        if (core->secure)
                secure_forget(core, peer->slot);
        core_assert(&core->peers[peer->slot] == peer && core->peers_seen <= core->config.peers);
        return peer;
}

struct peer *hello_peer(struct core *core, uint64_t node, const char *name,
                        struct core_address from)
{
        struct wire_hello hello = {.node = node};
        struct peer *peer = peer_of_node(core, node);
        if (!peer && !(peer = peer_make(core, &hello)))
                return NULL;
        if (!peer->session)
                peer->address = from;
        memset(peer->name, 0, sizeof(peer->name));
        memcpy(peer->name, name, strlen(name));
        return peer;
}

/* --- in -------------------------------------------------------------------------------------- */

static bool same_epoch(const struct session *session, const struct wire_hello *hello)
{
        return memcmp(session->epoch, hello->epoch, sizeof(session->epoch)) == 0;
}

/* A session with this epoch stands: there is nothing to start. */
static bool stands(const struct peer *peer, const struct wire_hello *hello)
{
        return peer->session && same_epoch(peer->session, hello);
}

static void beacon_take(struct core *core, struct peer *peer, const struct wire_hello *hello,
                        uint64_t now)
{
        memcpy(peer->hello_epoch, hello->epoch, sizeof(peer->hello_epoch));
        if (stands(peer, hello) || peer->offer_time != CORE_NEVER ||
            (core->secure && secure_answered(core, peer, hello, now)))
                return;
        peer->offers = 0;
        offer_send(core, peer, now);
}

static void offer_take(struct core *core, struct peer *peer, const struct wire_hello *hello)
{
        if (peer->session && peer->session->remote_nonce == hello->sender_nonce)
                return; /* late: this session came of it */
        if (!peer->nonce)
                nonce_prepare(core, peer);
        hello_send(core, peer->address, HELLO_ANSWER, peer->nonce, peer->index,
                   hello->sender_nonce);
}

bool hello_session(struct core *core, struct peer *peer, const struct wire_hello *hello,
                   bool confirmed, uint64_t now)
{
        if (peer->session && !break_epoch())
                session_end(core, peer,
                            same_epoch(peer->session, hello) ? REASON_LINK_LOST
                                                             : REASON_NODE_RESTARTED);
        if (session_begin(core, peer, hello, confirmed, now))
                return true;
        core_log(core, CORE_LOG_WARNING, peer, "no memory for a session", "", 0);
        return false;
}

static void answer_take(struct core *core, struct peer *peer, const struct wire_hello *hello,
                        uint64_t now)
{
        if (hello->receiver_nonce == peer->nonce && !stands(peer, hello) &&
            hello_session(core, peer, hello, false, now))
                hello_confirm(peer->session);
}

static void confirm_take(struct core *core, struct peer *peer, const struct wire_hello *hello,
                         uint64_t now)
{
        if (hello->receiver_nonce == peer->nonce)
                hello_session(core, peer, hello, true, now);
}

/* Whether it is to be logged why a node's hello is refused: not every time. */
static bool refusal_is_news(struct core *core, uint64_t node, const char *why, uint64_t now)
{
        struct refusal *last = &core->refusal;
        bool same = last->node == node && last->why == why;
        if (last->why && now < last->time + (same ? REFUSAL_INTERVAL : REFUSAL_PAUSE))
                return false;
        *last = (struct refusal){.node = node, .why = why, .time = now};
        return true;
}

void hello_of_another_version(struct core *core, struct core_address from, uint64_t now)
{
        static const char why[] = "refused: a node that speaks another version of the protocol";
        if (refusal_is_news(core, from.ipv4, why, now))
                core_log(core, CORE_LOG_WARNING, NULL, why, "address", from.ipv4);
}

static void refusal_log(struct core *core, const struct wire_hello *hello, const char *why,
                        uint64_t now)
{
        if (!refusal_is_news(core, hello->node, why, now))
                return;
        struct peer named = {0};
        memcpy(named.name, hello->name, sizeof(named.name));
        core_log(core, CORE_LOG_WARNING, &named, why, "node", hello->node);
}

static struct peer *peer_of_name(struct core *core, const char *name)
{
        for (unsigned i = 0; i < core->peers_seen; i++)
                if (core->peers[i].used &&
                    strncmp(core->peers[i].name, name, sizeof(core->peers[i].name)) == 0)
                        return &core->peers[i];
        return NULL;
}

/* Why a hello contradicts the sessions that stand; NULL: it does not. A node keeps its address and
 * its name while a session stands, and no two nodes share a name. */
static const char *refusal_of(struct core *core, const struct peer *peer,
                              const struct peer *namesake, struct core_address from,
                              const struct wire_hello *hello)
{
        if (hello->cluster != core->config.cluster)
                return "refused: it is of another cluster; node";
        if (core->secure && !secure_knows(core, hello))
                return "refused: it has no key in this cluster, or not under that name; node";
        if (hello->node == core->config.node)
                return "refused: it has this node's identity";
        if (strncmp(hello->name, core->config.name, sizeof(hello->name)) == 0)
                return "refused: it has this node's name; node";
        if (namesake && namesake != peer && namesake->session)
                return "refused: another node has that name; node";
        if (!peer || !peer->session)
                return NULL;
        if (strncmp(hello->name, peer->name, sizeof(hello->name)) != 0)
                return "refused: a node that is up has its identity, and another name; node";
        if (!same_address(peer->address, from))
                return "refused: a node that is up has its identity, at another address; node";
        return NULL;
}

/* The peer that a hello comes from; NULL if it is refused. */
static struct peer *peer_met(struct core *core, struct core_address from,
                             const struct wire_hello *hello, uint64_t now)
{
        struct peer *peer = peer_of_node(core, hello->node);
        struct peer *namesake = peer_of_name(core, hello->name);
        const char *why = refusal_of(core, peer, namesake, from, hello);
        if (why) {
                refusal_log(core, hello, why, now);
                return NULL;
        }
        if (namesake && namesake != peer) {
                core_assert(!namesake->session);
                namesake->used = false; /* gone: its name has a new owner */
        }
        return peer ? peer : peer_make(core, hello);
}

void hello_packet(struct core *core, struct core_address from, const struct wire_hello *hello,
                  uint64_t now)
{
        /* Our own, looped back by the network. */
        if (hello->node == core->config.node && memcmp(hello->epoch, core->epoch, 16) == 0)
                return;
        struct peer *peer = peer_met(core, from, hello, now);
        if (!peer)
                return;
        peer->address = from;
        peer->heard = now;
        memcpy(peer->name, hello->name, sizeof(peer->name));
        switch (hello->kind) {
        case HELLO_BEACON:
                beacon_take(core, peer, hello, now);
                break;
        case HELLO_OFFER:
                offer_take(core, peer, hello);
                break;
        case HELLO_ANSWER:
                answer_take(core, peer, hello, now);
                break;
        default:
                confirm_take(core, peer, hello, now);
                break;
        }
}

/* --- time ------------------------------------------------------------------------------------ */

void hello_tick(struct core *core, uint64_t now)
{
        if (now >= core->beacon_time) {
                hello_send(core, CORE_BROADCAST, HELLO_BEACON, 0, 0, 0);
                bool early = core->beacons < BEACONS_EARLY;
                core->beacons += early;
                core->beacon_time =
                    now + (early ? BEACON_EARLY_INTERVAL : core->config.beacon_interval);
        }
        for (unsigned i = 0; i < core->peers_seen; i++)
                if (core->peers[i].used && now >= core->peers[i].offer_time)
                        offer_send(core, &core->peers[i], now);
}
