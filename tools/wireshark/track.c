/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sessions, calls, retransmissions; see track.h. */
#include "tools/wireshark/track.h"
#include "tools/wireshark/fields.h"

#include <epan/conversation.h>
#include <epan/proto_data.h>
#include "kernel/abi/outcome.h"

struct part {
        guint32 offset, length, frame;
};

/* By direction of the packets that carry it: `index` is in their outer header, `name` is their
 * sender's, `repeats` has the control frames that they carried. */
struct session {
        guint32 serial;
        guint32 index[2]; /* 0: not known yet */
        const char *name[2];
        wmem_map_t *numbers[2]; /* packet number → frame */
        wmem_map_t *repeats[2]; /* control_key() → frame */
        wmem_map_t *calls[2];   /* call id → struct call, by the caller's direction */
        guint32 unseen[2];      /* the last frame of whose packet the rest is not in the capture */
        const struct peering *peering;
};

/* A nonce, and what its node said with it. */
struct attempt {
        guint32 index;
        const char *name;
};

/* Two addresses that talk. */
struct peering {
        wmem_map_t *sessions[2]; /* receiver index → struct session */
        wmem_map_t *attempts[2]; /* nonce → struct attempt, by the sender's direction */
        struct session *latest;
        bool heard[2]; /* the capture has packets of this direction */
};

/* --- maps with 64-bit keys, which hostile captures may choose --------------------------------- */

static wmem_map_t *map_new(void)
{
        return wmem_map_new(wmem_file_scope(), wmem_int64_hash, g_int64_equal);
}

static void *map_get(wmem_map_t *map, guint64 key)
{
        return wmem_map_lookup(map, &key);
}

static void map_put(wmem_map_t *map, guint64 key, void *value)
{
        wmem_map_insert(map, wmem_memdup(wmem_file_scope(), &key, sizeof(key)), value);
}

/* The frame noted for the key, or 0, and then this one is noted. */
static guint32 map_frame(wmem_map_t *map, guint64 key, guint32 frame)
{
        guint32 before = GPOINTER_TO_UINT(map_get(map, key));
        if (!before)
                map_put(map, key, GUINT_TO_POINTER(frame));
        return before;
}

/* --- notes ------------------------------------------------------------------------------------ */

/* Key of a note: a packet may carry others inside (tunnels), each with several frames. */
static guint32 note_key(const packet_info *pinfo, unsigned index)
{
        return (guint32)pinfo->curr_layer_num << 16 | index;
}

static void *note_get(packet_info *pinfo, unsigned index)
{
        return p_get_proto_data(wmem_file_scope(), pinfo, field.proto, note_key(pinfo, index));
}

static void note_put(packet_info *pinfo, unsigned index, void *note)
{
        p_add_proto_data(wmem_file_scope(), pinfo, field.proto, note_key(pinfo, index), note);
}

/* --- sessions --------------------------------------------------------------------------------- */

static int direction_of(const packet_info *pinfo)
{
        int order = cmp_address(&pinfo->src, &pinfo->dst);
        return order ? order > 0 : pinfo->srcport > pinfo->destport;
}

static struct peering *peering_of(packet_info *pinfo)
{
        conversation_t *conversation = find_or_create_conversation(pinfo);
        struct peering *peering = conversation_get_proto_data(conversation, field.proto);
        if (peering)
                return peering;
        peering = wmem_new0(wmem_file_scope(), struct peering);
        for (int i = 0; i < 2; i++) {
                peering->sessions[i] = map_new();
                peering->attempts[i] = map_new();
        }
        conversation_add_proto_data(conversation, field.proto, peering);
        return peering;
}

/* Numbers given in this file. */
static struct {
        guint32 sessions, messages;
} given;

void track_reset(void)
{
        given.sessions = 0;
        given.messages = 0;
}

static void session_index(struct peering *peering, struct session *session, int direction,
                          guint32 index)
{
        session->index[direction] = index;
        if (index)
                map_put(peering->sessions[direction], index, session);
}

static struct session *session_new(struct peering *peering)
{
        struct session *session = wmem_new0(wmem_file_scope(), struct session);
        session->serial = ++given.sessions;
        session->peering = peering;
        for (int i = 0; i < 2; i++) {
                session->numbers[i] = map_new();
                session->repeats[i] = map_new();
                session->calls[i] = map_new();
        }
        peering->latest = session;
        return session;
}

/* The session to which a packet belongs. */
static struct session *session_of(struct peering *peering, int direction, guint32 index)
{
        struct session *session = map_get(peering->sessions[direction], index);
        if (session)
                return session;
        session = peering->latest;
        if (!session || session->index[direction])
                session = session_new(peering);
        session_index(peering, session, direction, index);
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
                session_index(peering, session, !direction, toward_sender);
        if (!session->index[direction])
                session_index(peering, session, direction, toward_receiver);
        return session;
}

void track_hello(packet_info *pinfo, const struct wire_hello *hello)
{
        if (pinfo->fd->visited || pinfo->flags.in_error_pkt || hello->kind == HELLO_BEACON)
                return;
        struct peering *peering = peering_of(pinfo);
        int direction = direction_of(pinfo);
        struct attempt *attempt = wmem_new0(wmem_file_scope(), struct attempt);
        peering->heard[direction] = true;
        attempt->index = hello->sender_index;
        attempt->name = wmem_strndup(wmem_file_scope(), hello->name, sizeof(hello->name));
        map_put(peering->attempts[direction], hello->sender_nonce, attempt);
        if (!hello->receiver_nonce)
                return;
        const struct attempt *other = map_get(peering->attempts[!direction], hello->receiver_nonce);
        struct session *session =
            session_pair(peering, direction, hello->sender_index, other ? other->index : 0);
        session->name[direction] = attempt->name;
        if (other)
                session->name[!direction] = other->name;
}

const struct packet_note *track_packet(packet_info *pinfo, const struct wire_outer *outer)
{
        struct packet_note *note = note_get(pinfo, 0);
        if (note || pinfo->fd->visited || pinfo->flags.in_error_pkt)
                return note;
        int direction = direction_of(pinfo);
        struct peering *peering = peering_of(pinfo);
        struct session *session = session_of(peering, direction, outer->receiver);
        peering->heard[direction] = true;
        note = wmem_new0(wmem_file_scope(), struct packet_note);
        note->session = session;
        note->direction = direction;
        note->serial = session->serial;
        note->from = session->name[direction];
        note->to = session->name[!direction];
        note->duplicate_of = map_frame(session->numbers[direction], outer->number, pinfo->num);
        note_put(pinfo, 0, note);
        return note;
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

/* --- calls ------------------------------------------------------------------------------------ */

static struct call *call_get(struct session *session, int caller, guint64 id)
{
        struct call *call = map_get(session->calls[caller], id);
        if (call)
                return call;
        call = wmem_new0(wmem_file_scope(), struct call);
        map_put(session->calls[caller], id, call);
        return call;
}

guint32 call_cancel_frame(const struct call *call)
{
        guint32 a = call->cancel_frame[0], b = call->cancel_frame[1];
        return a && b ? MIN(a, b) : a | b;
}

static void message_begin(struct message *message, const struct wire_msg *header, guint32 frame)
{
        message->serial = ++given.messages;
        message->frame = frame;
        message->header = *header;
        message->parts =
            wmem_alloc_array(wmem_file_scope(), struct part,
                             header->fragment_length == header->total ? 1 : WIRE_FRAGMENTS_MAX);
}

static bool parts_full(const struct message *message)
{
        const struct wire_msg *first = &message->header;
        unsigned room = first->fragment_length == first->total ? 1 : WIRE_FRAGMENTS_MAX;
        return message->part_count >= room;
}

/* Adds a fragment to its message, or says in the note what it is instead. */
static void part_add(struct message *message, const struct wire_msg *header, guint32 frame,
                     struct frame_note *note)
{
        struct part new = {header->offset, header->fragment_length, frame};
        for (guint32 i = 0; i < message->part_count; i++) {
                const struct part *part = &message->parts[i];
                if (part->offset == new.offset && part->length == new.length) {
                        note->repeats = part->frame;
                        return;
                }
                if (new.offset < part->offset + part->length &&
                    part->offset < new.offset + new.length) {
                        note->violation = "overlaps another fragment";
                        return;
                }
        }
        if (parts_full(message)) {
                note->violation = "more fragments than a message can have";
                return;
        }
        message->parts[message->part_count++] = new;
        message->seen += new.length;
        note->added = true;
        note->completes = message->seen == message->header.total;
        if (note->completes)
                message->complete_frame = frame;
}

/* In a capture the reply may come before its call. */
static void call_time(struct call *call, const packet_info *pinfo, bool reply, bool first)
{
        if (!reply && first)
                call->start = pinfo->abs_ts;
        if (reply && call->reply.complete_frame == pinfo->num)
                call->end = pinfo->abs_ts;
        if (call->request.frame && call->reply.complete_frame)
                nstime_delta(&call->elapsed, &call->end, &call->start);
}

static void track_message(packet_info *pinfo, const struct packet_note *packet,
                          const struct wire_msg *header, struct frame_note *note)
{
        bool reply = header->flags & MSG_FLAG_REPLY;
        int caller = reply ? !packet->direction : packet->direction;
        struct call *call = call_get(packet->session, caller, header->call);
        struct message *message = reply ? &call->reply : &call->request;
        note->call = call;
        if (packet->duplicate_of)
                return;
        if (header->flags & MSG_FLAG_VOID) {
                note->repeats = call->withdrawn_frame;
                if (!call->withdrawn_frame)
                        call->withdrawn_frame = pinfo->num;
                return;
        }
        note->message = message;
        bool first = message->frame == 0;
        if (first) {
                message_begin(message, header, pinfo->num);
                call->interface = header->interface;
                call->method = header->method;
        } else if (!wire_same_message(&message->header, header)) {
                note->violation = "another message than its earlier fragments";
                return;
        }
        part_add(message, header, pinfo->num, note);
        call_time(call, pinfo, reply, first);
}

static void track_cancel(packet_info *pinfo, const struct packet_note *packet,
                         const struct wire_cancel *cancel, struct frame_note *note)
{
        struct call *call = call_get(packet->session, packet->direction, cancel->call);
        guint32 *frame = &call->cancel_frame[cancel->reason == REASON_DEADLINE];
        note->call = call;
        if (packet->duplicate_of)
                return;
        note->repeats = *frame;
        if (!*frame)
                *frame = pinfo->num;
}

/* A RELEASE has a sequence number below 2^32; a DEAD names an export, which is not 0. */
static guint64 control_key(const struct wire_frame *frame)
{
        if (frame->type == FRAME_RELEASE)
                return frame->release.sequence;
        return (guint64)frame->dead.export_id << 32 | frame->dead.generation;
}

const struct frame_note *track_frame(packet_info *pinfo, const struct packet_note *packet,
                                     unsigned index, const struct wire_frame *frame)
{
        struct frame_note *note = note_get(pinfo, index + 1);
        if (note || !packet || pinfo->fd->visited)
                return note;
        note = wmem_new0(wmem_file_scope(), struct frame_note);
        note_put(pinfo, index + 1, note);
        if (frame->type == FRAME_MSG)
                track_message(pinfo, packet, &frame->msg, note);
        else if (frame->type == FRAME_CANCEL)
                track_cancel(pinfo, packet, &frame->cancel, note);
        else if ((frame->type == FRAME_RELEASE || frame->type == FRAME_DEAD) &&
                 !packet->duplicate_of)
                note->repeats = map_frame(packet->session->repeats[packet->direction],
                                          control_key(frame), pinfo->num);
        return note;
}
