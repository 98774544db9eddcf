/* What the link gives the driver. The test is the driver: it has the other end of the rings. */
#include <stdlib.h>
#include <string.h>
#include "netipc/server/link.h"
#include "servers/proto/name.h"
#include "servers/proto/nic.h"
#include "servers/rt/serve/service.h"
#include "tests/unit/transport/kernel.h"

enum { OWN = 0x0a4d000b, OTHER = 0x0a4d000c, PORT = 7, MTU = 1300, BUFFERS = 4 };

static const uint8_t other_mac[ETHERNET_ADDRESS] = {2, 0, 0, 0, 0, 2};
static struct link the_link;
static struct packet_end driver;
static void *area; /* of the rings */
static uint64_t card_mtu;
static bool told_up;

/* ---- what the link asks for to come up; here it is put there at once ------------------------- */

handle_t rt_names(void)
{
        return 0;
}

outcome_t name_lookup_start(handle_t to, handle_t call, uint64_t deadline, const void *name,
                            size_t name_length, uint64_t wait)
{
        (void)to, (void)call, (void)deadline, (void)name, (void)name_length, (void)wait;
        return OUTCOME_OK;
}

outcome_t name_lookup_finish(handle_t call, handle_t *right)
{
        (void)call;
        *right = kernel_right(RIGHTS_ALL);
        return OUTCOME_OK;
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
        (void)context, (void)address, (void)port, (void)payload, (void)length;
}

static void setup(void)
{
        kernel_reset();
        card_mtu = MTU;
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

/* The frame that was sent; its payload lies in the rings. FRAME_OTHER: there is none. */
static struct frame sent(void)
{
        struct packet_descriptor d;
        if (!packet_take(&driver, PACKET_TRANSMIT, &d))
                return (struct frame){.kind = FRAME_OTHER};
        struct frame frame = frame_parse(packet_address(&driver, d.offset), d.length);
        packet_push(&driver, PACKET_TRANSMITTED, d);
        return frame;
}

static void payload_send(uint32_t address, size_t length)
{
        static const uint8_t payload[UDP_PAYLOAD_MAX + 1] = {1, 2, 3};
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

START_TEST(no_payload_is_longer_than_a_frame_whatever_the_mtu)
{
        card_mtu = 9000;
        come_up();
        sent();
        payload_send(UINT32_MAX, UDP_PAYLOAD_MAX);
        ck_assert_uint_eq(sent().length, UDP_PAYLOAD_MAX);
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
        suite_add_tcase(suite, tests);
        return suite;
}
