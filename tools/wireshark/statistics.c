/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Taps and what listens to them; see statistics.h. */
#include "tools/wireshark/statistics.h"

#include <epan/conversation_table.h>
#include <epan/srt_table.h>
#include <epan/stat_tap_ui.h>
#include <epan/tap.h>
#include <stdio.h>
#include "servers/proto/names.h"

/* What the tap tells: of a packet, or of a call that was answered in it. */
struct told {
        const struct call *answered; /* NULL: it is the packet's */
        const char *source, *destination, *info;
};

static int tap = -1;

/* --- telling ---------------------------------------------------------------------------------- */

void statistics_packet(struct view *view, const char *info)
{
        if (!have_tap_listener(tap))
                return;
        struct told *told = wmem_new0(view->pinfo->pool, struct told);
        *told = (struct told){NULL, view->source, view->destination, info};
        tap_queue_packet(tap, view->pinfo, told);
}

void statistics_answer(struct view *view, const struct call *call)
{
        if (!have_tap_listener(tap))
                return;
        struct told *told = wmem_new0(view->pinfo->pool, struct told);
        told->answered = call;
        tap_queue_packet(tap, view->pinfo, told);
}

/* --- service response times ------------------------------------------------------------------- */

/* The row of a method among those of all interfaces, or the number of rows. */
static int row_of(unsigned interface, unsigned method)
{
        int row = 0;
        for (unsigned i = 0; i < proto_interface_count; i++)
                for (unsigned j = 0; j < proto_interfaces[i].method_count; j++, row++)
                        if (proto_interfaces[i].number == interface &&
                            proto_interfaces[i].methods[j].number == method)
                                return row;
        return row;
}

static void srt_begin(struct register_srt *srt, GArray *tables)
{
        (void)srt;
        int rows = row_of(0, 0), row = 0;
        srt_stat_table *table =
            init_srt_table("Portolan calls", NULL, tables, rows, "Method", "portolan.method", NULL);
        for (unsigned i = 0; i < proto_interface_count; i++)
                for (unsigned j = 0; j < proto_interfaces[i].method_count; j++) {
                        char *name = g_strdup_printf("%s.%s", proto_interfaces[i].name,
                                                     proto_interfaces[i].methods[j].name);
                        init_srt_table_row(table, row++, name);
                        g_free(name);
                }
}

static tap_packet_status srt_take(void *data, packet_info *pinfo, epan_dissect_t *dissection,
                                  const void *what, tap_flags_t flags)
{
        (void)dissection, (void)flags;
        const struct call *call = ((const struct told *)what)->answered;
        srt_stat_table *table = g_array_index(((srt_data_t *)data)->srt_array, srt_stat_table *, 0);
        int row = call ? row_of(call->interface, call->method) : table->num_procs;
        if (row == table->num_procs)
                return TAP_PACKET_DONT_REDRAW;
        add_srt_table_data(table, row, &call->start, pinfo);
        return TAP_PACKET_REDRAW;
}

/* --- conversations and endpoints -------------------------------------------------------------- */

static const char *filter_of_conversation(conv_item_t *item, conv_filter_type_e type)
{
        (void)item;
        if (type == CONV_FT_SRC_ADDRESS)
                return "portolan.source";
        return type == CONV_FT_DST_ADDRESS ? "portolan.destination" : CONV_FILTER_INVALID;
}

static const char *filter_of_endpoint(endpoint_item_t *item, conv_filter_type_e type)
{
        (void)item;
        return type == CONV_FT_SRC_ADDRESS ? "portolan.source" : CONV_FILTER_INVALID;
}

static address end_of(const char *name)
{
        address end;
        set_address(&end, AT_STRINGZ, (int)strlen(name) + 1, name);
        return end;
}

static tap_packet_status conversation_take(void *data, packet_info *pinfo,
                                           epan_dissect_t *dissection, const void *what,
                                           tap_flags_t flags)
{
        static ct_dissector_info_t filters = {filter_of_conversation};
        const struct told *told = what;
        conv_hash_t *table = data;
        (void)dissection;
        if (told->answered)
                return TAP_PACKET_DONT_REDRAW;
        table->flags = flags;
        address from = end_of(told->source), to = end_of(told->destination);
        add_conversation_table_data(table, &from, &to, 0, 0, 1, (int)pinfo->fd->pkt_len,
                                    &pinfo->rel_ts, &pinfo->abs_ts, &filters, CONVERSATION_NONE);
        return TAP_PACKET_REDRAW;
}

static tap_packet_status endpoint_take(void *data, packet_info *pinfo, epan_dissect_t *dissection,
                                       const void *what, tap_flags_t flags)
{
        static et_dissector_info_t filters = {filter_of_endpoint};
        const struct told *told = what;
        conv_hash_t *table = data;
        (void)dissection;
        if (told->answered)
                return TAP_PACKET_DONT_REDRAW;
        table->flags = flags;
        address from = end_of(told->source), to = end_of(told->destination);
        int length = (int)pinfo->fd->pkt_len;
        add_endpoint_table_data(table, &from, 0, TRUE, 1, length, &filters, ENDPOINT_NONE);
        add_endpoint_table_data(table, &to, 0, FALSE, 1, length, &filters, ENDPOINT_NONE);
        return TAP_PACKET_REDRAW;
}

/* --- following a trace or a call -------------------------------------------------------------- */

struct followed {
        const char *what;
        GString *lines; /* shown at the end: several may be followed at once */
        unsigned frames;
        nstime_t first;
};

/* The capture is gone through once more. */
static void followed_reset(void *data)
{
        struct followed *followed = data;
        g_string_truncate(followed->lines, 0);
        followed->frames = 0;
}

static tap_packet_status followed_take(void *data, packet_info *pinfo, epan_dissect_t *dissection,
                                       const void *what, tap_flags_t flags)
{
        struct followed *followed = data;
        const struct told *told = what;
        nstime_t since;
        (void)dissection, (void)flags;
        if (told->answered)
                return TAP_PACKET_DONT_REDRAW;
        if (followed->frames++ == 0)
                followed->first = pinfo->abs_ts;
        nstime_delta(&since, &pinfo->abs_ts, &followed->first);
        g_string_append_printf(followed->lines, "%6u %12.6f  %s -> %s  %s\n", pinfo->num,
                               nstime_to_sec(&since), told->source, told->destination, told->info);
        return TAP_PACKET_REDRAW;
}

static void followed_end(void *data)
{
        const struct followed *followed = data;
        printf("\n%s: %u frames\n%s", followed->what, followed->frames, followed->lines->str);
}

/* Takes ownership of both texts. */
static void follow(char *what, char *filter)
{
        struct followed *followed = g_new0(struct followed, 1);
        followed->what = what;
        followed->lines = g_string_new(NULL);
        GString *wrong = register_tap_listener("portolan", followed, filter, TL_REQUIRES_NOTHING,
                                               followed_reset, followed_take, followed_end, NULL);
        if (wrong) {
                fprintf(stderr, "portolan: %s: %s\n", what, wrong->str);
                g_string_free(wrong, TRUE);
        }
        g_free(filter);
}

/* The number behind a comma; false: there is none. */
static bool number_next(const char **at, guint64 *number)
{
        gchar *end;
        if (**at != ',' || !g_ascii_isxdigit((*at)[1]))
                return false;
        *number = g_ascii_strtoull(*at + 1, &end, 0);
        *at = end;
        return true;
}

G_GNUC_NORETURN static void wrong_argument(const char *argument, const char *usage)
{
        fprintf(stderr, "tshark: -z %s: write %s; numbers are decimal, or 0x…\n", argument, usage);
        exit(1);
}

static void trace_follow(const char *argument, void *data)
{
        const char *at = argument + strlen("portolan,trace");
        guint64 id;
        (void)data;
        if (!number_next(&at, &id) || *at)
                wrong_argument(argument, "-z portolan,trace,ID");
        follow(g_strdup_printf("Trace 0x%" G_GINT64_MODIFIER "x", id),
               g_strdup_printf("portolan.trace == 0x%" G_GINT64_MODIFIER "x", id));
}

static void call_follow(const char *argument, void *data)
{
        const char *at = argument + strlen("portolan,call");
        guint64 session, id;
        (void)data;
        if (!number_next(&at, &session) || !number_next(&at, &id) || *at)
                wrong_argument(argument, "-z portolan,call,SESSION,ID");
        follow(g_strdup_printf("Call %" G_GUINT64_FORMAT " of session %" G_GUINT64_FORMAT, id,
                               session),
               g_strdup_printf("portolan.session == %" G_GUINT64_FORMAT
                               " && portolan.call_id == %" G_GUINT64_FORMAT,
                               session, id));
}

/* --- registration ----------------------------------------------------------------------------- */

void statistics_register(void)
{
        static stat_tap_ui trace = {.group = REGISTER_STAT_GROUP_GENERIC,
                                    .title = "Portolan trace",
                                    .cli_string = "portolan,trace",
                                    .tap_init_cb = trace_follow};
        static stat_tap_ui call = {.group = REGISTER_STAT_GROUP_GENERIC,
                                   .title = "Portolan call",
                                   .cli_string = "portolan,call",
                                   .tap_init_cb = call_follow};
        tap = register_tap("portolan");
        register_srt_table(field.proto, NULL, 1, srt_take, srt_begin, NULL);
        register_conversation_table(field.proto, TRUE, conversation_take, endpoint_take);
        register_stat_tap_ui(&trace, NULL);
        register_stat_tap_ui(&call, NULL);
}
