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
#include "servers/rt/log.h"
#include "servers/rt/startup.h"

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

static struct bus bus;

/* The claim through whose right the request came; NULL: it came by another one. */
static struct claim *claim_of(const struct bus *of, uint64_t badge)
{
        unsigned index = badge_index(badge);
        if (badge_kind(badge) != BADGE_FUNCTION || index >= of->machine.count ||
            of->claims[index].badge != badge)
                return NULL;
        return (struct claim *)&of->claims[index];
}

static void function_release(struct bus *of, unsigned index)
{
        const struct pci_function *function = &of->functions[index];
        bool reset = claim_close(&of->claims[index]);
        rt_log("%04x:%04x stopped%s: its driver is gone", function->vendor, function->device,
               reset ? " and reset" : "");
}

/* Ends what a component had: its right, and the functions that it claimed. */
static void component_end(struct bus *of, struct component *component)
{
        if (component->badge == 0)
                return;
        sys_right_revoke(of->server.port, component->badge, 0);
        for (unsigned i = 0; i < of->machine.count; i++) {
                if (of->claims[i].badge == 0 || of->claims[i].owner != component->badge)
                        continue;
                sys_right_revoke(of->server.port, of->claims[i].badge, 0);
                function_release(of, i);
        }
        component->badge = 0;
}

static bool function_taken(unsigned index)
{
        return bus.claims[index].badge != 0;
}

/* Says why a component was not admitted: on the console, and to who waits for the node to come up if
 * it cannot without the component. */
static void absence_report(const struct bus *of, const void *name, size_t name_length,
                           const struct pci_id *ids, unsigned count, bool needed)
{
        char drives[64], here[144];
        ids_describe(ids, count, drives, sizeof drives);
        functions_describe(&of->machine, function_taken, here, sizeof here);
        rt_log("%sno device for %.*s, which drives %s; without a driver: %s",
               needed ? "boot: failed " : "", (int)name_length, (const char *)name, drives,
               here[0] != 0 ? here : "none");
}

static outcome_t handle_admit(struct request *request, const void *name, size_t name_length,
                              const void *devices, size_t devices_length, uint64_t needed,
                              struct send_cap *right, uint64_t *driver)
{
        struct bus *of = request->context;
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
        if (!driver_choose(ids, count, &of->machine, &chosen)) {
                absence_report(of, name, name_length, ids, count, needed != 0);
                return answered(REASON_NOT_FOUND);
        }
        component = component_named(&of->authority, name, name_length);
        if (!component)
                return answered(REASON_INVALID);
        component_end(of, component);
        memcpy(component->ids, ids, sizeof ids);
        component->id_count = ids_keep(component->ids, count, chosen);
        component->badge = badge_make(&of->authority, BADGE_COMPONENT,
                                      (unsigned)(component - of->authority.components));
        outcome =
            sys_right_mint(of->server.port, component->badge, RIGHT_SEND | RIGHT_COPY, &handle);
        if (outcome != OUTCOME_OK) {
                component->badge = 0;
                return outcome;
        }
        *right = cap_move(handle);
        *driver = chosen;
        return OUTCOME_OK;
}

static outcome_t handle_list(struct request *request, uint64_t index, uint64_t *address,
                             uint64_t *vendor, uint64_t *device, uint64_t *class,
                             const void **owner, size_t *owner_length)
{
        struct bus *of = request->context;
        const struct pci_function *function;
        const struct component *component;
        if (index >= of->machine.count)
                return answered(REASON_NOT_FOUND);
        function = &of->functions[index];
        component = component_of(&of->authority, of->claims[index].owner);
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
static unsigned function_choose(const struct bus *of, const struct component *component,
                                outcome_t *outcome)
{
        *outcome = answered(REASON_NOT_FOUND);
        for (unsigned i = 0; i < of->machine.count; i++) {
                if (!ids_match(component->ids, component->id_count, &of->machine, i))
                        continue;
                if (of->claims[i].badge == 0)
                        return i;
                *outcome = answered(REASON_BUSY);
        }
        return of->machine.count;
}

static outcome_t handle_claim(struct request *request, struct send_cap *function, uint64_t *address,
                              uint64_t *vendor, uint64_t *device)
{
        struct bus *of = request->context;
        const struct component *component = component_of(&of->authority, request->badge);
        outcome_t outcome;
        handle_t handle;
        uint64_t badge;
        unsigned index;
        if (!component)
                return answered(REASON_REFUSED);
        index = function_choose(of, component, &outcome);
        if (index == of->machine.count)
                return outcome;
        badge = badge_make(&of->authority, BADGE_FUNCTION, index);
        outcome = sys_right_mint(of->server.port, badge, RIGHT_SEND, &handle);
        if (outcome != OUTCOME_OK)
                return outcome;
        claim_open(&of->claims[index], of->space, of->hardware, &of->functions[index], badge,
                   component->badge);
        *function = cap_move(handle);
        *address = of->functions[index].address;
        *vendor = of->functions[index].vendor;
        *device = of->functions[index].device;
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
        enum pci_interrupt_kind which;
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
        struct bus *of = server->context;
        (void)issues;
        if (claim_of(of, badge))
                function_release(of, badge_index(badge));
}

/* The value of an argument KEY=VALUE, `key` with the equals sign; NULL: it was not given. */
static const char *argument_value(const char *key)
{
        const struct startup *startup = rt_startup();
        const char *argument;
        for (unsigned i = 0; (argument = startup_argument(startup, i)); i++)
                if (strncmp(argument, key, strlen(key)) == 0)
                        return argument + strlen(key);
        return NULL;
}

/* The way to configuration space: init passes on what the kernel found as
 * `pci-ecam=ADDRESS:FIRST-LAST`, the address in hexadecimal, 0 for none. */
static const struct config_space *space_open(struct bus *of)
{
        const char *argument = argument_value("pci-ecam=");
        uint64_t window = 0;
        unsigned first = 0, last = 0;
        if (argument && sscanf(argument, "%lx:%u-%u", &window, &first, &last) != 3)
                window = 0;
        return config_access_open(&of->access, of->hardware, window, first, last);
}

/* The card that the node booted from: the boot script passes on what iPXE says, `card=ADDRESS`. */
static void card_choose(struct bus *of)
{
        const char *argument = argument_value("card=");
        unsigned card = argument ? card_read(argument) : CARD_ANY;
        of->machine.card = card_present(&of->machine, card) ? card : CARD_ANY;
        if (argument && of->machine.card == CARD_ANY)
                rt_log("card=%s is no network card of this machine: any will do", argument);
}

static void functions_init(struct bus *of)
{
        unsigned count;
        of->space = space_open(of);
        if (!of->space) {
                rt_log("this machine has no PCI: no devices");
                return;
        }
        functions_stop_all(of->space);
        count = pci_functions_find(of->space, of->functions, PCI_FUNCTIONS_MAX);
        if (count > PCI_FUNCTIONS_MAX)
                rt_log("%u functions, of which only the first %u can be driven", count,
                       PCI_FUNCTIONS_MAX);
        of->machine.count = count < PCI_FUNCTIONS_MAX ? count : PCI_FUNCTIONS_MAX;
        card_choose(of);
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
        outcome = rt_server_init(&bus.server);
        bus.server.context = &bus;
        bus.server.on_no_senders = on_no_senders;
        bus.hardware = rt_handle("hardware");
        bus.machine = (struct machine_functions){.functions = bus.functions, .card = CARD_ANY};
        functions_init(&bus);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&bus.server, PCI_INTERFACE, pci_dispatch, &handlers, &bus);
        if (outcome == OUTCOME_OK)
                outcome = introduce(&bus.server);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&bus.server);
        rt_log("cannot serve: %s", reason_text(outcome_reason(outcome)));
        /* Not to leave: what the devices were told of would be free at once. A fault keeps it until
         * the supervisor has silenced them. */
        __builtin_trap();
}
