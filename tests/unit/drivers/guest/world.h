/* The guest test's first task: what init, the name server and a transport are in the real system,
 * as far as drivers need them.
 *
 *      world (first task) ── spawns ──> pci <── virtio_net and one more driver
 *         |  serves `name`: register                |
 *         '── attaches as their client <────────────'
 *
 * The machine has both network devices on one hub, so what one sends the other receives. */
#ifndef TESTS_UNIT_DRIVERS_GUEST_WORLD_H
#define TESTS_UNIT_DRIVERS_GUEST_WORLD_H

#include "servers/proto/packet_ring.h"
#include "servers/proto/pci_layout.h"
#include "servers/rt/serve/serve.h"
#include "servers/rt/start/spawn.h"

enum { NAME_BYTES = 24 };

/* A network driver and the one client that the test is to it. */
struct interface {
        char program[NAME_BYTES];         /* also the component's name, and the boot module's */
        struct pci_id ids[PCI_ADMIT_IDS]; /* what the driver may claim, by its manifest */
        unsigned id_count;
        struct spawned spawned;
        handle_t nic; /* what the driver has registered; 0: nothing yet */

        bool attached;
        handle_t session, memory, event, wake;
        uint64_t wake_bits, mac, mtu;
        void *area;
        size_t area_bytes;
        struct packet_end end;
};

enum { INTERFACES = 2, EVENT_FRAMES = 1 << 0, EVENT_DIED = 1 << 1 };

extern struct interface interfaces[INTERFACES];

/* The bus server's right with badge 0. */
extern handle_t pci_admin;

/* Bytes that the bus server's account has in use. */
uint64_t bus_memory(void);

/* Sets up the world's port and starts the bus server; false: it did not come up. */
bool world_begin(void);

/* Starts an interface's driver and waits until it has registered. False: it did not in time. */
bool driver_start(struct interface *interface);

/* Ends its task at once, as a fault would. */
void driver_kill(struct interface *interface);

/* Attaches to the driver and maps its rings. */
outcome_t client_attach(struct interface *interface);

/* Drops everything of the client, the session last. */
void client_detach(struct interface *interface);

/* Sends a frame to the other interface: its header, then `length` - 14 bytes that the number
 * decides. False: no buffer is free. */
bool frame_send(struct interface *from, const struct interface *to, uint32_t number,
                uint16_t length);

/* Takes the next frame that the test has sent; what others send (the devices' own protocols) is
 * given back. *intact: whether its content is as its number says. */
bool frame_take(struct interface *interface, uint32_t *number, bool *intact);

/* Tells the driver of new work, and waits for frames until the deadline. */
void client_wait(struct interface *interface, uint64_t deadline);
void client_push(struct interface *interface);

#endif
