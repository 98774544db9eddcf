/* The gateway as nodes see it: whole frames in, whole frames and events out. */
#include "tests/unit/switch/cases.h"

#include <stdio.h>
#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/common/checksum.h"

#include "tools/switch/dhcp.h"
#include "tools/switch/gateway.h"
#include "tools/switch/packet.h"

static struct gateway gateway;
static uint8_t sent[ETHER_LONGEST];
static size_t sent_length;
static unsigned sent_count;
static char event[1024];

static const struct mac node = {{0x52, 0x54, 0, 0, 0, 2}};
static const struct mac stranger = {{0x52, 0x54, 0, 0, 0, 99}};

static void send_note(void *context, const uint8_t *frame, size_t length, uint64_t now)
{
        (void)context, (void)now;
        memcpy(sent, frame, length);
        sent_length = length;
        sent_count++;
}

static void report_note(void *context, const char *line)
{
        (void)context;
        snprintf(event, sizeof event, "%s", line);
}

static void setup(void)
{
        const struct gateway_env env = {NULL, send_note, report_note};
        gateway_init(&gateway, env, -1, "boot.ipxe");
        gateway_add_node(&gateway, "n2", 2, node);
        sent_count = 0;
        event[0] = 0;
}

static size_t udp_frame(uint8_t frame[ETHER_LONGEST], struct mac from, uint32_t to, uint16_t port,
                        const uint8_t *payload, size_t length)
{
        const struct udp_packet packet = {.mac_from = from,
                                          .mac_to = gateway_mac(),
                                          .from = 0x0a4d000c,
                                          .to = to,
                                          .port_from = 2000,
                                          .port_to = port,
                                          .payload = payload,
                                          .length = length};
        return udp_build(frame, &packet);
}

static size_t dhcp_message(uint8_t payload[300], enum dhcp_type type, uint32_t wanted,
                           struct mac client)
{
        memset(payload, 0, 300);
        payload[0] = payload[1] = 1;
        payload[2] = 6;
        mac_put(payload + 28, client);
        put32(payload + 236, 0x63825363);
        payload[240] = 53;
        payload[241] = 1;
        payload[242] = (uint8_t)type;
        payload[243] = 50;
        payload[244] = 4;
        put32(payload + 245, wanted);
        payload[249] = 255;
        return 300;
}

static void dhcp_send(enum dhcp_type type, uint32_t wanted, struct mac client)
{
        uint8_t payload[300], frame[ETHER_LONGEST];
        size_t length = dhcp_message(payload, type, wanted, client);
        length = udp_frame(frame, client, 0xffffffff, 67, payload, length);
        gateway_input(&gateway, frame, length, 0);
}

static void expect_dhcp(uint8_t type, uint32_t address)
{
        struct udp_packet packet;
        ck_assert_uint_eq(sent_count, 1);
        ck_assert(udp_parse(sent, sent_length, &packet));
        ck_assert_uint_eq(packet.port_to, 68);
        ck_assert_uint_eq(packet.payload[242], type);
        ck_assert_uint_eq(get32(packet.payload + 16), address);
        sent_count = 0;
}

START_TEST(each_node_gets_its_own_address)
{
        dhcp_send(DHCP_DISCOVER, 0, node);
        expect_dhcp(DHCP_OFFER, 0x0a4d000c);
        ck_assert_str_eq(event, "");
        dhcp_send(DHCP_REQUEST, 0x0a4d000c, node);
        expect_dhcp(DHCP_ACK, 0x0a4d000c);
        ck_assert_str_eq(event, "n2 dhcp 10.77.0.12");
}
END_TEST

START_TEST(another_address_is_refused)
{
        struct udp_packet packet;
        dhcp_send(DHCP_REQUEST, 0x0a4d000d, node);
        ck_assert(udp_parse(sent, sent_length, &packet));
        ck_assert_uint_eq(packet.to, 0xffffffff);
        expect_dhcp(DHCP_NAK, 0);
        ck_assert_str_eq(event, "");
}
END_TEST

START_TEST(strangers_and_other_messages_get_no_answer)
{
        dhcp_send(DHCP_DISCOVER, 0, stranger);
        dhcp_send(DHCP_DECLINE, 0, node);
        dhcp_send(DHCP_RELEASE, 0, node);
        dhcp_send(DHCP_OFFER, 0, node);
        ck_assert_uint_eq(sent_count, 0);
}
END_TEST

START_TEST(arp_for_the_gateway_is_answered)
{
        uint8_t frame[60] = {0};
        mac_put(frame + 6, node);
        put16(frame + 12, TYPE_ARP);
        put32(frame + 14, 0x00010800);
        put32(frame + 18, 0x06040001);
        mac_put(frame + 22, node);
        put32(frame + 28, 0x0a4d000c);
        put32(frame + 38, 0x0a4d0002);
        gateway_input(&gateway, frame, sizeof frame, 0);
        ck_assert_uint_eq(sent_count, 0);
        put32(frame + 38, GATEWAY_ADDRESS);
        gateway_input(&gateway, frame, 41, 0);
        ck_assert_uint_eq(sent_count, 0);
        gateway_input(&gateway, frame, 42, 0);
        ck_assert_uint_eq(sent_count, 1);
        ck_assert_uint_eq(sent_length, 60);
        ck_assert(mac_equal(mac_get(sent), node));
        ck_assert_uint_eq(get16(sent + 20), 2);
        ck_assert(mac_equal(mac_get(sent + 22), gateway_mac()));
        ck_assert_uint_eq(get32(sent + 28), GATEWAY_ADDRESS);
        ck_assert_uint_eq(get32(sent + 38), 0x0a4d000c);
}
END_TEST

/* A solicitation with a right checksum. */
static void solicitation_make(uint8_t frame[62])
{
        memset(frame, 0, 62);
        mac_put(frame + 6, node);
        put16(frame + 12, TYPE_IPV6);
        frame[14] = 6 << 4;
        put16(frame + 18, 8);
        frame[20] = 58;
        frame[21] = 255;
        frame[22] = 0xfe;
        frame[23] = 0x80;
        frame[37] = 5;
        frame[38] = 0xff;
        frame[39] = 2;
        frame[53] = 2;
        frame[54] = 133;
        uint32_t sum = checksum_add(58 + 8, frame + 22, 32);
        put16(frame + 56, checksum_fold(checksum_add(sum, frame + 54, 8)));
}

START_TEST(router_solicitations_are_answered)
{
        uint8_t frame[62];
        solicitation_make(frame);
        gateway_input(&gateway, frame, sizeof frame, 0);
        ck_assert_uint_eq(sent_count, 1);
        ck_assert_uint_eq(get16(sent + 12), TYPE_IPV6);
        ck_assert_uint_eq(sent[54], 134);
        ck_assert_uint_eq(sent[53], 5);
        uint32_t sum = checksum_add(58 + 24, sent + 22, 32);
        ck_assert_uint_eq(checksum_fold(checksum_add(sum, sent + 54, 24)), 0);
        for (size_t cut = 0; cut < sizeof frame; cut++)
                gateway_input(&gateway, frame, cut, 0);
        frame[60] ^= 1;
        gateway_input(&gateway, frame, sizeof frame, 0);
        ck_assert_uint_eq(sent_count, 1);
}
END_TEST

START_TEST(damaged_packets_get_no_answer)
{
        uint8_t payload[300], frame[ETHER_LONGEST];
        size_t length = dhcp_message(payload, DHCP_DISCOVER, 0, node);
        length = udp_frame(frame, node, 0xffffffff, 67, payload, length);
        for (size_t cut = 0; cut < length; cut++)
                gateway_input(&gateway, frame, cut, 0);
        for (size_t bit = 12 * 8; bit < length * 8; bit++) {
                frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
                gateway_input(&gateway, frame, length, 0);
                frame[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        ck_assert_uint_eq(sent_count, 0);
        gateway_input(&gateway, frame, length, 0);
        ck_assert_uint_eq(sent_count, 1);
}
END_TEST

START_TEST(names_of_files_are_escaped_in_events)
{
        static const uint8_t request[] = "\0\1/a b\n%\xff\0octet";
        uint8_t frame[ETHER_LONGEST];
        size_t length = udp_frame(frame, node, GATEWAY_ADDRESS, 69, request, sizeof request);
        gateway_input(&gateway, frame, length, 0);
        ck_assert_str_eq(event, "n2 tftp-failed a%20b%0A%25%FF No such file or directory");
        ck_assert_uint_eq(sent_count, 1);
}
END_TEST

START_TEST(tftp_is_only_for_the_gateways_address)
{
        static const uint8_t request[] = "\0\1file\0octet";
        uint8_t frame[ETHER_LONGEST];
        size_t length = udp_frame(frame, node, 0x0a4d000d, 69, request, sizeof request);
        gateway_input(&gateway, frame, length, 0);
        ck_assert_uint_eq(sent_count, 0);
}
END_TEST

TCase *gateway_case(void)
{
        TCase *tcase = tcase_create("gateway");
        tcase_add_checked_fixture(tcase, setup, NULL);
        tcase_add_test(tcase, each_node_gets_its_own_address);
        tcase_add_test(tcase, another_address_is_refused);
        tcase_add_test(tcase, strangers_and_other_messages_get_no_answer);
        tcase_add_test(tcase, arp_for_the_gateway_is_answered);
        tcase_add_test(tcase, router_solicitations_are_answered);
        tcase_add_test(tcase, damaged_packets_get_no_answer);
        tcase_add_test(tcase, names_of_files_are_escaped_in_events);
        tcase_add_test(tcase, tftp_is_only_for_the_gateways_address);
        return tcase;
}
