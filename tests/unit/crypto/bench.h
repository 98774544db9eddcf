/* Two nodes of a cluster and a handshake between them, all of it repeatable. */
#ifndef TESTS_UNIT_CRYPTO_BENCH_H
#define TESTS_UNIT_CRYPTO_BENCH_H

#include <stdbool.h>
#include <string.h>

#include "netipc/crypto/handshake.h"
#include "netipc/crypto/protect.h"

enum { TYPE_INITIATION = 3, TYPE_RESPONSE = 4, TYPE_COOKIE = 5, TYPE_SEALED = 6 };

struct bench {
        struct identity a, b; /* initiator, responder */
        struct handshake_initiator initiator;
        struct handshake_responder responder;
        struct handshake_offer offer, read;
        struct handshake_reply reply;
        struct cookie_held held;
        struct cookie_jar jar;
        uint32_t costs[CIPHERS]; /* of the responder */
        uint8_t initiation[HANDSHAKE_INITIATION];
        uint8_t response[HANDSHAKE_RESPONSE];
        struct handshake_result of_a, of_b;
};

enum { INDEX_A = 0x01020304, INDEX_B = 0x0a0b0c0d, ADDRESS_A = 0x0a4d000b, PORT_A = 7678 };

static inline void bench_fill(uint8_t *bytes, size_t count, unsigned seed)
{
        for (size_t i = 0; i < count; i++)
                bytes[i] = (uint8_t)(seed = seed * 1103515245 + 12345 + (seed >> 16));
}

/* The outer header, as core/wire.h has it: phase and number are filled when a packet is sealed. */
static inline void bench_header(uint8_t *packet, unsigned type, uint32_t receiver)
{
        memset(packet, 0, HANDSHAKE_HEADER);
        packet[0] = (uint8_t)(1 << 4 | type);
        memcpy(packet + 4, &receiver, sizeof(receiver));
}

static inline void bench_node(struct identity *identity, unsigned seed, const uint8_t psk[32])
{
        uint8_t secret[32], epoch[16];
        bench_fill(secret, sizeof(secret), seed);
        bench_fill(epoch, sizeof(epoch), seed + 1);
        identity_init(identity, secret, psk, 7, epoch);
}

/* Keys and all, before the first packet. */
static inline void bench_init(struct bench *bench)
{
        uint8_t psk[32];
        memset(bench, 0, sizeof(*bench));
        bench_fill(psk, sizeof(psk), 5);
        bench_node(&bench->a, 100, psk);
        bench_node(&bench->b, 200, psk);
        bench->offer.attempt = 1;
        bench->offer.costs[CIPHER_CHACHA20_POLY1305] = bench->costs[CIPHER_CHACHA20_POLY1305] = 9;
        memcpy(bench->offer.epoch, bench->a.epoch, IDENTITY_EPOCH);
        memcpy(bench->reply.epoch, bench->b.epoch, IDENTITY_EPOCH);
        bench_fill(bench->offer.parameters, HANDSHAKE_PARAMETERS, 1);
        bench_fill(bench->reply.parameters, HANDSHAKE_PARAMETERS, 2);
        bench->reply.index = INDEX_B;
}

static inline bool bench_begin(struct bench *bench)
{
        uint8_t random[32];
        bench_fill(random, sizeof(random), 300);
        bench_header(bench->initiation, TYPE_INITIATION, 0);
        return handshake_begin(&bench->initiator, &bench->a, bench->b.pair.public_key, INDEX_A,
                               &bench->offer, &bench->held, random, bench->initiation, 0);
}

static inline enum crypto_refusal bench_admit(struct bench *bench)
{
        return handshake_admit(&bench->b, &bench->jar, ADDRESS_A, PORT_A, bench->initiation,
                               sizeof(bench->initiation), 0);
}

static inline enum crypto_refusal bench_read(struct bench *bench)
{
        return handshake_read(&bench->responder, &bench->b, bench->a.pair.public_key,
                              bench->initiation, &bench->read);
}

static inline enum crypto_refusal bench_answer(struct bench *bench)
{
        uint8_t random[32];
        bench_fill(random, sizeof(random), 400);
        bench_header(bench->response, TYPE_RESPONSE, handshake_index(bench->initiation));
        return handshake_answer(&bench->responder, &bench->b, &bench->read, bench->costs,
                                &bench->reply, random, bench->response, &bench->of_b);
}

static inline enum crypto_refusal bench_finish(struct bench *bench)
{
        return handshake_finish(&bench->initiator, &bench->a, bench->response,
                                sizeof(bench->response), &bench->of_a);
}

/* All of it; true if both sides have their keys. */
static inline bool bench_run(struct bench *bench)
{
        return bench_begin(bench) && !bench_admit(bench) && !bench_read(bench) &&
               !bench_answer(bench) && !bench_finish(bench);
}

#endif
