/* Finding the driver, and its lines; see lines.h. */
#include "servers/agent/lines.h"

#include <assert.h>
#include "servers/proto/host.h"
#include "servers/proto/name.h"
#include "servers/rt/serve/service.h"

#define LINES_PAUSE (100 * RT_MILLISECOND)

static const char driver_name[] = "./host";

outcome_t lines_init(struct lines *lines, struct server *server, uint64_t key)
{
        *lines = (struct lines){0};
        return rt_server_call(server, key, &lines->call);
}

static void driver_forget(struct lines *lines)
{
        if (lines->driver)
                sys_handle_close(lines->driver);
        lines->driver = 0;
        lines->retry_at = rt_after(LINES_PAUSE);
}

static outcome_t call_start(struct lines *lines)
{
        if (lines->driver)
                return host_accept_start(lines->driver, lines->call, TIME_NEVER);
        return name_lookup_start(rt_names(), lines->call, TIME_NEVER, driver_name,
                                 sizeof driver_name - 1, NAME_WAIT_ALWAYS);
}

void lines_work(struct lines *lines, bool room)
{
        if (lines->under_way || (lines->driver && !room) || rt_now() < lines->retry_at)
                return;
        lines->under_way = call_start(lines) == OUTCOME_OK;
        if (!lines->under_way)
                driver_forget(lines);
}

uint64_t lines_wake(const struct lines *lines)
{
        return lines->under_way || lines->driver ? TIME_NEVER : lines->retry_at;
}

handle_t lines_completed(struct lines *lines)
{
        handle_t line = 0;
        outcome_t outcome = lines->driver ? host_accept_finish(lines->call, &line)
                                          : name_lookup_finish(lines->call, &lines->driver);
        assert(lines->under_way);
        lines->under_way = false;
        if (outcome != OUTCOME_OK)
                driver_forget(lines);
        return line;
}
