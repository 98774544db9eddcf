/* Frames without a protocol: measures and tests the path through driver, rings and wire alone.
 *
 *      frame_echo                      answers frames of the experimental EtherType 0x88b5, each to
 *                                      the address that it came from
 *      frame_echo mode=ping count=N    sends N such frames to everybody, one after the other, waits
 *                                      for each answer, and logs
 *                                      `frame_echo: N answered, N lost, median N ns, p99 N ns,
 *                                      worst N ns`
 *
 * A frame: destination, source, EtherType, request (1) or answer (2), sequence number, 46 bytes in
 * all behind the header. Other frames are given back unread. The program is a client of `nic` like
 * the transport, of which there can be one at a time. */
#include <stdlib.h>
#include <string.h>
#include "drivers/net/frame_echo/client.h"
#include "servers/common/byte_order.h"
#include "servers/rt/task/log.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/time.h"

enum {
        ETHERTYPE_EXPERIMENTAL = 0x88b5, /* IEEE 802: local experimental 1 */
        ADDRESS_BYTES = 6,
        KIND_REQUEST = 1,
        KIND_ANSWER = 2,
        COUNT_DEFAULT = 1000,
        COUNT_MAX = 100000,
};

#define ANSWER_WAIT RT_SECOND

struct frame {
        uint8_t destination[ADDRESS_BYTES], source[ADDRESS_BYTES];
        uint8_t type[2]; /* big-endian */
        uint8_t kind;
        uint8_t sequence[4]; /* big-endian */
        uint8_t padding[41];
};

_Static_assert(sizeof(struct frame) == 60, "the shortest frame without its checksum");

static struct nic_client client;
static uint64_t samples[COUNT_MAX + 1];

static void address_put(uint8_t address[ADDRESS_BYTES], uint64_t mac)
{
        for (unsigned i = 0; i < ADDRESS_BYTES; i++)
                address[i] = (uint8_t)(mac >> 8 * (ADDRESS_BYTES - 1 - i));
}

/* Copies a frame out of shared memory; false if it is none of ours. */
static bool frame_read(struct packet_descriptor received, uint8_t kind, struct frame *frame)
{
        if (received.length < sizeof *frame)
                return false;
        memcpy(frame, packet_address(&client.end, received.offset), sizeof *frame);
        return frame->type[0] == ETHERTYPE_EXPERIMENTAL >> 8 &&
               frame->type[1] == (ETHERTYPE_EXPERIMENTAL & 0xff) && frame->kind == kind;
}

static void answer(struct frame *frame)
{
        memcpy(frame->destination, frame->source, ADDRESS_BYTES);
        address_put(frame->source, client.mac);
        frame->kind = KIND_ANSWER;
        nic_client_send(&client, frame, sizeof *frame);
}

static void echo_run(void)
{
        struct packet_descriptor received;
        struct frame frame;
        for (;;) {
                nic_client_wait(&client, TIME_NEVER);
                while (nic_client_receive(&client, &received)) {
                        bool ours = frame_read(received, KIND_REQUEST, &frame);
                        nic_client_release(&client, received);
                        if (ours)
                                answer(&frame);
                }
        }
}

static void request_send(uint32_t sequence)
{
        struct frame frame = {
            .type = {ETHERTYPE_EXPERIMENTAL >> 8, ETHERTYPE_EXPERIMENTAL & 0xff},
            .kind = KIND_REQUEST,
        };
        put32(frame.sequence, sequence);
        memset(frame.destination, 0xff, ADDRESS_BYTES);
        address_put(frame.source, client.mac);
        nic_client_send(&client, &frame, sizeof frame);
        packet_expect(&client.end);
}

/* Waits for the answer with that number. False: none came in time. */
static bool answer_wait(uint32_t sequence, uint64_t deadline)
{
        struct packet_descriptor received;
        struct frame frame;
        while (rt_now() < deadline) {
                nic_client_wait(&client, deadline);
                while (nic_client_receive(&client, &received)) {
                        bool ours = frame_read(received, KIND_ANSWER, &frame);
                        nic_client_release(&client, received);
                        if (ours && get32(frame.sequence) == sequence) {
                                packet_expect_none(&client.end);
                                return true;
                        }
                }
        }
        return false;
}

static int sample_compare(const void *a, const void *b)
{
        uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
        return (x > y) - (x < y);
}

static void ping_run(uint32_t count)
{
        uint32_t answered = 0;
        for (uint32_t i = 0; i < count; i++) {
                uint64_t begin = rt_now();
                request_send(i);
                if (answer_wait(i, begin + ANSWER_WAIT))
                        samples[answered++] = rt_now() - begin;
        }
        qsort(samples, answered, sizeof samples[0], sample_compare);
        samples[answered] = answered > 0 ? samples[answered - 1] : 0;
        rt_log("%u answered, %u lost, median %lu ns, p99 %lu ns, worst %lu ns", answered,
               count - answered, samples[answered / 2], samples[answered / 100 * 99],
               samples[answered]);
}

int main(void)
{
        const char *mode = startup_value(rt_startup(), "mode");
        const char *count = startup_value(rt_startup(), "count");
        unsigned long wanted = count ? strtoul(count, NULL, 10) : COUNT_DEFAULT;
        outcome_t outcome = nic_client_attach(&client);
        if (outcome != OUTCOME_OK) {
                rt_log("cannot attach to nic: %s", reason_text(outcome_reason(outcome)));
                return EXIT_FAILURE;
        }
        if (mode && strcmp(mode, "ping") == 0)
                ping_run((uint32_t)(wanted < COUNT_MAX ? wanted : COUNT_MAX));
        else
                echo_run();
        return EXIT_SUCCESS;
}
