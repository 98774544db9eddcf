/* Initiation, response, cookie; see handshake.h. */
#include "netipc/crypto/handshake.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

/* What both sides must agree on, and no key says. */
struct prologue {
        char label[16];
        uint32_t version; /* of the packet, in the high half of its first byte */
        uint32_t index;   /* of the initiator */
        uint64_t cluster;
        uint64_t initiator;
        uint64_t responder;
};

_Static_assert(sizeof(struct prologue) == 48, "no padding; the layout on the wire");

static struct prologue prologue_make(const uint8_t *packet, uint32_t index, uint64_t cluster,
                                     uint64_t initiator, uint64_t responder)
{
        return (struct prologue){
            .label = "portolan netipc",
            .version = packet[0] >> 4,
            .index = index,
            .cluster = cluster,
            .initiator = initiator,
            .responder = responder,
        };
}

static struct noise_terms terms_of(const struct identity *self, const struct prologue *prologue)
{
        return (struct noise_terms){&self->pair, self->psk, prologue, sizeof(*prologue)};
}

static bool mac1_right(const uint8_t *packet, size_t at, const uint8_t mac_key[MAC_KEY])
{
        uint8_t mac[COOKIE_MAC];
        cookie_mac1(mac, mac_key, packet, at);
        return sodium_memcmp(mac, packet + at, COOKIE_MAC) == 0;
}

enum {
        INITIATION_MAC1 = HANDSHAKE_HEADER + offsetof(struct handshake_initiation, mac1),
        INITIATION_MAC2 = HANDSHAKE_HEADER + offsetof(struct handshake_initiation, mac2),
        RESPONSE_MAC1 = HANDSHAKE_HEADER + offsetof(struct handshake_response, mac1),
};

/* --- initiator ---------------------------------------------------------------------------------
 */

static void initiation_finish(struct handshake_initiator *initiator, const struct cookie_held *held,
                              uint8_t *packet, uint64_t now)
{
        cookie_mac1(initiator->mac1, initiator->peer_mac_key, packet, INITIATION_MAC1);
        memcpy(packet + INITIATION_MAC1, initiator->mac1, COOKIE_MAC);
        cookie_mac2(packet + INITIATION_MAC2, held, packet, INITIATION_MAC2, now);
}

bool handshake_begin(struct handshake_initiator *initiator, const struct identity *self,
                     const uint8_t peer[NOISE_KEY], uint32_t index,
                     const struct handshake_offer *offer, const struct cookie_held *held,
                     const uint8_t random[NOISE_KEY], uint8_t *packet, uint64_t now)
{
        struct handshake_initiation body = {.index = index, .node = self->node};
        assert(index && offer->attempt);
        assert(memcmp(offer->epoch, self->epoch, IDENTITY_EPOCH) == 0);
        const struct prologue prologue =
            prologue_make(packet, index, self->cluster, self->node, identity_short(peer));
        const struct noise_terms terms = terms_of(self, &prologue);
        if (!noise_first_write(&initiator->noise, &terms, peer, random, offer, sizeof(*offer),
                               body.noise))
                return false;
        initiator->index = index;
        memcpy(initiator->costs, offer->costs, sizeof(initiator->costs));
        memcpy(initiator->ephemeral, body.noise, NOISE_KEY);
        identity_mac_key(initiator->peer_mac_key, self->psk, peer);
        memcpy(packet + HANDSHAKE_HEADER, &body, sizeof(body));
        initiation_finish(initiator, held, packet, now);
        return true;
}

/* Both sides have the same, but for what each says of itself. */
static void result_fill(struct handshake_result *result, enum cipher cipher, uint32_t index,
                        const uint8_t epoch[IDENTITY_EPOCH],
                        const uint8_t parameters[HANDSHAKE_PARAMETERS],
                        const uint8_t ephemeral[NOISE_KEY])
{
        result->cipher = cipher;
        result->peer_index = index;
        memcpy(result->peer_epoch, epoch, IDENTITY_EPOCH);
        memcpy(result->peer_parameters, parameters, HANDSHAKE_PARAMETERS);
        memcpy(result->ephemeral, ephemeral, NOISE_KEY);
}

enum crypto_refusal handshake_finish(struct handshake_initiator *initiator,
                                     const struct identity *self, const uint8_t *packet,
                                     size_t length, struct handshake_result *result)
{
        struct handshake_reply reply;
        const struct noise_terms terms = {&self->pair, self->psk, NULL, 0};
        if (length != HANDSHAKE_RESPONSE)
                return CRYPTO_REFUSED_LENGTH;
        if (!mac1_right(packet, RESPONSE_MAC1, self->mac_key))
                return CRYPTO_REFUSED_MAC;
        if (!noise_second_read(&initiator->noise, &terms, packet + HANDSHAKE_HEADER, &reply,
                               sizeof(reply), &result->split))
                return CRYPTO_REFUSED_AUTHENTICATION;
        if (!reply.index)
                return CRYPTO_REFUSED_LENGTH;
        if (reply.cipher >= CIPHERS || !initiator->costs[reply.cipher])
                return CRYPTO_REFUSED_CIPHER;
        result_fill(result, (enum cipher)reply.cipher, reply.index, reply.epoch, reply.parameters,
                    initiator->ephemeral);
        return CRYPTO_TAKEN;
}

enum crypto_refusal handshake_cookie_read(const struct handshake_initiator *initiator,
                                          struct cookie_held *held, const uint8_t *packet,
                                          size_t length, uint64_t now)
{
        if (length != HANDSHAKE_COOKIE)
                return CRYPTO_REFUSED_LENGTH;
        return cookie_open(held, initiator->peer_mac_key, initiator->mac1,
                           packet + HANDSHAKE_HEADER, now)
                   ? CRYPTO_TAKEN
                   : CRYPTO_REFUSED_AUTHENTICATION;
}

/* --- responder ---------------------------------------------------------------------------------
 */

static struct handshake_initiation initiation_of(const uint8_t *packet)
{
        struct handshake_initiation body;
        memcpy(&body, packet + HANDSHAKE_HEADER, sizeof(body));
        return body;
}

uint64_t handshake_node(const uint8_t *initiation)
{
        return initiation_of(initiation).node;
}

uint32_t handshake_index(const uint8_t *initiation)
{
        return initiation_of(initiation).index;
}

enum crypto_refusal handshake_admit(const struct identity *self, struct cookie_jar *jar,
                                    uint32_t address, uint16_t port, const uint8_t *packet,
                                    size_t length, uint64_t now)
{
        if (length != HANDSHAKE_INITIATION)
                return CRYPTO_REFUSED_LENGTH;
        if (!mac1_right(packet, INITIATION_MAC1, self->mac_key))
                return CRYPTO_REFUSED_MAC;
        struct handshake_initiation body = initiation_of(packet);
        if (!body.index || body.reserved || !body.node)
                return CRYPTO_REFUSED_LENGTH;
        if (!cookie_wanted(jar, now))
                return CRYPTO_TAKEN;
        if (!cookie_shown(jar, address, port, packet, INITIATION_MAC2, now))
                return CRYPTO_REFUSED_COOKIE;
        return cookie_share(jar, address, port) ? CRYPTO_TAKEN : CRYPTO_REFUSED_SHARE;
}

void handshake_cookie_write(const struct identity *self, struct cookie_jar *jar, uint32_t address,
                            uint16_t port, const uint8_t *initiation,
                            const uint8_t random[COOKIE_NONCE + COOKIE_SECRET], uint8_t *packet,
                            uint64_t now)
{
        cookie_seal(jar, self->mac_key, address, port, initiation + INITIATION_MAC1, random,
                    packet + HANDSHAKE_HEADER, now);
}

static enum crypto_refusal offer_check(const struct identity *self,
                                       const struct handshake_offer *offer)
{
        static const uint8_t any[IDENTITY_EPOCH];
        if (memcmp(offer->peer_epoch, any, sizeof(any)) != 0 &&
            memcmp(offer->peer_epoch, self->epoch, IDENTITY_EPOCH) != 0)
                return CRYPTO_REFUSED_STALE;
        return offer->attempt ? CRYPTO_TAKEN : CRYPTO_REFUSED_LENGTH;
}

enum crypto_refusal handshake_read(struct handshake_responder *responder,
                                   const struct identity *self, const uint8_t peer[NOISE_KEY],
                                   const uint8_t *packet, struct handshake_offer *offer)
{
        struct handshake_initiation body = initiation_of(packet);
        const struct prologue prologue =
            prologue_make(packet, body.index, self->cluster, body.node, self->node);
        const struct noise_terms terms = terms_of(self, &prologue);
        if (body.node != identity_short(peer))
                return CRYPTO_REFUSED_IDENTITY;
        if (!noise_first_read(&responder->noise, &terms, body.noise, offer, sizeof(*offer)))
                return CRYPTO_REFUSED_AUTHENTICATION;
        if (sodium_memcmp(responder->noise.remote_static, peer, NOISE_KEY) != 0)
                return CRYPTO_REFUSED_IDENTITY;
        responder->peer_index = body.index;
        identity_mac_key(responder->peer_mac_key, self->psk, peer);
        return offer_check(self, offer);
}

enum crypto_refusal handshake_answer(struct handshake_responder *responder,
                                     const struct identity *self,
                                     const struct handshake_offer *offer,
                                     const uint32_t costs[CIPHERS], struct handshake_reply *reply,
                                     const uint8_t random[NOISE_KEY], uint8_t *packet,
                                     struct handshake_result *result)
{
        struct handshake_response body;
        const struct noise_terms terms = {&self->pair, self->psk, NULL, 0};
        enum cipher cipher = cipher_choose(costs, offer->costs);
        assert(reply->index);
        assert(memcmp(reply->epoch, self->epoch, IDENTITY_EPOCH) == 0);
        if (cipher == CIPHERS)
                return CRYPTO_REFUSED_CIPHER;
        reply->cipher = (uint8_t)cipher;
        result_fill(result, cipher, responder->peer_index, offer->epoch, offer->parameters,
                    responder->noise.remote_ephemeral);
        if (!noise_second_write(&responder->noise, &terms, random, reply, sizeof(*reply),
                                body.noise, &result->split))
                return CRYPTO_REFUSED_AUTHENTICATION;
        memcpy(packet + HANDSHAKE_HEADER, &body, sizeof(body));
        cookie_mac1(packet + RESPONSE_MAC1, responder->peer_mac_key, packet, RESPONSE_MAC1);
        return CRYPTO_TAKEN;
}
