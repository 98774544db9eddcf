/* A session: its beginning and end, frames of the host, the program's input; see session.h. */
#include "servers/agent/session.h"

#include <assert.h>
#include <string.h>
#include "servers/agent/told.h"
#include "servers/proto/proc.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/proto/tty.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"

/* ---- beginning and end -------------------------------------------------------------------------
 */

void handle_drop(handle_t *handle)
{
        if (*handle)
                sys_handle_close(*handle);
        *handle = 0;
}

uint64_t session_badge(const struct session *session, unsigned index)
{
        return session->use << 8 | (index + 1);
}

/* Calls under way are done soon then; the place is free when all are. */
void session_leave(struct session *session)
{
        session->stage = SESSION_LEAVING;
        handle_drop(&session->line);
        handle_drop(&session->process);
        handle_drop(&session->input);
        for (unsigned i = 0; i < SOURCES; i++)
                handle_drop(&session->sources[i].pipe);
        file_end(&session->file);
        install_end(&session->install);
        for (unsigned i = 0; i < CALLS; i++)
                if (session->under_way[i])
                        rt_call_cancel(session->calls[i]);
}

static void session_free(struct session *session)
{
        for (unsigned i = 0; i < CALLS; i++)
                if (session->under_way[i])
                        return;
        session->stage = SESSION_IDLE;
}

static void host_broken(struct session *session, const char *what)
{
        rt_log("the host sends what is out of place (%s): its line is given up", what);
        session_leave(session);
}

/* ---- calls -------------------------------------------------------------------------------------
 */

void session_begun(struct session *session, enum session_call call, outcome_t outcome)
{
        session->under_way[call] = outcome == OUTCOME_OK;
        if (outcome != OUTCOME_OK)
                session_leave(session);
}

static void line_read(struct session *session)
{
        session_begun(session, CALL_LINE_READ,
                      tty_read_start(session->line, session->calls[CALL_LINE_READ], TIME_NEVER,
                                     CHUNK, session->received + session->received_length, CHUNK));
}

/* Hands on what waits for the program, and then the end of its input. */
static void input_write(struct session *session)
{
        if (session->run.terminals & 1)
                keys_type(session);
        if (!session->input || session->under_way[CALL_INPUT])
                return;
        if (session->pending_length > 0)
                session_begun(
                    session, CALL_INPUT,
                    tty_write_start(
                        session->input, session->calls[CALL_INPUT], TIME_NEVER, session->pending,
                        session->pending_length < CHUNK ? session->pending_length : CHUNK));
        else if (session->input_ended)
                handle_drop(&session->input);
}

/* ---- the program -------------------------------------------------------------------------------
 */

static void refuse(struct session *session)
{
        session->news |= NEWS_REFUSED;
        handle_drop(&session->process);
        file_end(&session->file);
        install_end(&session->install);
}

static void end_tell(struct session *session)
{
        session->told_end = true;
        session->news |= NEWS_ENDED;
}

/* A component has its new program, or has not. */
static void installed(struct session *session)
{
        size_t length = 0;
        outcome_t outcome = proc_install_finish(session->calls[CALL_START], session->wrong,
                                                WRONG_BYTES - 1, &length);
        if (session->stage == SESSION_LEAVING)
                return;
        session->wrong_length = length;
        if (outcome != OUTCOME_OK)
                session_wrong(session, "%s", install_wrong(outcome));
        if (session->wrong_length > 0)
                refuse(session);
        else
                end_tell(session);
}

static void wait_start(struct session *session, enum process_turn turn)
{
        session_begun(
            session, CALL_WAIT,
            process_wait_start(session->process, session->calls[CALL_WAIT], TIME_NEVER,
                               session->run.terminals ? optional_word(turn) : optional_none()));
}

static void started(struct session *session)
{
        size_t length = 0;
        outcome_t outcome = process_start_finish(session->calls[CALL_START], session->wrong,
                                                 sizeof session->wrong - 1, &length);
        if (session->stage == SESSION_LEAVING)
                return;
        session->wrong_length = length;
        if (outcome != OUTCOME_OK)
                session_wrong(session, "starting it: %s%s", outcome_prefix(outcome),
                              reason_text(outcome_reason(outcome)));
        if (session->wrong_length > 0) {
                refuse(session);
                return;
        }
        session->stage = SESSION_RUNNING;
        session->news |= NEWS_STARTED;
        file_end(&session->file);
        wait_start(session, PROCESS_TURN_STOPS);
        for (unsigned i = 0; i < SOURCES && session->stage == SESSION_RUNNING; i++)
                if (session->sources[i].pipe)
                        told_source_read(session, i);
        input_write(session);
}

/* It has ended, or (with a terminal alone) stopped or gone on. */
static void turned(struct session *session)
{
        uint64_t status = 0;
        outcome_t outcome = process_wait_finish(session->calls[CALL_WAIT], &status);
        if (session->stage == SESSION_LEAVING)
                return;
        if (outcome != OUTCOME_OK) {
                session_leave(session);
        } else if (status & PROCESS_STOPPED) {
                session->news |= NEWS_STOPPED;
                wait_start(session, PROCESS_TURN_GOES_ON);
        } else if (status & PROCESS_CONTINUED) {
                session->news &= ~(unsigned)NEWS_STOPPED;
                wait_start(session, PROCESS_TURN_STOPS);
        } else {
                session->status = status;
                session->status_known = true;
                keys_leader_ended(session);
        }
}

void session_taken(struct session *session, size_t count)
{
        assert(count <= session->pending_length);
        session->pending_length -= count;
        memmove(session->pending, session->pending + count, session->pending_length);
        session->taken += (uint32_t)count;
        if (count > 0)
                session->news |= NEWS_TAKEN;
}

/* A program that reads no more drops what would come. */
static void input_written(struct session *session)
{
        uint64_t count = 0;
        outcome_t outcome = tty_write_finish(session->calls[CALL_INPUT], &count);
        if (session->stage == SESSION_LEAVING)
                return;
        if (outcome != OUTCOME_OK) {
                handle_drop(&session->input);
                count = session->pending_length;
        }
        session_taken(session, count);
        input_write(session);
}

/* ---- frames of the host ------------------------------------------------------------------------
 */

static bool run_take(struct session *session, const struct remote_frame *frame,
                     struct server *server, unsigned index)
{
        memcpy(session->strings, frame->payload, frame->length);
        if (session->stage != SESSION_WAITING ||
            !remote_run_read(session->strings, frame->length, &session->run))
                return false;
        session->run.terminals &= 7; /* others have no meaning */
        session->stage = SESSION_STARTING;
        if (session->run.program == 0)
                session_wrong(session, "its file is empty");
        else if (file_begin(&session->file, session->run.program) != OUTCOME_OK)
                session_wrong(session, "the node's agent has no memory for it: try it again when "
                                       "another program was sent");
        else if (program_make(session, server, index))
                session->under_way[CALL_START] = true;
        if (!session->under_way[CALL_START])
                refuse(session);
        return true;
}

static bool push_take(struct session *session, const struct remote_frame *frame)
{
        struct remote_push push;
        if (session->stage != SESSION_WAITING ||
            !remote_push_read(frame->payload, frame->length, &push))
                return false;
        session->stage = SESSION_STARTING;
        session->installs = true;
        if (push.program == 0 || push.program > INSTALL_MOST)
                session_wrong(session,
                              "its file may have %d KiB: strip it (objcopy "
                              "--strip-debug)",
                              INSTALL_MOST >> 10);
        else if (install_begin(&session->install, &push) != OUTCOME_OK)
                session_wrong(session, "the node's agent has no memory for it: try it again when "
                                       "fewer programs are sent");
        if (session->install.size == 0)
                refuse(session);
        return true;
}

/* The last part of it hands it on. */
static bool part_take(struct session *session, const struct remote_frame *frame)
{
        struct install *install = &session->install;
        if (!install_add(install, frame->payload, frame->length))
                return false;
        if (install->come < install->size)
                return true;
        outcome_t outcome = install_start(install, session->calls[CALL_START], session->wrong);
        session->under_way[CALL_START] = outcome == OUTCOME_OK;
        if (outcome != OUTCOME_OK) {
                session_wrong(session, "%s", install_wrong(outcome));
                refuse(session);
        }
        return true;
}

/* Of a program that was refused the rest is passed over. */
static bool program_take(struct session *session, const struct remote_frame *frame)
{
        if (session->stage != SESSION_STARTING)
                return false;
        if (session->install.size > 0)
                return part_take(session, frame);
        if (session->file.size == 0)
                return true;
        if (frame->length > session->file.size - session->file.come)
                return false;
        file_add(&session->file, frame->payload, frame->length);
        return true;
}

static bool input_take(struct session *session, const struct remote_frame *frame)
{
        bool reads = session->input || session->run.terminals & 1;
        if (session->stage != SESSION_RUNNING ||
            frame->length > sizeof session->pending - session->pending_length)
                return false;
        if (session->input_ended && frame->length > 0)
                return false;
        session->input_ended = session->input_ended || frame->length == 0;
        if (reads) {
                memcpy(session->pending + session->pending_length, frame->payload, frame->length);
                session->pending_length += frame->length;
        } else if (frame->length > 0) {
                session->taken += (uint32_t)frame->length;
                session->news |= NEWS_TAKEN;
        }
        input_write(session);
        return true;
}

static bool signal_take(struct session *session, const struct remote_frame *frame)
{
        if (frame->length != 1)
                return false;
        if (session->stage == SESSION_RUNNING)
                process_kill(session->process, RT_DEADLINE, frame->payload[0], optional_none());
        return true;
}

static bool size_take(struct session *session, const struct remote_frame *frame)
{
        struct remote_size size;
        if (!remote_size_read(frame->payload, frame->length, &size))
                return false;
        if (session->stage == SESSION_RUNNING)
                keys_resize(session, size);
        return true;
}

static bool frame_take(struct session *session, const struct remote_frame *frame,
                       struct server *server, unsigned index)
{
        switch (frame->kind) {
        case REMOTE_RUN:
                return run_take(session, frame, server, index);
        case REMOTE_PUSH:
                return push_take(session, frame);
        case REMOTE_PROGRAM:
                return program_take(session, frame);
        case REMOTE_INPUT:
                return input_take(session, frame);
        case REMOTE_SIGNAL:
                return signal_take(session, frame);
        case REMOTE_SIZE:
                return size_take(session, frame);
        default:
                return false; /* what only a node says */
        }
}

/* Whether a frame has to wait: it is of a file that nobody has read far enough yet. */
static bool waits(const struct session *session, const struct remote_frame *frame)
{
        return frame->kind == REMOTE_PROGRAM && session->file.size > 0 &&
               frame->length > file_room(&session->file) &&
               frame->length <= session->file.size - session->file.come;
}

/* Takes all frames that are there. False: one of them waits, or the session is over. */
static bool frames_take(struct session *session, struct server *server, unsigned index)
{
        struct remote_frame frame;
        size_t at = 0, used;
        enum remote_answer answer = REMOTE_WHOLE;
        bool held = false;
        while (session->stage != SESSION_LEAVING && answer == REMOTE_WHOLE && !held) {
                answer = remote_frame_take(session->received + at, session->received_length - at,
                                           &frame, &used);
                held = answer == REMOTE_WHOLE && waits(session, &frame);
                if (answer != REMOTE_WHOLE || held)
                        break;
                if (!frame_take(session, &frame, server, index))
                        host_broken(session, "a frame");
                at += used;
        }
        if (answer == REMOTE_BROKEN)
                host_broken(session, "bytes");
        session->received_length -= at;
        memmove(session->received, session->received + at, session->received_length);
        return !held && session->stage != SESSION_LEAVING;
}

void session_go_on(struct session *session, struct server *server, unsigned index)
{
        if (session->under_way[CALL_LINE_READ])
                return; /* all that came was taken */
        if (frames_take(session, server, index))
                line_read(session);
        told_write(session);
}

static void line_came(struct session *session, struct server *server, unsigned index)
{
        size_t length = 0;
        uint64_t lost;
        outcome_t outcome =
            tty_read_finish(session->calls[CALL_LINE_READ],
                            session->received + session->received_length, CHUNK, &length, &lost);
        if (session->stage == SESSION_LEAVING)
                return;
        if (outcome != OUTCOME_OK || length == 0) {
                session_leave(session);
                return;
        }
        session->received_length += length;
        session_go_on(session, server, index);
}

/* ---- notices -----------------------------------------------------------------------------------
 */

void session_begin(struct session *session, handle_t line)
{
        handle_t calls[CALLS];
        uint64_t use = session->use;
        memcpy(calls, session->calls, sizeof calls);
        memset(session, 0, sizeof *session);
        memcpy(session->calls, calls, sizeof calls);
        session->use = use + 1;
        session->line = line;
        session->stage = SESSION_WAITING;
        session->news = NEWS_READY;
        line_read(session);
        told_write(session);
        if (session->stage == SESSION_LEAVING)
                session_free(session);
}

void session_alive(struct session *session)
{
        if (session->stage == SESSION_IDLE || session->stage == SESSION_LEAVING)
                return;
        session->news |= NEWS_ALIVE;
        told_write(session);
}

void session_completed(struct session *session, struct server *server, unsigned index,
                       enum session_call call)
{
        session->under_way[call] = false;
        if (call == CALL_LINE_READ)
                line_came(session, server, index);
        else if (call == CALL_LINE_WRITE)
                told_written(session);
        else if (call == CALL_INPUT)
                input_written(session);
        else if (call == CALL_START && session->installs)
                installed(session);
        else if (call == CALL_START)
                started(session);
        else if (call == CALL_WAIT)
                turned(session);
        else
                told_source_came(session, call - CALL_SOURCE);
        if (session->stage == SESSION_RUNNING)
                input_write(session); /* the echo of the keys before was told */
        if (told_all(session) && !session->told_end)
                end_tell(session);
        if (session->stage == SESSION_LEAVING)
                session_free(session);
        else
                told_write(session);
}
