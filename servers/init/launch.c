/* See launch.h. The admissions come first, one after the other; the task is made
 * when all are there. */
#include "servers/init/launch.h"

#include <stdio.h>
#include <string.h>
#include "servers/init/components.h"
#include "servers/init/control.h"
#include "servers/init/kept.h"
#include "servers/init/start.h"
#include "servers/init/supervise.h"
#include "servers/proto/log.h"
#include "servers/proto/name.h"
#include "servers/proto/pci.h"
#include "servers/rt/log.h"
#include "servers/rt/time.h"

/* ---- what is asked --------------------------------------------------------------------------- */

static size_t names_join(char *to, size_t length, const struct name_list *list)
{
        for (unsigned i = 0; i < list->count; i++) {
                memcpy(to + length, list->names[i].at, list->names[i].length);
                length += list->names[i].length;
                to[length++] = ' ';
        }
        return length;
}

static outcome_t ask_name(struct component *component, handle_t admission, uint64_t deadline)
{
        const struct manifest *manifest = component_manifest(component);
        size_t provides = names_join(component->provides, 0, &manifest->provides);
        size_t asks = names_join(component->asks, 0, &manifest->needs);
        asks = names_join(component->asks, asks, &manifest->asks);
        return name_admit_start(admission, component->call, deadline, component->name,
                                strlen(component->name), component->provides, provides,
                                component->asks, asks, manifest->grants);
}

static outcome_t ask_log(struct component *component, handle_t admission, uint64_t deadline)
{
        return log_admit_start(admission, component->call, deadline, component->name,
                               strlen(component->name));
}

static bool list_has(const struct name_list *list, const struct name_list *names)
{
        for (unsigned i = 0; i < list->count; i++)
                for (unsigned j = 0; j < names->count; j++)
                        if (text_equal(list->names[i], names->names[j]))
                                return true;
        return false;
}

/* Whether a component of this node names in its manifest what this one provides. */
static bool is_needed(const struct init *init, const struct component *component)
{
        const struct name_list *provides = &component_manifest(component)->provides;
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
static outcome_t ask_pci(const struct init *init, struct component *component, handle_t admission,
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

/* The device that the component gets decides which of its alternatives runs. */
static outcome_t collect_pci(struct component *component)
{
        uint64_t driver = 0;
        outcome_t outcome = pci_admit_finish(component->call, &component->pci_right, &driver);
        if (outcome == OUTCOME_OK && driver < component->described->alternative_count)
                component->alternative = (unsigned)driver;
        return outcome;
}

static outcome_t ask(const struct init *init, struct component *component, enum launch_step step,
                     handle_t admission, uint64_t deadline)
{
        switch (step) {
        case LAUNCH_NAME:
                return ask_name(component, admission, deadline);
        case LAUNCH_LOG:
                return ask_log(component, admission, deadline);
        default:
                return ask_pci(init, component, admission, deadline);
        }
}

static outcome_t collect(struct component *component)
{
        switch (component->step) {
        case LAUNCH_NAME:
                return name_admit_finish(component->call, &component->name_right);
        case LAUNCH_LOG:
                return log_admit_finish(component->call, &component->log_right);
        case LAUNCH_TELL: /* a watch is answered alike */
                return name_register_finish(component->call);
        default:
                return collect_pci(component);
        }
}

/* ---- who is asked ---------------------------------------------------------------------------- */

static const char *admitter_name(enum launch_step step)
{
        static const char *const names[] = {
            [LAUNCH_NAME] = "name", [LAUNCH_LOG] = "log", [LAUNCH_PCI] = "pci"};
        return names[step];
}

/* The name service does without itself and the log, the log without itself. */
static bool wants_log(const struct component *component)
{
        return component->log_right == 0 && !component->without_log &&
               strcmp(component->name, "name") != 0 && strcmp(component->name, "log") != 0;
}

/* The next admission that the component wants and has not got. The device is first, since the others
 * say what the manifest of its driver allows. */
static enum launch_step step_next(const struct component *component)
{
        if (component->pci_right == 0 && component_has_device(component, DEVICE_PCI))
                return LAUNCH_PCI;
        if (component->name_right == 0 && strcmp(component->name, "name") != 0)
                return LAUNCH_NAME;
        if (wants_log(component))
                return LAUNCH_LOG;
        return LAUNCH_NONE;
}

static bool will_come(const struct component *admitter)
{
        return admitter &&
               (admitter->state == PROCESS_WAITING || admitter->state == PROCESS_RUNNING ||
                admitter->state == PROCESS_BACKING_OFF);
}

static void step_failed(struct init *init, struct component *component, enum launch_step step,
                        outcome_t outcome)
{
        if (step == LAUNCH_PCI && outcome == answered(REASON_NOT_FOUND)) {
                component_give_up(init, component, "its device is not there");
                return;
        }
        rt_log("%s waits: %s: %s", component->name, admitter_name(step),
               reason_text(outcome_reason(outcome)));
        component_end(init, component, "it was not admitted");
}

/* Asks for an admission; without anybody to ask the component does without the log, and not without
 * the others. */
static void step_begin(struct init *init, struct component *component, enum launch_step step,
                       uint64_t now)
{
        const struct component *admitter = component_named(init, text_of(admitter_name(step)));
        outcome_t outcome = OUTCOME_OK;
        if (!will_come(admitter)) {
                if (step == LAUNCH_LOG) {
                        component->without_log = true;
                        init_work(init);
                } else {
                        component_give_up(init, component, "nobody is there to admit it");
                }
                return;
        }
        if (admitter->admission == 0)
                return; /* its introduction goes on with this */
        if (component->call == 0)
                outcome = sys_call_create(init->event, INIT_CALL_ENDED, &component->call);
        if (outcome == OUTCOME_OK)
                outcome = ask(init, component, step, admitter->admission, now + RT_DEFAULT_WAIT);
        if (outcome == OUTCOME_OK)
                component->step = step;
        else
                step_failed(init, component, step, outcome);
}

/* For one that runs already: nothing of it is to end if the admitter is not there. */
static void ask_again(struct init *init, struct component *component, enum launch_step step,
                      uint64_t now)
{
        const struct component *admitter = component_named(init, text_of(admitter_name(step)));
        outcome_t outcome = OUTCOME_OK;
        if (!admitter || admitter->admission == 0)
                return;
        if (component->call == 0)
                outcome = sys_call_create(init->event, INIT_CALL_ENDED, &component->call);
        if (outcome == OUTCOME_OK)
                outcome = ask(init, component, step, admitter->admission, now + RT_DEFAULT_WAIT);
        if (outcome == OUTCOME_OK)
                component->step = step;
}

/* ---- the way --------------------------------------------------------------------------------- */

static void launch_failed(struct init *init, struct component *component, outcome_t outcome)
{
        uint64_t used = 0, limit = 0, wanted = component_manifest(component)->memory;
        char why[96];
        sys_account_info(init->boot.info->account, &used, &limit);
        if (outcome_reason(outcome) == REASON_NO_MEMORY && limit - used < wanted)
                snprintf(why, sizeof why, "its manifest wants %lu KiB, and this node has %lu left",
                         wanted >> 10, (limit - used) >> 10);
        else
                snprintf(why, sizeof why, "%s", reason_text(outcome_reason(outcome)));
        component_end(init, component, why);
}

static void launch_run(struct init *init, struct component *component, uint64_t now)
{
        outcome_t outcome;
        if (!component_find_program(init, component)) {
                component_give_up(init, component, "its program is not in boot.cpio");
                return;
        }
        component->run = init->next_run++;
        outcome = component_run(init, component);
        if (outcome != OUTCOME_OK) {
                launch_failed(init, component, outcome);
                return;
        }
        component->state = PROCESS_RUNNING;
        component->started_at = component->heard_at = now;
        component->look_at = now + component_manifest(component)->heartbeat * RT_SECOND;
        component->missed = 0;
        component->names = NAME_HELD;
}

/* A running component gets its right to an admitter that has begun anew in the place of the dead
 * one. */
static void hand_over(struct component *component, const char *name, handle_t right,
                      outcome_t outcome)
{
        const struct spawn_grant grant = {name, right, RIGHT_SEND};
        if (outcome == OUTCOME_OK)
                outcome = spawn_regrant(&component->spawned, &grant);
        if (outcome != OUTCOME_OK)
                rt_log("%s does without %s: %s", component->name, name,
                       reason_text(outcome_reason(outcome)));
}

/* A name service that died again is waited for again; who is not admitted cannot go on. */
static void name_admitted(struct init *init, struct component *component, outcome_t outcome)
{
        if (outcome == OUTCOME_OK) {
                component->names = NAME_TELLING;
                component->told = 0;
        } else if (outcome_reason(outcome) != REASON_RECEIVER_DIED) {
                component_end(init, component, "it was not admitted");
        }
}

/* What a name service does not take of what was kept has died. */
static void step_end(struct init *init, struct component *component)
{
        enum launch_step step = component->step;
        outcome_t outcome = collect(component);
        if (outcome == not_executed(REASON_BUSY))
                return;
        component->step = LAUNCH_NONE;
        if (component->state == PROCESS_RUNNING && step == LAUNCH_LOG)
                hand_over(component, "log", component->log_right, outcome);
        else if (component->state == PROCESS_RUNNING && step == LAUNCH_NAME)
                name_admitted(init, component, outcome);
        else if (component->state != PROCESS_WAITING && step != LAUNCH_TELL)
                launch_drop(component);
        else if (outcome != OUTCOME_OK && step != LAUNCH_TELL)
                step_failed(init, component, step, outcome);
        init_work(init);
}

static void waiting_advance(struct init *init, struct component *component, uint64_t now)
{
        enum launch_step next = step_next(component);
        if (next != LAUNCH_NONE)
                step_begin(init, component, next, now);
        else
                launch_run(init, component, now);
}

static void running_advance(struct init *init, struct component *component, uint64_t now)
{
        if (component->wants_log) {
                component->wants_log = false;
                ask_again(init, component, LAUNCH_LOG, now);
        } else if (component->names == NAME_LOST) {
                ask_again(init, component, LAUNCH_NAME, now);
        } else if (component->names == NAME_TELLING) {
                bool more = kept_tell(init, component, &component->told, now) == OUTCOME_OK;
                component->step = more ? LAUNCH_TELL : LAUNCH_NONE;
                component->names = more ? NAME_TELLING : NAME_TOLD;
        }
}

void launch_advance(struct init *init, struct component *component, uint64_t now)
{
        if (component->step != LAUNCH_NONE)
                step_end(init, component);
        else if (component->state == PROCESS_WAITING)
                waiting_advance(init, component, now);
        else if (component->state == PROCESS_RUNNING)
                running_advance(init, component, now);
}

void launch_hand_over_names(struct init *init)
{
        if (!control_registered(init))
                return;
        for (unsigned i = 0; i < init->count; i++)
                if (init->components[i].names == NAME_LOST ||
                    init->components[i].names == NAME_TELLING)
                        return;
        for (unsigned i = 0; i < init->count; i++) {
                struct component *component = &init->components[i];
                if (component->names != NAME_TOLD)
                        continue;
                component->names = NAME_HELD;
                hand_over(component, "name", component->name_right, OUTCOME_OK);
        }
}

static void handle_drop(handle_t *handle)
{
        if (*handle != 0)
                sys_handle_close(*handle);
        *handle = 0;
}

void launch_drop(struct component *component)
{
        handle_drop(&component->name_right);
        handle_drop(&component->log_right);
        handle_drop(&component->pci_right);
        handle_drop(&component->admission);
        handle_drop(&component->heartbeat);
        component->without_log = component->wants_log = false;
        component->names = NAME_HELD;
}

void launch_forget_log(struct init *init)
{
        for (unsigned i = 0; i < init->count; i++)
                handle_drop(&init->components[i].log_right);
}

void launch_forget_name(struct init *init)
{
        for (unsigned i = 0; i < init->count; i++) {
                struct component *component = &init->components[i];
                if (component->state == PROCESS_RUNNING && component->name_right != 0)
                        component->names = NAME_LOST;
                handle_drop(&component->name_right);
        }
}

void launch_log_is_back(struct init *init)
{
        for (unsigned i = 0; i < init->count; i++) {
                struct component *component = &init->components[i];
                component->without_log = false;
                component->wants_log = component->state == PROCESS_RUNNING && wants_log(component);
        }
}
