/* Making a program of what the host has sent: pipes and a terminal, a process, and its start. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "servers/agent/session.h"
#include "servers/proto/files.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/proto/stream.h"
#include "servers/proto/tty.h"
#include "servers/rt/serve/service.h"
#include "servers/rt/start/startup.h"

/* Loading what is in this node's memory already. */
#define START_WAIT (60 * RT_SECOND)
enum { DESCRIPTORS = 3 };

static struct service streams = {.name = "./stream"}, processes = {.name = "./process"};

void session_wrong(struct session *session, const char *format, ...)
{
        va_list arguments;
        va_start(arguments, format);
        int length = vsnprintf(session->wrong, sizeof session->wrong, format, arguments);
        va_end(arguments);
        session->wrong_length = length < 0                            ? 0
                                : length < (int)sizeof session->wrong ? (size_t)length
                                                                      : sizeof session->wrong - 1;
}

static bool failed(struct session *session, const char *what, outcome_t outcome)
{
        if (outcome == OUTCOME_OK)
                return false;
        session_wrong(session, "%s: %s%s; `ptl log` of the node may say more", what,
                      outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return true;
}

/* A pipe, of which the program gets one end as that descriptor; *own is the other. */
static outcome_t stream_give(struct session *session, handle_t makes, unsigned number,
                             handle_t *own)
{
        handle_t read, write;
        outcome_t outcome = stream_pipe(makes, RT_DEADLINE, &read, &write);
        service_result(&streams, outcome);
        if (outcome != OUTCOME_OK)
                return outcome;
        *own = number == 0 ? write : read;
        return process_descriptor(session->process, RT_DEADLINE, number, DESCRIPTOR_PIPE,
                                  number == 0 ? O_RDONLY : O_WRONLY, 0, number == 0 ? read : write);
}

/* A terminal, which the program gets as all descriptors that are one at the host. */
static outcome_t terminal_give(struct session *session, handle_t makes)
{
        const struct remote_run *run = &session->run;
        handle_t programs, copy;
        outcome_t outcome = stream_terminal(makes, RT_DEADLINE, run->size.rows, run->size.columns,
                                            &session->sources[SOURCE_SCREEN].pipe, &programs);
        service_result(&streams, outcome);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome = tty_set_foreground(programs, RT_DEADLINE, session->id);
        for (unsigned number = 0; number < DESCRIPTORS && outcome == OUTCOME_OK; number++) {
                if (!(run->terminals >> number & 1))
                        continue;
                outcome = sys_handle_copy(programs, RIGHTS_ALL, &copy);
                if (outcome == OUTCOME_OK)
                        outcome = process_descriptor(session->process, RT_DEADLINE, number,
                                                     DESCRIPTOR_TERMINAL, O_RDWR, 0, copy);
        }
        handle_drop(&programs);
        return outcome;
}

/* Pipes for what is no terminal. */
static outcome_t streams_give(struct session *session, handle_t makes)
{
        outcome_t outcome = OUTCOME_OK;
        if (session->run.terminals)
                outcome = terminal_give(session, makes);
        for (unsigned number = 0; number < DESCRIPTORS && outcome == OUTCOME_OK; number++)
                if (!(session->run.terminals >> number & 1))
                        outcome = stream_give(session, makes, number,
                                              number == 0 ? &session->input
                                                          : &session->sources[number - 1].pipe);
        return outcome;
}

/* What /proc/self/exe says, in the words that Linux has for a file that is gone: it was the host's,
 * and nobody can open it. "": its name is too long. */
static const char *path_of(const struct remote_run *run, char path[FS_PATH_MAX])
{
        const char *name = run->arguments_length ? run->arguments : "", *slash;
        while ((slash = strchr(name, '/')))
                name = slash + 1;
        int length = snprintf(path, FS_PATH_MAX, "/%s (deleted)", name);
        return length > 0 && length < FS_PATH_MAX ? path : "";
}

static outcome_t process_make(struct session *session, struct server *server, unsigned index)
{
        const struct remote_run *run = &session->run;
        char room[FS_PATH_MAX];
        const char *path = path_of(run, room);
        handle_t makes, file;
        outcome_t outcome = service_get(&processes, RT_DEADLINE, &makes);
        if (outcome == OUTCOME_OK)
                outcome = rt_server_right(server, session_badge(session, index), &file);
        if (outcome != OUTCOME_OK)
                return outcome;
        outcome =
            process_create(makes, RT_DEADLINE, run->arguments, run->arguments_length,
                           run->environment, run->environment_length, "/", 1, cap_move(file),
                           optional_nonzero(run->memory), optional_none(), optional_none(),
                           *path ? path : NULL, strlen(path), &session->process, &session->id);
        service_result(&processes, outcome);
        return outcome;
}

bool program_make(struct session *session, struct server *server, unsigned index)
{
        handle_t makes;
        outcome_t outcome = process_make(session, server, index);
        if (failed(session, "the process server", outcome))
                return false;
        outcome = service_get(&streams, RT_DEADLINE, &makes);
        if (outcome == OUTCOME_OK)
                outcome = streams_give(session, makes);
        if (failed(session, "its streams", outcome))
                return false;
        outcome =
            process_start_start(session->process, session->calls[CALL_START], rt_after(START_WAIT),
                                session->wrong, sizeof session->wrong - 1);
        return !failed(session, "starting it", outcome);
}
