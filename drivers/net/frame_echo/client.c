/* Attaches to `nic`, and copies frames into and out of the rings (client.h). */
#include <stdlib.h>
#include <string.h>
#include "drivers/net/frame_echo/client.h"
#include "servers/proto/nic.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/time.h"

enum { EVENT_FRAMES = 1 << 0, EVENT_DIED = 1 << 1 };

#define ATTACH_WAIT  (30 * RT_SECOND)
#define ATTACH_RETRY (20 * RT_MILLISECOND)

/* Maps the rings and takes the client's end of them. */
static outcome_t rings_open(struct nic_client *client, handle_t memory, uint64_t buffers)
{
        uint64_t bytes;
        void *area;
        outcome_t outcome = sys_memory_info(memory, &bytes, NULL);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (buffers > PACKET_BUFFERS_MAX || packet_area_bytes((uint32_t)buffers) == 0 ||
            bytes < packet_area_bytes((uint32_t)buffers))
                return not_executed(REASON_MALFORMED);
        outcome = rt_memory_map(memory, 0, packet_area_bytes((uint32_t)buffers),
                                MAP_READ | MAP_WRITE, &area);
        if (outcome == OUTCOME_OK)
                packet_end_init(&client->end, area, (uint32_t)buffers, PACKET_CLIENT);
        return outcome;
}

outcome_t nic_client_attach(struct nic_client *client)
{
        uint64_t deadline = rt_after(ATTACH_WAIT);
        uint64_t buffers, mtu;
        handle_t nic, memory;
        outcome_t outcome = rt_lookup("./nic", deadline, &nic);
        if (outcome == OUTCOME_OK)
                outcome = sys_event_create(&client->event);
        if (outcome != OUTCOME_OK)
                return outcome;
        while ((outcome = nic_attach(nic, deadline, cap_copy(client->event), EVENT_FRAMES,
                                     &client->session, &memory, &client->wake, &client->wake_bits,
                                     &buffers, &client->mac, &mtu)) == answered(REASON_BUSY) &&
               rt_now() < deadline)
                sys_sleep(rt_after(ATTACH_RETRY));
        if (outcome == OUTCOME_OK)
                outcome = rings_open(client, memory, buffers);
        if (outcome == OUTCOME_OK)
                outcome = sys_watch(client->session, client->event, EVENT_DIED);
        return outcome;
}

static void driver_signal(struct nic_client *client)
{
        if (packet_should_signal(&client->end))
                sys_event_signal(client->wake, client->wake_bits);
}

void nic_client_wait(struct nic_client *client, uint64_t deadline)
{
        uint64_t bits = 0;
        driver_signal(client);
        if (packet_sleep(&client->end))
                sys_event_wait(client->event, EVENT_FRAMES | EVENT_DIED, deadline, &bits);
        packet_awake(&client->end);
        if (bits & EVENT_DIED) {
                rt_log("the driver has died");
                exit(EXIT_FAILURE);
        }
}

bool nic_client_receive(struct nic_client *client, struct packet_descriptor *frame)
{
        return packet_take(&client->end, PACKET_RECEIVED, frame);
}

void nic_client_release(struct nic_client *client, struct packet_descriptor frame)
{
        packet_push(&client->end, PACKET_RECEIVE_FREE, frame);
}

void nic_client_send(struct nic_client *client, const void *frame, uint16_t length)
{
        struct packet_descriptor sent;
        uint32_t buffer = packet_buffer_get(&client->end);
        if (buffer == 0)
                return;
        sent = (struct packet_descriptor){buffer + PACKET_FRAME_START, length, 0};
        memcpy(packet_address(&client->end, sent.offset), frame, length);
        packet_push(&client->end, PACKET_TRANSMIT, sent);
}
