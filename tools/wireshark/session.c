/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversations, sessions in clear and the hellos that make them; see track.h. */
#include "tools/wireshark/session.h"
#include "tools/wireshark/exports.h"
#include "tools/wireshark/fields.h"
#include "tools/wireshark/map.h"
#include "tools/wireshark/nodes.h"

#include <epan/conversation.h>
#include <epan/proto_data.h>

/* --- notes ------------------------------------------------------------------------------------ */

/* Key of a note: a packet may carry others inside (tunnels), each with several frames. */
static guint32 note_key(const packet_info *pinfo, unsigned index)
{
        return (guint32)pinfo->curr_layer_num << 16 | index;
}

void *note_get(packet_info *pinfo, unsigned index)
{
        return p_get_proto_data(wmem_file_scope(), pinfo, field.proto, note_key(pinfo, index));
}

void note_put(packet_info *pinfo, unsigned index, void *note)
{
        p_add_proto_data(wmem_file_scope(), pinfo, field.proto, note_key(pinfo, index), note);
}

void *note_first(packet_info *pinfo, void *note)
{
        const guint32 key = G_MAXUINT32; /* of no layer */
        void *first = p_get_proto_data(wmem_file_scope(), pinfo, field.proto, key);
        if (first || !note)
                return first;
        p_add_proto_data(wmem_file_scope(), pinfo, field.proto, key, note);
        return note;
}

bool is_over(const packet_info *pinfo)
{
        return pinfo->fd->visited || pinfo->flags.in_error_pkt;
}

/* --- conversations ---------------------------------------------------------------------------- */

int direction_of(const packet_info *pinfo)
{
        int order = cmp_address(&pinfo->src, &pinfo->dst);
        return order ? order > 0 : pinfo->srcport > pinfo->destport;
}

static struct peering *peering_new(void)
{
        struct peering *peering = wmem_new0(wmem_file_scope(), struct peering);
        for (int i = 0; i < 2; i++) {
                peering->sessions[i] = map_new();
                peering->attempts[i] = map_new();
                peering->handshakes[i] = map_new();
        }
        return peering;
}

struct peering *peering_of(packet_info *pinfo)
{
        conversation_t *conversation = find_or_create_conversation(pinfo);
        struct peering *peering = conversation_get_proto_data(conversation, field.proto);
        if (!peering) {
                peering = peering_new();
                conversation_add_proto_data(conversation, field.proto, peering);
        }
        peering->heard[direction_of(pinfo)] = true;
        return peering;
}

/* --- sessions --------------------------------------------------------------------------------- */

static guint32 given; /* serial numbers, in this file */

void session_reset(void)
{
        given = 0;
}

struct session *session_new(struct peering *peering)
{
        struct session *session = wmem_new0(wmem_file_scope(), struct session);
        session->serial = ++given;
        session->peering = peering;
        for (int i = 0; i < 2; i++) {
                session->numbers[i] = map_new();
                session->repeats[i] = map_new();
                session->calls[i] = map_new();
                session->exports[i] = exports_new();
        }
        peering->latest = session;
        return session;
}

void session_index(struct session *session, int direction, guint32 index)
{
        session->index[direction] = index;
        if (index)
                map_put(session->peering->sessions[direction], index, session);
}

struct session *session_of(struct peering *peering, int direction, guint32 index)
{
        struct session *session = map_get(peering->sessions[direction], index);
        if (session)
                return session;
        session = peering->latest;
        if (!session || session->index[direction])
                session = session_new(peering);
        session_index(session, direction, index);
        return session;
}

/* A hello names both ends of a session: `toward_sender` is the index in packets to its sender. */
static struct session *session_pair(struct peering *peering, int direction, guint32 toward_sender,
                                    guint32 toward_receiver)
{
        struct session *session = map_get(peering->sessions[!direction], toward_sender);
        if (!session && toward_receiver)
                session = map_get(peering->sessions[direction], toward_receiver);
        bool fits = session &&
                    (!session->index[!direction] || session->index[!direction] == toward_sender) &&
                    (!session->index[direction] || !toward_receiver ||
                     session->index[direction] == toward_receiver);
        if (!fits)
                session = session_new(peering);
        if (!session->index[!direction])
                session_index(session, !direction, toward_sender);
        if (!session->index[direction])
                session_index(session, direction, toward_receiver);
        return session;
}

/* --- hellos ----------------------------------------------------------------------------------- */

/* What a nonce was last brought by, for each kind of hello: a node may offer and answer by one
 * nonce. */
static guint64 attempt_key(guint64 nonce, enum wire_hello_kind kind)
{
        return nonce ^ (guint64)kind << 61;
}

/* The hello of the other node that this one answers: an offer by an answer, an answer by a
 * confirm. */
static struct hello_note *answered_by(const struct peering *peering, int direction,
                                      const struct wire_hello *hello)
{
        wmem_map_t *attempts = peering->attempts[!direction];
        bool answer = hello->kind == HELLO_ANSWER;
        struct hello_note *other = map_get(
            attempts, attempt_key(hello->receiver_nonce, answer ? HELLO_OFFER : HELLO_ANSWER));
        if (!other)
                other = map_get(attempts, attempt_key(hello->receiver_nonce,
                                                      answer ? HELLO_ANSWER : HELLO_OFFER));
        return other;
}

static void answer_link(struct peering *peering, int direction, struct hello_note *note,
                        const struct wire_hello *hello)
{
        struct hello_note *other = answered_by(peering, direction, hello);
        struct session *session =
            session_pair(peering, direction, hello->sender_index, other ? other->index : 0);
        session->name[direction] = note->name;
        if (!other)
                return;
        session->name[!direction] = other->name;
        note->answers = other->frame;
        if (!other->answered_in)
                other->answered_in = note->frame;
}

const struct hello_note *track_hello(packet_info *pinfo, const struct wire_hello *hello)
{
        struct hello_note *note = note_get(pinfo, 0);
        if (note || is_over(pinfo))
                return note;
        nodes_hear(&pinfo->src, hello);
        if (hello->kind == HELLO_BEACON)
                return NULL;
        struct peering *peering = peering_of(pinfo);
        int direction = direction_of(pinfo);
        note = wmem_new0(wmem_file_scope(), struct hello_note);
        note->frame = pinfo->num;
        note->index = hello->sender_index;
        note->name = nodes_of_id(hello->node);
        note_put(pinfo, 0, note);
        map_put(peering->attempts[direction],
                attempt_key(hello->sender_nonce, (enum wire_hello_kind)hello->kind), note);
        if (hello->receiver_nonce)
                answer_link(peering, direction, note, hello);
        return note;
}

/* --- packets ---------------------------------------------------------------------------------- */

struct packet_note *packet_note_new(packet_info *pinfo, struct session *session)
{
        int direction = direction_of(pinfo);
        struct packet_note *note = wmem_new0(wmem_file_scope(), struct packet_note);
        note->session = session;
        note->direction = direction;
        note->serial = session ? session->serial : 0;
        note->from =
            session && session->name[direction] ? session->name[direction] : nodes_at(&pinfo->src);
        note->to = session && session->name[!direction] ? session->name[!direction]
                                                        : nodes_at(&pinfo->dst);
        note_put(pinfo, 0, note);
        return note;
}

const struct packet_note *track_packet(packet_info *pinfo, const struct wire_outer *outer)
{
        struct packet_note *note = note_get(pinfo, 0);
        if (note || is_over(pinfo))
                return note;
        int direction = direction_of(pinfo);
        struct session *session = session_of(peering_of(pinfo), direction, outer->receiver);
        note = packet_note_new(pinfo, session);
        note->duplicate_of = map_frame(session->numbers[direction], outer->number, pinfo->num);
        return note;
}

struct exports *track_exports(const struct packet_note *packet, bool of_sender)
{
        return packet->session->exports[of_sender ? packet->direction : !packet->direction];
}

const struct export *track_export(const struct packet_note *packet, bool of_sender, guint32 id,
                                  guint32 generation)
{
        return packet ? exports_find(track_exports(packet, of_sender), id, generation) : NULL;
}

void track_unseen(packet_info *pinfo, const struct packet_note *packet)
{
        if (packet && !pinfo->fd->visited)
                packet->session->unseen[packet->direction] = pinfo->num;
}

const char *track_replies_unknown(const packet_info *pinfo, const struct packet_note *packet)
{
        int from = !packet->direction;
        if (!packet->session->peering->heard[from])
                return "The capture has only one direction: whether there was a reply is not known";
        if (packet->session->unseen[from] > pinfo->num)
                return "The capture has only the beginning of packets that may have held the reply";
        return NULL;
}
