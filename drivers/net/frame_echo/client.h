/* A client of `nic`, as small as it can be: one event, frames copied into and out of the rings.
 *
 * Context: one thread. When the driver dies the program ends (status 1). */
#ifndef DRIVERS_NET_FRAME_ECHO_CLIENT_H
#define DRIVERS_NET_FRAME_ECHO_CLIENT_H

#include "servers/proto/packet_ring.h"
#include "servers/rt/message/syscall.h"

struct nic_client {
        struct packet_end end;
        handle_t session, event, wake;
        uint64_t wake_bits;
        uint64_t mac; /* 48 bits, first byte highest */
};

/* Looks `nic` up and attaches, waiting for the driver and for an earlier client to be gone. */
outcome_t nic_client_attach(struct nic_client *client);

/* Waits until there is something in the rings, or the deadline has passed. */
void nic_client_wait(struct nic_client *client, uint64_t deadline);

/* The next frame that arrived; to be released after use. False: none. */
bool nic_client_receive(struct nic_client *client, struct packet_descriptor *frame);
void nic_client_release(struct nic_client *client, struct packet_descriptor frame);

/* Sends a copy of a frame; dropped if no buffer is left. */
void nic_client_send(struct nic_client *client, const void *frame, uint16_t length);

#endif
