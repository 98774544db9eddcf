/* Gathering a component's new program; see install.h. */
#include "servers/agent/install.h"

#include <assert.h>
#include <string.h>
#include "servers/agent/session.h"
#include "servers/proto/proc.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"
#include "servers/rt/task/memory.h"

/* Until the component serves again. */
#define INSTALL_WAIT (60 * RT_SECOND)

static struct service init = {.name = "./install"};

outcome_t install_begin(struct install *install, const struct remote_push *push)
{
        void *bytes = NULL;
        assert(push->program > 0 && push->program <= INSTALL_MOST);
        *install = (struct install){0};
        outcome_t outcome = sys_memory_create(rt_handle("account"), page_up(push->program),
                                              MEMORY_ANONYMOUS, 0, &install->memory);
        if (outcome == OUTCOME_OK)
                outcome = rt_memory_map(install->memory, 0, page_up(push->program),
                                        MAP_READ | MAP_WRITE, &bytes);
        if (outcome != OUTCOME_OK) {
                install_end(install);
                return outcome;
        }
        install->bytes = bytes;
        install->size = push->program;
        memcpy(install->component, push->component, push->component_length);
        return OUTCOME_OK;
}

void install_end(struct install *install)
{
        if (install->bytes)
                rt_memory_free(install->bytes, page_up(install->size));
        if (install->memory)
                sys_handle_close(install->memory);
        *install = (struct install){0};
}

bool install_add(struct install *install, const uint8_t *bytes, size_t count)
{
        if (count > install->size - install->come)
                return false;
        memcpy(install->bytes + install->come, bytes, count);
        install->come += count;
        return true;
}

outcome_t install_start(struct install *install, handle_t call, char *wrong)
{
        handle_t right;
        assert(install->size > 0 && install->come == install->size);
        outcome_t outcome = service_get(&init, RT_DEADLINE, &right);
        if (outcome == OUTCOME_OK) {
                outcome =
                    proc_install_start(right, call, rt_after(INSTALL_WAIT), install->component,
                                       strlen(install->component), install->size,
                                       cap_copy(install->memory), wrong, WRONG_BYTES - 1);
                service_result(&init, outcome);
        }
        install_end(install);
        return outcome;
}

const char *install_wrong(outcome_t outcome)
{
        switch (outcome_reason(outcome)) {
        case REASON_NOT_FOUND:
                return "the node has no such component; `ptl ps` lists them";
        case REASON_BUSY:
                return "another program is being installed there; try it again";
        case REASON_DEADLINE:
                return "its component does not say that it serves; `ptl log` may tell why";
        case REASON_NO_MEMORY:
                return "the node has no memory for it";
        default:
                return reason_text(outcome_reason(outcome));
        }
}
