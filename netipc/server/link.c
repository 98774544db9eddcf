/* The link's states, and frames in and out; see link.h. What is shared with the driver may change
 * at any time, so it is copied before it is looked at, and every index into it is checked. */
#include "netipc/server/link.h"
#include <assert.h>
#include <string.h>
#include "servers/proto/lookup.h"
#include "servers/proto/name.h"
#include "servers/proto/nic.h"
#include "netipc/server/members.h"
#include "netipc/server/journal.h"
#include "servers/rt/serve/service.h"

enum { POLL_BATCH = 32 };

#define LINK_RETRY          (200 * RT_MILLISECOND)
#define LINK_CONFLICT_PAUSE (60 * RT_SECOND)
#define LINK_PATIENT        (30 * RT_SECOND) /* how long a lookup waits for the driver */

outcome_t link_init(struct link *link, handle_t port, uint64_t key, handle_t event,
                    uint32_t address)
{
        *link = (struct link){.event = event, .own.address = address};
        return sys_call_create_keyed(port, key, &link->call);
}

/* ---- frames ---- */

static uint8_t *frame_of(struct link *link, uint32_t buffer)
{
        return packet_address(&link->end, buffer + PACKET_FRAME_START);
}

/* False: the driver has let the ring overflow. */
static bool push(struct link *link, uint32_t buffer, size_t length, bool more)
{
        struct packet_descriptor d = {.offset = buffer + PACKET_FRAME_START,
                                      .length = (uint16_t)length,
                                      .flags = more ? PACKET_MORE : 0};
        bool pushed = packet_push(&link->end, PACKET_TRANSMIT, d);
        if (!pushed)
                packet_buffer_put(&link->end, buffer);
        return pushed;
}

static void note_sent(struct link *link, bool sent)
{
        link->sent += sent;
        link->dropped += !sent;
}

static void send_arp(struct link *link, const uint8_t *mac, uint32_t target)
{
        uint32_t buffer = link->state == LINK_UP ? packet_buffer_get(&link->end) : 0;
        if (!buffer)
                return;
        size_t length = frame_build_arp(frame_of(link, buffer), &link->own, mac, target);
        note_sent(link, push(link, buffer, length, false));
}

/* Buffers for a frame of so many bytes; their number, or 0: there are not so many. */
static unsigned buffers_get(struct link *link, uint32_t buffer[PACKET_PIECES_MAX], size_t length)
{
        unsigned count = 0;
        for (size_t room = 0; room < length; room += PACKET_PIECE_MAX) {
                assert(count < PACKET_PIECES_MAX);
                if ((buffer[count] = packet_buffer_get(&link->end)) != 0) {
                        count++;
                        continue;
                }
                while (count > 0)
                        packet_buffer_put(&link->end, buffer[--count]);
                return 0;
        }
        return count;
}

/* A datagram, of which the first buffer has the headers; false: it could not be sent. */
static bool datagram_send(struct link *link, const uint8_t *mac, uint32_t address, uint16_t port,
                          const uint8_t *payload, size_t length)
{
        uint32_t buffer[PACKET_PIECES_MAX];
        unsigned count = buffers_get(link, buffer, UDP_FRAME_HEADERS + length);
        size_t used = UDP_FRAME_HEADERS;
        bool sent = count > 0;
        if (count > 0)
                frame_build_udp(frame_of(link, buffer[0]), &link->own, mac, address, WIRE_UDP_PORT,
                                port, length);
        for (unsigned i = 0; i < count; i++) {
                uint8_t *piece = frame_of(link, buffer[i]);
                size_t part = length < PACKET_PIECE_MAX - used ? length : PACKET_PIECE_MAX - used;
                memcpy(piece + used, payload, part);
                size_t bytes = i == 0 ? frame_pad(piece, used + part) : part;
                sent &= push(link, buffer[i], bytes, i + 1 < count);
                payload += part;
                length -= part;
                used = 0;
        }
        return sent;
}

void link_send(struct link *link, uint32_t address, uint16_t port, const void *payload,
               size_t length, uint64_t now)
{
        const uint8_t *mac = ethernet_broadcast;
        bool sent = false;
        if (address != UINT32_MAX && !(mac = neighbours_use(&link->neighbours, address, now)))
                send_arp(link, NULL, address);
        else if (link->state == LINK_UP && length <= UDP_PAYLOAD_MAX &&
                 length + UDP_FRAME_HEADERS - ETHERNET_HEADER <= link->mtu)
                sent = datagram_send(link, mac, address, port, payload, length);
        note_sent(link, sent);
}

/* Whether a frame claims to come from our address, so that another station has it too. */
static bool conflict(struct link *link, const struct frame *frame, uint64_t now)
{
        const uint8_t *mac = frame->sender_mac;
        if (frame->kind == FRAME_OTHER || frame->sender != link->own.address)
                return false;
        if (memcmp(mac, link->own.mac, ETHERNET_ADDRESS) == 0 ||
            (link->conflict_at && now < link->conflict_at + LINK_CONFLICT_PAUSE))
                return true;
        link->conflict_at = now;
        journal("warning: %02x:%02x:%02x:%02x:%02x:%02x has this node's address too", mac[0],
                mac[1], mac[2], mac[3], mac[4], mac[5]);
        return true;
}

static void arp_received(struct link *link, const struct frame *frame, uint64_t now)
{
        if (frame->target != link->own.address) {
                neighbours_hinted(&link->neighbours, frame->sender, frame->sender_mac);
                return;
        }
        neighbours_told(&link->neighbours, frame->sender, frame->sender_mac, now);
        if (frame->kind == FRAME_ARP_REQUEST &&
            neighbour_possible(frame->sender, frame->sender_mac))
                send_arp(link, frame->sender_mac, frame->sender);
}

/* Whoever speaks the protocol to us will want an answer. */
static void udp_received(struct link *link, const struct frame *frame, uint64_t now)
{
        if (frame->target_port != WIRE_UDP_PORT ||
            (frame->target != link->own.address && frame->target != UINT32_MAX) ||
            !neighbour_possible(frame->sender, frame->sender_mac))
                return;
        if (neighbours_heard(&link->neighbours, frame->sender, frame->sender_mac, now))
                send_arp(link, NULL, frame->sender);
        link->received++;
        packet_expect_none(&link->end);
        link->received_payload(link->context, frame->sender, frame->sender_port, frame->payload,
                               frame->length);
}

static void frame_received(struct link *link, const uint8_t *bytes, size_t length, uint64_t now)
{
        struct frame frame = frame_parse(bytes, length);
        if (conflict(link, &frame, now))
                return;
        if (frame.kind == FRAME_UDP)
                udp_received(link, &frame, now);
        else if (frame.kind != FRAME_OTHER)
                arp_received(link, &frame, now);
}

static void carrier_look(struct link *link, uint64_t now)
{
        bool carrier = packet_carrier(&link->end);
        if (carrier == link->carrier)
                return;
        link->carrier = carrier;
        journal("nic: its card has %s link", carrier ? "a" : "no");
        link->changed(link->context, carrier, now);
}

/* A frame, or its next piece. */
static void piece_received(struct link *link, struct packet_descriptor d, uint64_t now)
{
        size_t room = sizeof(link->frame) - link->gathered;
        size_t length = d.length < room ? d.length : room;
        memcpy(link->frame + link->gathered, packet_address(&link->end, d.offset), length);
        packet_push(&link->end, PACKET_RECEIVE_FREE, d);
        length += link->gathered;
        link->gathered = d.flags & PACKET_MORE ? length : 0;
        if (!(d.flags & PACKET_MORE))
                frame_received(link, link->frame, length, now);
}

void link_poll(struct link *link, uint64_t now)
{
        struct packet_descriptor d;
        if (link->state != LINK_UP || link->asleep)
                return;
        packet_awake(&link->end);
        for (unsigned i = 0; i < POLL_BATCH && packet_take(&link->end, PACKET_RECEIVED, &d); i++)
                piece_received(link, d, now);
        carrier_look(link, now);
}

/* ---- coming up, going down ---- */

static void link_down(struct link *link, uint64_t now)
{
        if (link->mapped)
                sys_memory_unmap(0, (uint64_t)link->area, link->area_bytes);
        link->mapped = false;
        link->mtu = 0;
        const handle_t handles[] = {link->session, link->memory, link->wake};
        for (unsigned i = 0; i < 3; i++)
                if (handles[i])
                        sys_handle_close(handles[i]);
        link->session = link->memory = link->wake = 0;
        link->state = LINK_DOWN;
        link->retry_at = now + LINK_RETRY;
        link->changed(link->context, false, now);
}

static void looked_up(struct link *link, uint64_t now)
{
        handle_t nic;
        outcome_t outcome = name_lookup_finish(link->call, &nic);
        if (outcome == OUTCOME_OK) {
                outcome = nic_attach_start(nic, link->call, now + RT_DEFAULT_WAIT,
                                           cap_copy(link->event), LINK_BIT_FRAMES);
                sys_handle_close(nic);
        }
        if (outcome == OUTCOME_OK)
                link->state = LINK_ATTACHING;
        else
                link_down(link, now);
}

static bool map_rings(struct link *link, uint64_t buffers)
{
        uint64_t address;
        link->area_bytes = packet_area_bytes((uint32_t)buffers);
        link->mapped = buffers <= PACKET_BUFFERS_MAX && link->area_bytes &&
                       sys_memory_map(0, link->memory, 0, 0, link->area_bytes, MAP_READ | MAP_WRITE,
                                      &address) == OUTCOME_OK;
        link->area = link->mapped ? (void *)address : NULL;
        return link->mapped &&
               packet_end_init(&link->end, link->area, (uint32_t)buffers, PACKET_CLIENT);
}

/* The driver is there, and its card cannot be used: another driver's may. `boot: failed` is for
 * whoever waits for the cluster to come up. */
static void unfit(struct link *link)
{
        const uint8_t *mac = link->own.mac;
        link->state = LINK_UNFIT;
        journal("%s no link: the card %02x%02x%02x%02x%02x%02x has an MTU of %u; give it, or its "
                "network, at least %u",
                members_joined() ? "warning:" : "boot: failed", mac[0], mac[1], mac[2], mac[3],
                mac[4], mac[5], link->mtu, LINK_MTU);
}

static void attached(struct link *link, uint64_t now)
{
        uint64_t buffers, mac, mtu;
        outcome_t outcome = nic_attach_finish(link->call, &link->session, &link->memory,
                                              &link->wake, &link->wake_bits, &buffers, &mac, &mtu);
        if (outcome != OUTCOME_OK) {
                journal("nic: attach: %s", reason_text(outcome_reason(outcome)));
                link->session = link->memory = link->wake = 0;
                link_down(link, now);
                return;
        }
        if (!map_rings(link, buffers) ||
            sys_watch(link->session, link->event, LINK_BIT_DEATH) != OUTCOME_OK) {
                journal("nic: its rings cannot be used");
                link_down(link, now);
                return;
        }
        for (unsigned i = 0; i < ETHERNET_ADDRESS; i++)
                link->own.mac[i] = (uint8_t)(mac >> (40 - 8 * i));
        link->mtu = mtu < UINT32_MAX ? (uint32_t)mtu : UINT32_MAX;
        if (link->mtu < LINK_MTU) {
                unfit(link);
                return;
        }
        link->state = LINK_UP;
        link->asleep = false;
        link->gathered = 0;
        link->carrier = true; /* link_poll() looks at once */
        link->attached++;
        link->changed(link->context, true, now);
        /* RFC 5227, 2.3: whoever knows an older Ethernet address of ours learns the new one;
         * whoever has our IPv4 address too says so. */
        send_arp(link, NULL, link->own.address);
        journal("nic: attached, %u.%u.%u.%u", link->own.address >> 24,
                link->own.address >> 16 & 255, link->own.address >> 8 & 255,
                link->own.address & 255);
}

void link_completed(struct link *link, uint64_t now)
{
        if (link->state == LINK_LOOKING)
                looked_up(link, now);
        else if (link->state == LINK_ATTACHING)
                attached(link, now);
}

void link_event(struct link *link, uint64_t bits, uint64_t now)
{
        if (bits & LINK_BIT_FRAMES)
                link->asleep = false;
        if (bits & LINK_BIT_DEATH && (link->state == LINK_UP || link->state == LINK_UNFIT)) {
                journal("nic: its driver is gone; waiting for the next one");
                link_down(link, now);
                link->retry_at = now; /* the next one may be there already */
        }
}

uint64_t link_time(struct link *link, uint64_t now)
{
        if (link->state != LINK_DOWN)
                return TIME_NEVER;
        if (now < link->retry_at)
                return link->retry_at;
        link->retry_at = now + LINK_RETRY;
        if (name_lookup_start(rt_names(), link->call, now + LINK_PATIENT, "./nic", 5,
                              NAME_WAIT_ALWAYS) == OUTCOME_OK) {
                link->state = LINK_LOOKING;
                return TIME_NEVER;
        }
        return link->retry_at;
}

void link_expect(struct link *link)
{
        if (link->state == LINK_UP)
                packet_expect(&link->end);
}

handle_t link_flush(struct link *link, uint64_t *bits)
{
        *bits = link->wake_bits;
        return link->state == LINK_UP && packet_should_signal(&link->end) ? link->wake : 0;
}

bool link_sleep(struct link *link)
{
        if (link->state != LINK_UP || (link->asleep && !packet_lacks_buffers(&link->end)))
                return true;
        return link->asleep = packet_sleep(&link->end);
}
