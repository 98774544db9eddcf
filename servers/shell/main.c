/* The shell: one loop that serves its jobs and takes turns between them, the user and the terminal.
 *
 *      shell tty=NAME [mode=batch]
 *
 *      tty server <──calls── terminal ── front ── jobs <──calls── tasks, one a command line
 *
 * Whatever arrives only changes what is known; what follows from it is done before each wait
 * (on_idle), by those parts that have something to do. Nothing here waits for anybody.
 *
 * The batch shell says `boot: shell` when it can be used: tools/ptl waits for that. One whose
 * manifest provides `commands` runs lines of other nodes' shells, too (remote.h), and can do
 * without a terminal. */
#include <stdio.h>
#include <string.h>

#include "servers/rt/start/startup.h"
#include "servers/rt/task/log.h"
#include "servers/shell/front.h"
#include "servers/shell/jobs.h"
#include "servers/shell/remote.h"
#include "servers/shell/terminal.h"

enum { BIT_INTERRUPT = 1 << 0, BIT_TASK_DIED = 1 << 1 };

static bool batch;
static struct front *front;

static void on_event(struct server *server, uint64_t key, uint64_t bits)
{
        (void)server, (void)key;
        if (bits & BIT_INTERRUPT)
                terminal_interrupted();
        if (bits & BIT_TASK_DIED)
                jobs_look();
}

static void on_completed(struct server *server, uint64_t key)
{
        (void)server;
        terminal_completed(key);
        job_lookup_completed(key);
}

static void on_no_senders(struct server *server, uint64_t badge, uint64_t issues)
{
        (void)server, (void)issues;
        remote_left(badge);
}

/* The terminal last: it sends what the others have written, and they are called again when there is
 * room. What jobs have left is the front's, which may begin another. */
static void on_idle(struct server *server)
{
        uint64_t now = rt_now(), until;
        do
                until = jobs_work(now);
        while (front_work(front));
        server->deadline = rt_earlier(until, terminal_work(now));
}

static outcome_t shell_begin(struct server *server, const char *tty)
{
        bool served = false;
        outcome_t outcome = rt_server_init(server);
        server->on_event = on_event;
        server->on_completed = on_completed;
        server->on_no_senders = on_no_senders;
        server->on_idle = on_idle;
        server->receive_bytes = JOB_CHUNK;
        if (outcome == OUTCOME_OK && batch)
                outcome = remote_begin(server, &served);
        if (outcome == OUTCOME_OK)
                outcome = terminal_begin(server, tty, batch ? "boot: shell" : NULL, BIT_INTERRUPT,
                                         served);
        if (outcome == OUTCOME_OK)
                front = batch ? front_batch() : front_interactive();
        if (outcome == OUTCOME_OK)
                outcome = jobs_begin(server, &front->screen, BIT_TASK_DIED);
        return outcome;
}

int main(void)
{
        static struct server server;
        const char *tty = startup_value(rt_startup(), "tty");
        const char *mode = startup_value(rt_startup(), "mode");
        char name[64]; /* another node's terminal is no replacement */
        snprintf(name, sizeof name, "./%s", tty ? tty : "tty0");
        batch = mode && strcmp(mode, "batch") == 0;
        outcome_t outcome = shell_begin(&server, name);
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return 1;
}
