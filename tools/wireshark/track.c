/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls and what they are made of: fragments, cancels, retransmissions; see track.h. */
#include "tools/wireshark/exports.h"
#include "tools/wireshark/map.h"
#include "tools/wireshark/nodes.h"
#include "tools/wireshark/session.h"

#include "kernel/abi/outcome.h"
#include "netipc/core/granules.h"
#include "servers/proto/names.h"

/* Numbers that were given, in this file. */
static struct {
        guint32 messages, calls, traces;
        wmem_map_t *trace; /* trace id → its number + 1 */
} given;

void track_reset(void)
{
        memset(&given, 0, sizeof(given));
        given.trace = map_new();
        session_reset();
        nodes_reset();
        sealed_reset();
}

static struct call *call_get(struct session *session, int caller, guint64 id)
{
        struct call *call = map_get(session->calls[caller], id);
        if (call)
                return call;
        call = wmem_new0(wmem_file_scope(), struct call);
        call->number = given.calls++;
        map_put(session->calls[caller], id, call);
        return call;
}

static guint32 trace_number(guint64 id)
{
        guint32 next = given.traces + 1, number = map_frame(given.trace, id, next);
        if (number)
                return number - 1;
        given.traces = next;
        return next - 1;
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
        message->missing = granules_of(header->total);
        message->came = wmem_alloc0_array(wmem_file_scope(), guint32, message->missing);
}

/* Adds a fragment to its message, or says in the note that all of it has come before. What was lost
 * may go again in other fragments. */
static void fragment_note(struct message *message, const struct wire_msg *header, guint32 frame,
                          struct frame_note *note)
{
        guint32 *came = &message->came[header->offset / WIRE_GRANULE];
        for (unsigned i = 0; i < granules_of(header->fragment_length); i++) {
                if (came[i]) {
                        note->repeats = note->repeats ? note->repeats : came[i];
                        continue;
                }
                came[i] = frame;
                message->missing--;
                note->added = true;
        }
        note->completes = note->added && message->missing == 0;
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
        note->trace = trace_number(header->trace);
        if (packet->duplicate_of)
                return;
        if (header->flags & MSG_FLAG_VOID) {
                note->repeats = call->withdrawn_frame;
                if (!call->withdrawn_frame)
                        call->withdrawn_frame = pinfo->num;
                return;
        }
        if (!reply)
                exports_given(track_exports(packet, false), pinfo->num, header->export_id,
                              header->generation, 0, NULL);
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
        fragment_note(message, header, pinfo->num, note);
        call_time(call, pinfo, reply, first);
}

static void track_cancel(packet_info *pinfo, const struct packet_note *packet,
                         const struct wire_cancel *cancel, struct frame_note *note)
{
        struct call *call = call_get(packet->session, packet->direction, cancel->call);
        guint32 *frame = &call->cancel_frame[cancel->reason == REASON_DEADLINE];
        note->call = call;
        note->trace = trace_number(call->request.header.trace);
        if (packet->duplicate_of)
                return;
        note->repeats = *frame;
        if (!*frame)
                *frame = pinfo->num;
}

/* --- references ------------------------------------------------------------------------------- */

/* "fs" by a look-up of the name service, "file README.md" by an answer of fs.open. */
static const char *name_of_right(const struct call *call, const char *parameter)
{
        static const char *const naming[] = {"name", "directory"};
        const struct proto_interface *interface = proto_interface_find(call->interface);
        const char *subject = call->subject;
        if (!parameter || !interface)
                return NULL;
        for (unsigned i = 0; subject && i < array_length(naming); i++)
                if (strcmp(interface->name, naming[i]) == 0)
                        return subject;
        return subject ? wmem_strdup_printf(wmem_file_scope(), "%s %s", parameter, subject)
                       : wmem_strdup_printf(wmem_file_scope(), "%s.%s", interface->name, parameter);
}

/* Notes are const to all but those who learn. */
static struct frame_note *learner(packet_info *pinfo, const struct frame_note *note)
{
        bool learns = note && note->completes && !is_over(pinfo);
        return learns ? (struct frame_note *)note : NULL;
}

void track_subject(packet_info *pinfo, const struct frame_note *note, const char *text)
{
        struct frame_note *learns = learner(pinfo, note);
        if (learns && note->message == &note->call->request && !note->call->subject)
                ((struct call *)note->call)->subject = wmem_strdup(wmem_file_scope(), text);
}

void track_capability(packet_info *pinfo, const struct packet_note *packet,
                      const struct frame_note *note, const struct wire_capability *capability,
                      const char *parameter)
{
        struct frame_note *learns = learner(pinfo, note);
        if (!learns || capability->kind == CAPABILITY_NONE || capability->kind == CAPABILITY_HOME)
                return;
        exports_given(track_exports(packet, true), pinfo->num, capability->export_id,
                      capability->generation, 1, name_of_right(note->call, parameter));
        learns->gives = true;
}

static void track_release(packet_info *pinfo, const struct packet_note *packet,
                          const struct wire_frame *frame, struct frame_note *note)
{
        for (unsigned i = 0; i < frame->release.count; i++) {
                struct wire_release_entry entry = wire_release_entry_at(frame->payload, i);
                exports_released(track_exports(packet, false), pinfo->num, entry.export_id,
                                 entry.generation, entry.count);
        }
        note->gives = true;
}

static void track_dead(packet_info *pinfo, const struct packet_note *packet,
                       const struct wire_dead *dead, struct frame_note *note)
{
        exports_dead(track_exports(packet, true), pinfo->num, dead->export_id, dead->generation);
        note->gives = true;
}

/* --- frames ----------------------------------------------------------------------------------- */

/* A RELEASE has a sequence number below 2^32; a DEAD names an export, which is not 0. */
static guint64 control_key(const struct wire_frame *frame)
{
        if (frame->type == FRAME_RELEASE)
                return frame->release.sequence;
        return (guint64)frame->dead.export_id << 32 | frame->dead.generation;
}

static void track_reference(packet_info *pinfo, const struct packet_note *packet,
                            const struct wire_frame *frame, struct frame_note *note)
{
        if (packet->duplicate_of)
                return;
        note->repeats =
            map_frame(packet->session->repeats[packet->direction], control_key(frame), pinfo->num);
        if (note->repeats)
                return;
        if (frame->type == FRAME_RELEASE)
                track_release(pinfo, packet, frame, note);
        else
                track_dead(pinfo, packet, &frame->dead, note);
}

const struct frame_note *track_frame(packet_info *pinfo, const struct packet_note *packet,
                                     unsigned index, const struct wire_frame *frame)
{
        struct frame_note *note = note_get(pinfo, index + 1);
        if (note || !packet || is_over(pinfo))
                return note;
        note = wmem_new0(wmem_file_scope(), struct frame_note);
        note_put(pinfo, index + 1, note);
        if (frame->type == FRAME_MSG)
                track_message(pinfo, packet, &frame->msg, note);
        else if (frame->type == FRAME_CANCEL)
                track_cancel(pinfo, packet, &frame->cancel, note);
        else if (frame->type == FRAME_RELEASE || frame->type == FRAME_DEAD)
                track_reference(pinfo, packet, frame, note);
        if (note->call)
                note_first(pinfo, note);
        return note;
}

const struct frame_note *track_first(packet_info *pinfo)
{
        return note_first(pinfo, NULL);
}
