/* The shell: starts its fibers and takes turns between them and the world outside.
 *
 *      shell tty=NAME [mode=batch]
 *
 *      front ── job (foreground) ─┬─ calls to services
 *        │      job (background) ─┘
 *      terminal: reader, writer ──── calls to the tty server
 *
 * The batch shell says `boot: shell` when it can be used: tools/ptl waits for that. What waits for
 * what is in fiber.h, calls.h, terminal.h and job.h. */
#include <stdio.h>
#include <string.h>

#include "servers/rt/task/log.h"
#include "servers/rt/start/startup.h"
#include "servers/shell/calls.h"
#include "servers/shell/front.h"
#include "servers/shell/terminal.h"

/* The value of an argument KEY=VALUE; `otherwise` if it was not given. */
static const char *argument(int count, char **arguments, const char *key, const char *otherwise)
{
        size_t length = strlen(key);
        for (int i = 1; i < count; i++) {
                if (strncmp(arguments[i], key, length) == 0 && arguments[i][length] == '=')
                        return arguments[i] + length + 1;
        }
        return otherwise;
}

/* Tells the supervisor that the shell lives, when it is time. Returns when it is the next time. */
static uint64_t heartbeat(void)
{
        static uint64_t next;
        const struct startup *startup = rt_startup();
        if (!startup || startup->heartbeat_period == 0)
                return TIME_NEVER;
        if (rt_now() >= next) {
                sys_event_signal(rt_handle("heartbeat"), 1);
                next = rt_after(startup->heartbeat_period);
        }
        return next;
}

int main(int count, char **arguments)
{
        char tty[64]; /* another node's terminal is no replacement */
        snprintf(tty, sizeof tty, "./%s", argument(count, arguments, "tty", "tty0"));
        bool batch = strcmp(argument(count, arguments, "mode", "interactive"), "batch") == 0;
        if (calls_init() != OUTCOME_OK || !terminal_start(tty, batch ? "boot: shell" : NULL) ||
            fiber_start(batch ? front_batch : front_interactive, NULL) < 0) {
                rt_log("cannot start");
                return 1;
        }
        for (;;) {
                fibers_run();
                if (calls_wait(rt_earlier(fibers_deadline(), heartbeat())) & CALLS_CANCEL)
                        terminal_interrupted();
                fibers_time(rt_now());
        }
}
