/* Handshake and sealed packets in the core; see secure.h. What may not break: nothing of a session
 * that stands changes before a response or a sealed packet has been opened. */
#include "netipc/core/secure.h"

#include <sodium.h>

#include "netipc/core/hello.h"
#include "netipc/core/session.h"
#include "netipc/core/steps.h"
#include "netipc/crypto/keylog.h"

enum { ATTEMPT_INTERVAL = 250 * 1000 * 1000, ATTEMPTS_MAX = 4 }; /* ns; for each beacon */

#define SAY_INTERVAL (1000 * MILLISECOND)

_Static_assert(sizeof(struct wire_hello) - offsetof(struct wire_hello, packet_size) ==
                   HANDSHAKE_PARAMETERS + sizeof(((struct wire_hello *)0)->name),
               "a hello's parameters are those of a handshake");

/* --- making */

static void core_random(struct core *core, void *bytes, size_t count)
{
        core->environment.random(core->environment.context, bytes, count);
}

bool secure_make(struct core *core)
{
        const struct keys *keys = core->config.keys;
        size_t size = sizeof(struct secure) + core->config.peers * sizeof(struct secure_peer);
        struct secure *secure = core_allocate(core, size);
        if (!secure)
                return false;
        memset(secure, 0, size);
        static const uint8_t label[] = "portolan beacon";
        identity_init(&secure->self, keys->pair.secret, keys->psk, keys->cluster, core->epoch);
        secure->keys = keys;
        memcpy(secure->costs, core->config.cipher_costs, sizeof(secure->costs));
        crypto_generichash_blake2b(secure->beacon_key, MAC_KEY, label, sizeof(label) - 1, keys->psk,
                                   NOISE_KEY);
        core->secure = secure;
        return secure->self.node == core->config.node && keys->cluster == core->config.cluster;
}

void secure_free(struct core *core)
{
        struct secure *secure = core->secure;
        if (!secure)
                return;
        sodium_memzero(secure, sizeof(*secure) + core->config.peers * sizeof(struct secure_peer));
        core_release(core, secure);
        core->secure = NULL;
}

/* --- beacons */

bool secure_knows(const struct core *core, const struct wire_hello *hello)
{
        const struct keys_node *node = keys_of_id(core->secure->keys, hello->node);
        return node && strncmp(node->name, hello->name, sizeof(hello->name)) == 0;
}

static void beacon_mac(const struct core *core, uint8_t mac[WIRE_TRAILER_SIZE],
                       const uint8_t *packet, size_t count)
{
        crypto_generichash_blake2b(mac, WIRE_TRAILER_SIZE, packet, count, core->secure->beacon_key,
                                   MAC_KEY);
}

void secure_beacon_seal(const struct core *core, uint8_t *packet, size_t count)
{
        beacon_mac(core, packet + count, packet, count);
}

bool secure_beacon_right(const struct core *core, const uint8_t *packet, size_t count)
{
        uint8_t mac[WIRE_TRAILER_SIZE];
        beacon_mac(core, mac, packet, count);
        return sodium_memcmp(mac, packet + count, sizeof(mac)) == 0;
}

/* --- out */

static struct secure_peer *secure_of(struct core *core, const struct peer *peer)
{
        core_assert(peer->slot < core->config.peers);
        return &core->secure->peers[peer->slot];
}

static bool has_begun(const struct secure_peer *sp)
{
        return sp->meeting == MEETING_BEGUN || sp->meeting == MEETING_BOTH;
}

static bool has_answered(const struct secure_peer *sp)
{
        return sp->meeting == MEETING_ANSWERED || sp->meeting == MEETING_BOTH;
}

static void header_write(uint8_t *packet, enum wire_packet_type type, uint32_t receiver)
{
        struct wire_outer outer = {.version_type = (uint8_t)(WIRE_VERSION << 4 | type),
                                   .receiver = receiver};
        memcpy(packet, &outer, sizeof(outer));
}

static void transmit(struct core *core, struct core_address to, const uint8_t *packet,
                     size_t length)
{
        core->environment.transmit(core->environment.context, to, packet, length);
}

/* An index has the peer's slot in its low byte, and is random above, so that a late packet of an
 * old session does not meet the new one. */
static uint32_t index_draw(struct core *core, const struct peer *peer)
{
        uint32_t index = 0;
        while (index >> 8 == 0)
                core_random(core, &index, sizeof(index));
        return (index & ~0xffu) | peer->slot;
}

static void own_parameters(const struct core *core, uint8_t parameters[HANDSHAKE_PARAMETERS])
{
        struct wire_hello own = hello_own(core);
        memcpy(parameters, &own.packet_size, HANDSHAKE_PARAMETERS);
}

uint64_t secure_begin(struct core *core, struct peer *peer, uint64_t now)
{
        struct secure *secure = core->secure;
        struct secure_peer *sp = secure_of(core, peer);
        const struct keys_node *node = keys_of_id(secure->keys, peer->node);
        struct handshake_offer offer = {.attempt = ++secure->attempts};
        uint8_t packet[HANDSHAKE_INITIATION], random[NOISE_KEY];
        core_assert(node && peer->offers <= ATTEMPTS_MAX);
        memcpy(offer.epoch, core->epoch, sizeof(offer.epoch));
        memcpy(offer.peer_epoch, peer->hello_epoch, sizeof(offer.peer_epoch));
        memcpy(offer.costs, secure->costs, sizeof(offer.costs));
        own_parameters(core, offer.parameters);
        core_random(core, random, sizeof(random));
        header_write(packet, PACKET_INITIATION, 0);
        bool begun =
            handshake_begin(&sp->initiator, &secure->self, node->public_key, index_draw(core, peer),
                            &offer, &sp->cookie, random, packet, now);
        sodium_memzero(random, sizeof(random));
        meeting_step(&sp->meeting, begun ? MEETING_ON_BEGIN : MEETING_ON_FAIL);
        if (!begun)
                return CORE_NEVER;
        transmit(core, peer->address, packet, sizeof(packet));
        return peer->offers < ATTEMPTS_MAX ? now + ((uint64_t)ATTEMPT_INTERVAL << peer->offers)
                                           : CORE_NEVER;
}

bool secure_seal(struct session *session, uint8_t *packet, size_t used, uint64_t number,
                 uint64_t now)
{
        struct protect_sender *sender = &session->protection->sender;
        if (session->sent.largest_acked)
                protect_acknowledged(sender, session->sent.largest_acked);
        uint64_t sealed = protect_seal(sender, packet, used - PROTECT_HEADER, now);
        core_assert(!sealed || sealed == number);
        return sealed;
}

/* --- in */

/* A network repeats and delays packets without malice. */
static enum core_log level_of(enum crypto_refusal why)
{
        bool harmless = why == CRYPTO_REFUSED_NUMBER || why == CRYPTO_REFUSED_REPEATED ||
                        why == CRYPTO_REFUSED_STALE || why == CRYPTO_REFUSED_PHASE ||
                        why == CRYPTO_REFUSED_COOKIE || why == CRYPTO_REFUSED_AWAITED;
        return harmless ? CORE_LOG_INFO : CORE_LOG_WARNING;
}

static void refused(struct core *core, const struct peer *peer, enum crypto_refusal why,
                    uint64_t now)
{
        struct secure *secure = core->secure;
        enum core_log level = level_of(why);
        secure->refused[why]++;
        if (now < secure->said_until[level])
                return;
        secure->said_until[level] = now + SAY_INTERVAL;
        core_log(core, level, peer, crypto_refusal_text(why), "refused so far",
                 secure->refused[why]);
}

/* What the handshake says of the peer, as a hello would. False: it cannot be. */
static bool hello_make(const struct core *core, const struct peer *peer,
                       const struct handshake_result *result, struct wire_hello *hello)
{
        uint64_t name;
        memcpy(&name, result->split.hash, sizeof(name));
        *hello = (struct wire_hello){.version = WIRE_VERSION,
                                     .kind = HELLO_CONFIRM,
                                     .name_length = (uint8_t)strlen(peer->name),
                                     .sender_index = result->peer_index,
                                     .cluster = core->config.cluster,
                                     .node = peer->node,
                                     .sender_nonce = name | 1,
                                     .receiver_nonce = name | 1};
        memcpy(hello->epoch, result->peer_epoch, sizeof(hello->epoch));
        memcpy(&hello->packet_size, result->peer_parameters, HANDSHAKE_PARAMETERS);
        memcpy(hello->name, peer->name, sizeof(hello->name));
        return wire_hello_decode(hello, sizeof(*hello), hello) == WIRE_OK;
}

static void protection_make(struct protection *protection, const struct handshake_result *result,
                            bool initiator, uint64_t now)
{
        const struct noise_split *split = &result->split;
        protect_sender_init(&protection->sender, result->cipher,
                            initiator ? split->from_initiator : split->from_responder, now);
        protect_receiver_init(&protection->receiver, result->cipher,
                              initiator ? split->from_responder : split->from_initiator);
}

/* The peer has shown that it is there: the old session, if any, is over, and so is whatever else
 * was about to begin one. */
static bool session_sealed(struct core *core, struct peer *peer, uint32_t local_index,
                           const struct wire_hello *hello, const struct protection *protection,
                           uint64_t now)
{
        struct secure_peer *sp = secure_of(core, peer);
        struct protection *kept = core_allocate(core, sizeof(*kept));
        if (!kept) {
                core_log(core, CORE_LOG_WARNING, peer, "no memory for a session", "", 0);
                return false;
        }
        *kept = *protection;
        peer->nonce = hello->sender_nonce;
        peer->index = local_index;
        if (!hello_session(core, peer, hello, true, now)) {
                sodium_memzero(kept, sizeof(*kept));
                core_release(core, kept);
                peer->nonce = 0;
                return false;
        }
        peer->session->protection = kept;
        freshness_confirmed(&sp->freshness, hello->epoch);
        meeting_step(&sp->meeting, MEETING_ON_MEET);
        sodium_memzero(&sp->initiator, sizeof(sp->initiator));
        sodium_memzero(&sp->answer, sizeof(sp->answer));
        return true;
}

bool secure_answered(const struct core *core, const struct peer *peer,
                     const struct wire_hello *hello, uint64_t now)
{
        const struct secure_peer *sp = &core->secure->peers[peer->slot];
        return has_answered(sp) && now < sp->answer.until &&
               memcmp(sp->answer.hello.epoch, hello->epoch, sizeof(hello->epoch)) == 0;
}

void secure_forget(struct core *core, unsigned slot)
{
        sodium_memzero(&core->secure->peers[slot], sizeof(core->secure->peers[slot]));
}

/* Under load: a cookie, instead of anything else. */
static void cookie_send(struct core *core, struct core_address to, const uint8_t *initiation,
                        uint64_t now)
{
        struct secure *secure = core->secure;
        uint8_t packet[HANDSHAKE_COOKIE], random[COOKIE_NONCE + COOKIE_SECRET];
        core_random(core, random, sizeof(random));
        header_write(packet, PACKET_COOKIE, handshake_index(initiation));
        handshake_cookie_write(&secure->self, &secure->jar, to.ipv4, to.port, initiation, random,
                               packet, now);
        transmit(core, to, packet, sizeof(packet));
}

/* Answers an initiation that was read, and keeps what comes of it until the initiator confirms. */
static enum crypto_refusal answer(struct core *core, struct peer *peer, struct core_address from,
                                  struct handshake_responder *responder,
                                  const struct handshake_offer *offer, uint64_t now)
{
        struct secure *secure = core->secure;
        struct secure_answer *kept = &secure_of(core, peer)->answer;
        struct handshake_reply reply = {.index = index_draw(core, peer)};
        struct handshake_result result;
        uint8_t packet[HANDSHAKE_RESPONSE], random[NOISE_KEY];
        memcpy(reply.epoch, core->epoch, sizeof(reply.epoch));
        own_parameters(core, reply.parameters);
        core_random(core, random, sizeof(random));
        header_write(packet, PACKET_RESPONSE, responder->peer_index);
        enum crypto_refusal why = handshake_answer(responder, &secure->self, offer, secure->costs,
                                                   &reply, random, packet, &result);
        struct wire_hello hello;
        if (!why && !hello_make(core, peer, &result, &hello))
                why = CRYPTO_REFUSED_LENGTH;
        if (!why) {
                kept->local_index = reply.index;
                kept->until = now + core->config.dead_after;
                kept->address = from;
                kept->hello = hello;
                protection_make(&kept->protection, &result, false, now);
                transmit(core, from, packet, sizeof(packet));
        }
        sodium_memzero(random, sizeof(random));
        sodium_memzero(&result, sizeof(result));
        return why;
}

/* Whether another life of the peer was answered, and may still confirm. Which of the two is the
 * later one nobody can tell: the first goes on, and who is refused tries again. */
static bool awaits_another(const struct secure_peer *sp, const uint8_t epoch[IDENTITY_EPOCH],
                           uint64_t now)
{
        return has_answered(sp) && now < sp->answer.until &&
               memcmp(sp->answer.hello.epoch, epoch, IDENTITY_EPOCH) != 0;
}

static enum crypto_refusal initiation_read(struct core *core, struct peer *peer,
                                           const struct keys_node *node, struct core_address from,
                                           const uint8_t *packet, uint64_t now)
{
        struct secure_peer *sp = secure_of(core, peer);
        struct handshake_responder responder;
        struct handshake_offer offer;
        enum crypto_refusal why =
            handshake_read(&responder, &core->secure->self, node->public_key, packet, &offer);
        if (!why)
                why = freshness_check(&sp->freshness, offer.epoch, offer.attempt);
        if (!why && awaits_another(sp, offer.epoch, now))
                why = CRYPTO_REFUSED_AWAITED;
        if (!why)
                why = answer(core, peer, from, &responder, &offer, now);
        if (!why) {
                freshness_answered(&sp->freshness, offer.epoch, offer.attempt);
                meeting_step(&sp->meeting, MEETING_ON_ANSWER);
                peer->offer_time = CORE_NEVER;
        }
        sodium_memzero(&responder, sizeof(responder));
        return why;
}

static void initiation_take(struct core *core, struct core_address from, const uint8_t *packet,
                            size_t length, uint64_t now)
{
        struct secure *secure = core->secure;
        enum crypto_refusal why =
            handshake_admit(&secure->self, &secure->jar, from.ipv4, from.port, packet, length, now);
        if (why == CRYPTO_REFUSED_COOKIE)
                cookie_send(core, from, packet, now);
        if (why) {
                refused(core, NULL, why, now);
                return;
        }
        uint64_t id = handshake_node(packet);
        const struct keys_node *node = keys_of_id(secure->keys, id);
        if (!node || id == secure->self.node) {
                refused(core, NULL, CRYPTO_REFUSED_IDENTITY, now);
                return;
        }
        struct peer *peer = hello_peer(core, id, node->name, from);
        if (!peer)
                return;
        if (has_begun(secure_of(core, peer)) && peer->offer_time != CORE_NEVER &&
            identity_first(secure->self.pair.public_key, node->public_key))
                return; /* ours goes on */
        why = initiation_read(core, peer, node, from, packet, now);
        if (why)
                refused(core, peer, why, now);
}

/* The peer whose slot an index names; NULL: there is none. */
static struct peer *peer_of_index(struct core *core, uint32_t index)
{
        unsigned slot = index & 0xff;
        return slot < core->peers_seen && core->peers[slot].used ? &core->peers[slot] : NULL;
}

static void key_log(const struct core *core, const struct handshake_result *result, uint32_t index)
{
        char line[KEYLOG_LINE];
        if (!core->environment.key_log)
                return;
        size_t length = keylog_write(line, result, index, result->peer_index);
        core->environment.key_log(core->environment.context, line, length);
        sodium_memzero(line, sizeof(line));
}

static void response_take(struct core *core, struct peer *peer, struct core_address from,
                          const uint8_t *packet, size_t length, uint64_t now)
{
        struct secure_peer *sp = secure_of(core, peer);
        struct handshake_result result;
        struct wire_hello hello;
        struct protection protection;
        uint32_t index = sp->initiator.index;
        if (!same_address(peer->address, from))
                return;
        enum crypto_refusal why =
            handshake_finish(&sp->initiator, &core->secure->self, packet, length, &result);
        if (!why && freshness_over(&sp->freshness, result.peer_epoch))
                why = CRYPTO_REFUSED_STALE;
        if (!why && !hello_make(core, peer, &result, &hello))
                why = CRYPTO_REFUSED_LENGTH;
        if (why) {
                refused(core, peer, why, now);
        } else {
                key_log(core, &result, index);
                protection_make(&protection, &result, true, now);
                session_sealed(core, peer, index, &hello, &protection, now);
                sodium_memzero(&protection, sizeof(protection));
        }
        sodium_memzero(&result, sizeof(result));
}

/* The first packet under the keys of an answer of ours: its initiator is there now. */
static bool answer_confirm(struct core *core, struct peer *peer, const uint8_t *packet,
                           size_t length, uint8_t *frames, uint64_t now)
{
        struct secure_answer *kept = &secure_of(core, peer)->answer;
        struct protection opened = kept->protection;
        struct wire_hello hello = kept->hello;
        if (now >= kept->until)
                return false;
        enum crypto_refusal why = protect_open(&opened.receiver, packet, length, frames, now);
        if (why) {
                refused(core, peer, why, now);
                return false;
        }
        peer->address = kept->address;
        bool begun = session_sealed(core, peer, kept->local_index, &hello, &opened, now);
        sodium_memzero(&opened, sizeof(opened));
        return begun;
}

static bool sealed_open(struct core *core, struct peer *peer, const struct wire_outer *outer,
                        const uint8_t *packet, size_t length, uint8_t *frames, uint64_t now)
{
        const struct secure_peer *sp = secure_of(core, peer);
        if (!peer->session || peer->session->local_index != outer->receiver)
                return has_answered(sp) && sp->answer.local_index == outer->receiver &&
                       answer_confirm(core, peer, packet, length, frames, now);
        enum crypto_refusal why =
            protect_open(&peer->session->protection->receiver, packet, length, frames, now);
        if (why)
                refused(core, peer, why, now);
        return !why;
}

static void sealed_take(struct core *core, struct peer *peer, struct core_address from,
                        const struct wire_outer *outer, const uint8_t *packet, size_t length,
                        uint64_t now)
{
        uint8_t frames[WIRE_PACKET_MAX];
        const struct secure_peer *sp = secure_of(core, peer);
        bool of_answer = has_answered(sp) && sp->answer.local_index == outer->receiver;
        if (!same_address(of_answer ? sp->answer.address : peer->address, from) ||
            !sealed_open(core, peer, outer, packet, length, frames, now))
                return;
        session_packet(peer->session, outer, frames, length - PROTECT_OVERHEAD, now);
        session_reap(core, peer, now);
}

void secure_packet(struct core *core, struct core_address from, const struct wire_outer *outer,
                   const uint8_t *packet, size_t length, uint64_t now)
{
        struct peer *peer = peer_of_index(core, outer->receiver);
        if (wire_outer_type(outer) == PACKET_INITIATION) {
                initiation_take(core, from, packet, length, now);
                return;
        }
        if (!peer)
                return;
        struct secure_peer *sp = secure_of(core, peer);
        bool ours = has_begun(sp) && sp->initiator.index == outer->receiver;
        switch (wire_outer_type(outer)) {
        case PACKET_RESPONSE:
                if (ours)
                        response_take(core, peer, from, packet, length, now);
                break;
        case PACKET_COOKIE:
                if (ours &&
                    !handshake_cookie_read(&sp->initiator, &sp->cookie, packet, length, now))
                        peer->offer_time = now; /* at once, with it */
                break;
        default:
                sealed_take(core, peer, from, outer, packet, length, now);
                break;
        }
}
