/* Commands about components: ps, kill, crash, start, log. */
#include <signal.h>
#include <string.h>

#include "servers/proto/log.h"
#include "servers/proto/proc.h"
#include "servers/proto/process.h"
#include "servers/proto/processes.h"
#include "servers/proto/programs.h"
#include "servers/shell/commands/binding.h"
#include "servers/shell/commands/command.h"
#include "servers/shell/signals.h"

/* ---- ps ---- */

static const char *state_text(uint64_t state)
{
        static const char *const texts[] = {
            [PROCESS_WAITING] = "waiting",     [PROCESS_RUNNING] = "running",
            [PROCESS_BACKING_OFF] = "backoff", [PROCESS_ENDED] = "ended",
            [PROCESS_GIVEN_UP] = "given-up",
        };
        bool known = state < sizeof texts / sizeof texts[0] && texts[state];
        return known ? texts[state] : "?";
}

static const char *program_state_text(uint64_t state)
{
        static const char *const texts[] = {
            [PROCESS_STAGE_CREATED] = "created",
            [PROCESS_STAGE_LOADING] = "loading",
            [PROCESS_STAGE_RUNNING] = "running",
            [PROCESS_STAGE_ENDED] = "ended",
        };
        bool known = state < sizeof texts / sizeof texts[0] && texts[state];
        return known ? texts[state] : "?";
}

/* The programs that users have started, if there are any, behind the components. */
static int programs_list(struct job *job, const char *node)
{
        handle_t server;
        outcome_t outcome = find_on_node(node, "process", &server);
        if (outcome != OUTCOME_OK)
                return STATUS_OK; /* nobody can have started any */
        for (uint64_t i = 0; outcome == OUTCOME_OK; i++) {
                char name[32] = "";
                size_t length = 0;
                uint64_t id, state, cpu, memory;
                struct optional_word stopped = optional_none();
                outcome = process_list(server, RT_DEADLINE, i, name, sizeof name - 1, &length, &id,
                                       &state, &cpu, &memory, &stopped);
                if (outcome == OUTCOME_OK && i == 0)
                        job_print(job, "%12s %-12s %-8s %10s %8s\n", "PROCESS", "PROGRAM", "STATE",
                                  "CPU ms", "KiB");
                if (outcome == OUTCOME_OK)
                        job_print(job, "%12llu %-12s %-8s %10llu %8llu\n", (unsigned long long)id,
                                  name, stopped.word ? "stopped" : program_state_text(state),
                                  (unsigned long long)(cpu / RT_MILLISECOND),
                                  (unsigned long long)(memory / 1024));
        }
        sys_handle_close(server);
        return outcome == answered(REASON_NOT_FOUND) ? STATUS_OK
                                                     : job_fail(job, "process", outcome);
}

/* Of an answer; without an end. */
struct piece {
        const void *at;
        size_t length;
};

/* Processor time and memory are the task's, so they are said once: where that is at home. */
static void component_print(struct job *job, struct piece name, struct piece home, uint64_t state,
                            uint64_t priority, uint64_t cpu, uint64_t memory, uint64_t restarts)
{
        bool guest = home.length != name.length || memcmp(home.at, name.at, home.length) != 0;
        job_print(job, "%-12.*s %-8s %4llu ", (int)name.length, (const char *)name.at,
                  state_text(state), (unsigned long long)priority);
        if (guest)
                job_print(job, "%10s %8s %8llu  in the task of %.*s\n", "-", "-",
                          (unsigned long long)restarts, (int)home.length, (const char *)home.at);
        else
                job_print(job, "%10llu %8llu %8llu\n", (unsigned long long)(cpu / RT_MILLISECOND),
                          (unsigned long long)(memory / 1024), (unsigned long long)restarts);
}

static int ps(struct job *job, int count, char **arguments)
{
        handle_t proc;
        const char *node = count > 1 ? arguments[1] : NULL;
        outcome_t outcome = bind_on_node(node, "proc", &proc);
        if (outcome != OUTCOME_OK)
                return job_fail(job, node ? node : "proc", outcome);
        job_print(job, "%-12s %-8s %4s %10s %8s %8s\n", "NAME", "STATE", "PRIO", "CPU ms", "KiB",
                  "RESTARTS");
        for (uint64_t i = 0; outcome == OUTCOME_OK; i++) {
                char space[64];
                struct piece name, home;
                uint64_t state, id, priority, cpu, memory, restarts;
                outcome = proc_list(proc, RT_DEADLINE, i, space, sizeof space, &name.at,
                                    &name.length, &home.at, &home.length, &state, &id, &priority,
                                    &cpu, &memory, &restarts);
                if (outcome == OUTCOME_OK)
                        component_print(job, name, home, state, priority, cpu, memory, restarts);
        }
        sys_handle_close(proc);
        if (outcome_reason(outcome) == REASON_NOT_FOUND)
                return programs_list(job, node);
        return job_fail(job, node ? node : "proc", outcome);
}

/* ---- kill, crash, start ---- */

typedef outcome_t control_stub(handle_t control, uint64_t deadline, const void *name,
                               size_t length);

/* Tells the supervisor of NODE/NAME, or of this node, to do something with NAME. */
static int control(struct job *job, char *what, control_stub *stub)
{
        char node[32] = "";
        handle_t control;
        const char *slash = strchr(what, '/'), *name = slash ? slash + 1 : what;
        if (slash && (slash == what || (size_t)(slash - what) >= sizeof node))
                return job_complain(job, "%s: not a NODE/NAME", what);
        if (slash)
                memcpy(node, what, (size_t)(slash - what));
        outcome_t outcome = bind_on_node(slash ? node : NULL, "control", &control);
        if (outcome == OUTCOME_OK) {
                outcome = stub(control, RT_DEADLINE, name, strlen(name));
                sys_handle_close(control);
        }
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, what, outcome);
}

/* A signal for the process `number`; a process says itself which node it is of. */
static int process_signal_send(struct job *job, const char *node, const char *what, uint64_t number,
                               unsigned signal)
{
        handle_t server;
        outcome_t outcome = bind_on_node(node, "process", &server);
        if (outcome == OUTCOME_OK) {
                outcome = process_signal_to(server, RT_DEADLINE, number, signal);
                sys_handle_close(server);
        }
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, what, outcome);
}

static int kill_command(struct job *job, int count, char **arguments)
{
        const char *option = count > 2 ? arguments[1] : NULL;
        char *what = arguments[count - 1], *slash = strchr(what, '/');
        const unsigned signal = option ? signal_parse(option + 1) : 0;
        uint64_t number;
        if (option && (option[0] != '-' || signal == 0))
                return job_complain(job, "%s: not a -SIGNAL, as -TERM or -15", option);
        if (!number_parse(slash ? slash + 1 : what, INT32_MAX, &number))
                return option ? job_complain(job, "%s: only programs have signals", what)
                              : control(job, what, proc_kill);
        if (slash)
                *slash = 0;
        return process_signal_send(job, slash ? what : NULL, slash ? slash + 1 : what, number,
                                   signal ? signal : SIGTERM);
}

static int crash(struct job *job, int count, char **arguments)
{
        if (count > 1)
                return control(job, arguments[1], proc_crash);
        __builtin_trap();
}

static int start(struct job *job, int count, char **arguments)
{
        (void)count;
        return control(job, arguments[1], proc_start);
}

/* ---- log ---- */

/* Shows what the log has now: to the end that its first answer tells. */
static outcome_t log_show(struct job *job, handle_t log)
{
        uint64_t offset = 0, end = 0;
        bool first = true;
        do {
                char text[4096];
                size_t length = 0;
                uint64_t from, newest;
                outcome_t outcome =
                    log_read(log, RT_DEADLINE, offset, &from, &newest, text, sizeof text, &length);
                if (outcome != OUTCOME_OK)
                        return outcome;
                if (first)
                        end = newest;
                first = false;
                if (length == 0 || from >= end)
                        break;
                length = length < end - from ? length : end - from;
                job_write(job, text, length);
                offset = from + length;
        } while (offset < end);
        return OUTCOME_OK;
}

static int log_command(struct job *job, int count, char **arguments)
{
        handle_t log;
        const char *node = count > 1 ? arguments[1] : NULL;
        outcome_t outcome = bind_on_node(node, "log", &log);
        if (outcome != OUTCOME_OK)
                return job_fail(job, node ? node : "log", outcome);
        outcome = log_show(job, log);
        sys_handle_close(log);
        return outcome == OUTCOME_OK ? STATUS_OK : job_fail(job, node ? node : "log", outcome);
}

const struct command component_commands[] = {
    {"ps", "[NODE]", "lists the components that run on a node", 0, 1, ps},
    {"kill", "[-SIGNAL] [NODE/]NAME|[NODE/]PROCESS|%JOB",
     "ends a component or a job, or sends a program a signal\n"
     "A component is restarted as its manifest says. %1 is the job that says [1], whose programs "
     "get the\n"
     "signal; without one it ends, whatever they do. PROCESS is the number of a program that this "
     "shell has\n"
     "started, as `ps` tells it (-TERM). Signals: as -INT, -TERM, -KILL, -STOP, -CONT, -9.",
     1, 2, kill_command},
    {"crash", "[[NODE/]NAME]",
     "makes a component fault, to see what follows\n"
     "Without a name it faults itself.",
     0, 1, crash},
    {"start", "[NODE/]NAME", "starts a component that was killed or has ended", 1, 1, start},
    {"log", "[NODE]", "shows the log of a node", 0, 1, log_command},
    {0},
};
