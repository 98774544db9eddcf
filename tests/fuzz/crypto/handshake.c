/* Handshake packets: the input begins with what to do, the rest is the packet, as it is or laid
 * over a true one. Whatever was refused must have changed nothing: the true handshake is completed
 * then. */
#include <assert.h>

#include "netipc/crypto/keylog.h"
#include "tests/unit/crypto/bench.h"

enum { ROOM = 512 };

static struct bench bench, ready; /* ready: after the response was written */

static void ready_make(void)
{
        bench_init(&ready);
        bool good = bench_begin(&ready) && !bench_admit(&ready) && !bench_read(&ready) &&
                    !bench_answer(&ready);
        assert(good);
}

/* The packet: bytes of the input, or a true packet with them XORed over. */
static size_t packet_make(uint8_t packet[ROOM], uint8_t how, const uint8_t *data, size_t size)
{
        const uint8_t *truth = how & 1 ? bench.initiation : bench.response;
        size_t length = how & 1 ? sizeof(bench.initiation) : sizeof(bench.response);
        memset(packet, 0, ROOM);
        size = size > ROOM ? ROOM : size;
        memcpy(packet, data, size);
        if (!(how & 2))
                return size;
        for (size_t i = 0; i < length; i++)
                packet[i] ^= truth[i];
        return length;
}

static void mac_repair(uint8_t *packet, size_t length)
{
        if (length == HANDSHAKE_INITIATION)
                cookie_mac1(packet + length - 2 * COOKIE_MAC, bench.b.mac_key, packet,
                            length - 2 * COOKIE_MAC);
        if (length == HANDSHAKE_RESPONSE)
                cookie_mac1(packet + length - COOKIE_MAC, bench.a.mac_key, packet,
                            length - COOKIE_MAC);
}

/* The header is the caller's; that it cannot be changed but by a member is mac1's work. */
static bool is(const uint8_t *packet, size_t length, const uint8_t *truth, size_t true_length,
               size_t macs)
{
        return length == true_length && !memcmp(packet + HANDSHAKE_HEADER, truth + HANDSHAKE_HEADER,
                                                length - HANDSHAKE_HEADER - macs * COOKIE_MAC);
}

static void take(const uint8_t *packet, size_t length, uint8_t how)
{
        struct handshake_responder responder;
        struct handshake_offer offer;
        struct handshake_initiator initiator = bench.initiator;
        struct keylog_session session;
        if (!handshake_admit(&bench.b, &bench.jar, how, PORT_A, packet, length, how) &&
            !handshake_read(&responder, &bench.b, bench.a.pair.public_key, packet, &offer))
                assert(is(packet, length, bench.initiation, sizeof(bench.initiation), 2));
        if (!handshake_finish(&initiator, &bench.a, packet, length, &bench.of_a))
                assert(is(packet, length, bench.response, sizeof(bench.response), 1));
        else
                assert(!memcmp(&initiator, &bench.initiator, sizeof(initiator)));
        handshake_cookie_read(&bench.initiator, &bench.held, packet, length, how);
        keylog_read((const char *)packet, length, &session);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        uint8_t packet[ROOM];
        if (!ready.offer.attempt)
                ready_make();
        if (size < 1)
                return 0;
        bench = ready;
        size_t length = packet_make(packet, data[0], data + 1, size - 1);
        if (data[0] & 4)
                mac_repair(packet, length);
        take(packet, length, data[0]);
        assert(bench_finish(&bench) == CRYPTO_TAKEN);
        assert(!memcmp(&bench.of_a.split, &bench.of_b.split, sizeof(bench.of_a.split)));
        return 0;
}
