/* Interface commands; see remote.h. */
#include "servers/shell/remote.h"

#include <assert.h>
#include <string.h>

#include "servers/common/least.h"
#include "servers/proto/commands.h"
#include "servers/proto/shell.h"
#include "servers/rt/serve/service.h"
#include "servers/shell/front.h"
#include "servers/shell/jobs.h"

/* Room for a job's chunk, and for what the shell's own commands say at once. */
enum { KEPT = 16 << 10 };

/* Of rights: the service's, and each line's. Those of jobs count from 1. */
#define BADGE_SERVICE (1ull << 62)
#define BADGE_LINES   (1ull << 63)

enum stage { FREE, RUNNING, LEFT /* it runs, and nobody wants to know */, ENDED };

static struct {
        struct server *server;
        enum stage stage;
        uint64_t badge;  /* of the latest line */
        handle_t reader; /* its call of `output` that waits; 0: none */
        int status;      /* ENDED */
        size_t length;
        char kept[KEPT];
} remote = {.badge = BADGE_LINES};

bool remote_runs(void)
{
        return remote.stage == RUNNING || remote.stage == LEFT;
}

bool remote_has_room(void)
{
        return KEPT - remote.length >= sizeof((struct job *)0)->text;
}

/* ---- telling -----------------------------------------------------------------------------------
 */

/* Takes what is told next; the data are good up to the next one. */
static void next_take(const void **data, size_t *length, uint64_t *ended, uint64_t *status)
{
        static char taken[COMMANDS_CHUNK];
        *data = taken;
        *length = least(remote.length, sizeof taken);
        memcpy(taken, remote.kept, *length);
        remote.length -= *length;
        memmove(remote.kept, remote.kept + *length, remote.length);
        *ended = *length == 0;
        *status = *ended ? (uint64_t)remote.status : 0;
        if (!*ended)
                return;
        assert(remote.stage == ENDED);
        remote.stage = FREE;
}

static bool has_news(void)
{
        return remote.length > 0 || remote.stage == ENDED;
}

static void reader_serve(void)
{
        const void *data;
        size_t length;
        uint64_t ended, status;
        handle_t reader = remote.reader;
        if (!reader || !has_news())
                return;
        remote.reader = 0;
        next_take(&data, &length, &ended, &status);
        commands_output_reply(reader, data, length, ended, status);
}

void remote_show(const char *bytes, size_t length)
{
        assert(remote_runs());
        length = remote.stage == LEFT ? 0 : least(length, KEPT - remote.length);
        memcpy(remote.kept + remote.length, bytes, length);
        remote.length += length;
        reader_serve();
}

void remote_ended(int status)
{
        assert(remote_runs());
        remote.stage = remote.stage == LEFT ? FREE : ENDED;
        remote.status = status;
        reader_serve();
}

/* ---- interface commands ------------------------------------------------------------------------
 */

static outcome_t begin(struct request *request, const void *line, size_t line_length,
                       struct send_cap *command)
{
        handle_t right;
        if (request->badge != BADGE_SERVICE)
                return answered(REASON_REFUSED);
        if (remote.stage != FREE || !front_batch_is_free())
                return answered(REASON_BUSY);
        outcome_t outcome = rt_server_right(remote.server, remote.badge + 1, &right);
        if (outcome != OUTCOME_OK)
                return outcome;
        remote.badge++;
        remote.stage = RUNNING;
        remote.length = 0;
        *command = cap_move(right);
        front_batch_run(line, line_length);
        return OUTCOME_OK;
}

static outcome_t output(struct request *request, const void **data, size_t *data_length,
                        uint64_t *ended, uint64_t *status)
{
        if (request->badge != remote.badge || (remote.stage != RUNNING && remote.stage != ENDED))
                return answered(REASON_REFUSED);
        if (remote.reader)
                return answered(REASON_BUSY);
        if (!has_news()) {
                remote.reader = request->reply;
                return RT_DEFERRED;
        }
        next_take(data, data_length, ended, status);
        return OUTCOME_OK;
}

void remote_left(uint64_t badge)
{
        if (badge != remote.badge || (remote.stage != RUNNING && remote.stage != ENDED))
                return;
        remote.stage = remote.stage == RUNNING ? LEFT : FREE;
        remote.length = 0;
        if (remote.stage == LEFT)
                jobs_interrupt();
}

bool remote_cancel(handle_t reply)
{
        if (!reply || remote.reader != reply)
                return false;
        remote.reader = 0;
        rt_reply_outcome(reply, answered(REASON_CANCELLED));
        return true;
}

outcome_t remote_begin(struct server *server, bool *served)
{
        static const struct commands_server handlers = {.begin = begin, .output = output};
        handle_t right = 0;
        remote.server = server;
        outcome_t outcome = rt_server_right(server, BADGE_SERVICE, &right);
        if (outcome == OUTCOME_OK)
                outcome = rt_register("commands", right);
        if (right)
                sys_handle_close(right);
        *served = outcome == OUTCOME_OK;
        if (outcome == answered(REASON_REFUSED)) /* the description gives it no such name */
                return OUTCOME_OK;
        return outcome == OUTCOME_OK
                   ? rt_server_add(server, COMMANDS_INTERFACE, commands_dispatch, &handlers, NULL)
                   : outcome;
}
