/* A row for each kind of admitter, and what all kinds have in common; see admitters.h. Calls to
 * them are started and collected here, never waited for. */
#include "servers/init/admitters.h"

#include <string.h>
#include "servers/init/components.h"
#include "servers/proto/log.h"
#include "servers/proto/name.h"
#include "servers/proto/pci.h"

/* ---- each kind: who wants it, what is asked, what its loss means --------------------------- */

static bool name_wanted(const struct component *component)
{
        return !component_admits(component, ADMISSION_NAME);
}

/* The name service does without the log: each would wait for the other. */
static bool log_wanted(const struct component *component)
{
        return !component_admits(component, ADMISSION_LOG) &&
               !component_admits(component, ADMISSION_NAME);
}

static bool pci_wanted(const struct component *component)
{
        return component_has_device(component, DEVICE_PCI);
}

static size_t names_join(char *to, size_t length, const struct name_list *list)
{
        for (unsigned i = 0; i < list->count; i++) {
                memcpy(to + length, list->names[i].at, list->names[i].length);
                length += list->names[i].length;
                to[length++] = ' ';
        }
        return length;
}

static outcome_t name_ask(const struct init *init, struct component *component, handle_t admission,
                          uint64_t deadline)
{
        (void)init;
        const struct manifest *manifest = component_manifest(component);
        size_t provides = names_join(component->provides, 0, &manifest->provides);
        size_t asks = names_join(component->asks, 0, &manifest->needs);
        asks = names_join(component->asks, asks, &manifest->asks);
        return name_admit_start(
            admission, component->call, deadline, component->name, strlen(component->name),
            component->provides, provides, component->asks, asks, manifest->grants,
            optional_nonzero(manifest->spawn_memory), optional_nonzero(manifest->spawn_number));
}

static outcome_t log_ask(const struct init *init, struct component *component, handle_t admission,
                         uint64_t deadline)
{
        (void)init;
        return log_admit_start(admission, component->call, deadline, component->name,
                               strlen(component->name));
}

static bool list_has(const struct name_list *list, const struct name_list *names)
{
        for (unsigned i = 0; i < names->count; i++)
                if (name_list_has(list, names->names[i]))
                        return true;
        return false;
}

/* Whether the node can be without what this component drives. */
static bool is_optional(const struct component *component)
{
        const struct manifest *manifest = component_manifest(component);
        for (unsigned i = 0; i < manifest->device_count; i++)
                if (manifest->devices[i].kind == DEVICE_PCI && !manifest->devices[i].optional)
                        return false;
        return true;
}

/* Whether a component of this node names in its manifest what this one provides, and it has to be
 * there. */
static bool is_needed(const struct init *init, const struct component *component)
{
        const struct name_list *provides = &component_manifest(component)->provides;
        if (is_optional(component))
                return false;
        for (unsigned i = 0; i < init->count; i++) {
                const struct manifest *other = component_manifest(&init->components[i]);
                if (list_has(&other->needs, provides) || list_has(&other->asks, provides))
                        return true;
        }
        return false;
}

_Static_assert(COMPONENT_ALTERNATIVES *MANIFEST_DEVICES <= PCI_ADMIT_IDS,
               "the devices of all alternatives go into one message");

/* Asks for a device of any alternative: which one it is for comes with the answer. */
static outcome_t pci_ask(const struct init *init, struct component *component, handle_t admission,
                         uint64_t deadline)
{
        unsigned count = 0;
        for (unsigned k = 0; k < component->described->alternative_count; k++) {
                const struct manifest *manifest = &component->manifests[k];
                for (unsigned i = 0; i < manifest->device_count; i++)
                        if (manifest->devices[i].kind == DEVICE_PCI)
                                component->devices[count++] = (struct pci_id){
                                    (uint16_t)manifest->devices[i].first,
                                    (uint16_t)manifest->devices[i].second, (uint16_t)k};
        }
        return pci_admit_start(admission, component->call, deadline, component->name,
                               strlen(component->name), component->devices,
                               count * sizeof component->devices[0], is_needed(init, component));
}

static outcome_t name_collect(struct component *component, handle_t *right)
{
        return name_admit_finish(component->call, right);
}

static outcome_t log_collect(struct component *component, handle_t *right)
{
        return log_admit_finish(component->call, right);
}

/* The device that the component gets decides which of its alternatives runs. */
static outcome_t pci_collect(struct component *component, handle_t *right)
{
        uint64_t driver = 0;
        outcome_t outcome = pci_admit_finish(component->call, right, &driver);
        if (outcome == OUTCOME_OK && driver < component->described->alternative_count)
                component->alternative = (unsigned)driver;
        return outcome;
}

/* Those who run are told by its successor, when it knows what they had registered. */
static void name_lost(struct component *component)
{
        if (component->state == PROCESS_RUNNING && component->rights[ADMISSION_NAME] != 0)
                component->names = NAME_LOST;
}

static const struct admitter {
        bool (*wanted)(const struct component *component);
        outcome_t (*ask)(const struct init *init, struct component *component, handle_t admission,
                         uint64_t deadline);
        outcome_t (*collect)(struct component *component, handle_t *right);
        void (*lost)(struct component *component); /* may be NULL */
        bool optional;
        bool takes_along;
} admitters[ADMISSIONS] = {
    [ADMISSION_NAME] = {name_wanted, name_ask, name_collect, .lost = name_lost},
    [ADMISSION_LOG] = {log_wanted, log_ask, log_collect, .optional = true},
    [ADMISSION_PCI] = {pci_wanted, pci_ask, pci_collect, .takes_along = true},
};

/* ---- all kinds alike ----------------------------------------------------------------------- */

struct component *admitter_of(struct init *init, enum admission which)
{
        for (unsigned i = 0; i < init->count; i++)
                if (component_admits(&init->components[i], which))
                        return &init->components[i];
        return NULL;
}

bool admitter_will_come(const struct component *admitter)
{
        return admitter->state == PROCESS_WAITING || admitter->state == PROCESS_RUNNING ||
               admitter->state == PROCESS_BACKING_OFF;
}

bool admission_wanted(const struct component *component, enum admission which)
{
        return component->rights[which] == 0 && (component->without & 1u << which) == 0 &&
               admitters[which].wanted(component);
}

bool admission_optional(enum admission which)
{
        return admitters[which].optional;
}

bool admission_takes_along(enum admission which)
{
        return admitters[which].takes_along;
}

outcome_t admission_ask(struct init *init, struct component *component, enum admission which,
                        handle_t admitter, uint64_t deadline)
{
        outcome_t outcome = OUTCOME_OK;
        if (component->call == 0)
                outcome = sys_call_create(init->event, INIT_CALL_ENDED, &component->call);
        if (outcome == OUTCOME_OK)
                outcome = admitters[which].ask(init, component, admitter, deadline);
        if (outcome != OUTCOME_OK)
                return outcome;
        component->step = LAUNCH_ADMIT;
        component->asked = which;
        return OUTCOME_OK;
}

bool admission_lives(const struct component *component, enum admission which)
{
        return sys_handle_info(component->rights[which], NULL, NULL, NULL) == OUTCOME_OK;
}

static void handle_drop(handle_t *handle)
{
        if (*handle != 0)
                sys_handle_close(*handle);
        *handle = 0;
}

outcome_t admission_collect(struct component *component)
{
        enum admission which = component->asked;
        outcome_t outcome = admitters[which].collect(component, &component->rights[which]);
        if (outcome != OUTCOME_OK || admission_lives(component, which))
                return outcome;
        handle_drop(&component->rights[which]);
        return not_executed(REASON_RECEIVER_DIED);
}

void admission_forget(struct init *init, enum admission which)
{
        for (unsigned i = 0; i < init->count; i++) {
                struct component *component = &init->components[i];
                if (admitters[which].lost)
                        admitters[which].lost(component);
                handle_drop(&component->rights[which]);
        }
}

void admission_returned(struct init *init, enum admission which)
{
        for (unsigned i = 0; i < init->count && admitters[which].optional; i++) {
                struct component *component = &init->components[i];
                component->without &= ~(1u << which);
                if (component->state == PROCESS_RUNNING && admission_wanted(component, which))
                        component->renewed |= 1u << which;
        }
}

void admissions_drop(struct component *component)
{
        for (enum admission which = 0; which < ADMISSIONS; which++)
                handle_drop(&component->rights[which]);
        handle_drop(&component->admission);
        handle_drop(&component->heartbeat);
        component->without = component->renewed = 0;
        component->names = NAME_HELD;
}
