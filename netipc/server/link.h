/* The link: from the network driver's rings to UDP payloads and back.
 *
 *      DOWN ──lookup──> LOOKING ──attach──> ATTACHING ──> UP ──driver dies──> DOWN
 *                                              │                               ^
 *                                              └──MTU too small──> UNFIT ──────┘
 *
 * While it is UP the card may lose its carrier (a cable that is pulled, a port that is off), which
 * is told to the core like the loss of the driver.
 *
 * A card that does not take the protocol's largest packet is attached, so that its successor is
 * noticed, and not used: nothing is sent that might be cut, and the log and `nodes` say why.
 *
 * The transport never waits for the driver or the name service: lookup and attach are asynchronous
 * calls whose completion comes with a key. While the link is down packets are lost, as on any
 * wire; the core sends them again.
 *
 * Frames are copied out of the shared rings before anything is parsed, because the driver could
 * still change them. So the pieces of a long one are put together on the way; one that is longer
 * than there are is cut, and then is nothing.
 *
 * Context: the transport's one thread. */
#ifndef NETIPC_SERVER_LINK_H
#define NETIPC_SERVER_LINK_H

#include "netipc/core/wire.h"
#include "netipc/server/neighbours.h"
#include "servers/proto/packet_ring.h"
#include "servers/rt/message/message.h"

enum link_state { LINK_DOWN, LINK_LOOKING, LINK_ATTACHING, LINK_UP, LINK_UNFIT };

/* The least MTU of a card that is used: of an IPv4 datagram with the protocol's largest packet. */
enum { LINK_MTU = UDP_FRAME_HEADERS - ETHERNET_HEADER + WIRE_PACKET_BASE };

_Static_assert((int)WIRE_PLACE + (int)UDP_FRAME_HEADERS <= (int)PACKET_PIECE_MAX,
               "a place is a buffer of the ring");

/* Event bits of the transport's event that the link uses. */
#define LINK_BIT_FRAMES (1ull << 63)
#define LINK_BIT_DEATH  (1ull << 61)
#define LINK_BITS       (LINK_BIT_FRAMES | LINK_BIT_DEATH)

struct link {
        enum link_state state;
        handle_t event, call;
        handle_t session, memory, wake;
        uint64_t wake_bits, retry_at;
        struct station own;
        uint32_t mtu; /* of the card: bytes behind the Ethernet header; 0: none is attached */
        void *area;
        bool mapped;  /* the area */
        bool carrier; /* as the core was told; while UP */
        bool asleep;  /* the driver signals what comes: until then there is nothing to take */
        size_t area_bytes;
        uint64_t sent, received, dropped, attached;
        uint64_t conflict_at; /* when another station with our address was last logged; 0: never */

        /* Called from link_poll with each UDP payload to our port. */
        void (*received_payload)(void *context, uint32_t address, uint16_t port,
                                 const void *payload, size_t length);
        /* Called when the link comes up or is lost. */
        void (*changed)(void *context, bool up, uint64_t now);
        void *context;

        struct packet_end end;
        struct neighbours neighbours;
        size_t gathered; /* bytes of the frame that is coming */
        uint8_t frame[ETHERNET_FRAME_MAX];
};

/* `event` is bound to the transport's port, where the link's calls complete with the key. Fails
 * only without memory. */
outcome_t link_init(struct link *link, handle_t port, uint64_t key, handle_t event,
                    uint32_t address);

/* The link's call has completed. */
void link_completed(struct link *link, uint64_t now);

/* Handles the link's event bits. */
void link_event(struct link *link, uint64_t bits, uint64_t now);

/* Tries again what failed; returns when it wants to be called next. */
uint64_t link_time(struct link *link, uint64_t now);

/* Takes the frames that have come, a bounded number at a time. */
void link_poll(struct link *link, uint64_t now);

/* Sends a UDP payload to an address; UINT32_MAX broadcasts it. It is lost if the link is down or
 * full, if the payload is more than the card takes, or if the neighbour's Ethernet address is not
 * known yet (it is then asked for). */
void link_send(struct link *link, uint32_t address, uint16_t port, const void *payload,
               size_t length, uint64_t now);

/* An answer to what is sent now is expected, and soon. */
void link_expect(struct link *link);

/* Before waiting: false if there is work. */
bool link_sleep(struct link *link);

/* With the wait: the event, and in *bits the bits, that wake the driver; 0 if it is awake. */
handle_t link_flush(struct link *link, uint64_t *bits);

#endif
