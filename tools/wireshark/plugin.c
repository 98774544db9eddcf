/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packet as a whole, and how Wireshark comes to it.
 *
 *      plugin.c     outer header and trailer, registration
 *        hello.c      the body of a hello
 *        handshake.c  initiation, response, cookie
 *        sealed_packet.c  a sealed packet, which becomes a clear one
 *        frames.c     the frames of a clear packet
 *          message.c    the one that carries messages
 *            content.c    words, capabilities and bytes of a whole message (arguments.c, rights.c)
 *          tables.c     capability tables
 *        ends.c       who speaks to whom, by name
 *        fate.c       what the testbed's switch did with it
 *      show.c       how they show it
 *      statistics.c what is counted over a capture
 *      follow.c     calls and traces, message by message
 *      track.h      what packets must know of each other
 *        session.c    conversations and sessions
 *        sealed.c     handshakes, and keys of sessions
 *          keys.c       what key logs hold (secrets.c: those in the capture)
 *          opener.c     phases of a key
 *        track.c      calls and frames
 *        exports.c    rights given and taken back
 *        nodes.c      names of nodes
 *      fields.c     what can be filtered for (fields.def)
 *      names.c      texts for numbers
 *
 * Bytes are decoded by netipc/core/wire.c, the code that the nodes run: what the dissector calls
 * malformed is what a node refuses, for the same reason. A packet whose trailer does not fit is not
 * looked into, as a node drops it, unless the preference check_trailer is off. */
#include "tools/wireshark/arguments.h"
#include "tools/wireshark/dissect.h"
#include "tools/wireshark/follow.h"
#include "tools/wireshark/keys.h"
#include "tools/wireshark/names.h"
#include "tools/wireshark/rights.h"
#include "tools/wireshark/statistics.h"

#include <epan/conversation.h>
#include <epan/prefs.h>
#include <ws_version.h>

WS_DLL_PUBLIC_DEF const char plugin_version[] = "1";
WS_DLL_PUBLIC_DEF const int plugin_want_major = WIRESHARK_VERSION_MAJOR;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = WIRESHARK_VERSION_MINOR;
WS_DLL_PUBLIC void plugin_register(void);

/* What a user may set. */
static struct {
        gboolean check_trailer;
} preferences = {.check_trailer = TRUE};

static struct {
        dissector_handle_t handle;
} registered;

/* --- the packet ------------------------------------------------------------------------------- */

static void outer_add(struct view *view)
{
        static const struct cell cells[] = {WIRE_OUTER_FIELDS(CELL)};
        CELLS_ADD(view->tree, view->tvb, 0, cells);
}

/* Whether a trailer is a MAC, of which only a member can say whether it fits: a checksum has zeros
 * behind it, and damage hits few of them. */
static bool is_keyed(const struct view *view, int at)
{
        struct wire_trailer trailer;
        unsigned others = 0;
        tvb_memcpy(view->tvb, &trailer, at, sizeof(trailer));
        for (size_t i = 0; i < sizeof(trailer.zero); i++)
                others += trailer.zero[i] != 0;
        return others >= sizeof(trailer.zero) * 3 / 4;
}

/* Shows the trailer, if the capture has it. */
static proto_checksum_enum_e trailer_add(struct view *view)
{
        int length = (int)tvb_reported_length(view->tvb);
        proto_checksum_enum_e status = PROTO_CHECKSUM_E_UNVERIFIED;
        if (tvb_captured_length(view->tvb) != (guint)length)
                return status;
        bool hello = (tvb_get_guint8(view->tvb, 0) & 0x0f) == PACKET_HELLO;
        bool keyed = hello && is_keyed(view, length - WIRE_TRAILER_SIZE);
        if (preferences.check_trailer && !keyed)
                status = wire_trailer_check(tvb_get_ptr(view->tvb, 0, length), (size_t)length)
                             ? PROTO_CHECKSUM_E_BAD
                             : PROTO_CHECKSUM_E_GOOD;
        int at = length - WIRE_TRAILER_SIZE;
        proto_item *item = proto_tree_add_item(view->tree, field.trailer, view->tvb, at,
                                               WIRE_TRAILER_SIZE, ENC_NA);
        proto_item_append_text(item, " [%s]", val_to_str(status, proto_checksum_vals, "%u"));
        proto_item_set_generated(proto_tree_add_uint(proto_item_add_subtree(item, tree.trailer),
                                                     field.trailer_status, view->tvb, at,
                                                     WIRE_TRAILER_SIZE, status));
        if (status == PROTO_CHECKSUM_E_BAD)
                expert_add_info(view->pinfo, item, &expert.damaged);
        return status;
}

static void clear_dissect(struct view *view, const struct wire_outer *outer, struct stretch body)
{
        view->note = track_packet(view->pinfo, outer);
        session_add(view);
        proto_item_append_text(view->item, ", packet %" G_GUINT64_FORMAT, outer->number);
        frames_dissect(view, body);
}

/* What is behind the outer header. */
static void body_dissect(struct view *view, const struct wire_outer *outer)
{
        int at = sizeof(*outer);
        enum wire_packet_type type = wire_outer_type(outer);
        bool handshake = type != PACKET_HELLO && type != PACKET_CLEAR && type != PACKET_SEALED;
        unsigned behind = handshake ? 0 : WIRE_TRAILER_SIZE;
        unsigned reported = tvb_reported_length(view->tvb) - behind;
        unsigned captured = MIN(tvb_captured_length(view->tvb), reported);
        struct stretch body = {at, captured - (unsigned)at, reported - (unsigned)at};
        if (handshake)
                handshake_dissect(view, outer, body);
        else if (type == PACKET_SEALED)
                sealed_dissect(view, outer, body);
        else if (type == PACKET_CLEAR)
                clear_dissect(view, outer, body);
        else
                hello_dissect(view, body);
}

/* A packet without a whole outer header. */
static void short_dissect(struct view *view)
{
        int length = (int)tvb_captured_length(view->tvb);
        bool cut = tvb_reported_length(view->tvb) >= sizeof(struct wire_outer) + WIRE_TRAILER_SIZE;
        proto_item *item =
            proto_tree_add_item(view->tree, field.rest, view->tvb, 0, length, ENC_NA);
        info_add(view->info, cut ? "(cut by the capture)" : "(malformed: truncated)");
        if (cut)
                expert_add_info(view->pinfo, item, &expert.cut);
        else
                malformed_add(view, item, wire_error_name(WIRE_BAD_TRUNCATED));
}

static void packet_dissect(struct view *view)
{
        struct wire_outer outer;
        unsigned reported = tvb_reported_length(view->tvb);
        if (tvb_captured_length(view->tvb) < sizeof(outer) ||
            reported < sizeof(outer) + WIRE_TRAILER_SIZE) {
                short_dissect(view);
                return;
        }
        /* Of the length, just what was on the wire counts. */
        enum wire_error error =
            wire_outer_decode(tvb_get_ptr(view->tvb, 0, sizeof(outer)), reported, &outer);
        outer_add(view);
        bool keyed = !error && wire_outer_type(&outer) > PACKET_CLEAR;
        if (!keyed && trailer_add(view) == PROTO_CHECKSUM_E_BAD)
                info_add(view->info, "(damaged)");
        else if (error) {
                info_add(view->info, "(malformed: %s)", wire_error_name(error));
                malformed_add(view, view->item, wire_error_name(error));
        } else {
                body_dissect(view, &outer);
        }
}

static int portolan_dissect(tvbuff_t *tvb, packet_info *pinfo, proto_tree *to, void *data)
{
        (void)data;
        struct view view = {.tvb = tvb, .pinfo = pinfo};
        view.info = wmem_strbuf_new(pinfo->pool, NULL);
        view.acks = wmem_strbuf_new(pinfo->pool, NULL);
        col_set_str(pinfo->cinfo, COL_PROTOCOL, "PORTOLAN");
        col_clear(pinfo->cinfo, COL_INFO);
        view.item = proto_tree_add_item(to, field.proto, tvb, 0, -1, ENC_NA);
        view.tree = proto_item_add_subtree(view.item, tree.packet);
        fate_add(&view);
        packet_dissect(&view);
        ends_add(&view);
        if (!view.busy)
                proto_item_set_generated(
                    proto_tree_add_boolean(view.tree, field.background, tvb, 0, 0, TRUE));
        if (wmem_strbuf_get_len(view.acks))
                info_add(view.info, "%s", wmem_strbuf_get_str(view.acks));
        col_append_sep_str(pinfo->cinfo, COL_INFO, ", ", wmem_strbuf_get_str(view.info));
        statistics_packet(&view, wmem_strbuf_get_str(view.info));
        return (int)tvb_captured_length(tvb);
}

/* On any other port: takes what is certainly a packet of the protocol, and then the conversation.
 */
static gboolean portolan_recognise(tvbuff_t *tvb, packet_info *pinfo, proto_tree *to, void *data)
{
        struct wire_outer outer;
        unsigned length = tvb_captured_length(tvb);
        if (length != tvb_reported_length(tvb) || length > WIRE_PACKET_MAX)
                return FALSE;
        const guint8 *bytes = tvb_get_ptr(tvb, 0, (int)length);
        if (wire_outer_decode(bytes, length, &outer) || wire_trailer_check(bytes, length))
                return FALSE;
        conversation_set_dissector(find_or_create_conversation(pinfo), registered.handle);
        portolan_dissect(tvb, pinfo, to, data);
        return TRUE;
}

/* --- registration ----------------------------------------------------------------------------- */

static void protocol_register(void)
{
        field.proto = proto_register_protocol("Portolan", "PORTOLAN", "portolan");
        fields_register();
        arguments_register();
        rights_register();
        statistics_register();
        follow_register();
        message_register();
        register_init_routine(track_reset);
        registered.handle = register_dissector("portolan", portolan_dissect, field.proto);
        module_t *module = prefs_register_protocol(field.proto, NULL);
        prefs_register_bool_preference(
            module, "check_trailer", "Check the trailer",
            "Whether packets whose trailer does not fit are taken for damaged and not looked into",
            &preferences.check_trailer);
        prefs_register_filename_preference(
            module, "keylog_file", "Key log",
            "The file with the keys of sessions (netipc/PROTOCOL.md); without one, the file that "
            "PORTOLAN_KEYLOG names in the environment",
            &keys_file, FALSE);
}

static void protocol_handoff(void)
{
        dissector_add_uint_with_preference("udp.port", WIRE_UDP_PORT, registered.handle);
        heur_dissector_add("udp", portolan_recognise, "Portolan on another port", "portolan_udp",
                           field.proto, HEURISTIC_ENABLE);
}

void plugin_register(void)
{
        static proto_plugin plugin = {.register_protoinfo = protocol_register,
                                      .register_handoff = protocol_handoff};
        proto_register_plugin(&plugin);
}
