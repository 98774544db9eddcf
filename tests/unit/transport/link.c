/* What the link gives the driver, and what it takes. The test is the driver: it has the other end
 * of the rings. */
#include <stdlib.h>
#include <string.h>
#include "netipc/server/link.h"
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/proto/nic.h"
#include "servers/rt/serve/service.h"
#include "tests/unit/transport/datagram.h"
#include "tests/unit/transport/kernel.h"

enum { OWN = 0x0a4d000b, OTHER = 0x0a4d000c, PORT = 1, MTU = 1300, BUFFERS = 8 };

static const uint8_t other_mac[ETHERNET_ADDRESS] = {2, 0, 0, 0, 0, 2};
static struct link the_link;
static struct packet_end driver;
static void *area; /* of the rings */
static uint64_t card_mtu;
static outcome_t found, attaching, mapping; /* how each step ends */
static unsigned lookups;
static bool told_up;
static struct {
        unsigned count;
        uint32_t address;
        uint16_t port;
        uint8_t first, last;
        size_t length;
} taken; /* payloads; the last one */

/* ---- what the link asks for to come up; here it is put there at once ------------------------- */

handle_t rt_names(void)
{
        return 0;
}

outcome_t name_lookup_start(handle_t to, handle_t call, uint64_t deadline, const void *name,
                            size_t name_length, uint64_t wait)
{
        (void)to, (void)call, (void)deadline;
        ck_assert_uint_eq(wait, NAME_WAIT_ALWAYS);
        ck_assert_uint_eq(name_length, strlen("./nic"));
        ck_assert_mem_eq(name, "./nic", name_length);
        lookups++;
        return OUTCOME_OK;
}

outcome_t name_lookup_finish(handle_t call, handle_t *right)
{
        (void)call;
        *right = found == OUTCOME_OK ? kernel_right(RIGHTS_ALL) : 0;
        return found;
}

outcome_t nic_attach_start(handle_t to, handle_t call, uint64_t deadline, struct send_cap event,
                           uint64_t bits)
{
        (void)to, (void)call, (void)deadline, (void)event;
        ck_assert_uint_eq(bits, LINK_BIT_FRAMES);
        return OUTCOME_OK;
}

outcome_t nic_attach_finish(handle_t call, handle_t *session, handle_t *memory, handle_t *wake,
                            uint64_t *wake_bits, uint64_t *buffers, uint64_t *mac, uint64_t *mtu)
{
        (void)call;
        if (attaching != OUTCOME_OK)
                return attaching;
        *session = kernel_right(RIGHTS_ALL);
        *memory = kernel_right(RIGHTS_ALL);
        *wake = kernel_right(RIGHTS_ALL);
        *wake_bits = 4;
        *buffers = BUFFERS;
        *mac = 0x020000000001;
        *mtu = card_mtu;
        return OUTCOME_OK;
}

outcome_t sys_memory_map(handle_t task, handle_t memory, uint64_t address, uint64_t offset,
                         uint64_t bytes, uint64_t flags, uint64_t *mapped_at)
{
        (void)task, (void)memory, (void)offset, (void)address, (void)flags;
        ck_assert_uint_eq(bytes, packet_area_bytes(BUFFERS));
        if (mapping != OUTCOME_OK)
                return mapping;
        *mapped_at = (uint64_t)area;
        kernel.mapped++;
        return OUTCOME_OK;
}

outcome_t sys_memory_unmap(handle_t task, uint64_t address, uint64_t bytes)
{
        (void)task, (void)bytes;
        ck_assert_uint_eq(address, (uint64_t)area);
        kernel.mapped--;
        return OUTCOME_OK;
}

/* ---- the test's side ------------------------------------------------------------------------ */

static void changed(void *context, bool up, uint64_t now)
{
        (void)context, (void)now;
        told_up = up;
}

static void payload_received(void *context, uint32_t address, uint16_t port, const void *payload,
                             size_t length)
{
        (void)context;
        taken.count++;
        taken.address = address;
        taken.port = port;
        taken.first = *(const uint8_t *)payload;
        taken.last = ((const uint8_t *)payload)[length - 1];
        taken.length = length;
}

static void setup(void)
{
        kernel_reset();
        memset(&taken, 0, sizeof(taken));
        card_mtu = MTU;
        found = attaching = mapping = OUTCOME_OK;
        lookups = 0;
        area = aligned_alloc(4096, packet_area_bytes(BUFFERS));
        memset(area, 0, packet_area_bytes(BUFFERS));
        packet_end_init(&driver, area, BUFFERS, PACKET_DRIVER);
        link_init(&the_link, 0, 0, 0, OWN);
        the_link.changed = changed;
        the_link.received_payload = payload_received;
}

static void teardown(void)
{
        free(area);
}

static void come_up(void)
{
        link_time(&the_link, 1);
        link_completed(&the_link, 1);
        link_completed(&the_link, 1);
}

static unsigned pieces; /* of the last frame that was sent */

/* The frame that was sent, put together. FRAME_OTHER: there is none. */
static struct frame sent(void)
{
        static uint8_t whole[ETHERNET_FRAME_MAX];
        struct packet_descriptor d;
        size_t length = 0;
        for (pieces = 0; packet_take(&driver, PACKET_TRANSMIT, &d); length += d.length) {
                ck_assert_uint_le(length + d.length, sizeof(whole));
                memcpy(whole + length, packet_address(&driver, d.offset), d.length);
                packet_push(&driver, PACKET_TRANSMITTED, d);
                pieces++;
                if (!(d.flags & PACKET_MORE))
                        return frame_parse(whole, length + d.length);
        }
        ck_assert_uint_eq(pieces, 0);
        return (struct frame){.kind = FRAME_OTHER};
}

static uint8_t content(size_t at)
{
        return (uint8_t)(1 + at % 251);
}

static void payload_send(uint32_t address, size_t length)
{
        static uint8_t payload[UDP_PAYLOAD_MAX + 1];
        for (size_t i = 0; i < length; i++)
                payload[i] = content(i);
        link_send(&the_link, address, PORT, payload, length, 1);
}

START_TEST(nothing_is_sent_before_it_is_up)
{
        payload_send(OTHER, 3);
        payload_send(UINT32_MAX, 3);
        neighbours_told(&the_link.neighbours, OTHER, other_mac, 1);
        payload_send(OTHER, 3);
        ck_assert_uint_eq(the_link.sent, 0);
        ck_assert_uint_eq(the_link.dropped, 3);
}
END_TEST

START_TEST(who_comes_up_announces_itself)
{
        come_up();
        ck_assert(told_up);
        struct frame frame = sent();
        ck_assert_int_eq(frame.kind, FRAME_ARP_REQUEST);
        ck_assert_uint_eq(frame.sender, OWN);
        ck_assert_uint_eq(frame.target, OWN);
        ck_assert_int_eq(sent().kind, FRAME_OTHER);
}
END_TEST

START_TEST(a_neighbour_that_is_not_known_is_asked_for)
{
        come_up();
        sent();
        payload_send(OTHER, 3);
        struct frame frame = sent();
        ck_assert_int_eq(frame.kind, FRAME_ARP_REQUEST);
        ck_assert_uint_eq(frame.target, OTHER);
        ck_assert_int_eq(sent().kind, FRAME_OTHER);
        ck_assert_uint_eq(the_link.dropped, 1);
}
END_TEST

START_TEST(the_longest_payload_is_that_which_fits_the_mtu)
{
        enum { MOST = MTU + ETHERNET_HEADER - UDP_FRAME_HEADERS };
        come_up();
        sent();
        payload_send(UINT32_MAX, MOST);
        struct frame frame = sent();
        ck_assert_int_eq(frame.kind, FRAME_UDP);
        ck_assert_uint_eq(frame.length, MOST);
        ck_assert_uint_eq(frame.target_port, PORT);
        ck_assert_uint_eq(frame.sender_port, WIRE_UDP_PORT);
        payload_send(UINT32_MAX, MOST + 1);
        ck_assert_int_eq(sent().kind, FRAME_OTHER);
        ck_assert_uint_eq(the_link.dropped, 1);
}
END_TEST

/* A long payload lies in several buffers. */
START_TEST(no_payload_is_longer_than_a_frame_whatever_the_mtu)
{
        const size_t edge = PACKET_PIECE_MAX - UDP_FRAME_HEADERS;
        const size_t lengths[] = {edge, edge + 1, edge + PACKET_PIECE_MAX, UDP_PAYLOAD_MAX};
        const unsigned wanted[] = {1, 2, 2, PACKET_PIECES_MAX};
        card_mtu = 16000;
        come_up();
        sent();
        for (unsigned i = 0; i < 4; i++) {
                payload_send(UINT32_MAX, lengths[i]);
                struct frame frame = sent();
                ck_assert_uint_eq(frame.length, lengths[i]);
                for (size_t at = 0; at < frame.length; at++)
                        ck_assert_uint_eq(frame.payload[at], content(at));
                ck_assert_uint_eq(pieces, wanted[i]);
        }
        payload_send(UINT32_MAX, UDP_PAYLOAD_MAX + 1);
        ck_assert_int_eq(sent().kind, FRAME_OTHER);
}
END_TEST

START_TEST(a_card_is_used_from_the_least_mtu_on)
{
        card_mtu = LINK_MTU;
        come_up();
        ck_assert_int_eq(the_link.state, LINK_UP);
        link_event(&the_link, LINK_BIT_DEATH, 1);
        ck_assert_uint_eq(kernel.mapped, 0);
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert(!told_up);
        card_mtu = LINK_MTU - 1;
        come_up();
        ck_assert_int_eq(the_link.state, LINK_UNFIT);
        ck_assert(!told_up);
        payload_send(UINT32_MAX, 3);
        ck_assert_uint_eq(the_link.dropped, 1);
}
END_TEST

/* What the driver keeps is missing, and comes back. */
START_TEST(what_finds_no_buffer_is_dropped)
{
        come_up();
        sent();
        for (unsigned i = 0; i < BUFFERS + 2; i++)
                payload_send(UINT32_MAX, 3);
        ck_assert_uint_eq(the_link.sent, 1 + BUFFERS);
        ck_assert_uint_eq(the_link.dropped, 2);
        sent();
        payload_send(UINT32_MAX, 3);
        ck_assert_uint_eq(the_link.sent, 2 + BUFFERS);
}
END_TEST

/* … also of a long one, of which nothing is sent then. */
START_TEST(a_long_payload_finds_all_its_buffers_or_none)
{
        card_mtu = 9000;
        come_up();
        sent();
        for (unsigned i = 0; i < 2; i++)
                payload_send(UINT32_MAX, UDP_PAYLOAD_MAX);
        ck_assert_uint_eq(the_link.dropped, 1);
        ck_assert_uint_eq(sent().length, UDP_PAYLOAD_MAX);
        ck_assert_int_eq(sent().kind, FRAME_OTHER);
        payload_send(UINT32_MAX, UDP_PAYLOAD_MAX);
        ck_assert_uint_eq(sent().length, UDP_PAYLOAD_MAX);
        for (unsigned i = 0; i < BUFFERS; i++)
                payload_send(UINT32_MAX, 1);
        ck_assert_uint_eq(the_link.dropped, 1);
}
END_TEST

/* ---- what comes ------------------------------------------------------------------------------ */

static const struct station other = {.mac = {2, 0, 0, 0, 0, 2}, .address = OTHER};

/* Where the next frame is to be built: in a buffer of the driver. */
static uint8_t *frame_begin(uint32_t *buffer)
{
        *buffer = packet_buffer_get(&driver);
        ck_assert_uint_ne(*buffer, 0);
        return packet_address(&driver, *buffer + PACKET_FRAME_START);
}

static void frame_comes(uint32_t buffer, size_t length)
{
        struct packet_descriptor d = {.offset = buffer + PACKET_FRAME_START,
                                      .length = (uint16_t)length};
        ck_assert(packet_push(&driver, PACKET_RECEIVED, d));
        link_poll(&the_link, 1);
}

static void udp_comes(const struct station *from, uint32_t target, uint16_t port)
{
        uint32_t buffer;
        uint8_t *frame = frame_begin(&buffer);
        frame_comes(buffer, datagram_build(frame, from, ethernet_broadcast, target, port, "x", 2));
}

static void arp_comes(const struct station *from, const uint8_t *mac, uint32_t target)
{
        uint32_t buffer;
        uint8_t *frame = frame_begin(&buffer);
        frame_comes(buffer, frame_build_arp(frame, from, mac, target));
}

/* A frame in pieces of `piece` bytes. */
static void frame_comes_in(const uint8_t *frame, size_t length, size_t piece)
{
        for (size_t at = 0; at < length; at += piece) {
                uint32_t buffer;
                uint8_t *to = frame_begin(&buffer);
                size_t part = length - at < piece ? length - at : piece;
                memcpy(to, frame + at, part);
                struct packet_descriptor d = {.offset = buffer + PACKET_FRAME_START,
                                              .length = (uint16_t)part,
                                              .flags = at + part < length ? PACKET_MORE : 0};
                ck_assert(packet_push(&driver, PACKET_RECEIVED, d));
                link_poll(&the_link, 1);
        }
}

/* A datagram of so many bytes to us, in such pieces. */
static void pieces_come(size_t length, size_t piece)
{
        static uint8_t frame[2 * ETHERNET_FRAME_MAX], payload[2 * ETHERNET_FRAME_MAX];
        memset(payload, 'x', length);
        payload[length - 1] = 'y';
        length =
            datagram_build(frame, &other, ethernet_broadcast, OWN, WIRE_UDP_PORT, payload, length);
        frame_comes_in(frame, length, piece);
}

/* Each piece's buffer goes back at once. */
START_TEST(a_frame_in_pieces_is_put_together)
{
        come_up();
        const size_t lengths[] = {1, 100, UDP_PAYLOAD_MAX};
        for (unsigned i = 0; i < 3; i++) {
                pieces_come(lengths[i], i == 2 ? PACKET_PIECE_MAX : 14);
                ck_assert_uint_eq(taken.count, i + 1);
                ck_assert_uint_eq(taken.length, lengths[i]);
                ck_assert_uint_eq(taken.last, 'y');
        }
}
END_TEST

/* A driver, or a card, that goes on without end. */
START_TEST(a_frame_longer_than_there_are_is_nothing_and_the_next_one_is)
{
        come_up();
        pieces_come(UDP_PAYLOAD_MAX + 1, PACKET_PIECE_MAX);
        pieces_come(2 * ETHERNET_FRAME_MAX - UDP_FRAME_HEADERS, PACKET_PIECE_MAX);
        ck_assert_uint_eq(taken.count, 0);
        udp_comes(&other, OWN, WIRE_UDP_PORT);
        ck_assert_uint_eq(taken.count, 1);
        ck_assert_uint_eq(taken.length, 2);
}
END_TEST

START_TEST(the_rest_of_a_frame_that_is_too_long_is_no_frame)
{
        static uint8_t frame[2 * ETHERNET_FRAME_MAX];
        come_up();
        memset(frame, 'x', sizeof frame);
        for (size_t at = PACKET_PIECE_MAX; at + PACKET_PIECE_MAX < sizeof frame;
             at += PACKET_PIECE_MAX)
                datagram_build(frame + at, &other, ethernet_broadcast, OWN, WIRE_UDP_PORT, "x", 2);
        frame_comes_in(frame, sizeof frame, PACKET_PIECE_MAX);
        ck_assert_uint_eq(taken.count, 0);
}
END_TEST

/* More than there are buffers: each goes back to the driver. */
START_TEST(a_payload_to_our_port_is_handed_on)
{
        come_up();
        for (unsigned i = 0; i < 3 * BUFFERS; i++)
                udp_comes(&other, i % 2 ? OWN : UINT32_MAX, WIRE_UDP_PORT);
        ck_assert_uint_eq(taken.count, 3 * BUFFERS);
        ck_assert_uint_eq(taken.address, OTHER);
        ck_assert_uint_eq(taken.port, PORT);
        ck_assert_uint_eq(taken.first, 'x');
        ck_assert_uint_eq(taken.length, 2);
        ck_assert_uint_eq(the_link.received, 3 * BUFFERS);
}
END_TEST

START_TEST(a_payload_to_another_or_from_nobody_is_not)
{
        const struct station nobody = {.mac = {1, 0, 0, 0, 0, 2}, .address = OTHER};
        come_up();
        udp_comes(&other, OTHER + 1, WIRE_UDP_PORT);
        udp_comes(&other, OWN, WIRE_UDP_PORT + 1);
        udp_comes(&nobody, OWN, WIRE_UDP_PORT);
        ck_assert_uint_eq(taken.count, 0);
        ck_assert_uint_eq(the_link.received, 0);
}
END_TEST

START_TEST(who_sends_is_answered_without_being_asked_for)
{
        come_up();
        sent();
        udp_comes(&other, OWN, WIRE_UDP_PORT);
        payload_send(OTHER, 3);
        ck_assert_int_eq(sent().kind, FRAME_UDP);
}
END_TEST

START_TEST(who_contradicts_what_is_known_is_asked_for)
{
        const struct station moved = {.mac = {2, 0, 0, 0, 0, 3}, .address = OTHER};
        come_up();
        sent();
        udp_comes(&other, OWN, WIRE_UDP_PORT);
        ck_assert_int_eq(sent().kind, FRAME_OTHER);
        udp_comes(&moved, OWN, WIRE_UDP_PORT);
        struct frame frame = sent();
        ck_assert_int_eq(frame.kind, FRAME_ARP_REQUEST);
        ck_assert_uint_eq(frame.target, OTHER);
}
END_TEST

START_TEST(who_asks_for_us_is_answered)
{
        come_up();
        sent();
        arp_comes(&other, NULL, OTHER + 1);
        ck_assert_int_eq(sent().kind, FRAME_OTHER);
        arp_comes(&other, NULL, OWN);
        struct frame frame = sent();
        ck_assert_int_eq(frame.kind, FRAME_ARP_REPLY);
        ck_assert_uint_eq(frame.target, OTHER);
        arp_comes(&other, the_link.own.mac, OWN);
        ck_assert_int_eq(sent().kind, FRAME_OTHER);
}
END_TEST

/* Our own frame, which a switch gives back, is none. */
START_TEST(another_station_with_our_address_is_logged_and_not_heard)
{
        const struct station twin = {.mac = {2, 0, 0, 0, 0, 3}, .address = OWN};
        come_up();
        unsigned lines = kernel.lines;
        arp_comes(&the_link.own, NULL, OWN);
        ck_assert_uint_eq(kernel.lines, lines);
        udp_comes(&twin, OWN, WIRE_UDP_PORT);
        udp_comes(&twin, OWN, WIRE_UDP_PORT);
        ck_assert_uint_eq(kernel.lines, lines + 1);
        ck_assert_uint_eq(taken.count, 0);
        ck_assert_str_eq(kernel.line, "warning: 02:00:00:00:00:03 has this node's address too");
}
END_TEST

START_TEST(a_carrier_that_goes_and_comes_is_told)
{
        come_up();
        packet_carrier_set(&driver, false);
        link_poll(&the_link, 1);
        ck_assert(!told_up);
        packet_carrier_set(&driver, true);
        link_poll(&the_link, 1);
        ck_assert(told_up);
}
END_TEST

START_TEST(what_is_asleep_takes_frames_when_it_is_signalled)
{
        come_up();
        ck_assert(link_sleep(&the_link));
        udp_comes(&other, OWN, WIRE_UDP_PORT);
        ck_assert_uint_eq(taken.count, 0);
        link_event(&the_link, LINK_BIT_FRAMES, 1);
        link_poll(&the_link, 1);
        ck_assert_uint_eq(taken.count, 1);
}
END_TEST

/* The lookup, the attach or the mapping fails, some time after it was begun. */
START_TEST(only_a_driver_that_sleeps_is_woken_and_once)
{
        uint64_t bits;
        ck_assert_uint_eq(link_flush(&the_link, &bits), 0);
        come_up();
        sent();
        payload_send(UINT32_MAX, 1);
        ck_assert_uint_eq(link_flush(&the_link, &bits), 0);
        sent();
        ck_assert(packet_sleep(&driver));
        payload_send(UINT32_MAX, 1);
        ck_assert_uint_eq(link_flush(&the_link, &bits), the_link.wake);
        ck_assert_uint_eq(bits, 4);
        ck_assert_uint_eq(link_flush(&the_link, &bits), 0);
}
END_TEST

START_TEST(a_driver_that_fails_is_looked_for_again)
{
        enum { LATER = 1 << 30 };
        outcome_t *step[] = {&found, &attaching, &mapping};
        *step[_i] = not_executed(REASON_NO_MEMORY);
        ck_assert_uint_eq(link_time(&the_link, 1), TIME_NEVER);
        link_completed(&the_link, LATER);
        link_completed(&the_link, LATER);
        ck_assert_int_eq(the_link.state, LINK_DOWN);
        ck_assert(!told_up);
        ck_assert_uint_eq(kernel_handles(), 0);
        ck_assert_uint_eq(kernel.mapped, 0);
        uint64_t again = link_time(&the_link, LATER);
        ck_assert_uint_gt(again, LATER);
        ck_assert_uint_eq(kernel.lines, _i > 0); /* says why, once */
        ck_assert_uint_eq(lookups, 1);
        ck_assert_uint_eq(link_time(&the_link, again), TIME_NEVER);
        ck_assert_uint_eq(lookups, 2);
}
END_TEST

Suite *link_suite(void)
{
        Suite *suite = suite_create("link");
        TCase *tests = tcase_create("link");
        tcase_add_checked_fixture(tests, setup, teardown);
        tcase_add_test(tests, nothing_is_sent_before_it_is_up);
        tcase_add_test(tests, who_comes_up_announces_itself);
        tcase_add_test(tests, a_neighbour_that_is_not_known_is_asked_for);
        tcase_add_test(tests, the_longest_payload_is_that_which_fits_the_mtu);
        tcase_add_test(tests, no_payload_is_longer_than_a_frame_whatever_the_mtu);
        tcase_add_test(tests, a_card_is_used_from_the_least_mtu_on);
        tcase_add_test(tests, what_finds_no_buffer_is_dropped);
        tcase_add_test(tests, a_long_payload_finds_all_its_buffers_or_none);
        tcase_add_test(tests, a_frame_in_pieces_is_put_together);
        tcase_add_test(tests, a_frame_longer_than_there_are_is_nothing_and_the_next_one_is);
        tcase_add_test(tests, the_rest_of_a_frame_that_is_too_long_is_no_frame);
        tcase_add_test(tests, a_payload_to_our_port_is_handed_on);
        tcase_add_test(tests, a_payload_to_another_or_from_nobody_is_not);
        tcase_add_test(tests, who_sends_is_answered_without_being_asked_for);
        tcase_add_test(tests, who_contradicts_what_is_known_is_asked_for);
        tcase_add_test(tests, who_asks_for_us_is_answered);
        tcase_add_test(tests, another_station_with_our_address_is_logged_and_not_heard);
        tcase_add_test(tests, a_carrier_that_goes_and_comes_is_told);
        tcase_add_test(tests, what_is_asleep_takes_frames_when_it_is_signalled);
        tcase_add_test(tests, only_a_driver_that_sleeps_is_woken_and_once);
        tcase_add_loop_test(tests, a_driver_that_fails_is_looked_for_again, 0, 3);
        suite_add_tcase(suite, tests);
        return suite;
}
