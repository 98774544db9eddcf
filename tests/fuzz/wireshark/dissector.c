/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any packets, in any order, in Wireshark with the dissector. An input is a list of packets:
 *
 *      u8    bit 0: from n2 to n1, else the other way; bit 1: to all; bit 2: the capture has a part
 *      u16   length of the payload, little-endian
 *            that many bytes, or as many as there are
 *
 * which are given Ethernet, IPv4 and UDP headers, and are dissected in two passes: in the first the
 * dissector learns, in the second it knows of later packets. Each input is a capture of its own: to
 * begin another one for Wireshark takes longer than all else, as it reads its tables of names, so
 * one is begun for many inputs. Between them what the dissector knows is forgotten, and the nodes
 * have other addresses, by which Wireshark knows what it goes on with.
 * What the sanitizers see, and what Wireshark takes for a bug of a dissector, ends the program. */
#include <epan/addr_resolv.h>
#include <epan/conversation_filter.h>
#include <epan/dfilter/dfilter.h>
#include <epan/epan.h>
#include <epan/epan_dissect.h>
#include <epan/follow.h>
#include <epan/prefs.h>
#include <epan/tap.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wiretap/wtap.h>
#include <wsutil/filesystem.h>
#include <wsutil/privileges.h>
#include <wsutil/wslog.h>

#include "netipc/core/wire.h"
#include "tests/wireshark/headers.h"
#include "tools/wireshark/track.h"

enum { INPUTS_MAX = 1000, PACKETS_MAX = 64, FROM_N2 = 1, TO_ALL = 2, CUT = 4 };

struct packet {
        frame_data frame;
        unsigned captured, length; /* with its headers */
        guint8 *bytes;             /* of its own size, so that no byte behind is taken for it */
};

static struct {
        struct packet packet[PACKETS_MAX];
        unsigned count;
        unsigned inputs;
        epan_t *session;
        follow_info_t call, trace;
} capture;

void plugin_register(void);
const char *__asan_default_options(void);

/* What the library keeps to its end is not ours. */
const char *__asan_default_options(void)
{
        return "detect_leaks=0";
}

/* --- Wireshark -------------------------------------------------------------------------------- */

static const nstime_t *time_of(struct packet_provider_data *provider, guint32 number)
{
        (void)provider;
        return number && number <= capture.count ? &capture.packet[number - 1].frame.abs_ts : NULL;
}

static void follow(const char *name, guint number, follow_info_t *info)
{
        register_follow_t *follower = get_follow_by_name(name);
        info->filter_out_filter = get_follow_index_func(follower)(number, 0);
        if (register_tap_listener(get_follow_tap_string(follower), info, info->filter_out_filter,
                                  TL_REQUIRES_PROTO_TREE, NULL, get_follow_tap_handler(follower),
                                  NULL, NULL))
                abort();
}

static tap_packet_status told(void *data, packet_info *pinfo, epan_dissect_t *dissection,
                              const void *what, tap_flags_t flags)
{
        (void)data, (void)pinfo, (void)dissection, (void)what, (void)flags;
        return TAP_PACKET_DONT_REDRAW;
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
        static char preferences[][32] = {"portolan.check_trailer:FALSE", "ip.use_geoip:FALSE"};
        char *error = NULL;
        (void)count;
        setenv("WIRESHARK_DEBUG_WMEM_OVERRIDE", "simple", 1);
        setenv("G_SLICE", "always-malloc", 1);
        setenv("WIRESHARK_ABORT_ON_DISSECTOR_BUG", "yes", 1);
        setenv("HOME", "/nonexistent", 1);
        ws_log_init("dissector", NULL);
        init_process_policies();
        g_free(configuration_init((*arguments)[0], NULL));
        wtap_init(FALSE);
        plugin_register();
        if (!epan_init(NULL, NULL, FALSE))
                abort();
        disable_name_resolution();
        for (unsigned i = 0; i < array_length(preferences); i++)
                if (prefs_set_pref(preferences[i], &error) != PREFS_SET_OK)
                        abort();
        prefs_apply_all();
        follow("PORTOLAN", 1, &capture.call);
        follow("PORTOLAN trace", 1, &capture.trace);
        if (register_tap_listener("portolan", &capture, NULL, TL_REQUIRES_PROTO_TREE, NULL, told,
                                  NULL, NULL))
                abort();
        return 0;
}

/* --- packets ---------------------------------------------------------------------------------- */

/* The nodes are 10.x.y.1 and 10.x.y.2. */
static void network_set(guint8 *ipv4)
{
        enum { SOURCE = 12, TARGET = 16 };
        ipv4[SOURCE + 1] = ipv4[TARGET + 1] = (guint8)(capture.inputs >> 8);
        ipv4[SOURCE + 2] = ipv4[TARGET + 2] = (guint8)capture.inputs;
}

static void packet_add(unsigned flags, const guint8 *payload, unsigned length)
{
        struct packet *packet = &capture.packet[capture.count++];
        packet->length = HEADERS_SIZE + length;
        packet->captured = HEADERS_SIZE + (flags & CUT ? length - length / 4 : length);
        packet->bytes = malloc(packet->captured);
        headers_fill(packet->bytes, flags & FROM_N2, flags & TO_ALL, length);
        network_set(packet->bytes + ETHERNET_SIZE);
        memcpy(packet->bytes + HEADERS_SIZE, payload, packet->captured - HEADERS_SIZE);
}

/* Takes one from the input; returns its size there. */
static size_t packet_take(const guint8 *data, size_t size)
{
        unsigned length = (unsigned)(data[1] | data[2] << 8);
        if (length > size - 3)
                length = (unsigned)(size - 3);
        if (length > WIRE_PACKET_MAX)
                length = WIRE_PACKET_MAX;
        packet_add(data[0], data + 3, length);
        return 3 + length;
}

/* --- passes ----------------------------------------------------------------------------------- */

static wtap_rec record_of(const struct packet *packet, unsigned number)
{
        wtap_rec record;
        wtap_rec_init(&record);
        record.rec_type = REC_TYPE_PACKET;
        record.presence_flags = WTAP_HAS_TS | WTAP_HAS_CAP_LEN;
        record.ts = (nstime_t){1700000000, (int)number * 100000};
        record.rec_header.packet_header.caplen = packet->captured;
        record.rec_header.packet_header.len = packet->length;
        record.rec_header.packet_header.pkt_encap = WTAP_ENCAP_ETHERNET;
        return record;
}

/* A packet is what the filter that was made of it shows. */
static void filter_check(epan_dissect_t *dissection, gchar *text)
{
        dfilter_t *filter = NULL;
        gchar *error = NULL;
        if (!dfilter_compile(text, &filter, &error) || !dfilter_apply_edt(filter, dissection))
                abort();
        dfilter_free(filter);
        g_free(text);
}

/* What the menu Conversation Filter asks of the packet that is selected. */
static void filters_check(epan_dissect_t *dissection)
{
        for (GList *at = packet_conv_filter_list; at; at = at->next) {
                const conversation_filter_t *filter = at->data;
                if (strcmp(filter->proto_name, "portolan") == 0 &&
                    filter->is_filter_valid(&dissection->pi))
                        filter_check(dissection, filter->build_filter_string(&dissection->pi));
        }
}

static void packet_dissect(struct packet *packet, unsigned number, bool first)
{
        static nstime_t elapsed;
        static guint32 bytes;
        const frame_data *reference = &capture.packet[0].frame;
        wtap_rec record = record_of(packet, number);
        if (first)
                frame_data_init(&packet->frame, number, &record, 0, 0);
        frame_data_set_before_dissect(&packet->frame, &elapsed, &reference,
                                      number > 1 ? &packet[-1].frame : NULL);
        epan_dissect_t *dissection = epan_dissect_new(capture.session, TRUE, TRUE);
        epan_dissect_run_with_taps(
            dissection, WTAP_FILE_TYPE_SUBTYPE_UNKNOWN, &record,
            tvb_new_real_data(packet->bytes, packet->captured, (gint)packet->length),
            &packet->frame, NULL);
        filters_check(dissection);
        epan_dissect_free(dissection);
        frame_data_set_after_dissect(&packet->frame, &bytes);
        wtap_rec_cleanup(&record);
}

static void capture_begin(void)
{
        static const struct packet_provider_funcs functions = {.get_frame_ts = time_of};
        if (capture.inputs++ % INPUTS_MAX == 0) {
                if (capture.session)
                        epan_free(capture.session);
                capture.session = epan_new(NULL, &functions);
        } else {
                track_reset();
        }
        capture.count = 0;
}

static void capture_show(void)
{
        for (unsigned pass = 0; pass < 2; pass++) {
                follow_reset_stream(&capture.call);
                follow_reset_stream(&capture.trace);
                for (unsigned i = 0; i < capture.count; i++)
                        packet_dissect(&capture.packet[i], i + 1, pass == 0);
        }
        for (unsigned i = 0; i < capture.count; i++) {
                frame_data_destroy(&capture.packet[i].frame);
                free(capture.packet[i].bytes);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        capture_begin();
        while (size >= 3 && capture.count < PACKETS_MAX) {
                size_t used = packet_take(data, size);
                data += used;
                size -= used;
        }
        capture_show();
        return 0;
}
