/* The handlers of proc and supervisor; see control.h. The badge says who asks, and what he may
 * ask. */
#include "servers/init/control.h"

#include <string.h>
#include "servers/init/admitters.h"
#include "servers/init/components.h"
#include "servers/init/described.h"
#include "servers/init/fault.h"
#include "servers/init/installed.h"
#include "servers/init/kept.h"
#include "servers/init/supervise.h"
#include "servers/init/together.h"
#include "servers/proto/name.h"
#include "servers/proto/proc.h"
#include "servers/proto/supervisor.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/time.h"

static enum badge_kind badge_kind(uint64_t badge)
{
        return (enum badge_kind)(badge >> BADGE_KIND_SHIFT);
}

static uint64_t badge_run(uint64_t badge)
{
        return badge & ((1ull << BADGE_KIND_SHIFT) - 1);
}

/* ---- proc ------------------------------------------------------------------------------------ */

static outcome_t list(struct request *request, uint64_t index, const void **name,
                      size_t *name_length, const void **home, size_t *home_length, uint64_t *state,
                      uint64_t *id, uint64_t *priority, uint64_t *cpu, uint64_t *memory,
                      uint64_t *restarts)
{
        struct init *init = request->context;
        struct task_info info = {0};
        if (index >= init->count)
                return answered(REASON_NOT_FOUND);
        const struct component *component = &init->components[index];
        if (component->state == PROCESS_RUNNING)
                sys_task_info(component->spawned.task, &info);
        *name = component->name;
        *name_length = strlen(component->name);
        *home = together_now(init, component) ? component->home->name : component->name;
        *home_length = strlen(*home);
        *state = component->state;
        *id = component->run;
        *priority = component_manifest(component)->priority;
        *cpu = info.cpu_time;
        *memory = info.memory;
        *restarts = component->restarts;
        return OUTCOME_OK;
}

/* The component that a request is about, which takes a right of that kind. */
static outcome_t target(struct request *request, enum badge_kind kind, const void *name,
                        size_t name_length, struct component **component)
{
        if (badge_kind(request->badge) != kind)
                return answered(REASON_REFUSED);
        *component = component_named(request->context, (struct text){name, name_length});
        return *component ? OUTCOME_OK : answered(REASON_NOT_FOUND);
}

/* The same, and it runs. */
static outcome_t running_target(struct request *request, const void *name, size_t name_length,
                                struct component **component)
{
        outcome_t outcome = target(request, BADGE_CONTROL, name, name_length, component);
        if (outcome == OUTCOME_OK && (*component)->state != PROCESS_RUNNING)
                return answered(REASON_NOT_RUNNING);
        return outcome;
}

static outcome_t start(struct request *request, const void *name, size_t name_length)
{
        struct component *component;
        outcome_t outcome = target(request, BADGE_CONTROL, name, name_length, &component);
        if (outcome == OUTCOME_OK && !component_start(request->context, component, rt_now()))
                outcome = answered(REASON_RUNNING);
        return outcome;
}

static outcome_t kill_component(struct request *request, const void *name, size_t name_length)
{
        struct component *component;
        outcome_t outcome = running_target(request, name, name_length, &component);
        if (outcome != OUTCOME_OK)
                return outcome;
        component_end(request->context, component, "it was killed");
        return OUTCOME_OK;
}

/* As after a fault of the component's own thread where it stands. */
static outcome_t crash(struct request *request, const void *name, size_t name_length)
{
        struct component *component;
        outcome_t outcome = running_target(request, name, name_length, &component);
        if (outcome != OUTCOME_OK)
                return outcome;
        rt_log("%s faulted: on request", component->name);
        stop_report(component);
        component_end(request->context, component, "it has faulted");
        return OUTCOME_OK;
}

/* Whoever asks waits for the start: installed_tell() answers. */
static outcome_t install(struct request *request, const void *name, size_t name_length,
                         uint64_t bytes, struct received_cap *program, const void **wrong,
                         size_t *wrong_length)
{
        struct component *component;
        outcome_t outcome = target(request, BADGE_INSTALL, name, name_length, &component);
        if (outcome != OUTCOME_OK)
                return outcome;
        if (component->installer)
                return answered(REASON_BUSY);
        const char *refused = installed_put(request->context, component, program, bytes);
        if (refused) {
                *wrong = refused;
                *wrong_length = strlen(refused);
                return OUTCOME_OK;
        }
        component->installer = request->reply;
        component_renew(request->context, component, rt_now());
        return RT_DEFERRED;
}

static const struct proc_server proc_handlers = {
    .list = list,
    .start = start,
    .kill = kill_component,
    .crash = crash,
    .install = install,
};

static outcome_t proc_only(const void *handlers, void *context, struct request *request)
{
        enum badge_kind kind = badge_kind(request->badge);
        if (kind != BADGE_LIST && kind != BADGE_CONTROL && kind != BADGE_INSTALL)
                return answered(REASON_REFUSED);
        return proc_dispatch(handlers, context, request);
}

/* ---- supervisor ------------------------------------------------------------------------------ */

static outcome_t admits(struct request *request, struct received_cap *right)
{
        struct component *component = component_of_run(request->context, badge_run(request->badge));
        if (badge_kind(request->badge) != BADGE_SUPERVISOR || !component)
                return answered(REASON_REFUSED);
        if (component->admission != 0)
                return answered(REASON_EXISTS);
        if (right->own || right->type != OBJECT_RIGHT)
                return answered(REASON_WRONG_TYPE);
        component->admission = cap_take(right);
        for (enum admission which = 0; which < ADMISSIONS; which++)
                if (component_admits(component, which))
                        admission_returned(request->context, which);
        init_work(request->context);
        return OUTCOME_OK;
}

static bool is_name_service(const struct request *request)
{
        const struct component *asker =
            component_of_run(request->context, badge_run(request->badge));
        return badge_kind(request->badge) == BADGE_SUPERVISOR && asker &&
               component_admits(asker, ADMISSION_NAME);
}

/* The component that a request of the name service is about. */
static outcome_t keeper(struct request *request, const void *name, size_t name_length,
                        struct component **about)
{
        if (!is_name_service(request))
                return answered(REASON_REFUSED);
        *about = component_named(request->context, (struct text){name, name_length});
        return *about ? OUTCOME_OK : answered(REASON_NOT_FOUND);
}

/* What init itself is telling the name service is kept already. */
static outcome_t keep(struct request *request, const void *component, size_t component_length,
                      const void *name, size_t name_length, uint64_t bits,
                      struct received_cap *what)
{
        struct component *about;
        outcome_t outcome = keeper(request, component, component_length, &about);
        if (outcome != OUTCOME_OK || about->names == NAME_TELLING)
                return outcome;
        if (about->state != PROCESS_RUNNING)
                return answered(REASON_NOT_RUNNING);
        init_work(request->context); /* somebody may wait for its start */
        return kept_add(request->context, about, (struct text){name, name_length}, bits,
                        cap_take(what));
}

static outcome_t forget(struct request *request, const void *component, size_t component_length,
                        const void *name, size_t name_length)
{
        struct component *about;
        outcome_t outcome = keeper(request, component, component_length, &about);
        if (outcome == OUTCOME_OK)
                kept_forget(request->context, about, (struct text){name, name_length});
        return outcome;
}

static outcome_t described(struct request *request, uint64_t index, const void **names,
                           size_t *names_length, const void **nodes, size_t *nodes_length)
{
        static char space[DESCRIBED_BYTES]; /* a buffer of the request would cost the node 64 KiB */
        struct text name_list, node_list;
        if (!is_name_service(request))
                return answered(REASON_REFUSED);
        if (!described_component(request->context, index, space, &name_list, &node_list))
                return answered(REASON_NOT_FOUND);
        *names = name_list.at;
        *names_length = name_list.length;
        *nodes = node_list.at;
        *nodes_length = node_list.length;
        return OUTCOME_OK;
}

static const struct supervisor_server supervisor_handlers = {
    .admits = admits,
    .keep = keep,
    .forget = forget,
    .described = described,
};

outcome_t control_init(struct init *init)
{
        outcome_t outcome =
            rt_server_add(&init->server, PROC_INTERFACE, proc_only, &proc_handlers, init);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&init->server, SUPERVISOR_INTERFACE, supervisor_dispatch,
                                        &supervisor_handlers, init);
        return outcome;
}

/* ---- the names --------------------------------------------------------------------------- */

/* What a right under each name may do. */
static const enum badge_kind name_badges[] = {
    [INIT_NAME_PROC] = BADGE_LIST,
    [INIT_NAME_CONTROL] = BADGE_CONTROL,
    [INIT_NAME_INSTALL] = BADGE_INSTALL,
};

static bool register_collect(struct init *init)
{
        outcome_t outcome = name_register_finish(init->register_call);
        if (outcome == not_executed(REASON_BUSY))
                return false;
        init->registering = false;
        if (outcome == OUTCOME_OK)
                init->registered++;
        else
                rt_log("%s: %s", init_name(init->registered), reason_text(outcome_reason(outcome)));
        return outcome == OUTCOME_OK;
}

static void register_begin(struct init *init, handle_t name, uint64_t now)
{
        const char *own = init_name(init->registered);
        handle_t right;
        outcome_t outcome = OUTCOME_OK;
        if (init->register_call == 0)
                outcome = sys_call_create(init->event, INIT_CALL_ENDED, &init->register_call);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(&init->server, badge_of(name_badges[init->registered], 0),
                                          &right);
        if (outcome == OUTCOME_OK)
                outcome = name_register_start(name, init->register_call, now + RT_DEFAULT_WAIT, own,
                                              strlen(own), right);
        init->registering = outcome == OUTCOME_OK;
        if (outcome != OUTCOME_OK)
                rt_log("%s: %s", own, reason_text(outcome_reason(outcome)));
}

bool control_registered(const struct init *init)
{
        return init->registered == INIT_NAMES;
}

void control_register(struct init *init, uint64_t now)
{
        const struct component *name = admitter_of(init, ADMISSION_NAME);
        if (init->registering && !register_collect(init))
                return;
        if (!name)
                return;
        if (name->run != init->registered_with || name->state != PROCESS_RUNNING)
                init->registered = 0;
        init->registered_with = name->run;
        if (init->registered < INIT_NAMES && name->admission != 0)
                register_begin(init, name->admission, now);
}
