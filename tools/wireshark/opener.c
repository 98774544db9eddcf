/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Phases and their keys; see opener.h. */
#include "tools/wireshark/opener.h"

#include <epan/packet.h>

enum {
        NAMED = 256,       /* phases that a header can tell apart */
        ROUNDS = 16,       /* of them are tried at the start: a session of 136 hours */
        SEARCHES_MAX = 256 /* that may fail in a file; then only the next phase is tried */
};

struct phase {
        struct cipher_key key;
        guint64 number;
        uint8_t secret[PROTECT_SECRET]; /* of the phase behind it */
};

struct opener {
        enum cipher cipher;
        const struct phase *before, *now; /* before: NULL in phase 0, and after a leap */
        bool opened;                      /* anything */
};

static unsigned failed; /* searches in this file */

void opener_reset(void)
{
        failed = 0;
}

static void phase_next(struct phase *phase, enum cipher cipher)
{
        phase->number++;
        protect_key_take(&phase->key, cipher, phase->secret);
}

struct opener *opener_new(enum cipher cipher, const uint8_t secret[PROTECT_SECRET])
{
        struct opener *opener = wmem_new0(wmem_file_scope(), struct opener);
        struct phase *first = wmem_new0(wmem_file_scope(), struct phase);
        memcpy(first->secret, secret, sizeof(first->secret));
        protect_key_take(&first->key, cipher, first->secret);
        opener->cipher = cipher;
        opener->now = first;
        return opener;
}

void opener_free(struct opener *opener)
{
        wmem_free(wmem_file_scope(), (void *)opener->now);
        wmem_free(wmem_file_scope(), opener);
}

bool opener_open(const struct cipher_key *key, const uint8_t *packet, size_t length, uint8_t *plain)
{
        uint64_t number;
        memcpy(&number, packet + PROTECT_HEADER_NUMBER, sizeof(number));
        return cipher_open(key, number, packet, PROTECT_HEADER, packet + PROTECT_HEADER,
                           length - PROTECT_OVERHEAD, plain);
}

static bool fits(const struct phase *phase, const uint8_t *packet, size_t length, uint8_t *plain)
{
        return phase && opener_open(&phase->key, packet, length, plain);
}

/* A packet has been opened in a phase behind the present one. */
static void move(struct opener *opener, const struct phase *found)
{
        opener->before = found->number == opener->now->number + 1 ? opener->now : NULL;
        opener->now = wmem_memdup(wmem_file_scope(), found, sizeof(*found));
}

/* Looks for the phase in what is to come. */
static bool search(struct opener *opener, const uint8_t *packet, size_t length, uint8_t *plain)
{
        struct phase phase = *opener->now;
        uint8_t named = packet[PROTECT_HEADER_PHASE];
        unsigned reach = failed >= SEARCHES_MAX ? 1 : NAMED * (opener->opened ? 1 : ROUNDS);
        while (reach--) {
                phase_next(&phase, opener->cipher);
                if ((uint8_t)phase.number == named && fits(&phase, packet, length, plain)) {
                        move(opener, &phase);
                        return true;
                }
        }
        failed++;
        return false;
}

static const struct phase *phase_named(const struct opener *opener, const uint8_t *packet)
{
        uint8_t named = packet[PROTECT_HEADER_PHASE];
        if ((uint8_t)opener->now->number == named)
                return opener->now;
        bool before = opener->before && (uint8_t)opener->before->number == named;
        return before ? opener->before : NULL;
}

const struct cipher_key *opener_key_named(const struct opener *opener, const uint8_t *packet)
{
        const struct phase *phase = phase_named(opener, packet);
        bool parts = opener->opened && opener->cipher == CIPHER_CHACHA20_POLY1305;
        return parts && phase ? &phase->key : NULL;
}

/* RFC 8439, section 2.8: the first block of the stream is the authenticator's. */
void opener_open_part(const struct cipher_key *key, const uint8_t *packet, size_t count,
                      uint8_t *plain)
{
        uint8_t nonce[12] = {0};
        memcpy(nonce + 4, packet + PROTECT_HEADER_NUMBER, 8);
        crypto_stream_chacha20_ietf_xor_ic(plain, packet + PROTECT_HEADER, count, nonce, 1,
                                           key->bytes);
}

const struct cipher_key *opener_key(struct opener *opener, const uint8_t *packet, size_t length)
{
        uint8_t *plain = g_malloc(length);
        const struct cipher_key *key = NULL;
        const struct phase *near = phase_named(opener, packet);
        if (fits(near, packet, length, plain))
                key = &near->key;
        else if (search(opener, packet, length, plain))
                key = &opener->now->key;
        opener->opened |= !!key;
        g_free(plain);
        return key;
}
