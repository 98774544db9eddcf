/* Starts bus server and drivers in a guest, serves names, and is the drivers' client (world.h). */
#include <stdio.h>
#include <string.h>
#include "cluster/system/manifest.h"
#include "servers/proto/name.h"
#include "servers/proto/nic.h"
#include "servers/proto/pci.h"
#include "servers/proto/pci_layout.h"
#include "servers/proto/supervisor.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"
#include "servers/rt/task/time.h"
#include "tests/unit/drivers/guest/world.h"

enum {
        BADGE_BUS = 1,
        BADGE_INTERFACE = 2, /* and up: the name service's right of the interface */
        ETHERTYPE = 0x88b5,
        PRIORITY_BUS = 80,
        PRIORITY_DRIVER = 70,
};

#define WAIT (20 * RT_SECOND)

struct interface interfaces[INTERFACES] = {{.program = "virtio_net"}};
handle_t pci_admin;

static struct server server;
static struct spawned bus;

/* ---- programs -------------------------------------------------------------------------------- */

static void module_map(const char *name, const void **bytes, size_t *size)
{
        const struct bootinfo *info = rt_bootinfo();
        *bytes = NULL;
        *size = 0;
        for (unsigned i = 0; i < info->module_count; i++) {
                void *address;
                if (strcmp(info->modules[i].name, name) != 0)
                        continue;
                if (rt_memory_map(info->modules[i].memory, 0, page_up(info->modules[i].size),
                                  MAP_READ, &address) != OUTCOME_OK)
                        return;
                *bytes = address;
                *size = info->modules[i].size;
        }
}

/* What a driver may claim: the module NAME.manifest says it. */
static bool ids_read(struct interface *interface)
{
        static struct manifest manifest;
        struct parse_error wrong;
        char name[NAME_BYTES + sizeof ".manifest"];
        const void *text;
        size_t length;
        snprintf(name, sizeof name, "%s.manifest", interface->program);
        module_map(name, &text, &length);
        if (!text || !manifest_parse(text, length, &manifest, &wrong))
                return false;
        for (unsigned i = 0; i < manifest.device_count; i++)
                if (manifest.devices[i].kind == DEVICE_PCI)
                        interface->ids[interface->id_count++] =
                            (struct pci_id){(uint16_t)manifest.devices[i].first,
                                            (uint16_t)manifest.devices[i].second, 0};
        return interface->id_count > 0;
}

/* The other driver is named on the command line: `driver=NAME`. */
static bool drivers_read(void)
{
        const struct bootinfo *info = rt_bootinfo();
        struct text driver,
            line = {info->command_line, strnlen(info->command_line, sizeof info->command_line)};
        if (!text_value(line, "driver", &driver) || driver.length >= NAME_BYTES)
                return false;
        memcpy(interfaces[1].program, driver.at, driver.length);
        return ids_read(&interfaces[0]) && ids_read(&interfaces[1]);
}

static bool program_start(const char *name, const char *argument, const struct spawn_grant *grants,
                          unsigned grant_count, uint64_t memory, unsigned priority,
                          struct spawned *spawned)
{
        struct spawn spawn = {
            .component = name,
            .arguments = &argument,
            .argument_count = argument ? 1 : 0,
            .memory = memory,
            .priority = priority,
            .grants = grants,
            .grant_count = grant_count,
        };
        const char *wrong = "";
        outcome_t outcome;
        module_map(name, &spawn.elf, &spawn.elf_size);
        outcome = spawn_task(&spawn, spawned, &wrong);
        if (outcome == OUTCOME_OK)
                outcome = spawn_start(spawned);
        if (outcome != OUTCOME_OK)
                rt_log("cannot start %s: %s %s", name, reason_text(outcome_reason(outcome)), wrong);
        return outcome == OUTCOME_OK;
}

/* ---- the name service ------------------------------------------------------------------------ */

static outcome_t handle_register(struct request *request, const void *name, size_t name_length,
                                 struct received_cap *right)
{
        uint64_t index = request->badge - BADGE_INTERFACE;
        if (index >= INTERFACES || name_length != 3 || memcmp(name, "nic", 3) != 0)
                return answered(REASON_REFUSED);
        interfaces[index].nic = cap_take(right);
        return OUTCOME_OK;
}

static outcome_t handle_admits(struct request *request, struct received_cap *right)
{
        if (request->badge != BADGE_BUS)
                return answered(REASON_REFUSED);
        pci_admin = cap_take(right);
        return OUTCOME_OK;
}

bool world_begin(void)
{
        static const struct supervisor_server supervisors = {.admits = handle_admits};
        static const struct name_server names = {.register_ = handle_register};
        const struct bootinfo *info = rt_bootinfo();
        struct spawn_grant grants[2] = {{"hardware", info->hardware, RIGHTS_ALL}};
        char argument[64];
        uint64_t deadline = rt_after(WAIT);
        if (!drivers_read())
                return false;
        rt_server_init(&server);
        rt_server_add(&server, NAME_INTERFACE, name_dispatch, &names, NULL);
        rt_server_add(&server, SUPERVISOR_INTERFACE, supervisor_dispatch, &supervisors, NULL);
        rt_server_right(&server, BADGE_BUS, &grants[1].handle);
        grants[1].name = "supervisor";
        grants[1].rights = RIGHTS_ALL;
        snprintf(argument, sizeof argument, "pci-ecam=%lx:%u-%u", info->pci_ecam,
                 info->pci_bus_first, info->pci_bus_last);
        if (!program_start("pci", argument, grants, 2, 8 << 20, PRIORITY_BUS, &bus))
                return false;
        while (pci_admin == 0 && rt_now() < deadline)
                rt_serve_one(&server, deadline);
        return pci_admin != 0;
}

bool driver_start(struct interface *interface)
{
        uint64_t index = (uint64_t)(interface - interfaces);
        struct spawn_grant grants[3] = {{"hardware", rt_bootinfo()->hardware, RIGHTS_ALL}};
        uint64_t deadline = rt_after(WAIT);
        uint64_t driver;
        handle_t pci, name;
        if (pci_admit(pci_admin, deadline, interface->program, strlen(interface->program),
                      interface->ids, interface->id_count * sizeof interface->ids[0], 0, &pci,
                      &driver) != OUTCOME_OK ||
            rt_server_right(&server, BADGE_INTERFACE + index, &name) != OUTCOME_OK)
                return false;
        grants[1] = (struct spawn_grant){"pci", pci, RIGHTS_ALL};
        grants[2] = (struct spawn_grant){"name", name, RIGHTS_ALL};
        if (!program_start(interface->program, NULL, grants, 3, 2 << 20, PRIORITY_DRIVER,
                           &interface->spawned))
                return false;
        sys_handle_close(pci);
        sys_handle_close(name);
        while (interface->nic == 0 && rt_now() < deadline)
                rt_serve_one(&server, deadline);
        return interface->nic != 0;
}

void driver_kill(struct interface *interface)
{
        spawn_destroy(&interface->spawned);
        sys_handle_close(interface->nic);
        interface->nic = 0;
}

uint64_t bus_memory(void)
{
        uint64_t used = 0, limit;
        sys_account_info(bus.account, &used, &limit);
        return used;
}

/* ---- the client ------------------------------------------------------------------------------ */

outcome_t client_attach(struct interface *interface)
{
        uint64_t buffers;
        outcome_t outcome = OUTCOME_OK;
        if (interface->event == 0)
                outcome = sys_event_create(&interface->event);
        if (outcome == OUTCOME_OK)
                outcome = nic_attach(interface->nic, RT_DEADLINE, cap_copy(interface->event),
                                     EVENT_FRAMES, &interface->session, &interface->memory,
                                     &interface->wake, &interface->wake_bits, &buffers,
                                     &interface->mac, &interface->mtu);
        if (outcome != OUTCOME_OK)
                return outcome;
        interface->area_bytes = packet_area_bytes((uint32_t)buffers);
        outcome = rt_memory_map(interface->memory, 0, interface->area_bytes, MAP_READ | MAP_WRITE,
                                &interface->area);
        if (outcome != OUTCOME_OK)
                return outcome;
        packet_end_init(&interface->end, interface->area, (uint32_t)buffers, PACKET_CLIENT);
        interface->attached = true;
        return sys_watch(interface->session, interface->event, EVENT_DIED);
}

void client_detach(struct interface *interface)
{
        if (!interface->attached)
                return;
        rt_memory_free(interface->area, interface->area_bytes);
        sys_handle_close(interface->memory);
        sys_handle_close(interface->wake);
        sys_handle_close(interface->session);
        interface->attached = false;
}

/* The header, the number in five bytes of its own, and bytes that it decides. */
static uint8_t content_at(uint32_t number, size_t at)
{
        return (uint8_t)(number * 31 + at);
}

static void address_put(uint8_t *to, uint64_t mac)
{
        for (unsigned i = 0; i < 6; i++)
                to[i] = (uint8_t)(mac >> (40 - 8 * i));
}

enum { AT_NUMBER = PACKET_FRAME_MIN, AT_CONTENT = AT_NUMBER + 6 };

/* The frame that is made or put together. */
static uint8_t frame[PACKET_FRAME_MAX];

/* False: there are not so many buffers. */
static bool push(struct interface *from, uint16_t length)
{
        uint32_t buffer[PACKET_PIECES_MAX];
        unsigned count = 0;
        for (size_t room = 0; room < length; room += PACKET_PIECE_MAX)
                if ((buffer[count++] = packet_buffer_get(&from->end)) == 0) {
                        while (--count > 0)
                                packet_buffer_put(&from->end, buffer[count - 1]);
                        return false;
                }
        for (size_t i = 0, at = 0; i < count; i++, at += PACKET_PIECE_MAX) {
                bool more = i + 1 < count;
                struct packet_descriptor d = {.offset = buffer[i] + PACKET_FRAME_START,
                                              .length =
                                                  (uint16_t)(more ? PACKET_PIECE_MAX : length - at),
                                              .flags = more ? PACKET_MORE : 0};
                memcpy(packet_address(&from->end, d.offset), frame + at, d.length);
                if (!packet_push(&from->end, PACKET_TRANSMIT, d))
                        return false;
        }
        return true;
}

bool frame_send(struct interface *from, const struct interface *to, uint32_t number,
                uint16_t length)
{
        address_put(frame, to->mac);
        address_put(frame + 6, from->mac);
        frame[12] = ETHERTYPE >> 8;
        frame[13] = ETHERTYPE & 0xff;
        memcpy(frame + AT_NUMBER, &number, sizeof number);
        memcpy(frame + AT_NUMBER + sizeof number, &length, sizeof length);
        for (size_t i = AT_CONTENT; i < length; i++)
                frame[i] = content_at(number, i);
        return push(from, length);
}

/* Length of the next frame, 0: none. The driver pushes the pieces of one at once: where it is not
 * done with the rest yet, that is waited for. */
static size_t gather(struct interface *interface)
{
        struct packet_descriptor d;
        size_t length = 0;
        for (;;) {
                if (!packet_take(&interface->end, PACKET_RECEIVED, &d)) {
                        if (length == 0)
                                return 0;
                        continue;
                }
                if (length + d.length <= sizeof frame)
                        memcpy(frame + length, packet_address(&interface->end, d.offset), d.length);
                length += d.length;
                packet_push(&interface->end, PACKET_RECEIVE_FREE, d);
                if (!(d.flags & PACKET_MORE))
                        return length;
        }
}

bool frame_take(struct interface *interface, uint32_t *number, bool *intact)
{
        size_t came;
        while ((came = gather(interface)) != 0) {
                bool ours = frame[12] == ETHERTYPE >> 8 && frame[13] == (ETHERTYPE & 0xff);
                uint16_t length;
                memcpy(number, frame + AT_NUMBER, sizeof *number);
                memcpy(&length, frame + AT_NUMBER + sizeof *number, sizeof length);
                *intact = came == length;
                for (size_t i = AT_CONTENT; i < length && *intact; i++)
                        *intact = frame[i] == content_at(*number, i);
                if (ours)
                        return true;
        }
        return false;
}

void client_push(struct interface *interface)
{
        if (packet_should_signal(&interface->end))
                sys_event_signal(interface->wake, interface->wake_bits);
}

void client_wait(struct interface *interface, uint64_t deadline)
{
        uint64_t bits;
        client_push(interface);
        if (packet_sleep(&interface->end))
                sys_event_wait(interface->event, EVENT_FRAMES, deadline, &bits);
        packet_awake(&interface->end);
}
