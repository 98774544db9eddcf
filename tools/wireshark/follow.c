/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Followers and the tap that feeds them; see follow.h. A packet may have messages of several calls:
 * a filter tells packets apart, and the number in it the messages. */
#include "tools/wireshark/follow.h"

#include <epan/addr_resolv.h>
#include <epan/conversation_filter.h>
#include <epan/follow.h>
#include <epan/tap.h>

/* What the tap tells of. */
struct said {
        const struct frame_note *note;
        const char *text;
        tvbuff_t *bytes; /* or NULL */
};

static int tap = -1, traces = -1;

/* --- telling ---------------------------------------------------------------------------------- */

void follow_numbers_add(struct view *view, proto_tree *to, const struct frame_note *note)
{
        if (!note || !note->call)
                return;
        proto_item_set_generated(
            proto_tree_add_uint(to, field.stream, view->tvb, 0, 0, note->call->number));
        proto_item_set_generated(
            proto_tree_add_uint(to, field.trace_stream, view->tvb, 0, 0, note->trace));
}

void follow_frame(struct view *view, const struct frame_note *note, const char *text,
                  tvbuff_t *bytes)
{
        if (!note || !note->call || (note->repeats && !note->added) || view->note->duplicate_of ||
            !have_tap_listener(tap))
                return;
        struct said *said = wmem_new0(view->pinfo->pool, struct said);
        *said =
            (struct said){note,
                          wmem_strdup_printf(view->pinfo->pool, "%s -> %s  %s",
                                             node_text(view, true), node_text(view, false), text),
                          bytes};
        tap_queue_packet(tap, view->pinfo, said);
}

/* --- taking ----------------------------------------------------------------------------------- */

static const char call_is[] = "portolan.stream == ", trace_is[] = "portolan.trace.stream == ";

/* Whether the number is that of which the filter is made. Of one without a number all are. */
static bool is_followed(const follow_info_t *info, const char *is, guint32 number)
{
        const char *filter = info->filter_out_filter;
        return !filter || !g_str_has_prefix(filter, is) ||
               g_ascii_strtoull(filter + strlen(is), NULL, 10) == number;
}

/* The first to speak is the client. */
static bool is_client(follow_info_t *info, const packet_info *pinfo)
{
        if (info->client_port == 0) {
                info->client_port = pinfo->srcport;
                info->server_port = pinfo->destport;
                copy_address(&info->client_ip, &pinfo->src);
                copy_address(&info->server_ip, &pinfo->dst);
        }
        return info->client_port == pinfo->srcport &&
               addresses_equal(&info->client_ip, &pinfo->src);
}

static void bytes_append(GByteArray *to, tvbuff_t *bytes)
{
        guint length = tvb_captured_length(bytes);
        g_byte_array_append(to, tvb_get_ptr(bytes, 0, (int)length), length);
        if (to->data[to->len - 1] != '\n')
                g_byte_array_append(to, (const guint8 *)"\n", 1);
}

static tap_packet_status take(follow_info_t *info, packet_info *pinfo, const struct said *said)
{
        follow_record_t *record = g_new0(follow_record_t, 1);
        record->is_server = !is_client(info, pinfo);
        record->packet_num = pinfo->num;
        record->abs_ts = pinfo->abs_ts;
        record->data = g_byte_array_new();
        g_byte_array_append(record->data, (const guint8 *)said->text, (guint)strlen(said->text));
        g_byte_array_append(record->data, (const guint8 *)"\n", 1);
        if (said->bytes && tvb_captured_length(said->bytes))
                bytes_append(record->data, said->bytes);
        info->bytes_written[record->is_server] += record->data->len;
        info->payload = g_list_prepend(info->payload, record);
        return TAP_PACKET_REDRAW;
}

static tap_packet_status call_take(void *info, packet_info *pinfo, epan_dissect_t *dissection,
                                   const void *what, tap_flags_t flags)
{
        const struct said *said = what;
        (void)dissection, (void)flags;
        return is_followed(info, call_is, said->note->call->number) ? take(info, pinfo, said)
                                                                    : TAP_PACKET_DONT_REDRAW;
}

static tap_packet_status trace_take(void *info, packet_info *pinfo, epan_dissect_t *dissection,
                                    const void *what, tap_flags_t flags)
{
        const struct said *said = what;
        (void)dissection, (void)flags;
        return is_followed(info, trace_is, said->note->trace) ? take(info, pinfo, said)
                                                              : TAP_PACKET_DONT_REDRAW;
}

/* --- filters ---------------------------------------------------------------------------------- */

static gchar *call_by_number(guint number, guint part)
{
        (void)part;
        return g_strdup_printf("%s%u", call_is, number);
}

static gchar *trace_by_number(guint number, guint part)
{
        (void)part;
        return g_strdup_printf("%s%u", trace_is, number);
}

/* Of the first message in the packet; NULL: there is none. */
static gchar *call_of_packet(packet_info *pinfo)
{
        const struct frame_note *note = track_first(pinfo);
        return note ? call_by_number(note->call->number, 0) : NULL;
}

static gchar *trace_of_packet(packet_info *pinfo)
{
        const struct frame_note *note = track_first(pinfo);
        return note ? trace_by_number(note->trace, 0) : NULL;
}

static gchar *call_here(epan_dissect_t *dissection, packet_info *pinfo, guint *number, guint *part)
{
        const struct frame_note *note = track_first(pinfo);
        (void)dissection;
        *number = note ? note->call->number : 0;
        *part = 0;
        return call_of_packet(pinfo);
}

static gchar *trace_here(epan_dissect_t *dissection, packet_info *pinfo, guint *number, guint *part)
{
        const struct frame_note *note = track_first(pinfo);
        (void)dissection;
        *number = note ? note->trace : 0;
        *part = 0;
        return trace_of_packet(pinfo);
}

static gchar *between(address *one, address *other, int one_port, int other_port)
{
        const char *ip = one->type == AT_IPv6 ? "ipv6" : "ip";
        char *a = address_to_str(NULL, one), *b = address_to_str(NULL, other);
        gchar *filter = g_strdup_printf("%s.addr == %s && %s.addr == %s && udp.port == %d && "
                                        "udp.port == %d",
                                        ip, a, ip, b, one_port, other_port);
        wmem_free(NULL, a);
        wmem_free(NULL, b);
        return filter;
}

static gboolean has_call(packet_info *pinfo)
{
        return track_first(pinfo) ? TRUE : FALSE;
}

/* --- registration ----------------------------------------------------------------------------- */

void follow_register(void)
{
        tap = register_tap("portolan_follow");
        traces = proto_register_protocol_in_name_only("Portolan trace", "PORTOLAN trace",
                                                      "portolan_trace", field.proto, FT_BYTES);
        register_follow_stream(field.proto, "portolan_follow", call_here, call_by_number, between,
                               udp_port_to_display, call_take);
        register_follow_stream(traces, "portolan_follow", trace_here, trace_by_number, between,
                               udp_port_to_display, trace_take);
        register_conversation_filter("portolan", "Portolan call", has_call, call_of_packet);
        register_conversation_filter("portolan", "Portolan trace", has_call, trace_of_packet);
}
