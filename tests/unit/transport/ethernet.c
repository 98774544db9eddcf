/* Frames as the transport builds and takes them. What is built must parse back; whatever is damaged
 * must not parse as anything. */
#include <stdlib.h>
#include <string.h>
#include "netipc/server/ethernet.h"
#include "tests/unit/transport/datagram.h"
#include "netipc/server/pending.h"
#include "tests/unit/transport/kernel.h"
#include "tests/unit/suites.h"

static const struct station own = {.mac = {2, 0, 0, 0, 0, 1}, .address = 0x0a4d000b};
static const uint8_t other_mac[6] = {2, 0, 0, 0, 0, 2};
enum { OTHER = 0x0a4d000c };

START_TEST(arp_request_names_sender_and_target)
{
        uint8_t bytes[ETHERNET_FRAME_MIN];
        size_t length = frame_build_arp(bytes, &own, NULL, OTHER);
        ck_assert_uint_eq(length, ETHERNET_FRAME_MIN);
        ck_assert_mem_eq(bytes, ethernet_broadcast, 6);
        struct frame frame = frame_parse(bytes, length);
        ck_assert_int_eq(frame.kind, FRAME_ARP_REQUEST);
        ck_assert_uint_eq(frame.sender, own.address);
        ck_assert_uint_eq(frame.target, OTHER);
        ck_assert_mem_eq(frame.sender_mac, own.mac, 6);
}
END_TEST

START_TEST(arp_reply_goes_to_the_asker)
{
        uint8_t bytes[ETHERNET_FRAME_MIN];
        size_t length = frame_build_arp(bytes, &own, other_mac, OTHER);
        ck_assert_mem_eq(bytes, other_mac, 6);
        ck_assert_int_eq(frame_parse(bytes, length).kind, FRAME_ARP_REPLY);
}
END_TEST

START_TEST(udp_payload_comes_back)
{
        uint8_t bytes[ETHERNET_FRAME_MAX], payload[UDP_PAYLOAD_MAX];
        memset(payload, 0x5a, sizeof(payload));
        const size_t lengths[] = {0, 1, 17, 18, 1000, UDP_PAYLOAD_MAX};
        for (unsigned i = 0; i < 6; i++) {
                size_t length =
                    datagram_build(bytes, &own, other_mac, OTHER, 7678, payload, lengths[i]);
                ck_assert_uint_ge(length, ETHERNET_FRAME_MIN);
                struct frame frame = frame_parse(bytes, length);
                ck_assert_int_eq(frame.kind, FRAME_UDP);
                ck_assert_uint_eq(frame.length, lengths[i]);
                ck_assert_uint_eq(frame.sender_port, 1);
                ck_assert_uint_eq(frame.target_port, 7678);
                ck_assert_mem_eq(frame.payload, payload, lengths[i]);
        }
}
END_TEST

START_TEST(damaged_ip_header_is_nothing)
{
        uint8_t bytes[ETHERNET_FRAME_MAX];
        size_t length = datagram_build(bytes, &own, other_mac, OTHER, 2, "hello", 5);
        for (size_t i = ETHERNET_HEADER; i < ETHERNET_HEADER + 20; i++) {
                bytes[i] ^= 0x04;
                ck_assert_int_eq(frame_parse(bytes, length).kind, FRAME_OTHER);
                bytes[i] ^= 0x04;
        }
        ck_assert_int_eq(frame_parse(bytes, length).kind, FRAME_UDP);
}
END_TEST

START_TEST(cut_frames_are_nothing)
{
        uint8_t bytes[ETHERNET_FRAME_MAX], payload[100] = {0};
        size_t length = datagram_build(bytes, &own, other_mac, OTHER, 2, payload, 100);
        for (size_t cut = 0; cut < length; cut++)
                ck_assert_int_eq(frame_parse(bytes, cut).kind, FRAME_OTHER);
        length = frame_build_arp(bytes, &own, NULL, OTHER);
        for (size_t cut = 0; cut < ARP_FRAME; cut++)
                ck_assert_int_eq(frame_parse(bytes, cut).kind, FRAME_OTHER);
}
END_TEST

START_TEST(wrong_udp_checksum_is_nothing)
{
        /* A datagram from 10.0.0.1:1 to 10.0.0.2:2 with the payload "ab", checksum by hand (RFC
         * 768): addresses, protocol and length, then header and payload, in 16-bit words. */
        uint8_t bytes[ETHERNET_FRAME_MIN];
        struct station from = {.mac = {2, 0, 0, 0, 0, 1}, .address = 0x0a000001};
        size_t length = datagram_build(bytes, &from, other_mac, 0x0a000002, 2, "ab", 2);
        uint8_t *checksum = bytes + ETHERNET_HEADER + 20 + 6;
        unsigned sum = 0x0a00 + 1 + 0x0a00 + 2 + 17 + 10 + 1 + 2 + 10 + 0x6162;
        unsigned right = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
        checksum[0] = (uint8_t)(right >> 8);
        checksum[1] = (uint8_t)right;
        ck_assert_int_eq(frame_parse(bytes, length).kind, FRAME_UDP);
        checksum[1] ^= 1;
        ck_assert_int_eq(frame_parse(bytes, length).kind, FRAME_OTHER);
}
END_TEST

START_TEST(addresses_are_read_strictly)
{
        uint32_t address;
        ck_assert(address_parse("10.77.0.11", &address));
        ck_assert_uint_eq(address, own.address);
        ck_assert(address_parse("10.77.0.11/24", &address));
        const char *const bad[] = {
            "",       "10",           "10.77.0",   "10.77.0.256", "10.77.0.11x",
            "1..2.3", "10.77.0.0011", "10.77.0.-1"};
        for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                ck_assert_msg(!address_parse(bad[i], &address), "%s", bad[i]);
}
END_TEST

START_TEST(a_cookie_finds_only_its_own_call)
{
        struct pending *pending = calloc(1, sizeof(*pending));
        struct pending_call *first = pending_add(pending, PENDING_CALL, 7);
        uint64_t cookie = pending_cookie(pending, first);
        ck_assert_ptr_eq(pending_find(pending, cookie), first);
        ck_assert_ptr_eq(pending_by_reply(pending, 7), first);
        pending_remove(pending, first);
        ck_assert_ptr_null(pending_find(pending, cookie));
        struct pending_call *second = pending_add(pending, PENDING_CALL, 8);
        ck_assert_ptr_eq(second, first);
        ck_assert_ptr_null(pending_find(pending, cookie));
        for (unsigned i = 1; i < PENDING_MAX; i++)
                ck_assert_ptr_nonnull(pending_add(pending, PENDING_CALL, 9));
        ck_assert_ptr_null(pending_add(pending, PENDING_CALL, 10));
        free(pending);
}
END_TEST

int main(void)
{
        Suite *suite = suite_create("transport");
        TCase *frames = tcase_create("frames");
        tcase_add_test(frames, arp_request_names_sender_and_target);
        tcase_add_test(frames, arp_reply_goes_to_the_asker);
        tcase_add_test(frames, udp_payload_comes_back);
        tcase_add_test(frames, damaged_ip_header_is_nothing);
        tcase_add_test(frames, cut_frames_are_nothing);
        tcase_add_test(frames, wrong_udp_checksum_is_nothing);
        tcase_add_test(frames, addresses_are_read_strictly);
        suite_add_tcase(suite, frames);
        TCase *calls = tcase_create("calls");
        tcase_add_test(calls, a_cookie_finds_only_its_own_call);
        suite_add_tcase(suite, calls);
        return suites_run(suite, neighbours_suite(), far_calls_suite(), answers_suite(),
                          waiting_suite(), capabilities_suite(), rights_suite(), replies_suite(),
                          signals_suite(), fetches_suite(), reads_suite(), names_suite(),
                          control_suite(), gather_suite(), keyring_suite(), shares_suite(),
                          link_suite(), journal_suite(), NULL);
}
