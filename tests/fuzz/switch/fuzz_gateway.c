/* Fuzzes what nodes can send to the gateway: ARP, router solicitations, DHCP, TFTP.
 *
 * The input is a series of steps: a kind, a length, and bytes. Since random bytes have no correct
 * checksum, most kinds wrap theirs into sound headers. Whatever comes in, every frame that goes out
 * must be sound, and nothing of a file outside the served directory may be in it. */
#include <assert.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "servers/common/byte_order.h"
#include "servers/common/checksum.h"

#include "tools/switch/gateway.h"
#include "tools/switch/packet.h"

enum kind {
        RAW,
        BENT,
        DHCP,
        TFTP,
        TFTP_SESSION,
        TFTP_FILE,
        TFTP_GOOD_FILE,
        TFTP_GOOD_ACK,
        SOLICITATION,
        TIME,
        KINDS
};

static const char secret[] = "this is outside of the directory";
static const struct mac node = {{0x52, 0x54, 0, 0, 0, 1}};

static struct gateway gateway;
static uint16_t session_port, session_block;
static int directory = -1;

/* Remembers what an honest client would acknowledge. */
static void session_note(const struct udp_packet *packet)
{
        session_port = packet->port_from;
        session_block = get16(packet->payload) == 3 ? get16(packet->payload + 2) : 0;
}

static void frame_check(void *context, const uint8_t *frame, size_t length, uint64_t now)
{
        struct udp_packet packet;
        (void)context, (void)now;
        assert(length >= ETHER_SHORTEST && length <= ETHER_LONGEST);
        assert(mac_equal(mac_get(frame + ETHER_FROM), gateway_mac()));
        assert(!memmem(frame, length, secret, sizeof secret - 1));
        if (get16(frame + ETHER_TYPE) != TYPE_IPV4)
                return;
        assert(udp_parse(frame, length, &packet));
        if (packet.port_from >= 49152)
                session_note(&packet);
}

static void line_check(void *context, const char *line)
{
        (void)context;
        for (; *line; line++)
                assert(*line >= ' ' && *line < 0x7f);
}

static void file_write(const char *path, const char *bytes, size_t length)
{
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        assert(fd >= 0 && write(fd, bytes, length) == (ssize_t)length);
        close(fd);
}

static char root[64];

static void root_remove(void)
{
        char command[128];
        snprintf(command, sizeof command, "rm -rf '%s'", root);
        if (system(command) != 0)
                perror(command);
}

/* A directory with a file to serve, and around it what must not be served. */
static void directory_make(void)
{
        static const char content[3000] = "content";
        char path[128];
        snprintf(root, sizeof root, "/tmp/portolan-fuzz-XXXXXX");
        assert(mkdtemp(root));
        atexit(root_remove);
        snprintf(path, sizeof path, "%s/outside", root);
        file_write(path, secret, sizeof secret - 1);
        snprintf(path, sizeof path, "%s/served", root);
        assert(mkdir(path, 0700) == 0);
        directory = open(path, O_PATH | O_DIRECTORY);
        snprintf(path, sizeof path, "%s/served/f", root);
        file_write(path, content, sizeof content);
        snprintf(path, sizeof path, "%s/served/l", root);
        assert(symlink("../outside", path) == 0);
        snprintf(path, sizeof path, "%s/served/d", root);
        assert(symlink("..", path) == 0);
}

/* Hands over the frame in memory of its own length, so that a read beyond its end shows. */
static void exact_input(const uint8_t *frame, size_t length, uint64_t now)
{
        uint8_t *copy = malloc(length);
        assert(copy);
        memcpy(copy, frame, length);
        gateway_input(&gateway, copy, length, now);
        free(copy);
}

static void udp_input(uint16_t port, const uint8_t *payload, size_t length, uint64_t now)
{
        uint8_t frame[ETHER_LONGEST];
        const struct udp_packet packet = {.mac_from = node,
                                          .mac_to = gateway_mac(),
                                          .from = NODE_ADDRESS_0 + 1,
                                          .to = GATEWAY_ADDRESS,
                                          .port_from = 1000,
                                          .port_to = port,
                                          .payload = payload,
                                          .length = length};
        size_t frame_length = udp_build(frame, &packet);
        exact_input(frame, frame_length, now);
}

/* A UDP packet with damaged headers but no wrong checksum. */
static void bent_input(const uint8_t *bytes, size_t length, uint64_t now)
{
        enum { HEADERS = 28, IP = ETHER_HEADER };
        uint8_t frame[ETHER_LONGEST];
        const struct udp_packet packet = {.mac_from = node,
                                          .mac_to = gateway_mac(),
                                          .from = NODE_ADDRESS_0 + 1,
                                          .to = GATEWAY_ADDRESS,
                                          .port_from = 1000,
                                          .port_to = 69,
                                          .payload = bytes,
                                          .length = length};
        size_t frame_length = udp_build(frame, &packet);
        for (size_t i = 0; i < HEADERS && i < length; i++)
                frame[IP + i] ^= bytes[i];
        size_t header = (size_t)(frame[IP] & 15) * 4;
        put16(frame + IP + 10, 0);
        put16(frame + IP + 10, checksum_fold(checksum_add(0, frame + IP, header)));
        exact_input(frame, frame_length, now);
}

/* A DHCP message for the known node, with the bytes as its options. */
static void dhcp_input(const uint8_t *bytes, size_t length, uint64_t now)
{
        uint8_t payload[UDP_PAYLOAD_MAX] = {1, 1, 6};
        mac_put(payload + 28, node);
        put32(payload + 236, 0x63825363);
        length = length < sizeof payload - 240 ? length : sizeof payload - 240;
        memcpy(payload + 240, bytes, length);
        udp_input(67, payload, 240 + length, now);
}

/* A read request whose file name and options are the bytes. */
static void file_input(const uint8_t *bytes, size_t length, uint64_t now)
{
        uint8_t payload[UDP_PAYLOAD_MAX] = {0, 1};
        size_t name = strnlen((const char *)bytes, length);
        length = length < 1000 ? length : 1000;
        name = name < length ? name : length;
        memcpy(payload + 2, bytes, name);
        memcpy(payload + 2 + name + 1, "octet", 5);
        memcpy(payload + 2 + name + 7, bytes + name, length - name);
        udp_input(69, payload, 2 + 7 + length, now);
}

/* A read request for the file that is there, with the bytes as options. */
static void good_file_input(const uint8_t *bytes, size_t length, uint64_t now)
{
        uint8_t payload[UDP_PAYLOAD_MAX] = "\0\1f\0octet";
        length = length < 1000 ? length : 1000;
        memcpy(payload + 10, bytes, length);
        udp_input(69, payload, 10 + length, now);
}

static void solicitation_input(const uint8_t *bytes, size_t length, uint64_t now)
{
        uint8_t frame[ETHER_LONGEST] = {0};
        length = length < 200 ? length : 200;
        mac_put(frame + ETHER_FROM, node);
        put16(frame + ETHER_TYPE, TYPE_IPV6);
        frame[14] = 6 << 4;
        /* Sometimes a wrong length, from bytes that the receiver does not read. */
        put16(frame + 18, (uint16_t)(length >= 8 ? length + bytes[7] : length));
        frame[20] = 58;
        frame[21] = 255;
        memcpy(frame + 54, bytes, length);
        if (length >= 4) {
                put16(frame + 56, 0);
                uint32_t sum = checksum_add(58 + get16(frame + 18), frame + 22, 32);
                put16(frame + 56, checksum_fold(checksum_add(sum, frame + 54, length)));
        }
        exact_input(frame, 54 + length, now);
}

static void raw_input(const uint8_t *bytes, size_t length, uint64_t now)
{
        uint8_t frame[ETHER_LONGEST];
        length = length < sizeof frame ? length : sizeof frame;
        memcpy(frame, bytes, length);
        if (length >= ETHER_HEADER)
                mac_put(frame + ETHER_FROM, node);
        exact_input(frame, length, now);
}

static void step(enum kind kind, const uint8_t *bytes, size_t length, uint64_t *now)
{
        uint8_t ack[4] = {0, 4};
        switch (kind) {
        case RAW:
                raw_input(bytes, length, *now);
                break;
        case BENT:
                bent_input(bytes, length, *now);
                break;
        case DHCP:
                dhcp_input(bytes, length, *now);
                break;
        case TFTP:
                udp_input(69, bytes, length, *now);
                break;
        case TFTP_SESSION:
                udp_input(session_port, bytes, length, *now);
                break;
        case TFTP_FILE:
                file_input(bytes, length, *now);
                break;
        case TFTP_GOOD_FILE:
                good_file_input(bytes, length, *now);
                break;
        case TFTP_GOOD_ACK:
                put16(ack + 2, session_block);
                udp_input(session_port, ack, sizeof ack, *now);
                break;
        case SOLICITATION:
                solicitation_input(bytes, length, *now);
                break;
        default:
                if (gateway_deadline(&gateway) != UINT64_MAX)
                        *now = gateway_deadline(&gateway);
                gateway_tick(&gateway, *now);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const struct gateway_env env = {NULL, frame_check, line_check};
        uint64_t now = 0;
        if (directory < 0)
                directory_make();
        gateway_init(&gateway, env, directory, "boot.ipxe");
        gateway_add_node(&gateway, "n1", 1, node);
        session_port = 49152;
        while (size >= 3) {
                size_t length = get16(data + 1) % 1400;
                enum kind kind = data[0] % KINDS;
                data += 3;
                size -= 3;
                length = length < size ? length : size;
                step(kind, data, length, &now);
                data += length;
                size -= length;
        }
        gateway_destroy(&gateway);
        return 0;
}
