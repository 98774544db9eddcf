/* The agent of a node: runs the programs that `ptl run` sends over a line from the host. This file
 * accepts lines, and hands each notice to the session that it is for (session.h). */
#include <assert.h>
#include <stdlib.h>

#include "servers/agent/lines.h"
#include "servers/agent/session.h"
#include "servers/proto/file.h"
#include "servers/proto/files.h"
#include "servers/rt/task/log.h"

enum { KEY_SESSION_SHIFT = 8, KEY_LINES = 1 << 16 };

static struct {
        struct server server;
        struct session sessions[SESSIONS];
        struct lines lines;
        uint64_t alive_at; /* when the hosts are to hear that their lines are served */
} agent;

/* ---- accepting ---------------------------------------------------------------------------------
 */

static struct session *session_idle(void)
{
        for (unsigned i = 0; i < SESSIONS; i++)
                if (agent.sessions[i].stage == SESSION_IDLE)
                        return &agent.sessions[i];
        return NULL;
}

static void line_came(void)
{
        handle_t line = lines_completed(&agent.lines);
        struct session *session = session_idle();
        assert(session || !line); /* it was asked for when there was room */
        if (line)
                session_begin(session, line);
}

/* ---- the files of programs ---------------------------------------------------------------------
 */

static struct session *session_of(const struct request *request)
{
        for (unsigned i = 0; i < SESSIONS; i++)
                if (agent.sessions[i].file.size > 0 &&
                    request->badge == session_badge(&agent.sessions[i], i))
                        return &agent.sessions[i];
        return NULL;
}

/* What is answered makes room for what the host sends next. */
static outcome_t read_bytes(struct request *request, uint64_t offset, uint64_t count,
                            uint64_t lease, uint64_t *size, uint64_t *version, uint64_t *lease_out,
                            const void **data, size_t *data_length)
{
        struct session *session = session_of(request);
        (void)lease, (void)size, (void)version, (void)lease_out, (void)data, (void)data_length;
        if (!session)
                return answered(REASON_REFUSED);
        outcome_t outcome = file_ask(&session->file, offset, count, request->reply);
        if (outcome != OUTCOME_OK)
                return outcome;
        session_go_on(session, request->server, (unsigned)(session - agent.sessions));
        return RT_DEFERRED;
}

/* It has none: to compute it, all of the file would have to be here before the first read. */
static outcome_t digest_file(struct request *request, uint64_t *kind, uint64_t *size,
                             const void **digest, size_t *digest_length)
{
        const struct session *session = session_of(request);
        (void)digest, (void)digest_length;
        if (!session)
                return answered(REASON_REFUSED);
        *kind = FS_FILE;
        *size = session->file.size;
        return OUTCOME_OK;
}

/* ---- notices -----------------------------------------------------------------------------------
 */

static void on_completed(struct server *server, uint64_t key)
{
        unsigned index = (unsigned)(key >> KEY_SESSION_SHIFT);
        if (key == KEY_LINES)
                line_came();
        else
                session_completed(&agent.sessions[index], server, index,
                                  key & ((1 << KEY_SESSION_SHIFT) - 1));
}

/* A read that nobody waits for any more: the program will not start. */
static void on_cancel(struct server *server, uint64_t badge, handle_t reply)
{
        (void)server;
        for (unsigned i = 0; i < SESSIONS; i++)
                if (badge == session_badge(&agent.sessions[i], i) &&
                    file_forget(&agent.sessions[i].file, reply))
                        rt_reply_outcome(reply, answered(REASON_CANCELLED));
}

static void alive_tell(void)
{
        for (unsigned i = 0; i < SESSIONS; i++)
                session_alive(&agent.sessions[i]);
        agent.alive_at = rt_after(REMOTE_ALIVE_S * RT_SECOND);
}

static void on_time(struct server *server, uint64_t now)
{
        (void)server;
        if (now >= agent.alive_at)
                alive_tell();
}

static void on_idle(struct server *server)
{
        lines_work(&agent.lines, session_idle());
        server->deadline = rt_earlier(agent.alive_at, lines_wake(&agent.lines));
}

static outcome_t agent_start(void)
{
        static const struct file_server files = {.read = read_bytes, .digest = digest_file};
        outcome_t outcome = rt_server_init(&agent.server);
        agent.server.on_completed = on_completed;
        agent.server.on_cancel = on_cancel;
        agent.server.on_idle = on_idle;
        agent.server.on_time = on_time;
        alive_tell();
        if (outcome == OUTCOME_OK)
                outcome = rt_server_add(&agent.server, FILE_INTERFACE, file_dispatch, &files, NULL);
        for (unsigned i = 0; i < SESSIONS; i++)
                for (unsigned call = 0; call < CALLS && outcome == OUTCOME_OK; call++)
                        outcome = rt_server_call(&agent.server, i << KEY_SESSION_SHIFT | call,
                                                 &agent.sessions[i].calls[call]);
        if (outcome == OUTCOME_OK)
                outcome = lines_init(&agent.lines, &agent.server, KEY_LINES);
        return outcome;
}

int main(void)
{
        outcome_t outcome = agent_start();
        if (outcome == OUTCOME_OK)
                outcome = rt_serve(&agent.server);
        rt_log("%s%s", outcome_prefix(outcome), reason_text(outcome_reason(outcome)));
        return EXIT_FAILURE;
}
