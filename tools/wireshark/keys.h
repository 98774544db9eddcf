/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of sessions, from lines of a key log (netipc/crypto/keylog.h). They come
 *
 *      from the file that the preference `keylog_file` names, or PORTOLAN_KEYLOG in the environment
 *      from the Decryption Secrets Blocks of the capture itself (secrets.h)
 *
 * and are known from a file's opening to its end. A key log that grows meanwhile is read again
 * when a key is missing. A line that is none is skipped: it may be a comment, or another
 * program's. */
#ifndef WIRESHARK_KEYS_H
#define WIRESHARK_KEYS_H

#include <glib.h>
#include "netipc/crypto/keylog.h"

/* Where the next session with the same index is. */
struct key {
        struct keylog_session session;
        const struct key *next[2]; /* with the same index of the initiator, of the responder */
};

/* The preference's variable, which Wireshark sets. */
extern const char *keys_file;

/* Another capture is opened: forgets all, and reads anew. */
void keys_reset(void);

/* The session of the handshake with that ephemeral key of its initiator, or NULL. */
const struct key *keys_of_handshake(const uint8_t ephemeral[NOISE_KEY]);

/* Sessions in which packets to the initiator (role 0) or to the responder (role 1) have that
 * index: the first, whose next[role] leads on; the newest come first. */
const struct key *keys_of_index(unsigned role, guint32 index);

/* Says that a session has no key, and why; for the user. */
const char *keys_missing(void);

#endif
