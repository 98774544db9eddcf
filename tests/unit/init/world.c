/* See world.h. A handle that is closed twice, or used when it is not open, ends the test. */
#include "tests/unit/init/world.h"

#include <stdlib.h>
#include "servers/init/components.h"
#include "servers/init/start.h"
#include "servers/init/supervise.h"
#include "servers/init/together.h"
#include "servers/proto/log.h"
#include "servers/proto/name.h"
#include "servers/proto/pci.h"
#include "servers/proto/proc.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"

struct world world;

void world_begin(void)
{
        world = (struct world){.answer = not_executed(REASON_BUSY)};
}

/* ---- handles ----------------------------------------------------------------------------------
 */

handle_t handle_new(void)
{
        handle_t handle = 1;
        while (world.handles[handle].open)
                if (++handle == WORLD_HANDLES)
                        abort();
        world.handles[handle].open = true;
        world.handles[handle].dead = false;
        world.handles[handle].origin = handle;
        return handle;
}

bool handle_open(handle_t handle)
{
        return handle > 0 && handle < WORLD_HANDLES && world.handles[handle].open;
}

void handle_die(handle_t handle)
{
        for (handle_t i = 1; i < WORLD_HANDLES; i++)
                if (world.handles[i].open &&
                    world.handles[i].origin == world.handles[handle].origin)
                        world.handles[i].dead = true;
}

static outcome_t handle_state(handle_t handle)
{
        if (!handle_open(handle))
                abort();
        return world.handles[handle].dead ? not_executed(REASON_RECEIVER_DIED) : OUTCOME_OK;
}

outcome_t sys_handle_close(handle_t handle)
{
        handle_state(handle);
        world.handles[handle].open = false;
        return OUTCOME_OK;
}

outcome_t sys_handle_copy(handle_t handle, uint32_t rights, handle_t *copy)
{
        (void)rights;
        outcome_t outcome = handle_state(handle);
        *copy = outcome == OUTCOME_OK ? handle_new() : 0;
        if (*copy)
                world.handles[*copy].origin = world.handles[handle].origin;
        return outcome;
}

outcome_t sys_handle_info(handle_t handle, enum object_kind *type, uint32_t *rights,
                          uint64_t *identity)
{
        (void)type, (void)rights, (void)identity;
        return handle_state(handle);
}

outcome_t sys_event_signal(handle_t event, uint64_t bits)
{
        (void)bits;
        return event ? handle_state(event) : OUTCOME_OK;
}

outcome_t sys_call_create(handle_t event, uint64_t bits, handle_t *call)
{
        (void)event, (void)bits;
        *call = handle_new();
        return OUTCOME_OK;
}

outcome_t sys_account_info(handle_t account, uint64_t *used, uint64_t *limit)
{
        (void)account;
        *used = *limit = 0;
        return OUTCOME_OK;
}

/* ---- the name service --------------------------------------------------------------------------
 */

/* A moved handle is gone, whether the call begins or not. */
static outcome_t told(handle_t to, handle_t moved)
{
        outcome_t outcome = handle_state(to);
        if (moved)
                sys_handle_close(moved);
        world.told += outcome == OUTCOME_OK;
        return outcome;
}

outcome_t name_register_start(handle_t to, handle_t call, uint64_t deadline, const void *name,
                              size_t length, handle_t right)
{
        (void)call, (void)deadline, (void)name, (void)length;
        return told(to, right);
}

outcome_t name_watch_start(handle_t to, handle_t call, uint64_t deadline, const void *name,
                           size_t length, uint64_t bits, struct send_cap event)
{
        (void)call, (void)deadline, (void)name, (void)length, (void)bits, (void)event;
        return told(to, 0);
}

outcome_t name_register_finish(handle_t call)
{
        (void)call;
        return world.answer;
}

outcome_t name_admit_start(handle_t to, handle_t call, uint64_t deadline, const void *component,
                           size_t component_length, const void *provides, size_t provides_length,
                           const void *asks, size_t asks_length, uint64_t grants,
                           struct optional_word spawn_memory, struct optional_word spawn_number)
{
        (void)call, (void)deadline, (void)component, (void)component_length, (void)provides;
        (void)provides_length, (void)asks, (void)asks_length, (void)grants;
        (void)spawn_memory, (void)spawn_number;
        return handle_state(to);
}

outcome_t name_admit_finish(handle_t call, handle_t *right)
{
        (void)call;
        *right = world.answer == OUTCOME_OK ? world.right : 0;
        return world.answer;
}

/* ---- admitters that these tests have not -------------------------------------------------------
 */

outcome_t log_admit_start(handle_t to, handle_t call, uint64_t deadline, const void *name,
                          size_t length)
{
        (void)to, (void)call, (void)deadline, (void)name, (void)length;
        abort();
}

outcome_t log_admit_finish(handle_t call, handle_t *right)
{
        (void)call, (void)right;
        abort();
}

outcome_t pci_admit_start(handle_t to, handle_t call, uint64_t deadline, const void *component,
                          size_t component_length, const void *devices, size_t devices_length,
                          uint64_t needed)
{
        (void)to, (void)call, (void)deadline, (void)component, (void)component_length;
        (void)devices, (void)devices_length, (void)needed;
        abort();
}

outcome_t pci_admit_finish(handle_t call, handle_t *right, uint64_t *driver)
{
        (void)call, (void)right, (void)driver;
        abort();
}

/* ---- programs that are installed ---------------------------------------------------------------
 */

outcome_t rt_memory_map(handle_t memory, size_t offset, size_t bytes, unsigned flags,
                        void **address)
{
        static uint8_t image[4096];
        (void)memory, (void)offset, (void)bytes, (void)flags;
        *address = image;
        return OUTCOME_OK;
}

void rt_memory_free(void *address, size_t bytes)
{
        (void)address, (void)bytes;
}

const char *spawn_check(const struct spawn *spawn)
{
        (void)spawn;
        return NULL;
}

outcome_t proc_install_reply(handle_t reply, const void *wrong, size_t wrong_length)
{
        (void)wrong;
        handle_state(reply);
        world.installed += wrong_length == 0;
        return OUTCOME_OK;
}

/* ---- the rest of init --------------------------------------------------------------------------
 */

void init_work(struct init *init)
{
        (void)init;
}

void component_end(struct init *init, struct component *component, const char *why)
{
        (void)init, (void)component, (void)why;
        world.ended++;
}

void component_refused(struct init *init, struct component *component)
{
        (void)init, (void)component;
        world.refused++;
}

void component_give_up(struct init *init, struct component *component, const char *why)
{
        component_end(init, component, why);
}

uint64_t component_memory(const struct init *init, const struct component *component)
{
        (void)init, (void)component;
        return 0;
}

bool component_find_program(struct init *init, struct component *component)
{
        (void)init, (void)component;
        return true;
}

outcome_t task_run(struct init *init, struct component *component)
{
        (void)init, (void)component;
        return OUTCOME_OK;
}

bool together_now(struct init *init, const struct component *component)
{
        (void)init, (void)component;
        return false;
}

uint64_t together_memory(struct init *init, const struct component *component)
{
        return component_memory(init, component);
}

outcome_t spawn_regrant(const struct spawned *spawned, const struct spawn_grant *grant)
{
        (void)spawned;
        return handle_state(grant->handle);
}

void rt_log(const char *format, ...)
{
        (void)format;
}
