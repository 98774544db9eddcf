/* init, the first task: reads what the boot loader gave, then serves for ever. init.h has the
 * model. */
#include <string.h>
#include "servers/init/components.h"
#include "servers/init/control.h"
#include "servers/init/date.h"
#include "servers/init/fault.h"
#include "servers/init/installed.h"
#include "servers/init/launch.h"
#include "servers/init/seed.h"
#include "servers/init/supervise.h"
#include "servers/rt/task/log.h"
#include "servers/rt/start/startup.h"

static struct init the_init;

/* Tells whoever watches the console that this node's components have been started. */
static void say_up(struct init *init)
{
        static const char line[] = "boot: servers\n";
        if (init->said_up)
                return;
        for (unsigned i = 0; i < init->count; i++)
                if (init->components[i].state == PROCESS_WAITING)
                        return;
        init->said_up = true;
        sys_log_write(init->boot.info->hardware, line, sizeof line - 1);
}

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        struct init *init = server->context;
        uint64_t now = rt_now();
        (void)key;
        if (bits & INIT_TASK_DIED)
                supervise_deaths(init);
        supervise_work(init, now);
        for (unsigned i = 0; i < init->count; i++)
                launch_advance(init, &init->components[i], now);
        for (unsigned i = 0; i < init->count; i++)
                installed_tell(init, &init->components[i]);
        control_register(init, now);
        if (control_registered(init))
                launch_hand_over_names(init);
        say_up(init);
}

/* Signals init's own event, so that calls are started in a request without a deadline. */
static void on_time(struct server *server, uint64_t now)
{
        (void)now;
        init_work(server->context);
}

/* Nobody waits for the start of a program any more: it was installed all the same. */
static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        struct init *init = server->context;
        (void)badge;
        for (unsigned i = 0; i < init->count; i++)
                if (init->components[i].installer == reply) {
                        init->components[i].installer = 0;
                        rt_reply_outcome(reply, answered(REASON_CANCELLED));
                }
}

/* The answer stops the thread; its component ends with everything it had. */
static outcome_t on_fault(struct server *server, struct request *request)
{
        struct init *init = server->context;
        uint64_t run = request->badge & ((1ull << BADGE_KIND_SHIFT) - 1);
        struct component *component = component_of_run(init, run);
        if (component && request->badge == badge_of(BADGE_FAULT, run)) {
                component = fault_component(init, component, request);
                fault_report(component, request);
                component_end(init, component, "it has faulted");
        }
        return answered(REASON_FAULT);
}

static bool init_start(struct init *init)
{
        struct server *server = &init->server;
        outcome_t outcome = rt_server_init(server);
        server->context = init;
        server->on_event = on_event;
        server->on_time = on_time;
        server->on_fault = on_fault;
        server->on_cancel = on_cancel;
        init->next_run = 1;
        if (outcome == OUTCOME_OK)
                outcome = rt_server_event(server, &init->event);
        if (outcome == OUTCOME_OK)
                outcome = control_init(init);
        if (outcome != OUTCOME_OK)
                rt_log("cannot start: %s", reason_text(outcome_reason(outcome)));
        if (outcome != OUTCOME_OK || !boot_read(&init->boot, rt_bootinfo()))
                return false;
        seed_read(&init->boot);
        date_read(init->boot.info->hardware);
        return components_read(init);
}

int main(void)
{
        if (!init_start(&the_init)) {
                rt_log("this node cannot come up");
                return 1;
        }
        init_work(&the_init);
        rt_serve(&the_init.server);
        return 1;
}
