/* A booting client, played with the switch's own packet functions. */
#include "tests/unit/switch/functional_boot.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include "servers/common/byte_order.h"

#include "tests/unit/switch/functional.h"
#include "tools/switch/gateway.h"
#include "tools/switch/packet.h"

enum { FILE_SIZE = 100000 };

static const char *const arguments[] = {"--seed",     "1",         "--tftp", "tftp",
                                        "--bootfile", "boot.ipxe", NULL};

static void start(void)
{
        rig_start(arguments, 0);
        int fd = open("tftp/boot.ipxe", O_WRONLY | O_CREAT, 0600);
        ck_assert_int_eq(ftruncate(fd, FILE_SIZE), 0);
        ck_assert_int_eq(pwrite(fd, "end", 3, FILE_SIZE - 3), 3);
        close(fd);
}

static void udp_send(unsigned node, uint32_t to, uint16_t port, const uint8_t *payload,
                     size_t length)
{
        uint8_t frame[ETHER_LONGEST];
        const struct udp_packet packet = {.mac_from = {{0x52, 0x54, 0, 0, 0, (uint8_t)node}},
                                          .mac_to = gateway_mac(),
                                          .from = NODE_ADDRESS_0 + node,
                                          .to = to,
                                          .port_from = 2000,
                                          .port_to = port,
                                          .payload = payload,
                                          .length = length};
        size_t frame_length = udp_build(frame, &packet);
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        snprintf(address.sun_path, sizeof address.sun_path, "n%u/switch.sock", node);
        ck_assert_int_eq(sendto(rig.node[node], frame, frame_length, 0, (struct sockaddr *)&address,
                                sizeof address),
                         (ssize_t)frame_length);
}

/* Receives a packet; the payload stays valid until the next call. */
static bool udp_receive(unsigned node, struct udp_packet *packet, int ms)
{
        static uint8_t frame[2048];
        struct pollfd poll_fd = {rig.node[node], POLLIN, 0};
        if (poll(&poll_fd, 1, ms) != 1)
                return false;
        ssize_t got = recv(rig.node[node], frame, sizeof frame, 0);
        ck_assert(got > 0 && udp_parse(frame, (size_t)got, packet));
        return true;
}

static void dhcp_send(unsigned node, uint8_t type)
{
        uint8_t payload[300] = {1, 1, 6};
        payload[28] = 0x52;
        payload[29] = 0x54;
        payload[33] = (uint8_t)node;
        put32(payload + 236, 0x63825363);
        payload[240] = 53;
        payload[241] = 1;
        payload[242] = type;
        payload[243] = 50;
        payload[244] = 4;
        put32(payload + 245, NODE_ADDRESS_0 + node);
        payload[249] = 255;
        udp_send(node, 0xffffffff, 67, payload, sizeof payload);
}

START_TEST(each_node_gets_its_address_every_time)
{
        struct udp_packet packet;
        for (unsigned round = 0; round < 2; round++) {
                for (unsigned node = NODES; node >= 1; node--) {
                        dhcp_send(node, 1);
                        ck_assert(udp_receive(node, &packet, WAIT_MS));
                        ck_assert_uint_eq(get32(packet.payload + 16), NODE_ADDRESS_0 + node);
                        dhcp_send(node, 3);
                        ck_assert(udp_receive(node, &packet, WAIT_MS));
                        ck_assert_uint_eq(packet.payload[242], 5);
                }
        }
        ck_assert_ptr_nonnull(strstr(command("events"), "event n3 dhcp 10.77.0.13\n"
                                                        "event n2 dhcp 10.77.0.12\n"
                                                        "event n1 dhcp 10.77.0.11\n"));
}
END_TEST

/* Reads boot.ipxe as a client that asks again after 50 ms of silence. */
static void file_read(unsigned node)
{
        static const uint8_t request[] = "\0\1boot.ipxe\0octet\0blksize\0001432";
        struct udp_packet packet;
        uint8_t ack[4] = {0, 4};
        uint16_t block = 0, port = 0;
        size_t received = 0;
        double deadline = clock_ms() + WAIT_MS;
        bool ended = false;
        while (!ended) {
                ck_assert_msg(clock_ms() < deadline, "stuck at %zu bytes", received);
                if (port == 0)
                        udp_send(node, GATEWAY_ADDRESS, 69, request, sizeof request);
                else
                        udp_send(node, GATEWAY_ADDRESS, port, ack, sizeof ack);
                if (!udp_receive(node, &packet, 50))
                        continue;
                port = packet.port_from;
                if (get16(packet.payload) != 3 || get16(packet.payload + 2) != block + 1)
                        continue;
                received += packet.length - 4;
                ended = packet.length - 4 < 1432;
                put16(ack + 2, ++block);
        }
        ck_assert_uint_eq(received, FILE_SIZE);
        ck_assert_int_eq(memcmp(packet.payload + packet.length - 3, "end", 3), 0);
        udp_send(node, GATEWAY_ADDRESS, port, ack, sizeof ack);
}

START_TEST(a_file_is_read_and_told_of)
{
        int watcher = control_connect();
        ck_assert_str_eq(command_on(watcher, "events"), "ok\n");
        file_read(1);
        text_expect(watcher, "event n1 tftp boot.ipxe\nevent n1 tftp-done boot.ipxe 100000\n");
        ck_assert_str_eq(command("events"),
                         "event n1 tftp boot.ipxe\nevent n1 tftp-done boot.ipxe 100000\nok\n");
}
END_TEST

START_TEST(boot_survives_what_nodes_suffer)
{
        ck_assert_str_eq(command("default loss 100%"), "ok\n");
        ck_assert_str_eq(command("partition n1 / n2 / n3"), "ok\n");
        file_read(2);
        ck_assert_uint_eq(stat_read("boot", "dropped_loss"), 0);
}
END_TEST

START_TEST(boot_survives_loss_of_its_own)
{
        ck_assert_str_eq(command("link n1 boot loss 20% dup 10% corrupt 10%"), "ok\n");
        ck_assert_str_eq(command("link boot to n1 loss 20% dup 10%"), "ok\n");
        file_read(1);
        ck_assert_uint_gt(stat_read("boot", "dropped_loss"), 0);
        ck_assert_uint_gt(stat_read("n1", "dropped_loss"), 0);
}
END_TEST

START_TEST(files_outside_are_not_served)
{
        static const uint8_t request[] = "\0\1../switch.ctl\0octet";
        struct udp_packet packet;
        udp_send(1, GATEWAY_ADDRESS, 69, request, sizeof request);
        ck_assert(udp_receive(1, &packet, WAIT_MS));
        ck_assert_uint_eq(get32(packet.payload), 0x00050002);
        ck_assert_str_eq(command("events"),
                         "event n1 tftp-failed ../switch.ctl Permission denied\nok\n");
}
END_TEST

TCase *boot_case(void)
{
        TCase *tcase = tcase_create("boot");
        tcase_set_timeout(tcase, 60);
        tcase_add_checked_fixture(tcase, start, rig_stop);
        tcase_add_test(tcase, each_node_gets_its_address_every_time);
        tcase_add_test(tcase, a_file_is_read_and_told_of);
        tcase_add_test(tcase, boot_survives_what_nodes_suffer);
        tcase_add_test(tcase, boot_survives_loss_of_its_own);
        tcase_add_test(tcase, files_outside_are_not_served);
        return tcase;
}
