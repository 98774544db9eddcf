/* The PCI bus server: finds the functions of the machine and hands them out, one driver each.
 *
 *      config_access.c  the way to them        authority.c  who has been admitted
 *      functions.c      which there are        match.c      to which of them
 *      bars.c           their registers        claim.c      what a claim holds, and its end
 *      msix.c           their interrupts       stop.c       stopping and resetting
 *
 * and here the messages (pci.idl).
 *
 * One thread, one port. Nothing here waits for a driver. */
#include <stdio.h>
#include <string.h>
#include "servers/proto/pci.h"
#include "servers/proto/supervisor.h"
#include "drivers/bus/pci/authority.h"
#include "drivers/bus/pci/claim.h"
#include "drivers/bus/pci/config_access.h"
#include "drivers/bus/pci/match.h"
#include "drivers/bus/pci/stop.h"
#include "servers/rt/task/log.h"
#include "servers/rt/start/startup.h"

struct bus {
        struct server server;
        handle_t hardware;
        struct config_access access;
        const struct config_space *space; /* NULL: this machine has no PCI */
        struct authority authority;
        struct pci_function functions[PCI_FUNCTIONS_MAX];
        struct machine_functions machine; /* the same, with the card that the node booted from */
        struct claim claims[PCI_FUNCTIONS_MAX]; /* of the function with the same index */
};

static struct bus the_bus;

/* The claim through whose right the request came; NULL: it came by another one. */
static struct claim *claim_of(const struct bus *bus, uint64_t badge)
{
        unsigned index = badge_index(badge);
        if (badge_kind(badge) != BADGE_FUNCTION || index >= bus->machine.count ||
            bus->claims[index].badge != badge)
                return NULL;
        return (struct claim *)&bus->claims[index];
}

static void function_release(struct bus *bus, unsigned index)
{
        const struct pci_function *function = &bus->functions[index];
        bool reset = claim_close(&bus->claims[index]);
        rt_log("%04x:%04x stopped%s: its driver is gone", function->vendor, function->device,
               reset ? " and reset" : "");
}

/* Ends what a component had: its right, and the functions that it claimed. */
static void component_end(struct bus *bus, struct component *component)
{
        if (component->badge == 0)
                return;
        sys_right_revoke(bus->server.port, component->badge, 0);
        for (unsigned i = 0; i < bus->machine.count; i++) {
                if (bus->claims[i].badge == 0 || bus->claims[i].owner != component->badge)
                        continue;
                sys_right_revoke(bus->server.port, bus->claims[i].badge, 0);
                function_release(bus, i);
        }
        component->badge = 0;
}

static bool function_taken(unsigned index)
{
        return the_bus.claims[index].badge != 0;
}

/* Says why a component was not admitted: on the console, and to who waits for the node to come up
 * if it cannot without the component. */
static void absence_report(const struct bus *bus, const void *name, size_t name_length,
                           const struct pci_id *ids, unsigned count, bool needed)
{
        char drives[64], here[144];
        ids_describe(ids, count, drives, sizeof drives);
        cards_describe(&bus->machine, function_taken, here, sizeof here);
        rt_log("%sno device for %.*s, which drives %s; network cards without a driver: %s",
               needed ? "boot: failed " : "", (int)name_length, (const char *)name, drives,
               here[0] != 0 ? here : "none");
}

/* Gives the component a right by which it may claim what has these ids. */
static outcome_t component_begin(struct bus *bus, struct component *component,
                                 const struct pci_id *ids, unsigned count, handle_t *right)
{
        unsigned index = (unsigned)(component - bus->authority.components);
        outcome_t outcome;
        component_end(bus, component);
        memcpy(component->ids, ids, count * sizeof ids[0]);
        component->id_count = count;
        component->badge = badge_make(&bus->authority, BADGE_COMPONENT, index);
        outcome =
            sys_right_mint(bus->server.port, component->badge, RIGHT_SEND | RIGHT_COPY, right);
        if (outcome != OUTCOME_OK)
                component->badge = 0;
        return outcome;
}

static outcome_t handle_admit(struct request *request, const void *name, size_t name_length,
                              const void *devices, size_t devices_length, uint64_t needed,
                              struct send_cap *right, uint64_t *driver)
{
        struct bus *bus = request->context;
        struct pci_id ids[PCI_ADMIT_IDS];
        unsigned chosen, count = (unsigned)(devices_length / sizeof ids[0]);
        struct component *component;
        handle_t handle;
        outcome_t outcome;
        if (badge_kind(request->badge) != BADGE_SUPERVISOR)
                return answered(REASON_REFUSED);
        if (count == 0 || devices_length > sizeof ids || devices_length % sizeof ids[0] != 0)
                return answered(REASON_INVALID);
        memcpy(ids, devices, devices_length);
        if (!driver_choose(ids, count, &bus->machine, &chosen)) {
                absence_report(bus, name, name_length, ids, count, needed != 0);
                return answered(REASON_NOT_FOUND);
        }
        component = component_named(&bus->authority, name, name_length);
        if (!component)
                return answered(REASON_INVALID);
        outcome = component_begin(bus, component, ids, ids_keep(ids, count, chosen), &handle);
        if (outcome != OUTCOME_OK)
                return outcome;
        *right = cap_move(handle);
        *driver = chosen;
        return OUTCOME_OK;
}

static outcome_t handle_list(struct request *request, uint64_t index, uint64_t *address,
                             uint64_t *vendor, uint64_t *device, uint64_t *class,
                             const void **owner, size_t *owner_length)
{
        struct bus *bus = request->context;
        const struct pci_function *function;
        const struct component *component;
        if (index >= bus->machine.count)
                return answered(REASON_NOT_FOUND);
        function = &bus->functions[index];
        component = component_of(&bus->authority, bus->claims[index].owner);
        *address = function->address;
        *vendor = function->vendor;
        *device = function->device;
        *class = function->class;
        *owner = component ? component->name : "";
        *owner_length = component ? strlen(component->name) : 0;
        return OUTCOME_OK;
}

/* The index of the first function for the component that nobody has; function_count if there is
 * none, and *outcome says why. */
static unsigned function_choose(const struct bus *bus, const struct component *component,
                                outcome_t *outcome)
{
        *outcome = answered(REASON_NOT_FOUND);
        for (unsigned i = 0; i < bus->machine.count; i++) {
                if (!ids_match(component->ids, component->id_count, &bus->machine, i))
                        continue;
                if (bus->claims[i].badge == 0)
                        return i;
                *outcome = answered(REASON_BUSY);
        }
        return bus->machine.count;
}

static outcome_t handle_claim(struct request *request, struct send_cap *function, uint64_t *address,
                              uint64_t *vendor, uint64_t *device)
{
        struct bus *bus = request->context;
        const struct component *component = component_of(&bus->authority, request->badge);
        outcome_t outcome;
        handle_t handle;
        uint64_t badge;
        unsigned index;
        if (!component)
                return answered(REASON_REFUSED);
        index = function_choose(bus, component, &outcome);
        if (index == bus->machine.count)
                return outcome;
        badge = badge_make(&bus->authority, BADGE_FUNCTION, index);
        outcome = sys_right_mint(bus->server.port, badge, RIGHT_SEND, &handle);
        if (outcome != OUTCOME_OK)
                return outcome;
        claim_open(&bus->claims[index], bus->space, bus->hardware, &bus->functions[index], badge,
                   component->badge);
        *function = cap_move(handle);
        *address = bus->functions[index].address;
        *vendor = bus->functions[index].vendor;
        *device = bus->functions[index].device;
        return OUTCOME_OK;
}

static outcome_t handle_config(struct request *request, const void **data, size_t *data_length)
{
        struct claim *claim = claim_of(request->context, request->badge);
        if (!claim)
                return answered(REASON_REFUSED);
        config_copy(claim->space, claim->address, &claim->config);
        *data = claim->config.bytes;
        *data_length = sizeof claim->config.bytes;
        return OUTCOME_OK;
}

static outcome_t handle_memory(struct request *request, uint64_t bar, uint64_t part,
                               struct send_cap *memory, uint64_t *offset, uint64_t *bytes)
{
        struct claim *claim = claim_of(request->context, request->badge);
        struct pci_range range;
        handle_t handle;
        outcome_t outcome;
        if (!claim)
                return answered(REASON_REFUSED);
        outcome = claim_memory(claim, bar, part, &handle, &range);
        if (outcome != OUTCOME_OK)
                return outcome;
        *memory =
            (struct send_cap){handle, RIGHT_READ | RIGHT_WRITE, SEND_CAP_MOVE | SEND_CAP_SHARE};
        *offset = range.offset;
        *bytes = range.bytes;
        return OUTCOME_OK;
}

static outcome_t handle_interrupt(struct request *request, uint64_t vector,
                                  struct send_cap *interrupt, uint64_t *kind)
{
        struct claim *claim = claim_of(request->context, request->badge);
        enum pci_kind which;
        handle_t handle;
        outcome_t outcome;
        if (!claim)
                return answered(REASON_REFUSED);
        outcome = claim_interrupt(claim, vector, &handle, &which);
        if (outcome != OUTCOME_OK)
                return outcome;
        *interrupt = (struct send_cap){handle, RIGHTS_ALL & ~(RIGHT_DESTROY | RIGHT_TRAVEL), 0};
        *kind = which;
        return OUTCOME_OK;
}

static outcome_t handle_dma(struct request *request, uint64_t bytes, struct send_cap *memory)
{
        struct claim *claim = claim_of(request->context, request->badge);
        handle_t handle;
        outcome_t outcome;
        if (!claim)
                return answered(REASON_REFUSED);
        outcome = claim_dma(claim, bytes, &handle);
        if (outcome != OUTCOME_OK)
                return outcome;
        /* Not DESTROY: the pages stay out of use until the device is stopped. */
        *memory = (struct send_cap){handle, RIGHT_READ | RIGHT_WRITE | RIGHT_COPY | RIGHT_PHYSICAL,
                                    SEND_CAP_SHARE};
        return OUTCOME_OK;
}

static outcome_t handle_master(struct request *request, uint64_t on)
{
        struct claim *claim = claim_of(request->context, request->badge);
        if (!claim)
                return answered(REASON_REFUSED);
        claim_master(claim, on != 0);
        return OUTCOME_OK;
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        struct bus *bus = server->context;
        (void)issues;
        if (claim_of(bus, badge))
                function_release(bus, badge_index(badge));
}

/* The way to configuration space: init passes on what the kernel found as
 * `pci-ecam=ADDRESS:FIRST-LAST`, the address in hexadecimal, 0 for none. */
static const struct config_space *space_open(struct bus *bus)
{
        const char *argument = startup_value(rt_startup(), "pci-ecam");
        uint64_t window = 0;
        unsigned first = 0, last = 0;
        if (argument && sscanf(argument, "%lx:%u-%u", &window, &first, &last) != 3)
                window = 0;
        return config_access_open(&bus->access, bus->hardware, window, first, last);
}

/* The card that the node booted from: the boot script passes on what iPXE says, `card=ADDRESS`. */
static void card_choose(struct bus *bus)
{
        const char *argument = startup_value(rt_startup(), "card");
        unsigned card = argument ? card_read(argument) : CARD_ANY;
        bus->machine.card = card_present(&bus->machine, card) ? card : CARD_ANY;
        if (argument && bus->machine.card == CARD_ANY)
                rt_log("card=%s is no network card of this machine: any will do", argument);
}

static void functions_init(struct bus *bus)
{
        unsigned count;
        bus->space = space_open(bus);
        if (!bus->space) {
                rt_log("this machine has no PCI: no devices");
                return;
        }
        functions_stop_all(bus->space);
        count = pci_functions_find(bus->space, bus->functions, PCI_FUNCTIONS_MAX);
        if (count > PCI_FUNCTIONS_MAX)
                rt_log("%u functions, of which only the first %u can be driven", count,
                       PCI_FUNCTIONS_MAX);
        bus->machine.count = count < PCI_FUNCTIONS_MAX ? count : PCI_FUNCTIONS_MAX;
        card_choose(bus);
        rt_log("%u functions", count);
}

/* Gives init the right with badge 0, by which it admits the drivers. */
static outcome_t introduce(struct server *server)
{
        handle_t right;
        outcome_t outcome = rt_server_right(server, BADGE_SUPERVISOR, &right);
        if (outcome != OUTCOME_OK)
                return outcome;
        return supervisor_admits(rt_handle("supervisor"), RT_DEADLINE, right);
}

int main(void)
{
        static const struct pci_server handlers = {
            .admit = handle_admit,
            .list = handle_list,
            .claim = handle_claim,
            .config = handle_config,
            .memory = handle_memory,
            .interrupt = handle_interrupt,
            .dma = handle_dma,
            .master = handle_master,
        };
        outcome_t outcome;
        outcome = rt_server_init(&the_bus.server);
        the_bus.server.context = &the_bus;
        the_bus.server.on_no_senders = on_no_senders;
        the_bus.hardware = rt_handle("hardware");
        the_bus.machine =
            (struct machine_functions){.functions = the_bus.functions, .card = CARD_ANY};
        functions_init(&the_bus);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&the_bus.server, PCI_INTERFACE, pci_dispatch, &handlers,
                                        &the_bus);
        if (outcome == OUTCOME_OK)
                outcome = introduce(&the_bus.server);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&the_bus.server);
        rt_log("cannot serve: %s", reason_text(outcome_reason(outcome)));
        /* Not to leave: what the devices were told of would be free at once. A fault keeps it until
         * the supervisor has silenced them. */
        __builtin_trap();
}
