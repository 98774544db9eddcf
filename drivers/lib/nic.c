/* The service `nic`, its client, and the loop of all network drivers (nic.h). A frame costs one
 * switch of the address space each way only because the client is signalled with the wait. */
#include <stdlib.h>
#include <string.h>
#include "drivers/lib/nic.h"
#include "servers/proto/nic.h"
#include "servers/rt/task/log.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

enum { BADGE_SERVICE = 1, WORK_ROUNDS = 16 };

void nic_fail(const struct nic *nic, const char *why)
{
        (void)nic;
        rt_log("given up: %s", why);
        exit(EXIT_FAILURE);
}

void nic_unusable(const struct nic *nic, const char *why)
{
        const struct pci_device *pci = &nic->pci;
        rt_log("boot: failed %04x:%04x at %02x:%02x.%x %s", pci->vendor, pci->device,
               pci->address >> 8, pci->address >> 3 & 0x1f, pci->address & 7, why);
        exit(EXIT_FAILURE);
}

static void nic_require(const struct nic *nic, const char *what, outcome_t outcome)
{
        if (outcome == OUTCOME_OK)
                return;
        rt_log("%s: %s", what, reason_text(outcome_reason(outcome)));
        nic_fail(nic, what);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static bool frame_fits(const struct nic *nic, const struct nic_frame *frame)
{
        return frame->length >= PACKET_FRAME_MIN && frame->length <= nic->mtu + NIC_HEADER;
}

static bool frame_whole(const struct nic_frame *frame)
{
        return frame->pieces > 0 && !(frame->piece[frame->pieces - 1].flags & PACKET_MORE);
}

/* False, and the frame will not fit: it has too many pieces, or one is empty. */
static bool frame_add(struct nic_frame *frame, struct packet_descriptor piece)
{
        if (frame->pieces == PACKET_PIECES_MAX || piece.length == 0) {
                frame->length = PACKET_FRAME_MAX + 1;
                return false;
        }
        frame->piece[frame->pieces++] = piece;
        frame->length += piece.length;
        return true;
}

static void frame_begin(struct nic_frame *frame)
{
        frame->pieces = 0;
        frame->length = 0;
}

static void received_whole(struct nic *nic)
{
        struct nic_frame *frame = &nic->receiving;
        bool good = frame_fits(nic, frame);
        for (unsigned i = 0; i < frame->pieces; i++)
                if (!good || !packet_push(&nic->end, PACKET_RECEIVED, frame->piece[i])) {
                        packet_buffer_put(&nic->end, frame->piece[i].offset);
                        good = false;
                }
        nic->dropped += !good;
        nic->received += good;
        nic->received_bytes += good ? frame->length : 0;
        frame_begin(frame);
}

void nic_received(struct nic *nic, uint32_t offset, uint32_t length, bool more)
{
        bool possible = length <= packet_buffer_rest(&nic->end, offset); /* the device's word */
        struct packet_descriptor piece = {.offset = offset,
                                          .length = possible ? (uint16_t)length : 0,
                                          .flags = more ? PACKET_MORE : 0};
        if (!frame_add(&nic->receiving, piece))
                packet_buffer_put(&nic->end, offset);
        if (!more)
                received_whole(nic);
}

void nic_transmitted(struct nic *nic, uint32_t offset)
{
        /* A client that lets this ring overflow loses the buffer: it is its own. */
        packet_push(&nic->end, PACKET_TRANSMITTED, (struct packet_descriptor){.offset = offset});
}

static void frame_drop(struct nic *nic)
{
        struct nic_frame *frame = &nic->sending;
        for (unsigned i = 0; i < frame->pieces; i++)
                nic_transmitted(nic, frame->piece[i].offset);
        nic->dropped++;
        frame_begin(frame);
}

/* What the client has not pushed whole is kept until it has. */
const struct nic_frame *nic_transmit_next(struct nic *nic)
{
        struct nic_frame *frame = &nic->sending;
        struct packet_descriptor piece;
        if (frame_whole(frame))
                frame_begin(frame);
        while (packet_take(&nic->end, PACKET_TRANSMIT, &piece)) {
                if (!frame_add(frame, piece))
                        nic_transmitted(nic, piece.offset);
                if (piece.flags & PACKET_MORE)
                        continue;
                if (frame_fits(nic, frame)) {
                        nic->sent++;
                        nic->sent_bytes += frame->length;
                        return frame;
                }
                frame_drop(nic);
        }
        return NULL;
}

/* ---- the client ------------------------------------------------------------------------------ */

static void client_signal(struct nic *nic)
{
        if (packet_should_signal(&nic->end))
                sys_event_signal(nic->client_event, nic->client_bits);
}

/* As the last thing before the driver waits: the client runs when the driver sleeps already. */
static void client_signal_with_wait(struct nic *nic)
{
        if (!packet_should_signal(&nic->end))
                return;
        nic->server.signal = nic->client_event;
        nic->server.signal_bits = nic->client_bits;
}

static void client_detach(struct nic *nic)
{
        nic->attached = false;
        nic->violations += nic->end.violations;
        nic->end.violations = 0;
        sys_handle_close(nic->client_event);
        if (!nic->driver->stop(nic))
                nic_fail(nic, "the device does not stop");
        rt_log("client gone, device stopped");
}

static outcome_t client_attach(struct nic *nic, handle_t event, uint64_t bits, handle_t *session)
{
        outcome_t outcome =
            sys_right_mint(nic->server.port, nic->session + 1, RIGHT_SEND | RIGHT_COPY, session);
        if (outcome != OUTCOME_OK)
                return outcome;
        nic->session++;
        nic->client_event = event;
        nic->client_bits = bits;
        packet_end_init(&nic->end, nic->area.address, nic->buffers, PACKET_DRIVER);
        frame_begin(&nic->receiving);
        frame_begin(&nic->sending);
        nic->attached = true;
        if (!nic->driver->start(nic))
                nic_fail(nic, "the device does not start");
        nic_link_changed(nic);
        packet_carrier_set(&nic->end, nic->link);
        return OUTCOME_OK;
}

static outcome_t handle_attach(struct request *request, struct received_cap *event, uint64_t bits,
                               struct send_cap *session, struct send_cap *memory,
                               struct send_cap *wake, uint64_t *wake_bits, uint64_t *buffers,
                               uint64_t *mac, uint64_t *mtu)
{
        struct nic *nic = request->context;
        handle_t client_event, session_right;
        outcome_t outcome;
        if (nic->attached)
                return answered(REASON_BUSY);
        if (event->type != OBJECT_EVENT || (event->rights & RIGHT_SIGNAL) == 0 || bits == 0)
                return answered(REASON_INVALID);
        client_event = cap_take(event);
        outcome = client_attach(nic, client_event, bits, &session_right);
        if (outcome != OUTCOME_OK) {
                sys_handle_close(client_event);
                return outcome;
        }
        *session = cap_move(session_right);
        *memory = (struct send_cap){nic->area.memory, RIGHT_READ | RIGHT_WRITE, SEND_CAP_SHARE};
        *wake = (struct send_cap){nic->event, RIGHT_SIGNAL | RIGHT_COPY, 0};
        *wake_bits = NIC_EVENT_WAKE;
        *buffers = nic->buffers;
        *mac = nic->mac;
        *mtu = nic->mtu;
        return OUTCOME_OK;
}

static outcome_t handle_statistics(struct request *request, uint64_t *received,
                                   uint64_t *received_bytes, uint64_t *sent, uint64_t *sent_bytes,
                                   uint64_t *dropped, uint64_t *violations, uint64_t *interrupts)
{
        const struct nic *nic = request->context;
        *received = nic->received;
        *received_bytes = nic->received_bytes;
        *sent = nic->sent;
        *sent_bytes = nic->sent_bytes;
        *dropped = nic->dropped;
        *violations = nic->violations + nic->end.violations;
        *interrupts = nic->interrupts;
        return OUTCOME_OK;
}

void nic_link_changed(struct nic *nic)
{
        bool up = nic->driver->link_up(nic);
        if (up == nic->link)
                return;
        nic->link = up;
        nic->link_changes++;
        rt_log("link %s", up ? "up" : "down");
        if (!nic->attached)
                return;
        packet_carrier_set(&nic->end, up);
        sys_event_signal(nic->client_event, nic->client_bits);
}

static outcome_t handle_link(struct request *request, uint64_t *up, uint64_t *changes)
{
        struct nic *nic = request->context;
        nic_link_changed(nic);
        *up = nic->link;
        *changes = nic->link_changes;
        return OUTCOME_OK;
}

/* ---- the loop -------------------------------------------------------------------------------- */

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        struct nic *nic = server->context;
        (void)key;
        if (bits & NIC_EVENT_INTERRUPT) {
                nic->interrupts++;
                nic->driver->interrupt(nic);
        }
        if (bits & NIC_EVENT_CONFIG)
                nic_link_changed(nic);
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        struct nic *nic = server->context;
        (void)issues;
        if (nic->attached && badge == nic->session)
                client_detach(nic);
}

static void on_idle(struct server *server)
{
        struct nic *nic = server->context;
        if (!nic->attached)
                return;
        packet_awake(&nic->end);
        for (unsigned i = 0; i < WORK_ROUNDS; i++) {
                bool more = nic->driver->work(nic);
                if (!more && nic->driver->rest(nic) && packet_sleep(&nic->end)) {
                        client_signal_with_wait(nic);
                        halt_poll_wake(&nic->poll);
                        return;
                }
                client_signal(nic);
        }
        /* Messages get their turn; this brings the loop back here at once. */
        sys_event_signal(nic->event, NIC_EVENT_WAKE);
}

void nic_prepare(struct nic *nic, const struct nic_driver *driver, void *context)
{
        outcome_t outcome;
        memset(nic, 0, sizeof *nic);
        nic->driver = driver;
        nic->context = context;
        nic->session = BADGE_SERVICE;
        outcome = pci_device_claim(&nic->pci);
        if (outcome_reason(outcome) == REASON_NOT_FOUND) {
                rt_log("no such device in this machine");
                exit(EXIT_SUCCESS);
        }
        nic_require(nic, "cannot claim the device", outcome);
        nic_require(nic, "cannot make a port", rt_server_init(&nic->server));
        nic_require(nic, "cannot make an event", rt_server_event(&nic->server, &nic->event));
        nic->server.context = nic;
        nic->server.on_event = on_event;
        nic->server.on_no_senders = on_no_senders;
        nic->server.on_idle = on_idle;
        nic->server.receive_bytes = 0;
        nic->server.most_caps = 1;
}

void nic_serve(struct nic *nic)
{
        static const struct nic_server handlers = {
            .attach = handle_attach,
            .statistics = handle_statistics,
            .link = handle_link,
        };
        const char *halts = startup_value(rt_startup(), "halt_poll");
        handle_t right;
        outcome_t outcome;
        nic_require(nic, "no DMA memory",
                    pci_device_dma(&nic->pci, packet_area_bytes(nic->buffers), &nic->area));
        nic_require(nic, "cannot make the device a bus master", pci_device_master(&nic->pci, true));
        nic->link = nic->driver->link_up(nic);
        nic_require(nic, "cannot serve",
                    rt_server_add(&nic->server, NIC_INTERFACE, nic_dispatch, &handlers, nic));
        nic_require(nic, "cannot make a right",
                    rt_server_right(&nic->server, BADGE_SERVICE, &right));
        nic_require(nic, "cannot register", rt_register("nic", right));
        if (!halts || strcmp(halts, "no") != 0)
                halt_poll_start(&nic->poll, nic->area.address);
        rt_log("%04x:%04x, MAC %012lx, MTU %u, link %s", nic->pci.vendor, nic->pci.device, nic->mac,
               nic->mtu, nic->link ? "up" : "down");
        outcome = rt_serve(&nic->server);
        nic_fail(nic, reason_text(outcome_reason(outcome)));
}
