/* What a process may ask by the right that it was started with: file services by their names,
 * which are looked up for it at the name service, and lines of the log. Whatever else it reaches,
 * its spawner has given to it. */
#include <string.h>

#include "servers/common/least.h"
#include "servers/process/process.h"
#include "servers/proto/log.h"
#include "servers/proto/name.h"
#include "servers/rt/serve/queries.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/task/log.h"

/* ---- names -------------------------------------------------------------------------------------
 */

/* A job has its share, however many processes it is made of. */
static outcome_t look_up(struct request *request, const void *name, size_t name_length,
                         uint64_t wait, struct send_cap *right)
{
        const struct process *process = process_itself(request);
        char text[2 * STARTUP_NAME];
        (void)right;
        if (name_length >= sizeof text)
                return answered(REASON_NOT_FOUND);
        memcpy(text, name, name_length);
        text[name_length] = 0;
        const bool known = file_service_length(text) == name_length || strcmp(text, "stream") == 0;
        if (!process || !known)
                return answered(REASON_REFUSED);
        return queries_begin(&processes.queries, request, process->job, name, name_length, wait);
}

/* ---- the log -----------------------------------------------------------------------------------
 */

/* One line, whatever the text: a second one would be anybody's. */
static void log_line(struct request *request, const void *text, size_t text_length)
{
        const struct process *process = process_itself(request);
        char line[RT_LOG_LINE];
        size_t length = least(text_length, sizeof line);
        if (!process)
                return;
        memcpy(line, text, length);
        while (length && line[length - 1] == '\n')
                length--;
        for (size_t i = 0; i < length; i++)
                line[i] = line[i] == '\n' ? ' ' : line[i];
        rt_log("%s (%lu): %.*s", process->name, process->id, (int)length, line);
}

outcome_t child_init(void)
{
        static const struct name_server names = {.lookup = look_up};
        static const struct log_server log = {.write = log_line};
        static struct query asked[LOOKUPS];
        processes.queries = (struct queries){.server = &processes.server,
                                             .key = (uint64_t)KEY_LOOKUP << KEY_LOOKUP_SHIFT,
                                             .count = LOOKUPS,
                                             .list = asked};
        outcome_t outcome =
            rt_server_add(&processes.server, NAME_INTERFACE, name_dispatch, &names, NULL);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&processes.server, LOG_INTERFACE, log_dispatch, &log, NULL);
        return outcome;
}
