/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handshakes, and packets of sessions with keys; see track.h.
 *
 *      INITIATION  index, ephemeral key ──────────────────►  struct handshake
 *      RESPONSE    to that index        ──────────────────►  struct session, of that handshake
 *      SEALED      to that index, or to the responder's   ►  key by the ephemeral key
 *                  … of a handshake that was not seen     ►  each key with that index is tried
 *
 * The responder's index is sealed in the RESPONSE; only the key log tells it. */
#include "tools/wireshark/keys.h"
#include "tools/wireshark/map.h"
#include "tools/wireshark/nodes.h"
#include "tools/wireshark/opener.h"
#include "tools/wireshark/session.h"

enum { CANDIDATES_MAX = 8 /* keys with the same index that are tried for a packet */ };

void sealed_reset(void)
{
        keys_reset();
        opener_reset();
}

/* --- handshakes ------------------------------------------------------------------------------- */

static struct handshake *handshake_new(packet_info *pinfo, guint32 index, guint64 node,
                                       const guint8 ephemeral[32])
{
        struct handshake *handshake = wmem_new0(wmem_file_scope(), struct handshake);
        handshake->frame = pinfo->num;
        handshake->direction = direction_of(pinfo);
        handshake->index = index;
        handshake->name = nodes_of_id(node);
        memcpy(handshake->ephemeral, ephemeral, sizeof(handshake->ephemeral));
        return handshake;
}

const struct packet_note *track_initiation(packet_info *pinfo, guint32 index, guint64 node,
                                           const guint8 ephemeral[32])
{
        struct packet_note *note = note_get(pinfo, 0);
        if (note || is_over(pinfo))
                return note;
        wmem_map_t *handshakes = peering_of(pinfo)->handshakes[direction_of(pinfo)];
        struct handshake *handshake = map_get(handshakes, index);
        note = packet_note_new(pinfo, NULL);
        if (handshake &&
            memcmp(handshake->ephemeral, ephemeral, sizeof(handshake->ephemeral)) == 0) {
                note->duplicate_of = handshake->frame;
        } else {
                handshake = handshake_new(pinfo, index, node, ephemeral);
                map_put(handshakes, index, handshake);
        }
        note->handshake = handshake;
        if (handshake->name)
                note->from = handshake->name;
        return note;
}

/* The session that a RESPONSE makes. */
static struct session *session_answered(packet_info *pinfo, struct handshake *handshake)
{
        struct session *session = session_new(peering_of(pinfo));
        session->handshake = handshake;
        session->name[handshake->direction] = handshake->name;
        session_index(session, !handshake->direction, handshake->index);
        handshake->answer_frame = pinfo->num;
        return session;
}

const struct packet_note *track_answer(packet_info *pinfo, const struct wire_outer *outer)
{
        struct packet_note *note = note_get(pinfo, 0);
        if (note || is_over(pinfo))
                return note;
        struct handshake *handshake =
            map_get(peering_of(pinfo)->handshakes[!direction_of(pinfo)], outer->receiver);
        struct session *session = NULL;
        bool response = wire_outer_type(outer) == PACKET_RESPONSE;
        if (handshake && response && !handshake->answer_frame)
                session = session_answered(pinfo, handshake);
        if (handshake && !response && !handshake->cookie_frame)
                handshake->cookie_frame = pinfo->num;
        note = packet_note_new(pinfo, session);
        note->handshake = handshake;
        return note;
}

/* --- keys of sessions ------------------------------------------------------------------------- */

/* `initiator` is the direction of the initiator's packets. */
static void session_unlock(struct session *session, const struct key *key, int initiator)
{
        const struct keylog_session *said = &key->session;
        session->key = key;
        if (!session->index[!initiator])
                session_index(session, !initiator, said->initiator_index);
        if (!session->index[initiator])
                session_index(session, initiator, said->responder_index);
        if (!cipher_available(said->cipher))
                return;
        session->opener[initiator] = opener_new(said->cipher, said->from_initiator);
        session->opener[!initiator] = opener_new(said->cipher, said->from_responder);
}

/* Whether a packet opens by what the key has for packets to the initiator (role 0) or to the
 * responder. */
static bool opens(const struct key *key, unsigned role, const guint8 *packet, unsigned length)
{
        const struct keylog_session *said = &key->session;
        if (!cipher_available(said->cipher))
                return false;
        struct opener *opener =
            opener_new(said->cipher, role == 0 ? said->from_responder : said->from_initiator);
        bool opened = opener_key(opener, packet, length);
        opener_free(opener);
        return opened;
}

/* A key with which the packet opens, among those with its index, and the role of its receiver. */
static const struct key *key_tried(guint32 index, const guint8 *packet, unsigned length,
                                   unsigned *role)
{
        for (*role = 0; *role < 2; (*role)++) {
                const struct key *key = keys_of_index(*role, index);
                for (unsigned i = 0; key && i < CANDIDATES_MAX; i++, key = key->next[*role])
                        if (opens(key, *role, packet, length))
                                return key;
        }
        return NULL;
}

/* A session without a key gets it, if there is one by now. */
static void session_key(struct session *session, int direction, const struct wire_outer *outer,
                        const guint8 *packet, unsigned length)
{
        const struct handshake *handshake = session->handshake;
        const struct key *key;
        unsigned role;
        if (handshake) {
                key = keys_of_handshake(handshake->ephemeral);
                if (key)
                        session_unlock(session, key, handshake->direction);
        } else if (length) {
                key = key_tried(outer->receiver, packet, length, &role);
                if (key)
                        session_unlock(session, key, role == 0 ? !direction : direction);
        }
}

/* --- sealed packets --------------------------------------------------------------------------- */

/* Why nothing opens the packet, or NULL. */
static const char *closed(struct packet_note *note, const guint8 *packet, unsigned length)
{
        const struct session *session = note->session;
        struct opener *opener = session->opener[note->direction];
        if (!session->key)
                return keys_missing();
        note->cipher = cipher_name(session->key->session.cipher);
        if (!opener)
                return "this processor does not have the session's cipher";
        if (!length) {
                note->key = opener_key_named(opener, packet);
                note->part = note->key;
                return note->key ? NULL : "the capture has only its beginning";
        }
        note->key = opener_key(opener, packet, length);
        note->damaged = !note->key;
        return note->key ? NULL : "damaged, or sealed with another key: the receiver drops it";
}

const struct packet_note *track_sealed(packet_info *pinfo, const struct wire_outer *outer,
                                       const guint8 *packet, unsigned length)
{
        struct packet_note *note = note_get(pinfo, 0);
        if (note || is_over(pinfo))
                return note;
        int direction = direction_of(pinfo);
        struct session *session = session_of(peering_of(pinfo), direction, outer->receiver);
        if (!session->key)
                session_key(session, direction, outer, packet, length);
        note = packet_note_new(pinfo, session);
        note->closed = closed(note, packet, length);
        if (!note->damaged)
                note->duplicate_of =
                    map_frame(session->numbers[direction], outer->number, pinfo->num);
        return note;
}
