/* The log: its lines arrive, whoever began anew meanwhile. */
#include <string.h>
#include "servers/proto/log.h"
#include "servers/proto/proc.h"
#include "servers/rt/task/log.h"
#include "tests/init/probe.h"

/* How often the log has a text. */
static unsigned log_count(handle_t log, const char *text)
{
        static char all[65536];
        uint64_t from = 0, end = 0, offset = 0;
        size_t length = 1, whole = 0;
        unsigned count = 0;
        while (length > 0 && whole < sizeof all - 1 &&
               log_read(log, RT_DEADLINE, offset, &from, &end, all + whole, sizeof all - 1 - whole,
                        &length) == OUTCOME_OK) {
                offset = from + length;
                whole += length;
        }
        all[whole] = 0;
        for (const char *at = all; (at = strstr(at, text)); at++)
                count++;
        return count;
}

/* What an actor says arrives; a right to a new log comes a moment after the log itself. */
static bool log_hears(const char *name)
{
        static const char said[] = "server: says something";
        handle_t log = must_find("log"), actor = must_find(name);
        uint64_t end = rt_after(PATIENCE);
        unsigned before = log_count(log, said);
        bool heard = false;
        while (!heard && rt_now() < end) {
                actor_ask(actor, "say", RT_DEADLINE);
                heard = log_count(log, said) > before;
        }
        sys_handle_close(log);
        sys_handle_close(actor);
        return heard;
}

static bool log_begins_anew(handle_t control)
{
        struct process before, after;
        handle_t log = must_find("log"), event = 0;
        uint64_t bits;
        sys_event_create(&event);
        sys_watch(log, event, 1);
        process_find("server", &before);
        return proc_kill(control, RT_DEADLINE, "journal", 7) == OUTCOME_OK &&
               sys_event_wait(event, 1, RT_DEADLINE, &bits) == OUTCOME_OK && log_hears("server") &&
               process_find("server", &after) && after.id == before.id;
}

/* What is said to a dead log is in the next one, which a sign of life brings there. */
static bool log_gets_what_was_said(handle_t control)
{
        static const char said[] = "hanger: says something";
        handle_t hanger = must_find("hanger"), log;
        uint64_t end = rt_after(PATIENCE);
        unsigned heard = 0;
        if (proc_kill(control, RT_DEADLINE, "journal", 7) != OUTCOME_OK)
                return false;
        actor_ask(hanger, "say", RT_DEADLINE);
        log = must_find("log");
        while (heard == 0 && rt_now() < end) {
                sys_sleep(rt_after(100 * RT_MILLISECOND));
                heard = log_count(log, said);
        }
        sys_handle_close(log);
        sys_handle_close(hanger);
        return heard == 1;
}

/* More than that at once nobody may have the log do before others. */
static bool log_takes_so_much_at_once(void)
{
        static char text[RT_LOG_CHUNK + 1];
        memset(text, '\n', sizeof text);
        handle_t log = rt_log_server();
        return log_write(log, RT_DEADLINE, text, RT_LOG_CHUNK) == OUTCOME_OK &&
               log_write(log, RT_DEADLINE, text, sizeof text) == not_executed(REASON_TOO_LONG);
}

void check_log(void)
{
        handle_t control = must_find("control");
        check("the log takes so much at once", log_takes_so_much_at_once());
        check("the log has the lines of a component", log_hears("server"));
        check("the log that begins anew has them, too", log_begins_anew(control));
        check("and so has the next one", log_begins_anew(control));
        check("it gets what was said before it was there", log_gets_what_was_said(control));
}
