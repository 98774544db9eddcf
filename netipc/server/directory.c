/* The root's states; see directory.h. A dead name service is noticed by the death of its right, the
 * next one by a new right in the startup page, which is looked at now and then. */
#include "netipc/server/directory.h"
#include "netipc/server/journal.h"
#include "netipc/server/names.h"
#include "netipc/server/transport.h"
#include "servers/proto/name.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

#define DIRECTORY_PAUSE (20 * RT_MILLISECOND) /* between two looks for the next name service */

static struct {
        handle_t call;
        handle_t service; /* the name service whose directory is offered */
        bool lost, asking;
        uint64_t retry_at;
} directory;

static outcome_t offer(handle_t right)
{
        uint64_t token;
        outcome_t outcome = right_hold(&transport.rights, right, CAPABILITY_SEND, &token);
        if (outcome == OUTCOME_OK)
                core_set_root(transport.core, token);
        return outcome;
}

outcome_t directory_offer(handle_t port, uint64_t key)
{
        handle_t right;
        directory.service = rt_names();
        outcome_t outcome = sys_call_create_keyed(port, key, &directory.call);
        if (outcome == OUTCOME_OK)
                outcome = name_directory(directory.service, RT_DEADLINE, &right);
        return outcome == OUTCOME_OK ? offer(right) : outcome;
}

void directory_check(void)
{
        enum object_kind type;
        uint32_t rights;
        uint64_t identity;
        if (sys_handle_info(directory.service, &type, &rights, &identity) != OUTCOME_OK)
                directory.lost = true;
}

void directory_done(uint64_t now)
{
        handle_t right;
        if (!directory.asking)
                return;
        outcome_t outcome = name_directory_finish(directory.call, &right);
        if (outcome == not_executed(REASON_BUSY))
                return;
        directory.asking = false;
        directory.retry_at = now + DIRECTORY_PAUSE;
        if (outcome == OUTCOME_OK)
                outcome = offer(right);
        directory.lost = outcome != OUTCOME_OK;
        if (directory.lost) {
                directory.service = 0; /* it is asked again, although it is the same one */
                return;
        }
        names_begin_anew();
        journal("the name service has restarted");
}

uint64_t directory_work(uint64_t now)
{
        if (!directory.lost || directory.asking)
                return TIME_NEVER;
        if (now < directory.retry_at)
                return directory.retry_at;
        directory.retry_at = now + DIRECTORY_PAUSE;
        if (rt_handle("name") == directory.service)
                return directory.retry_at;
        directory.asking =
            name_directory_start(rt_names(), directory.call, RT_DEADLINE) == OUTCOME_OK;
        if (!directory.asking)
                return directory.retry_at;
        directory.service = rt_names();
        return TIME_NEVER;
}
