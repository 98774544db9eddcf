/* The line of a key log with which a capture can be read: everything that was and will be said in
 * one session. Who has it reads all of it and can forge it, so it is written only where the whole
 * cluster is a testbed and its user has asked.
 *
 *      PORTOLAN_SESSION EPHEMERAL INDEX INDEX CIPHER SECRET SECRET
 *
 * the initiator's public ephemeral key, as its initiation shows it (64 hexadecimal digits); the
 * indexes in packets to the initiator and to the responder (8 digits); cipher_name(); the secrets
 * of phase 0 from the initiator and from the responder (64 digits each; protect.h). One blank
 * between them. Pure. */
#ifndef NETIPC_CRYPTO_KEYLOG_H
#define NETIPC_CRYPTO_KEYLOG_H

#include "netipc/crypto/handshake.h"

enum { KEYLOG_LINE = 320 };

/* Writes the line of a finished handshake, with a 0 and without a line feed, and returns its
 * length. The indexes are those that each side gave. */
size_t keylog_write(char line[KEYLOG_LINE], const struct handshake_result *result,
                    uint32_t initiator_index, uint32_t responder_index);

/* What a line says. */
struct keylog_session {
        uint8_t ephemeral[NOISE_KEY];
        uint32_t initiator_index, responder_index;
        enum cipher cipher;
        uint8_t from_initiator[NOISE_KEY], from_responder[NOISE_KEY];
};

/* Reads a line of `length` bytes, without its line feed. False: it is no such line, as a comment
 * is. */
bool keylog_read(const char *line, size_t length, struct keylog_session *session);

#endif
