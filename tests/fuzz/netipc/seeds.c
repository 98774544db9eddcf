/* Writes what fuzzers begin with, made by the code itself: two nodes meet, in clear and with keys.
 *
 *      usage: seeds DIRECTORY      DIRECTORY/FUZZER.seeds/NUMBER */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "netipc/core/state.h"
#include "netipc/server/ethernet.h"
#include "tests/fuzz/netipc/node.h"

enum { SAID = 16 };

static const char *directory;

static void seed_write(const char *fuzzer, unsigned number, const void *bytes, size_t length)
{
        char path[1000];
        snprintf(path, sizeof(path), "%s/%s.seeds", directory, fuzzer);
        mkdir(path, 0777);
        snprintf(path, sizeof(path), "%s/%s.seeds/%u", directory, fuzzer, number);
        FILE *file = fopen(path, "wb");
        if (!file || fwrite(bytes, 1, length, file) != length || fclose(file)) {
                perror(path);
                exit(1);
        }
}

/* As a packet, in a frame, and, where it is one, as a hello that is taken: the receiver's nonce and
 * what else has to fit is put in (node_answer_hints). */
static void packet_write(unsigned number, const uint8_t *packet, size_t length)
{
        const struct station own = {{2, 0, 0, 0, 0, 1}, 0x0a4d000b};
        uint8_t hello[1 + sizeof(struct wire_hello)] = {4 | 8};
        uint8_t frame[ETHERNET_FRAME_MAX] = {0};
        seed_write("netipc/packet", number, packet, length);
        frame_build_udp(frame, &own, ethernet_broadcast, 0x0a4d000c, WIRE_UDP_PORT, WIRE_UDP_PORT,
                        length);
        memcpy(frame + UDP_FRAME_HEADERS, packet, length);
        seed_write("transport/ethernet", number, frame,
                   frame_pad(frame, UDP_FRAME_HEADERS + length));
        if (length != WIRE_HELLO_PACKET_SIZE)
                return;
        memcpy(hello + 1, wire_body(packet), sizeof(struct wire_hello));
        seed_write("netipc/hello", number, hello, sizeof(hello));
}

static void meeting_write(struct core *make(unsigned number), unsigned first)
{
        uint8_t packet[WIRE_PACKET_MAX];
        make(1);
        make(2);
        node_meet();
        for (unsigned i = 0; i < SAID; i++) {
                size_t length = node_said(i, packet);
                packet_write(first + i, packet, length);
        }
}

static void keys_put(void)
{
        char text[KEYS_TEXT];
        seed_write("crypto/keys", 0, text, keys_write(node_core(1)->config.keys, text));
}

static void arp_write(void)
{
        const struct station own = {{2, 0, 0, 0, 0, 1}, 0x0a4d000b};
        uint8_t frame[ETHERNET_FRAME_MIN] = {0};
        seed_write("transport/ethernet", 2 * SAID, frame,
                   frame_build_arp(frame, &own, NULL, 0x0a4d000c));
        seed_write("transport/ethernet", 2 * SAID + 1, frame,
                   frame_build_arp(frame, &own, own.mac, 0x0a4d000c));
}

int main(int count, char **arguments)
{
        if (count != 2)
                return 2;
        directory = arguments[1];
        meeting_write(node_make, 0);
        node_end(2);
        node_end(1);
        meeting_write(node_make_sealed, SAID);
        keys_put();
        node_end(2);
        node_end(1);
        arp_write();
        return 0;
}
