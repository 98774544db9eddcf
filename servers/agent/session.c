/* A session: frames of the host, the program's streams, what the host is told; see session.h. */
#include "servers/agent/session.h"

#include <assert.h>
#include <string.h>
#include "servers/common/byte_order.h"
#include "servers/proto/process.h"
#include "servers/proto/programs.h"
#include "servers/proto/tty.h"
#include "servers/rt/task/log.h"
#include "servers/rt/task/memory.h"

/* ---- beginning and end -------------------------------------------------------------------------
 */

static void handle_drop(handle_t *handle)
{
        if (*handle)
                sys_handle_close(*handle);
        *handle = 0;
}

uint64_t session_badge(const struct session *session, unsigned index)
{
        return session->use << 8 | (index + 1);
}

/* Ends everything of the session: the process with its right, the pipes, the line. Calls under way
 * are done soon then; the place is free when all are. */
static void session_leave(struct session *session)
{
        session->stage = SESSION_LEAVING;
        handle_drop(&session->line);
        handle_drop(&session->process);
        handle_drop(&session->input);
        for (unsigned i = 0; i < SOURCES; i++)
                handle_drop(&session->sources[i].pipe);
        file_end(&session->file);
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

/* Notes that a call has begun; one that could not ends the session. */
static void begun(struct session *session, enum session_call call, outcome_t outcome)
{
        session->under_way[call] = outcome == OUTCOME_OK;
        if (outcome != OUTCOME_OK)
                session_leave(session);
}

static void line_read(struct session *session)
{
        begun(session, CALL_LINE_READ,
              tty_read_start(session->line, session->calls[CALL_LINE_READ], TIME_NEVER, CHUNK,
                             session->received + session->received_length, CHUNK));
}

static void source_read(struct session *session, unsigned index)
{
        struct source *source = &session->sources[index];
        begun(session, CALL_SOURCE + index,
              tty_read_start(source->pipe, session->calls[CALL_SOURCE + index], TIME_NEVER, CHUNK,
                             source->frame + REMOTE_HEADER, CHUNK));
}

/* Hands on what waits for the program, and then the end of its input. */
static void input_write(struct session *session)
{
        if (!session->input || session->under_way[CALL_INPUT])
                return;
        if (session->pending_length > 0)
                begun(session, CALL_INPUT,
                      tty_write_start(
                          session->input, session->calls[CALL_INPUT], TIME_NEVER, session->pending,
                          session->pending_length < CHUNK ? session->pending_length : CHUNK));
        else if (session->input_ended)
                handle_drop(&session->input);
}

/* ---- what the host is told ---------------------------------------------------------------------
 */

static size_t note_write(struct session *session, enum remote_kind kind, const void *payload,
                         size_t length)
{
        remote_header_write(session->note, kind, length);
        memcpy(session->note + REMOTE_HEADER, payload, length);
        return REMOTE_HEADER + length;
}

/* The frame for the most urgent news; 0: there are none. */
static size_t news_take(struct session *session)
{
        uint8_t number[4];
        unsigned news = session->news & -session->news;
        session->news &= ~news;
        switch (news) {
        case NEWS_READY:
                return note_write(session, REMOTE_READY, REMOTE_MARK, REMOTE_MARK_BYTES);
        case NEWS_STARTED:
                return note_write(session, REMOTE_STARTED, "", 0);
        case NEWS_REFUSED:
                return note_write(session, REMOTE_REFUSED, session->wrong, session->wrong_length);
        case NEWS_TAKEN:
                put32(number, session->taken);
                session->taken = 0;
                return note_write(session, REMOTE_TAKEN, number, 4);
        case NEWS_ALIVE:
                return note_write(session, REMOTE_ALIVE, "", 0);
        case NEWS_ENDED:
                put16(number, (uint16_t)session->status);
                return note_write(session, REMOTE_ENDED, number, 2);
        default:
                return 0;
        }
}

/* All that the program had to say was sent, and how it ended is known. */
static bool finished(const struct session *session)
{
        bool silent = true;
        for (unsigned i = 0; i < SOURCES; i++)
                silent = silent && !session->sources[i].pipe && !session->sources[i].length;
        return session->stage == SESSION_RUNNING && silent && session->status_known;
}

static bool source_send(struct session *session, unsigned index)
{
        struct source *source = &session->sources[index];
        if (source->length == 0)
                return false;
        remote_header_write(source->frame, index == 0 ? REMOTE_OUTPUT : REMOTE_ERRORS,
                            source->length);
        session->sending = source->frame;
        session->sending_left = REMOTE_HEADER + source->length;
        return true;
}

/* Chooses what is sent next: news, then output. */
static void sending_choose(struct session *session)
{
        session->sending_left = news_take(session);
        session->sending = session->note;
        for (unsigned i = 0; i < SOURCES && session->sending_left == 0; i++)
                source_send(session, i);
        if (session->sending_left == 0)
                session->sending = NULL;
}

static void line_write(struct session *session)
{
        if (session->under_way[CALL_LINE_WRITE] || session->stage == SESSION_LEAVING)
                return;
        if (!session->sending)
                sending_choose(session);
        if (session->sending)
                begun(
                    session, CALL_LINE_WRITE,
                    tty_write_start(session->line, session->calls[CALL_LINE_WRITE], TIME_NEVER,
                                    session->sending,
                                    session->sending_left < CHUNK ? session->sending_left : CHUNK));
}

static void line_written(struct session *session)
{
        uint64_t count = 0;
        outcome_t outcome = tty_write_finish(session->calls[CALL_LINE_WRITE], &count);
        if (session->stage == SESSION_LEAVING)
                return;
        if (outcome != OUTCOME_OK || count > session->sending_left) {
                session_leave(session);
                return;
        }
        session->sending += count;
        session->sending_left -= count;
        if (session->sending_left > 0)
                return;
        for (unsigned i = 0; i < SOURCES; i++) {
                struct source *source = &session->sources[i];
                if (source->length == 0 ||
                    session->sending != source->frame + REMOTE_HEADER + source->length)
                        continue;
                source->length = 0;
                source_read(session, i);
        }
        session->sending = NULL;
}

/* ---- the program -------------------------------------------------------------------------------
 */

static void refuse(struct session *session)
{
        session->news |= NEWS_REFUSED;
        handle_drop(&session->process);
        file_end(&session->file);
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
        begun(session, CALL_WAIT,
              process_wait_start(session->process, session->calls[CALL_WAIT], TIME_NEVER));
        for (unsigned i = 0; i < SOURCES && session->stage == SESSION_RUNNING; i++)
                source_read(session, i);
        input_write(session);
}

static void ended(struct session *session)
{
        outcome_t outcome = process_wait_finish(session->calls[CALL_WAIT], &session->status);
        if (outcome != OUTCOME_OK && session->stage != SESSION_LEAVING)
                session_leave(session);
        session->status_known = true;
}

static void source_came(struct session *session, unsigned index)
{
        struct source *source = &session->sources[index];
        uint64_t lost;
        outcome_t outcome =
            tty_read_finish(session->calls[CALL_SOURCE + index], source->frame + REMOTE_HEADER,
                            CHUNK, &source->length, &lost);
        if (session->stage == SESSION_LEAVING)
                return;
        if (outcome != OUTCOME_OK)
                source->length = 0;
        if (source->length == 0)
                handle_drop(&source->pipe);
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
        assert(count <= session->pending_length);
        session->pending_length -= count;
        memmove(session->pending, session->pending + count, session->pending_length);
        session->taken += (uint32_t)count;
        if (count > 0)
                session->news |= NEWS_TAKEN;
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

/* Of a program that was refused the rest is passed over. */
static bool program_take(struct session *session, const struct remote_frame *frame)
{
        if (session->stage != SESSION_STARTING)
                return false;
        if (session->file.size == 0)
                return true;
        if (frame->length > session->file.size - session->file.come)
                return false;
        file_add(&session->file, frame->payload, frame->length);
        return true;
}

static bool input_take(struct session *session, const struct remote_frame *frame)
{
        bool reads = session->input != 0;
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
                process_kill(session->process, RT_DEADLINE, frame->payload[0]);
        return true;
}

static bool frame_take(struct session *session, const struct remote_frame *frame,
                       struct server *server, unsigned index)
{
        switch (frame->kind) {
        case REMOTE_RUN:
                return run_take(session, frame, server, index);
        case REMOTE_PROGRAM:
                return program_take(session, frame);
        case REMOTE_INPUT:
                return input_take(session, frame);
        case REMOTE_SIGNAL:
                return signal_take(session, frame);
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
        line_write(session);
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
        line_write(session);
        if (session->stage == SESSION_LEAVING)
                session_free(session);
}

void session_alive(struct session *session)
{
        if (session->stage == SESSION_IDLE || session->stage == SESSION_LEAVING)
                return;
        session->news |= NEWS_ALIVE;
        line_write(session);
}

void session_completed(struct session *session, struct server *server, unsigned index,
                       enum session_call call)
{
        session->under_way[call] = false;
        if (call == CALL_LINE_READ)
                line_came(session, server, index);
        else if (call == CALL_LINE_WRITE)
                line_written(session);
        else if (call == CALL_INPUT)
                input_written(session);
        else if (call == CALL_START)
                started(session);
        else if (call == CALL_WAIT)
                ended(session);
        else
                source_came(session, call - CALL_SOURCE);
        if (finished(session) && !session->told_end) {
                session->told_end = true;
                session->news |= NEWS_ENDED;
        }
        if (session->stage == SESSION_LEAVING)
                session_free(session);
        else
                line_write(session);
}
